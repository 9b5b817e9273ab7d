#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "schema/table.hpp"

/// Capture: plain SQL triggers in the application's own file note which rows changed. The SQL uses
/// built-in functions only, so whatever program writes the file is captured.
namespace tidemark::capture {

/// What `cols` says in a pending entry, where it is not a set of changed columns.
inline constexpr std::int64_t cols_born = -1;
/// Deleted or touched: look whether the row exists.
inline constexpr std::int64_t cols_touched = 0;

/// The last bit of `cols`: any of the columns that have no bit of their own.
inline constexpr std::size_t rest_bit = 59;

/// The bit in `cols` of the column at this position of Table::columns.
std::int64_t bit_of(std::size_t column);

/// The name of the table that holds the pending changes of `table`, not quoted.
std::string pending_table(std::string_view table);

/// The name in a pending table of the key column at this position of Table::key. Positional, so
/// that no column of the application can collide with `cols`, `at` or `rev`.
std::string key_column(std::size_t position);
/// "k1, k2": all key columns of the pending table.
std::string key_columns(const Table& table);

/// CREATE TABLE for the pending table, as it then stands in sqlite_schema.
std::string create_pending_sql(const Table& table);
/// The same for a primary, whose engine may know no WITHOUT ROWID.
std::string create_plain_pending_sql(const Table& table);

/// An SQL expression: milliseconds since 1970-01-01 UTC as an integer. The same throughout one
/// statement.
std::string now_ms_sql();

/// An SQL condition, in parentheses, over OLD and NEW of an update trigger: the column's value is
/// not the same as before, in its storage class or in its bytes.
std::string changed_sql(const Column& column);

}  // namespace tidemark::capture
