#pragma once

#include "memorygraph/graph_backend.hpp"
#include "memorygraph/log.hpp"

namespace memorygraph {

/// Makes what is missing of the tables, indexes and the full-text index, inside the transaction of
/// the caller. Where SQLite has no FTS5, it warns and goes on without.
void create_schema(Database& database, const Log& log);

bool has_fulltext(Database& database);

}  // namespace memorygraph
