#include "support/dump.hpp"

#include <algorithm>
#include <iterator>

#include "base/text.hpp"
#include "schema/table_text.hpp"
#include "sqlite/connection.hpp"
#include "support/primary_server.hpp"

namespace tidemark {
namespace {

std::string shown(Statement& row, int column) {
    const Value value = row.value(column);
    if (const auto* text = std::get_if<std::string>(&value)) {
        const bool plain = std::all_of(text->begin(), text->end(),
                                       [](char c) { return static_cast<unsigned char>(c) >= ' '; });
        return plain ? literal(*text) : "text:" + to_hex(*text);
    }
    if (const auto* blob = std::get_if<Blob>(&value)) return "x'" + to_hex(blob->bytes) + "'";
    if (const auto* real = std::get_if<double>(&value)) {
        char buffer[64];
        std::snprintf(buffer, sizeof buffer, "real:%a", *real);  // every bit, and the sign of zero
        return buffer;
    }
    if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
    return "NULL";
}

std::string shown_row(Statement& row) {
    std::vector<std::string> values;
    for (int c = 0; c < row.column_count(); ++c) values.push_back(shown(row, c));
    return join(values, ", ");
}

Dump rows_of(Connection& connection, const std::string& which) {
    std::vector<std::string> names;
    Statement tables(connection,
                     "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type IN "
                     "('table', 'virtual') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' "
                     "AND name NOT LIKE '\\_\\_turso%' ESCAPE '\\' AND " +
                         which);
    while (tables.step()) names.push_back(tables.text(0));
    Dump dump;
    for (const std::string& name : names) {
        Statement rows(connection, "SELECT * FROM " + quoted(name));
        while (rows.step()) dump.push_back(name + ": " + shown_row(rows));
    }
    std::sort(dump.begin(), dump.end());
    return dump;
}

Dump schema_of(Connection& connection) {
    Dump dump;
    Statement objects(connection, R"(
        SELECT type, name, sql FROM sqlite_schema
        WHERE name NOT LIKE 'tidemark\_%' ESCAPE '\' AND tbl_name NOT LIKE 'tidemark\_%' ESCAPE '\'
            AND name NOT LIKE 'sqlite\_%' ESCAPE '\')");
    const bool own_form = PrimaryServer::kind() == "tursodb";  // it writes texts its own way
    while (objects.step()) {
        if (objects.text(1).starts_with("__turso")) continue;
        dump.push_back(own_form ? literal(objects.text(0)) + ", " + literal(objects.text(1)) +
                                      ", " + literal(meaning_of(objects.text(2)))
                                : shown_row(objects));
    }
    std::sort(dump.begin(), dump.end());
    return dump;
}

}  // namespace

Dump dump_rows(const std::string& path) {
    Connection connection(path);
    return rows_of(connection, "name NOT LIKE 'tidemark\\_%' ESCAPE '\\'");
}

Dump dump_schema(const std::string& path) {
    Connection connection(path);
    return schema_of(connection);
}

Dump dump_everything(const std::string& path) {
    Connection connection(path);
    Dump dump = rows_of(connection, "name NOT IN ('tidemark_history', 'tidemark_days')");
    Statement objects(connection, "SELECT type, name, sql FROM sqlite_schema");
    while (objects.step()) dump.push_back(shown_row(objects));
    std::sort(dump.begin(), dump.end());
    return dump;
}

Dump dump_query(const std::string& path, const std::string& sql) {
    Connection connection(path);
    Statement rows(connection, sql);
    Dump dump;
    while (rows.step()) dump.push_back(shown_row(rows));
    return dump;
}

std::string difference(const Dump& a, const Dump& b) {
    Dump only_a;
    Dump only_b;
    std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(only_a));
    std::set_difference(b.begin(), b.end(), a.begin(), a.end(), std::back_inserter(only_b));
    std::string text;
    for (const std::string& line : only_a) text += "\n- " + line.substr(0, 400);
    for (const std::string& line : only_b) text += "\n+ " + line.substr(0, 400);
    return text;
}

}  // namespace tidemark
