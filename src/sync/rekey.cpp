#include "sync/rekey.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <optional>

#include <tidemark/error.hpp>

#include "base/text.hpp"
#include "capture/pending.hpp"
#include "schema/key.hpp"
#include "sqlite/sql_error.hpp"
#include "sqlite/transaction.hpp"
#include "sync/constraints.hpp"
#include "sync/pending_entries.hpp"
#include "sync/row_sql.hpp"

namespace tidemark {
namespace {

using Columns = std::vector<std::size_t>;

/// "a = ?3 AND b = ?4" over columns of a table, counting parameters from `first`.
std::string tests(const Table& table, const Columns& columns, std::size_t first,
                  std::string_view separator) {
    std::vector<std::string> parts;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        parts.push_back(quoted(table.columns[columns[i]].name) + " = ?" +
                        std::to_string(first + i));
    }
    return join(parts, separator);
}

/// The values that a reference to a parent row holds, given the parent's key; nothing where the
/// reference is not to the key.
Row referring(const Table& parent, const ForeignKey& reference, const Row& key) {
    Row values;
    for (const std::string& name : reference.parent_columns) {
        for (std::size_t i = 0; i < parent.key.size(); ++i) {
            if (same_name(parent.columns[parent.key[i]].name, name)) values.push_back(key[i]);
        }
    }
    return values.size() == reference.columns.size() ? values : Row{};
}

Row together(const Row& a, const Row& b) {
    Row out = a;
    out.insert(out.end(), b.begin(), b.end());
    return out;
}

/// Tables that stay on this device have no pending entries, but their references follow all the
/// same.
bool is_captured(Connection& connection, const Table& table) {
    return connection.integer("SELECT count(*) FROM main.sqlite_schema WHERE name = ?1",
                              {capture::pending_table(table.name)}) > 0;
}

bool touches_key(const Table& table, const ForeignKey& reference) {
    return std::any_of(reference.columns.begin(), reference.columns.end(),
                       [&](std::size_t column) { return table.is_key(column); });
}

/// Sets `columns` of the rows whose columns `by` have the values `are`, as an edit made at `at`.
void set_columns(Connection& connection, const Table& table, const Columns& columns,
                 const Row& values, const Columns& by, const Row& are, std::int64_t at) {
    if (columns.empty()) return;
    const std::string which = tests(table, by, values.size() + 1, " AND ");
    const Row arguments = together(values, are);
    if (is_captured(connection, table)) {
        std::int64_t mask = 0;
        for (const std::size_t column : columns) mask |= capture::bit_of(column);
        connection.execute("INSERT INTO " + pending_name(table) + "(" + key_list(table, "") +
                               ", cols, at, rev) SELECT " + key_columns(table) + ", " +
                               std::to_string(mask) + ", " + std::to_string(at) + ", 1 FROM main." +
                               quoted(table.name) + " WHERE " + which + keep_later,
                           arguments);
    }
    connection.execute("UPDATE main." + quoted(table.name) + " SET " +
                           tests(table, columns, 1, ", ") + " WHERE " + which,
                       arguments);
}

/// The key of another row that has the key or the unique values which the row `was` is to have.
std::optional<Row> holder(Connection& connection, const Table& table, const Row& was,
                          const Row& row) {
    const Row key = key_of(table, row);
    const auto other = [&](const Row& found) { return compare_keys(table, found, was) != 0; };
    const std::string taken = "SELECT EXISTS (SELECT 1 FROM main." + quoted(table.name) +
                              " WHERE " + tests(table, table.key, 1, " AND ") + ")";
    if (other(key) && connection.integer(taken, key) != 0) return key;
    std::optional<Row> found;
    const auto look = [&](const auto& uniques) {
        for (const auto& unique : uniques) {
            for (const Row& rival : rivals(connection, table, unique, row)) {
                if (!found && other(key_of(table, rival))) found = key_of(table, rival);
            }
        }
    };
    look(table.uniques);
    look(table.expression_uniques);
    return found;
}

std::vector<Row> rows_with(Connection& connection, const Table& table, const Columns& columns,
                           const Row& values) {
    std::vector<Row> rows;
    Statement select(connection, "SELECT " + column_list(table, "") + " FROM main." +
                                     quoted(table.name) + " WHERE " +
                                     tests(table, columns, 1, " AND "));
    select.bind_all(values);
    while (select.step()) rows.push_back(select.row());
    return rows;
}

/// Returns false, and undoes it, where a constraint forbids what `body` does.
bool attempt(Connection& connection, const std::function<void()>& body) {
    Savepoint savepoint(connection);
    try {
        body();
    } catch (const SqlError& error) {
        if (error.primary_code() != SQLITE_CONSTRAINT ||
            error.extended_code() == SQLITE_CONSTRAINT_TRIGGER) {
            throw;
        }
        return false;
    }
    savepoint.release();
    return true;
}

/// Whether a row was born here, or edited in one of the columns `mask`. All of a table that stays
/// on this device was.
bool changed_here(Connection& connection, const Table& table, const Row& key, std::int64_t mask) {
    return !is_captured(connection, table) ||
           connection.integer("SELECT EXISTS (SELECT 1 FROM " + pending_name(table) + " WHERE " +
                                  key_is(table) +
                                  " AND (cols = " + std::to_string(capture::cols_born) +
                                  " OR cols & " + std::to_string(mask) + "))",
                              key) != 0;
}

void leave(Connection& connection, const std::vector<Table>& tables, const Table& table,
           const Row& key, const Row& row, const std::optional<Row>& heir, std::int64_t at,
           std::vector<Displaced>& displaced);

/// Takes a row out. What refers to it refers to `heir` instead, or goes with it.
void take_out(Connection& connection, const std::vector<Table>& tables, const Table& table,
              const Row& key, const std::optional<Row>& heir, std::int64_t at,
              std::vector<Displaced>& displaced) {
    connection.execute(
        "DELETE FROM main." + quoted(table.name) + " WHERE " + tests(table, table.key, 1, " AND "),
        key);
    if (is_captured(connection, table)) {
        add_pending(connection, table, key, capture::cols_touched, nobodys);
    }
    if (heir) {
        repoint(connection, tables, table, key, *heir, at, displaced);
        return;
    }
    for (const Table& child : tables) {
        for (const ForeignKey& reference : child.foreign_keys) {
            if (!same_name(reference.parent, table.name) || child.key.empty()) continue;
            const Row values = referring(table, reference, key);
            if (values.empty()) continue;
            for (const Row& row : rows_with(connection, child, reference.columns, values)) {
                leave(connection, tables, child, key_of(child, row), row, {}, at, displaced);
            }
        }
    }
}

/// The row `key`, which was to become `row`, cannot. One that was made here goes.
void leave(Connection& connection, const std::vector<Table>& tables, const Table& table,
           const Row& key, const Row& row, const std::optional<Row>& heir, std::int64_t at,
           std::vector<Displaced>& displaced) {
    const bool goes = compare_keys(table, key, key_of(table, row)) != 0 ||
                      changed_here(connection, table, key, 0);
    if (goes) take_out(connection, tables, table, key, heir, at, displaced);
    displaced.push_back({&table, row, goes});
}

/// Where not all of them can follow, the children are looked at one by one, each with its own
/// children.
void repoint_each(Connection& connection, const std::vector<Table>& tables, const Table& child,
                  const ForeignKey& reference, const Row& from, const Row& to, std::int64_t at,
                  std::vector<Displaced>& displaced,
                  const std::function<bool(const Row&)>& is_meant) {
    Columns besides_key;
    Row values;
    for (std::size_t i = 0; i < reference.columns.size(); ++i) {
        if (child.is_key(reference.columns[i])) continue;
        besides_key.push_back(reference.columns[i]);
        values.push_back(to[i]);
    }
    for (Row& row : rows_with(connection, child, reference.columns, from)) {
        const Row key = key_of(child, row);
        if (!is_meant(key)) continue;
        for (std::size_t i = 0; i < reference.columns.size(); ++i) {
            row[reference.columns[i]] = to[i];
        }
        const bool done = attempt(connection, [&] {
            set_columns(connection, child, besides_key, values, child.key, key, at);
            if (touches_key(child, reference)) {
                move_row(connection, tables, child, key, key_of(child, row), at, displaced);
            }
        });
        if (done) continue;
        leave(connection, tables, child, key, row, holder(connection, child, key, row), at,
              displaced);
    }
}

}  // namespace

void repoint(Connection& connection, const std::vector<Table>& tables, const Table& parent,
             const Row& from, const Row& to, std::int64_t at, std::vector<Displaced>& displaced) {
    for (const Table& child : tables) {
        for (const ForeignKey& reference : child.foreign_keys) {
            if (!same_name(reference.parent, parent.name)) continue;
            const Row old_values = referring(parent, reference, from);
            const Row new_values = referring(parent, reference, to);
            if (old_values.empty()) continue;
            const auto all_at_once = [&] {
                set_columns(connection, child, reference.columns, new_values, reference.columns,
                            old_values, at);
            };
            if (child.key.empty()) {  // it stays on this device
                all_at_once();
                continue;
            }
            if (!touches_key(child, reference) && attempt(connection, all_at_once)) continue;
            repoint_each(connection, tables, child, reference, old_values, new_values, at,
                         displaced, [](const Row&) { return true; });
        }
    }
}

void move_row(Connection& connection, const std::vector<Table>& tables, const Table& table,
              const Row& from, const Row& to, std::int64_t at, std::vector<Displaced>& displaced) {
    const std::size_t count = from.size();
    connection.execute("UPDATE main." + quoted(table.name) + " SET " +
                           tests(table, table.key, 1, ", ") + " WHERE " +
                           tests(table, table.key, count + 1, " AND "),
                       together(to, from));
    repoint(connection, tables, table, from, to, at, displaced);
    if (!is_captured(connection, table)) return;
    std::vector<std::string> assignments, conditions;
    for (std::size_t i = 0; i < count; ++i) {
        const std::string k = "k" + std::to_string(i + 1);
        assignments.push_back(k + " = ?" + std::to_string(i + 1));
        conditions.push_back(k + " = ?" + std::to_string(count + i + 1));
    }
    connection.execute("UPDATE OR REPLACE main." + quoted(capture::pending_table(table.name)) +
                           " SET " + join(assignments, ", ") + " WHERE " +
                           join(conditions, " AND "),
                       together(to, from));
    // The primary may know the row under its old key after all: an INSERT OR REPLACE of a row that
    // was there looks like a birth. Where it does not, this must not look like a deletion by
    // anybody.
    add_pending(connection, table, from, capture::cols_touched, nobodys);
    add_pending(connection, table, to, capture::cols_born, at);
}

void repoint_value(Connection& connection, const std::vector<Table>& tables, const Table& parent,
                   std::size_t column, const Value& from, const Value& to, std::int64_t at,
                   std::vector<Displaced>& displaced) {
    for (const Table& child : tables) {
        for (const ForeignKey& reference : child.foreign_keys) {
            if (!same_name(reference.parent, parent.name) || reference.parent_columns.size() != 1 ||
                !same_name(reference.parent_columns[0], parent.columns[column].name)) {
                continue;
            }
            if (child.key.empty()) {
                set_columns(connection, child, reference.columns, {to}, reference.columns, {from},
                            at);
                continue;
            }
            const std::int64_t bit = capture::bit_of(reference.columns[0]);
            repoint_each(connection, tables, child, reference, {from}, {to}, at, displaced,
                         [&](const Row& key) { return changed_here(connection, child, key, bit); });
        }
    }
}

std::vector<std::size_t> repoint_in(const Table& table, const Row& from, const Row& to, Row& row) {
    std::vector<std::size_t> followed;
    for (const ForeignKey& reference : table.foreign_keys) {
        if (!same_name(reference.parent, table.name)) continue;
        const Row old_values = referring(table, reference, from);
        const Row new_values = referring(table, reference, to);
        if (old_values.empty() || touches_key(table, reference)) continue;
        bool refers = true;
        for (std::size_t i = 0; i < old_values.size(); ++i) {
            refers = refers && compare(row[reference.columns[i]], old_values[i]) == 0;
        }
        if (!refers) continue;
        for (std::size_t i = 0; i < new_values.size(); ++i) {
            row[reference.columns[i]] = new_values[i];
            followed.push_back(reference.columns[i]);
        }
    }
    return followed;
}

std::int64_t fresh_key(Connection& connection, const Table& table, const std::string& spool) {
    const std::string key = quoted(table.columns[table.key[0]].name);
    std::int64_t highest =
        std::max(connection.integer("SELECT max(" + key + ") FROM main." + quoted(table.name)),
                 connection.integer("SELECT max(k1) FROM " + spool));
    highest = std::max(highest, connection.integer("SELECT max(k1) FROM main." +
                                                   quoted(capture::pending_table(table.name))));
    if (table.autoincrement) {
        highest = std::max(
            highest,
            connection.integer("SELECT seq FROM sqlite_sequence WHERE name = ?1", {table.name}));
    }
    if (highest == std::numeric_limits<std::int64_t>::max()) {
        throw Error(ErrorCode::failed, "the table " + table.name + " has used up its numbers",
                    "Give the row with the largest key a smaller one.");
    }
    return std::max<std::int64_t>(highest, 0) + 1;
}

}  // namespace tidemark
