#pragma once

#include <string>
#include <string_view>

#include "schema/table.hpp"

/// Pieces of SQL over the columns of a table (by name) and over the key columns of pending-like
/// tables (k1, k2, …).
namespace tidemark {

/// The pending table of `table`, qualified and quoted.
std::string pending_name(const Table& table);
/// "p.k1, p.k2"
std::string key_list(const Table& table, std::string_view prefix);
/// "a.k1 = b.k1 AND …": two pending-like tables.
std::string key_match(const Table& table, std::string_view left, std::string_view right);
/// "k1 = ?1 AND …"
std::string key_is(const Table& table, std::string_view prefix = {});
/// "t.id = p.k1 AND …": a row of the table itself against a pending-like table.
std::string row_match(const Table& table, std::string_view row, std::string_view entry);
/// "id, part": the key columns by name.
std::string key_columns(const Table& table);
/// "t.id, t.title, …"
std::string column_list(const Table& table, std::string_view prefix);
/// "title = excluded.title, …"
std::string excluded_columns(const Table& table);
/// "?1, ?2, …"
std::string parameter_list(std::size_t count);

}  // namespace tidemark
