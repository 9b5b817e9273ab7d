#include "sync/conflict_log.hpp"

#include <tidemark/error.hpp>

#include "base/clock.hpp"
#include "base/text.hpp"

namespace tidemark {
namespace {

constexpr const char* state_names[] = {"open", "restored", "dismissed"};

const char* name_of(ConflictState state) { return state_names[static_cast<int>(state)]; }

ConflictState state_named(const std::string& name) {
    for (int i = 0; i < 3; ++i) {
        if (name == state_names[i]) return static_cast<ConflictState>(i);
    }
    return ConflictState::open;
}

constexpr const char* select_conflict = R"(
    SELECT id, at, "table", key, reason, lost_here, columns, here, there, here_at, there_at,
        here_device, there_device, state
    FROM tidemark_conflicts)";

Conflict read(Statement& row) {
    Conflict conflict;
    conflict.id = row.integer(0);
    conflict.at_ms = row.integer(1);
    conflict.table = row.text(2);
    conflict.key = values_from_json(row.text(3));
    conflict.reason = row.text(4);
    conflict.lost_here = row.integer(5) != 0;
    for (const auto& [name, value] : values_from_json(row.text(6)))
        conflict.columns.push_back(name);
    conflict.here = values_from_json(row.text(7));
    conflict.there = values_from_json(row.text(8));
    conflict.here_at_ms = row.integer(9);
    conflict.there_at_ms = row.integer(10);
    conflict.here_device = row.text(11);
    conflict.there_device = row.text(12);
    conflict.state = state_named(row.text(13));
    return conflict;
}

std::string column_list(const std::vector<std::string>& columns) {
    NamedValues names;
    for (const std::string& column : columns) names.emplace_back(column, Value{});
    return to_json(names);
}

const Value* find(const NamedValues& values, std::string_view name) {
    for (const auto& [column, value] : values) {
        if (same_name(column, name)) return &value;
    }
    return nullptr;
}

}  // namespace

NamedValues named_row(const Table& table, const Row& row) {
    NamedValues values;
    for (std::size_t i = 0; i < row.size(); ++i) values.emplace_back(table.columns[i].name, row[i]);
    return values;
}

NamedValues named_key(const Table& table, const Row& key) {
    NamedValues values;
    for (std::size_t i = 0; i < key.size(); ++i) {
        values.emplace_back(table.columns[table.key[i]].name, key[i]);
    }
    return values;
}

void ConflictLog::create() {
    // Rows are never deleted, so no number is given out twice. AUTOINCREMENT would leave the table
    // sqlite_sequence behind, which nobody can drop.
    connection_.execute(R"(
        CREATE TABLE tidemark_conflicts(
            id INTEGER PRIMARY KEY,
            at INTEGER NOT NULL,
            "table" TEXT NOT NULL,
            key TEXT NOT NULL,
            reason TEXT NOT NULL,
            lost_here INTEGER NOT NULL,
            columns TEXT NOT NULL,
            here TEXT NOT NULL,
            there TEXT NOT NULL,
            here_at INTEGER NOT NULL,
            there_at INTEGER NOT NULL,
            here_device TEXT NOT NULL,
            there_device TEXT NOT NULL,
            state TEXT NOT NULL))");
}

void ConflictLog::add(const Conflict& conflict) {
    connection_.execute(
        R"(
        INSERT INTO tidemark_conflicts(at, "table", key, reason, lost_here, columns, here, there,
            here_at, there_at, here_device, there_device, state)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13))",
        {conflict.at_ms, conflict.table, to_json(conflict.key), conflict.reason,
         std::int64_t{conflict.lost_here}, column_list(conflict.columns), to_json(conflict.here),
         to_json(conflict.there), conflict.here_at_ms, conflict.there_at_ms, conflict.here_device,
         conflict.there_device, std::string(name_of(conflict.state))});
}

bool ConflictLog::has(const Conflict& conflict) {
    return connection_.integer(
               R"(
        SELECT EXISTS (SELECT 1 FROM tidemark_conflicts
            WHERE "table" = ?1 AND key = ?2 AND reason = ?3 AND there = ?4))",
               {conflict.table, to_json(conflict.key), conflict.reason, to_json(conflict.there)}) !=
           0;
}

std::vector<Conflict> ConflictLog::list(bool with_closed) {
    std::vector<Conflict> conflicts;
    Statement select(connection_, std::string(select_conflict) +
                                      (with_closed ? "" : " WHERE state = 'open'") +
                                      " ORDER BY id");
    while (select.step()) conflicts.push_back(read(select));
    return conflicts;
}

Conflict ConflictLog::get(std::int64_t id) {
    Statement select(connection_, std::string(select_conflict) + " WHERE id = ?1");
    select.bind(0, id);
    if (!select.step()) {
        throw Error(ErrorCode::usage,
                    "there is no conflict " + std::to_string(id) + " in " + connection_.path(),
                    "List them with 'tidemark conflicts " + connection_.path() + " --all'.");
    }
    return read(select);
}

std::int64_t ConflictLog::open_count() {
    return connection_.integer("SELECT count(*) FROM tidemark_conflicts WHERE state = 'open'");
}

void ConflictLog::set_state(std::int64_t id, ConflictState state) {
    connection_.execute("UPDATE tidemark_conflicts SET state = ?2 WHERE id = ?1",
                        {id, std::string(name_of(state))});
}

void ConflictLog::restore(const Conflict& conflict) {
    const auto table = read_table(connection_, conflict.table);
    if (!table) {
        throw Error(ErrorCode::failed, "the table " + conflict.table + " is no longer there",
                    "Create it again, or dismiss the conflict.");
    }
    const NamedValues& losing = conflict.lost_here ? conflict.here : conflict.there;
    if (!losing.empty()) {
        restore_values(*table, conflict);
        return;
    }
    std::vector<std::string> tests;
    Row arguments;
    for (const auto& [name, value] : conflict.key) {
        arguments.push_back(value);
        tests.push_back(quoted(name) + " = ?" + std::to_string(arguments.size()));
    }
    connection_.execute("DELETE FROM " + quoted(table->name) + " WHERE " + join(tests, " AND "),
                        arguments);
}

/// Only the losing columns, where the row is still there; the whole row where it is not.
void ConflictLog::restore_values(const Table& table, const Conflict& conflict) {
    const NamedValues& losing = conflict.lost_here ? conflict.here : conflict.there;
    std::vector<std::string> assignments, tests;
    Row arguments;
    for (const std::string& name : conflict.columns) {
        const Value* value = find(losing, name);
        const auto column = table.column(name);
        if (!value || !column || table.is_key(*column)) continue;
        arguments.push_back(*value);
        assignments.push_back(quoted(name) + " = ?" + std::to_string(arguments.size()));
    }
    for (const auto& [name, value] : conflict.key) {
        arguments.push_back(value);
        tests.push_back(quoted(name) + " = ?" + std::to_string(arguments.size()));
    }
    if (!assignments.empty()) {
        connection_.execute("UPDATE " + quoted(table.name) + " SET " + join(assignments, ", ") +
                                " WHERE " + join(tests, " AND "),
                            arguments);
        if (connection_.changes() > 0) return;
    } else if (!conflict.columns.empty()) {
        throw Error(ErrorCode::usage,
                    "conflict " + std::to_string(conflict.id) +
                        " is about the key of a row, and "
                        "another row has that key now",
                    "Nothing of the row was lost. Dismiss the conflict.");
    }
    restore_row(table, losing);
}

void ConflictLog::restore_row(const Table& table, const NamedValues& row) {
    std::vector<std::string> names, parameters;
    Row arguments;
    for (const auto& [name, value] : row) {
        if (!table.column(name)) continue;  // dropped since
        arguments.push_back(value);
        names.push_back(quoted(name));
        parameters.push_back("?" + std::to_string(arguments.size()));
    }
    connection_.execute("INSERT INTO " + quoted(table.name) + "(" + join(names, ", ") +
                            ") VALUES (" + join(parameters, ", ") + ")",
                        arguments);
}

}  // namespace tidemark
