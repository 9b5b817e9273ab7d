#pragma once

#include <cstdint>
#include <string>

#include "memorygraph/graph_backend.hpp"

namespace memorygraph {

/// What was copied from one database to another, in rows.
struct Migration {
    std::int64_t nodes = 0;
    std::int64_t relationships = 0;
    std::int64_t embeddings = 0;
    std::int64_t already_there = 0;  ///< nodes that were in the target already, as new or newer
    std::int64_t orphans = 0;        ///< relationships left out: a node of theirs is missing
};

/// Copies the graph of the SQLite file `source`, of any version of MemoryGraph, into `target`,
/// which is connected and has its schema. Of a node that both have, the one updated later stays.
/// Everything is copied or, with tidemark::Error, nothing; the source is not changed.
Migration migrate(const std::string& source, GraphBackend& target);

}  // namespace memorygraph
