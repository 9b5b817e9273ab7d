#pragma once

#include <cstdint>
#include <vector>

#include "schema/table.hpp"
#include "sqlite/connection.hpp"

namespace tidemark {

/// Gives the row `from` of `table` the key `to`, with everything that refers to it and its pending
/// entries. For rows born on this device: nobody else can know them under the old key.
void move_row(Connection& connection, const std::vector<Table>& tables, const Table& table,
              const Row& from, const Row& to, std::int64_t at);

/// Makes every reference to the row `from` of `parent` one to `to`, as edits made at `at`.
void repoint(Connection& connection, const std::vector<Table>& tables, const Table& parent,
             const Row& from, const Row& to, std::int64_t at);

/// A number that no row of `table` has had, here or among the keys in `spool`.
std::int64_t fresh_key(Connection& connection, const Table& table, const std::string& spool);

}  // namespace tidemark
