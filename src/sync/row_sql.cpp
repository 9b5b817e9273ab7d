#include "sync/row_sql.hpp"

#include <vector>

#include "base/text.hpp"
#include "capture/pending.hpp"
#include "sqlite/connection.hpp"

namespace tidemark {
namespace {

std::string k(std::size_t i) { return capture::key_column(i); }

std::string key_column(const Table& table, std::size_t i) {
    return quoted(table.columns[table.key[i]].name);
}

}  // namespace

std::string pending_name(const Table& table) {
    return "main." + quoted(capture::pending_table(table.name));
}

std::string key_list(const Table& table, std::string_view prefix) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < table.key.size(); ++i) names.push_back(std::string(prefix) + k(i));
    return join(names, ", ");
}

std::string key_match(const Table& table, std::string_view left, std::string_view right) {
    std::vector<std::string> tests;
    for (std::size_t i = 0; i < table.key.size(); ++i) {
        tests.push_back(std::string(left) + "." + k(i) + " = " + std::string(right) + "." + k(i));
    }
    return join(tests, " AND ");
}

std::string row_match(const Table& table, std::string_view row, std::string_view entry) {
    std::vector<std::string> tests;
    for (std::size_t i = 0; i < table.key.size(); ++i) {
        tests.push_back(std::string(row) + "." + key_column(table, i) + " = " + std::string(entry) +
                        "." + k(i));
    }
    return join(tests, " AND ");
}

std::string column_list(const Table& table, std::string_view prefix) {
    std::vector<std::string> names;
    for (const Column& column : table.columns) {
        names.push_back(std::string(prefix) + quoted(column.name));
    }
    return join(names, ", ");
}

std::string key_is(const Table& table, std::string_view prefix) {
    std::vector<std::string> tests;
    for (std::size_t i = 0; i < table.key.size(); ++i) {
        tests.push_back(std::string(prefix) + k(i) + " = ?" + std::to_string(i + 1));
    }
    return join(tests, " AND ");
}

std::string key_columns(const Table& table) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < table.key.size(); ++i) names.push_back(key_column(table, i));
    return join(names, ", ");
}

std::string excluded_columns(const Table& table) {
    std::vector<std::string> assignments;
    for (const Column& column : table.columns) {
        assignments.push_back(quoted(column.name) + " = excluded." + quoted(column.name));
    }
    return join(assignments, ", ");
}

std::string parameter_list(std::size_t count) {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < count; ++i) out.push_back("?" + std::to_string(i + 1));
    return join(out, ", ");
}

}  // namespace tidemark
