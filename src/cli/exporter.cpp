#include "cli/exporter.hpp"

#include <boost/json/serialize.hpp>

#include "base/text.hpp"
#include "cli/csv.hpp"
#include "cli/json.hpp"
#include "schema/catalog.hpp"
#include "sqlite/transaction.hpp"

namespace tidemark::cli {
namespace {

std::string column_names(const Table& table) {
    std::vector<std::string> names;
    for (const Column& column : table.columns) names.push_back(quoted(column.name));
    return join(names, ", ");
}

std::string select_rows(const Table& table) {
    std::string sql = "SELECT " + column_names(table) + " FROM " + quoted(table.name);
    std::vector<std::string> order;
    for (const std::size_t column : table.key) order.push_back(quoted(table.columns[column].name));
    return order.empty() ? sql : sql + " ORDER BY " + join(order, ", ");
}

/// The row as SQL literals, as SQLite itself writes them.
std::string select_literals(const Table& table) {
    std::vector<std::string> values;
    for (const Column& column : table.columns)
        values.push_back("quote(" + quoted(column.name) + ")");
    return "SELECT " + join(values, " || ', ' || ") + " FROM " + quoted(table.name);
}

void write_rows(Connection& connection, const Table& table, const Write& write) {
    const std::string insert =
        "INSERT INTO " + quoted(table.name) + "(" + column_names(table) + ") VALUES (";
    Statement rows(connection, select_literals(table));
    while (rows.step()) write(insert + rows.text(0) + ");\n");
}

/// Numbers that AUTOINCREMENT has given out and must not give out again.
void write_sequences(Connection& connection, const std::vector<Table>& tables, const Write& write) {
    for (const Table& table : tables) {
        if (!table.autoincrement) continue;
        const std::int64_t last = connection.integer(
            "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = ?1", {table.name});
        write("DELETE FROM sqlite_sequence WHERE name = " + literal(table.name) + ";\n");
        write("INSERT INTO sqlite_sequence(name, seq) VALUES (" + literal(table.name) + ", " +
              std::to_string(last) + ");\n");
    }
}

/// A full-text table of its own content holds rows like any other; one over another table is filled
/// from that.
void write_virtual(Connection& connection, const SchemaObject& object, const Write& write) {
    if (object.is_external_full_text()) {
        write("INSERT INTO " + quoted(object.name) + "(" + quoted(object.name) +
              ") VALUES ('rebuild');\n");
        return;
    }
    std::vector<std::string> names;
    Statement columns(connection, "SELECT name FROM pragma_table_info(?1)");
    columns.bind(0, std::string_view(object.name));
    while (columns.step()) names.push_back(quoted(columns.text(0)));
    std::vector<std::string> values = {"rowid"};
    for (const std::string& name : names) values.push_back("quote(" + name + ")");
    Statement rows(connection,
                   "SELECT " + join(values, " || ', ' || ") + " FROM " + quoted(object.name));
    const std::string insert =
        "INSERT INTO " + quoted(object.name) + "(rowid, " + join(names, ", ") + ") VALUES (";
    while (rows.step()) write(insert + rows.text(0) + ");\n");
}

}  // namespace

void export_sql(Connection& connection, const std::vector<Table>& tables, bool whole,
                const Write& write) {
    Catalog catalog = read_catalog(connection);
    if (!whole) {
        std::erase_if(catalog, [&](const SchemaObject& object) {
            const bool of_table = object.type == "table" || object.type == "index";
            return !of_table || std::none_of(tables.begin(), tables.end(), [&](const Table& table) {
                return same_name(table.name, object.table);
            });
        });
    }
    const Creation creation = creation_of(catalog);
    write("PRAGMA foreign_keys = OFF;\nBEGIN;\n");
    if (whole) {
        for (const SchemaObject& object : read_schema(connection)) {
            if (object.type != SchemaObject::mark) continue;
            write("PRAGMA " + object.name + " = " + object.sql + ";\n");
        }
    }
    for (const std::string& sql : creation.before_load) write(sql + ";\n");
    for (const Table& table : tables) write_rows(connection, table, write);
    write_sequences(connection, tables, write);
    for (const SchemaObject& object : catalog) {
        if (object.is_virtual_table()) write_virtual(connection, object, write);
    }
    for (const std::string& sql : creation.after_load) write(sql + ";\n");
    write("COMMIT;\n");
}

void export_csv(Connection& connection, const Table& table, const Write& write) {
    std::vector<std::string> fields;
    for (const Column& column : table.columns) fields.push_back(csv_field(column.name));
    write(join(fields, ",") + "\r\n");
    Statement rows(connection, select_rows(table));
    while (rows.step()) {
        fields.clear();
        for (const Value& value : rows.row()) fields.push_back(csv_field(value));
        write(join(fields, ",") + "\r\n");
    }
}

void export_json(Connection& connection, const std::vector<Table>& tables, const Write& write) {
    write("{\"tables\": {");
    const char* between_tables = "\n";
    for (const Table& table : tables) {
        write(between_tables + boost::json::serialize(json_text(table.name)) + ": [");
        between_tables = ",\n";
        const char* between_rows = "\n";
        Statement rows(connection, select_rows(table));
        while (rows.step()) {
            boost::json::object object;
            for (std::size_t c = 0; c < table.columns.size(); ++c) {
                object[json_text(table.columns[c].name)] = to_json(rows.value(static_cast<int>(c)));
            }
            write(between_rows + boost::json::serialize(object));
            between_rows = ",\n";
        }
        write("]");
    }
    write("}}\n");
}

void strip(Connection& copy) {
    Transaction transaction(copy, Transaction::Kind::write);
    for (const char* type : {"trigger", "table"}) {
        std::vector<std::string> names;
        Statement select(copy, "SELECT name FROM sqlite_schema WHERE type = ?1");
        select.bind(0, std::string_view(type));
        while (select.step()) {
            if (starts_with_name(select.text(0), "tidemark_")) names.push_back(select.text(0));
        }
        for (const std::string& name : names) {
            copy.execute("DROP " + std::string(type) + " " + quoted(name));
        }
    }
    transaction.commit();
    copy.execute("VACUUM");
}

}  // namespace tidemark::cli
