#pragma once

#include <string>

#include "sim/form.hpp"
#include "sqlite/connection.hpp"

namespace tidemark::sim {

/// What must hold of every file once all syncs are through. Each returns what is wrong; empty:
/// nothing.

/// The same tables with the same columns and rows, each value with its storage class.
std::string differing_rows(Connection& here, const Forms& here_forms, Connection& primary,
                           const Forms& there_forms);

/// Nothing pending, and all that captures edits is in place.
std::string unsettled(Connection& replica, const Forms& forms);

/// What SQLite itself finds wrong. References are looked at only where every program kept them.
std::string damaged(Connection& file, bool with_references);

}  // namespace tidemark::sim
