#include "sim/agreement.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "capture/pending.hpp"
#include "capture/triggers.hpp"
#include "sim/history_log.hpp"
#include "sqlite/sql_error.hpp"
#include "sync/row_sql.hpp"
#include "sync/store.hpp"

namespace tidemark::sim {
namespace {

std::string dump(Connection& file, const Table& table, const std::string& columns) {
    std::string out;
    Statement rows(file, "SELECT " + columns + " FROM " + quoted(table.name) + " ORDER BY " +
                             key_columns(table));
    while (rows.step()) {
        for (const Value& value : rows.row()) out += shown(value) + "|";
        out += '\n';
    }
    return out;
}

bool same_rows(Connection& a, Connection& b, const Table& table, const std::string& columns) {
    const std::string sql =
        "SELECT " + columns + " FROM " + quoted(table.name) + " ORDER BY " + key_columns(table);
    Statement left(a, sql), right(b, sql);
    while (true) {
        const bool more = left.step();
        if (right.step() != more) return false;
        if (!more) return true;
        for (int c = 0; c < left.column_count(); ++c) {
            if (!identical(left.value(c), right.value(c))) return false;
        }
    }
}

std::vector<std::string> sorted_columns(const Table& table) {
    std::vector<std::string> names;
    for (const Column& column : table.columns) names.push_back(quoted(column.name));
    std::sort(names.begin(), names.end());
    return names;
}

}  // namespace

std::string differing_rows(Connection& here, const Forms& here_forms, Connection& primary,
                           const Forms& there_forms) {
    if (here_forms.size() != there_forms.size()) return "other tables than the primary";
    for (std::size_t i = 0; i < here_forms.size(); ++i) {
        const Table& table = here_forms[i].table;
        const Table& other = there_forms[i].table;
        if (!same_name(table.name, other.name)) {
            return "the table " + table.name + " where the primary has " + other.name;
        }
        const auto columns = sorted_columns(table);
        if (columns != sorted_columns(other)) {
            return "other columns in " + table.name + ": " + join(columns, ", ") +
                   " -- at the primary: " + join(sorted_columns(other), ", ");
        }
        const std::string list = join(columns, ", ");
        if (!same_rows(here, primary, table, list)) {
            return "other rows in " + table.name + " (" + list + "):\n" + dump(here, table, list) +
                   "-- at the primary:\n" + dump(primary, table, list);
        }
    }
    return {};
}

std::string unsettled(Connection& replica, const Forms& forms) {
    const std::vector<Table> synced = Store(replica).tables();
    if (synced.size() != forms.size()) return "tables that do not sync";
    for (const Table& table : synced) {
        if (replica.integer("SELECT EXISTS (SELECT 1 FROM " + pending_name(table) + ")") != 0) {
            return "pending changes in " + table.name;
        }
        if (!capture::installed(replica, table)) return "missing triggers on " + table.name;
    }
    return {};
}

std::string damaged(Connection& file, bool with_references) {
    const Value integrity = file.scalar("PRAGMA integrity_check");
    if (integrity != Value{std::string("ok")}) return "damage: " + shown(integrity);
    if (with_references) {
        Statement references(file, "PRAGMA foreign_key_check");
        if (references.step()) {
            return "a dangling reference in " + references.text(0) + " to " + references.text(2) +
                   " from the row " + references.text(1);
        }
    }
    if (file.integer("SELECT count(*) FROM sqlite_schema WHERE name = 'local_text'") != 0) {
        try {
            file.execute("INSERT INTO local_text(local_text, rank) VALUES ('integrity-check', 1)");
        } catch (const SqlError& error) {
            return "a full-text table that does not match: " + error.message();
        }
    }
    return {};
}

}  // namespace tidemark::sim
