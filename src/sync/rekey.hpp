#pragma once

#include <cstdint>
#include <vector>

#include "schema/table.hpp"
#include "sqlite/connection.hpp"

namespace tidemark {

/// Rows that had to go because another row already had the key which they would have taken.
struct Displaced {
    const Table* table;
    Row row;
};

/// Gives the row `from` of `table` the key `to`, with everything that refers to it and its pending
/// entries, as an edit made at `at`.
void move_row(Connection& connection, const std::vector<Table>& tables, const Table& table,
              const Row& from, const Row& to, std::int64_t at, std::vector<Displaced>& displaced);

/// Makes every reference to the row `from` of `parent` one to `to`, as edits made at `at`.
void repoint(Connection& connection, const std::vector<Table>& tables, const Table& parent,
             const Row& from, const Row& to, std::int64_t at, std::vector<Displaced>& displaced);

/// A number that no row of `table` has had as far as is known here, and none in `spool` has.
std::int64_t fresh_key(Connection& connection, const Table& table, const std::string& spool);

}  // namespace tidemark
