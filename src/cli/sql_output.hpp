#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "cli/terminal.hpp"
#include "sqlite/statement.hpp"

namespace tidemark::cli {

enum class SqlMode { table, line, csv, json };

/// Throws Error{usage} where there is no such mode.
SqlMode sql_mode_named(const std::string& name);
const char* name_of(SqlMode mode);

/// Runs a statement and writes its rows in that form.
void write_result(Statement& statement, const std::vector<std::string>& columns, SqlMode mode,
                  const Screen& screen, const std::function<void(std::string_view)>& write);

}  // namespace tidemark::cli
