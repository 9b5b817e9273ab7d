#include "schema/renamed.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "sqlite/connection.hpp"
#include "sqlite/sql_error.hpp"

namespace tidemark {
namespace {

/// Only SQLite knows which of the words in a text mean a table or a column, so it renames them in
/// an empty database of the same schema.
class Scratch {
public:
    explicit Scratch(const Catalog& catalog) : connection_(":memory:", Connection::Open::create) {
        connection_.execute("PRAGMA foreign_keys = OFF");
        for (const SchemaObject& object : catalog) {
            if (object.type != SchemaObject::mark) attempt(object.sql);
        }
    }

    void rename_table(const std::string& from, const std::string& to) {
        if (has_table(from) && !has_table(to)) {
            attempt("ALTER TABLE " + quoted(from) + " RENAME TO " + quoted(to));
        }
    }

    void rename_column(const std::string& table, const std::string& from, const std::string& to) {
        if (has_column(table, from) && !has_column(table, to)) {
            attempt("ALTER TABLE " + quoted(table) + " RENAME COLUMN " + quoted(from) + " TO " +
                    quoted(to));
        }
    }

    Catalog catalog() { return read_catalog(connection_); }

private:
    void attempt(const std::string& sql) {
        try {
            connection_.execute(sql);
        } catch (const SqlError&) {
        }
    }
    bool has_table(const std::string& name) {
        return connection_.integer(
                   "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND lower(name) = ?1",
                   {lower(name)}) > 0;
    }
    bool has_column(const std::string& table, const std::string& name) {
        return connection_.integer(
                   "SELECT count(*) FROM pragma_table_xinfo(?1) WHERE lower(name) = ?2",
                   {table, lower(name)}) > 0;
    }

    Connection connection_;
};

}  // namespace

Catalog renamed(const Catalog& catalog, const Renaming& renaming) {
    const bool anything = !renaming.tables.empty() ||
                          std::any_of(renaming.columns.begin(), renaming.columns.end(),
                                      [](const auto& columns) { return !columns.second.empty(); });
    if (!anything) return catalog;
    Scratch scratch(catalog);
    for (const auto& [from, to] : renaming.tables) scratch.rename_table(from, to);
    for (const auto& [table, columns] : renaming.columns) {
        for (const auto& [from, to] : columns) scratch.rename_column(table, from, to);
    }
    const Catalog after = scratch.catalog();
    Catalog out;
    for (const SchemaObject& object : catalog) {
        const std::string name =
            object.type == "table" ? renaming.name_of(object.name) : object.name;
        const SchemaObject* now = find(after, object.type, name);
        if (!now) now = find(after, object.type, object.name);
        out.push_back(now ? *now : object);
    }
    return out;
}

}  // namespace tidemark
