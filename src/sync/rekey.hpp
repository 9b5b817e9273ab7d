#pragma once

#include <cstdint>
#include <vector>

#include "schema/table.hpp"
#include "sqlite/connection.hpp"

namespace tidemark {

/// A row that could not follow, because another row already has the key or the unique values which
/// it would have taken.
struct Displaced {
    const Table* table;
    Row row;
    bool made_here;  ///< it is gone; otherwise it stands as it was, and the primary's has to
                     ///< replace it
};

/// Gives the row `from` of `table` the key `to`, with everything that refers to it and its pending
/// entries, as an edit made at `at`.
void move_row(Connection& connection, const std::vector<Table>& tables, const Table& table,
              const Row& from, const Row& to, std::int64_t at, std::vector<Displaced>& displaced);

/// Makes every reference to the row `from` of `parent` one to `to`, as edits made at `at`.
void repoint(Connection& connection, const std::vector<Table>& tables, const Table& parent,
             const Row& from, const Row& to, std::int64_t at, std::vector<Displaced>& displaced);

/// Makes references to the value `from` of a unique column of `parent` ones to `to`, as edits made
/// at `at`: where the reference was made on this device, so that it means a row of this device.
void repoint_value(Connection& connection, const std::vector<Table>& tables, const Table& parent,
                   std::size_t column, const Value& from, const Value& to, std::int64_t at,
                   std::vector<Displaced>& displaced);

/// A number that no row of `table` has had as far as is known here, and none in `spool` has.
std::int64_t fresh_key(Connection& connection, const Table& table, const std::string& spool);

/// The same for a row of `table` itself that is not in the file at the moment: changes `row` and
/// returns the columns that followed.
std::vector<std::size_t> repoint_in(const Table& table, const Row& from, const Row& to, Row& row);

}  // namespace tidemark
