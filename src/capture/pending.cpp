#include "capture/pending.hpp"

#include <algorithm>

#include "sqlite/connection.hpp"

namespace tidemark::capture {

std::int64_t bit_of(std::size_t column) { return std::int64_t{1} << std::min(column, rest_bit); }

std::string pending_table(std::string_view table) {
    return "tidemark_pending_" + std::string(table);
}

std::string key_column(std::size_t position) { return "k" + std::to_string(position + 1); }

std::string key_columns(const Table& table) {
    std::string list;
    for (std::size_t i = 0; i < table.key.size(); ++i) {
        if (i > 0) list += ", ";
        list += key_column(i);
    }
    return list;
}

std::string create_plain_pending_sql(const Table& table) {
    std::string sql = "CREATE TABLE " + quoted(pending_table(table.name)) + "(";
    for (std::size_t i = 0; i < table.key.size(); ++i) {
        const Column& column = table.columns[table.key[i]];
        sql += key_column(i) + " " + name_of(column.affinity);
        if (column.collation != "BINARY") sql += " COLLATE " + quoted(column.collation);
        sql += ", ";
    }
    return sql + "cols INTEGER NOT NULL, at INTEGER NOT NULL, rev INTEGER NOT NULL, PRIMARY KEY(" +
           key_columns(table) + ", cols))";
}

std::string create_pending_sql(const Table& table) {
    return create_plain_pending_sql(table) + " WITHOUT ROWID";
}

std::string now_ms_sql() {
    // julianday() is exact to the millisecond inside and a double outside, 0.04 ms apart at worst,
    // so that rounding finds the millisecond again. unixepoch('subsec') came only with 3.42.
    return "CAST((julianday('now') - 2440587.5) * 86400000.0 + 0.5 AS INTEGER)";
}

std::string changed_sql(const Column& column) {
    const std::string before = "OLD." + quoted(column.name);
    const std::string after = "NEW." + quoted(column.name);
    const std::string differs = before + " COLLATE BINARY IS NOT " + after;
    // Only a column without a type keeps both 1 and 1.0, which compare as equal: every other
    // affinity makes them the same on the way in (but -2^63, in NUMERIC: not worth two calls for
    // each column of each update).
    if (column.affinity != Affinity::blob) return "(" + differs + ")";
    return "(" + differs + " OR typeof(" + before + ") <> typeof(" + after + "))";
}

}  // namespace tidemark::capture
