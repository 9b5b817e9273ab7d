#include "capture/triggers.hpp"

#include <algorithm>

#include <tidemark/error.hpp>

#include "capture/pending.hpp"
#include "capture/trigger_text.hpp"
#include "sqlite/connection.hpp"

namespace tidemark::capture {
namespace {

/// The text of a table or trigger; empty where there is none.
std::string sql_of(Connection& connection, const std::string& type, const std::string& name) {
    const Value sql = connection.scalar(
        "SELECT sql FROM sqlite_schema WHERE type = ?1 AND name = ?2 COLLATE NOCASE", {type, name});
    return is_null(sql) ? std::string() : as_text(sql);
}

void drop_triggers(Connection& connection, std::string_view table) {
    for (const std::string_view kind : trigger_kinds) {
        connection.execute("DROP TRIGGER IF EXISTS " + quoted(trigger_name(table, kind)));
    }
}

}  // namespace

std::vector<std::string> trigger_sql(const Table& table) {
    std::vector<std::string> triggers = row_triggers(table);
    for (std::string& sql : replace_triggers(table)) triggers.push_back(std::move(sql));
    return triggers;
}

void install(Connection& connection, const Table& table) {
    const std::string pending = pending_table(table.name);
    const std::string wanted = create_pending_sql(table);
    const std::string found = sql_of(connection, "table", pending);
    if (!found.empty() && found != wanted) {
        if (connection.integer("SELECT EXISTS(SELECT 1 FROM " + quoted(pending) + ")") != 0) {
            throw Error(ErrorCode::failed,
                        "the key of table " + table.name + " has changed since " +
                            "its pending changes were captured",
                        "Synchronize before a migration changes a table's key.");
        }
        connection.execute("DROP TABLE " + quoted(pending));
    }
    if (found != wanted) connection.execute(wanted);
    drop_triggers(connection, table.name);
    for (const std::string& sql : trigger_sql(table)) connection.execute(sql);
}

void remove(Connection& connection, std::string_view table) {
    drop_triggers(connection, table);
    connection.execute("DROP TABLE IF EXISTS " + quoted(pending_table(table)));
}

bool installed(Connection& connection, const Table& table) {
    if (sql_of(connection, "table", pending_table(table.name)) != create_pending_sql(table)) {
        return false;
    }
    std::vector<std::string> wanted = trigger_sql(table);
    std::vector<std::string> found;
    for (const std::string_view kind : trigger_kinds) {
        std::string sql = sql_of(connection, "trigger", trigger_name(table.name, kind));
        if (!sql.empty()) found.push_back(std::move(sql));
    }
    std::sort(wanted.begin(), wanted.end());
    std::sort(found.begin(), found.end());
    return wanted == found;
}

}  // namespace tidemark::capture
