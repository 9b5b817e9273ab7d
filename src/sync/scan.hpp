#pragma once

#include <functional>

#include <tidemark/replica.hpp>

#include "primary/endpoint.hpp"
#include "sync/spool.hpp"

namespace tidemark {

/// Reads a whole table of the primary in key order, page by page, past the key `after` (empty: from
/// the start). Each page is a snapshot of its own: what changes meanwhile is pulled afterwards.
void scan_table(SqlEndpoint& endpoint, const Table& table, Row after, bool tracked,
                const std::function<void(const std::vector<Row>&)>& page);

/// The same into a spool.
void scan_whole_table(SqlEndpoint& endpoint, Spool& spool, bool tracked,
                      const OnProgress& progress);

}  // namespace tidemark
