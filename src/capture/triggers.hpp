#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "schema/table.hpp"

namespace tidemark {
class Connection;
}

namespace tidemark::capture {

/// The CREATE TRIGGER statements that capture a table, as they then stand in sqlite_schema.
std::vector<std::string> trigger_sql(const Table& table);

/// Creates the pending table if it is missing, and the triggers anew. The caller owns the
/// transaction. tidemark_meta must exist before the application writes again. Throws where the
/// table's key is another one than the pending entries were made for.
void install(Connection& connection, const Table& table);

/// Drops the triggers and the pending table with its entries, whether or not the table still
/// exists. The caller owns the transaction.
void remove(Connection& connection, std::string_view table);

/// Whether the pending table and the triggers are exactly what install() would make of the table
/// as it is described now.
bool installed(Connection& connection, const Table& table);

}  // namespace tidemark::capture
