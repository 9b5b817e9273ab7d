#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "schema/table.hpp"
#include "sqlite/connection.hpp"

/// What an application's database holds, without anything of Tidemark's, in forms that other
/// programs read. Each reads the database as it is at one moment, row by row.
namespace tidemark::cli {

using Write = std::function<void(std::string_view text)>;

/// Statements that make the database anew with any SQLite, in one transaction.
void export_sql(Connection& connection, const std::vector<Table>& tables, bool whole,
                const Write& write);
/// A line of names, then a line for each row.
void export_csv(Connection& connection, const Table& table, const Write& write);
/// {"tables": {"notes": [{"id": 1, …}, …]}}; values as docs/command.md writes them.
void export_json(Connection& connection, const std::vector<Table>& tables, const Write& write);
/// Takes everything of Tidemark's out of a copy.
void strip(Connection& copy);

}  // namespace tidemark::cli
