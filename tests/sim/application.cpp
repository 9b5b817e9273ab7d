#define SQLITE_ENABLE_PREUPDATE_HOOK 1
#include "sim/application.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cstring>

#include "base/text.hpp"
#include "sqlite/sql_error.hpp"
#include "sync/conflict_log.hpp"
#include "sync/row_sql.hpp"

namespace tidemark::sim {
namespace {

bool is_local(const char* table) {
    for (const char* prefix : {"local_", "tidemark_", "sqlite_"}) {
        if (std::strncmp(table, prefix, std::strlen(prefix)) == 0) return true;
    }
    return false;
}

std::string key_is_given(const Table& table, std::size_t first) {
    std::vector<std::string> tests;
    for (std::size_t i = 0; i < table.key.size(); ++i) {
        tests.push_back(quoted(table.columns[table.key[i]].name) + " = ?" +
                        std::to_string(first + i));
    }
    return join(tests, " AND ");
}

}  // namespace

Application::Application(Machine& machine, const std::string& path, const Manners& manners,
                         Workplace& workplace)
    : machine_(machine),
      start_(machine.starts()),
      workplace_(workplace),
      rng_(workplace.rng),
      connection_(path, Connection::Open::create, machine.vfs()) {
    connection_.execute(
        "PRAGMA foreign_keys = " + std::string(manners.foreign_keys ? "1" : "0") +
        "; PRAGMA recursive_triggers = " + std::string(manners.recursive_triggers ? "1" : "0") +
        "; PRAGMA synchronous = " + manners.synchronous);
    sqlite3_preupdate_hook(connection_.handle(), &Application::before_change, this);
}

Application::~Application() { sqlite3_preupdate_hook(connection_.handle(), nullptr, nullptr); }

void Application::before_change(void* self, sqlite3* db, int operation, const char* schema,
                                const char* table, long long number, long long) {
    if (std::strcmp(schema, "main") != 0 || is_local(table)) return;
    Edit& edit = static_cast<Application*>(self)->statement_;
    const int columns = sqlite3_preupdate_count(db);
    static_cast<Application*>(self)->workplace_.kinship.before_change(db, operation, table, number);
    for (int c = 0; c < columns && operation != SQLITE_INSERT; ++c) {
        sqlite3_value* before = nullptr;
        if (sqlite3_preupdate_old(db, c, &before) == SQLITE_OK) {
            edit.remove(Oracle::token_in(before));
        }
    }
    for (int c = 0; c < columns && operation != SQLITE_DELETE; ++c) {
        sqlite3_value* after = nullptr;
        if (sqlite3_preupdate_new(db, c, &after) == SQLITE_OK) {
            edit.write(Oracle::token_in(after));
        }
    }
}

std::shared_ptr<const Forms> Application::forms() {
    const std::int64_t version = as_int([&] {
        Statement& select = connection_.cached("PRAGMA schema_version");
        const Reset reset(select);
        return select.step() ? select.value(0) : Value{std::int64_t{0}};
    }());
    if (!forms_ || version != forms_version_) {
        forms_ = workplace_.forms.read(connection_);
        forms_version_ = version;
    }
    return forms_;
}

/// Runs the body between BEGIN and COMMIT. Where the outcome of COMMIT is not known, the edit may
/// or may not have happened.
template <typename Body>
bool Application::in_transaction(const Body& body) {
    const std::int64_t number = workplace_.transactions++;
    edit_ = {};
    bool committing = false;
    try {
        connection_.execute("BEGIN IMMEDIATE", {});
        body();
        connection_.execute("UPDATE local_mark SET n = ?1", {number});
        committing = true;
        connection_.execute("COMMIT", {});
        workplace_.oracle.commit(number, edit_, workplace_.untracked != machine_.name());
        workplace_.committed[machine_.name()].push_back(number);
        return true;
    } catch (const SqlError& error) {
        workplace_.log.add([&] { return "  not committed: " + error.message(); });
        const bool unknown = committing && error.primary_code() != SQLITE_CONSTRAINT &&
                             error.primary_code() != SQLITE_BUSY;
        workplace_.oracle.commit(number, unknown ? edit_ : Edit{}, false);
        if (!dead() && connection_.in_transaction()) {
            try {
                connection_.execute("ROLLBACK");
            } catch (const SqlError&) {  // the disk is full, or the power went
            }
        }
        return false;
    }
}

void Application::transact() {
    machine_.clock().advance(1 + rng_.below(3));
    const std::int64_t statements = rng_.chance(30) ? 2 + rng_.below(4) : 1;
    workplace_.log.add([&] { return machine_.name() + ": a transaction"; });
    in_transaction([&] {
        for (std::int64_t i = 0; i < statements; ++i) work();
    });
}

bool Application::migrate(const SchemaChange& change) {
    connection_.forget_statements();
    const std::int64_t enforced = connection_.integer("PRAGMA foreign_keys");
    if (!change.foreign_keys) connection_.execute("PRAGMA foreign_keys = 0");
    const bool done = in_transaction([&] {
        if (!change.given_up.empty()) {
            Statement values(connection_, change.given_up);
            while (values.step()) {
                for (const Value& value : values.row()) edit_.remove(Oracle::token_in(value));
            }
        }
        for (const std::string& sql : change.statements) {
            workplace_.log.add([&] { return "  " + machine_.name() + ": " + sql; });
            statement_ = {};
            connection_.execute(sql);
            edit_.add(statement_);
        }
    });
    if (!dead()) connection_.execute("PRAGMA foreign_keys = " + std::to_string(enforced));
    return done;
}

void Application::settle_conflict() {
    in_transaction([&] {
        ConflictLog conflicts(connection_);
        const std::vector<Conflict> open = conflicts.list(false);
        if (open.empty()) return;
        const Conflict& conflict = rng_.one_of(open);
        const bool restored = rng_.chance(70);
        workplace_.log.add([&] {
            return machine_.name() + (restored ? ": restores" : ": dismisses") + " conflict " +
                   std::to_string(conflict.id);
        });
        statement_ = {};
        try {
            if (restored) conflicts.restore(conflict);
        } catch (const SqlError& error) {
            if (error.primary_code() != SQLITE_CONSTRAINT || !connection_.in_transaction()) throw;
        } catch (const Error&) {  // what it is about is no longer there
            return;
        }
        edit_.add(statement_);
        conflicts.set_state(conflict.id,
                            restored ? ConflictState::restored : ConflictState::dismissed);
    });
}

/// An edit that breaks a constraint is refused, as in any application; that is no failure.
bool Application::try_statement(const std::string& sql, const Row& arguments) {
    statement_ = {};
    bool refused = false;
    try {
        connection_.execute(sql, arguments);
        edit_.add(statement_);
    } catch (const SqlError& error) {
        refused = error.primary_code() == SQLITE_CONSTRAINT && connection_.in_transaction();
        // A number can be too large for a STRICT column, or a value of the wrong type.
        refused = refused || error.primary_code() == SQLITE_MISMATCH;
        if (!refused) throw;
    }
    workplace_.log.add([&] {
        std::string line = "  " + machine_.name() + ": " + sql;
        for (const Value& value : arguments) line += " [" + shown(value) + "]";
        return line + (refused ? "  refused" : "");
    });
    return !refused;
}

void Application::work() {
    const auto all = forms();
    if (all->empty()) return;
    const Form& form = rng_.one_of(*all);
    const std::int64_t dice = rng_.below(100);
    if (dice < 45) return insert(form);
    if (dice < 80) return update(form);
    if (dice < 86) return rekey(form);
    remove(form);
}

Row Application::some_row(const Table& table, const std::string& columns) {
    Statement& select = connection_.cached("SELECT " + columns + " FROM " + quoted(table.name) +
                                           " LIMIT 1 OFFSET ?1");
    const Reset reset(select);
    select.bind(0, rng_.below(5));
    return select.step() ? select.row() : Row{};
}

Row Application::some_key(const Form& form) {
    Row key = some_row(form.table, key_columns(form.table));
    if (!key.empty()) return key;
    for (const std::size_t column : form.table.key) key.push_back(new_key(form, column));
    return key;
}

Value Application::new_key(const Form& form, std::size_t column) {
    const std::int64_t n = rng_.below(8);
    switch (form.table.columns[column].affinity) {
        case Affinity::text:
            if (rng_.chance(3)) return std::string();
            return (rng_.chance(30) ? "K" : "k") + std::to_string(n);
        case Affinity::integer:
        case Affinity::numeric:
            if (rng_.chance(3)) return std::int64_t{1} << (20 + 5 * n);
            return rng_.chance(3) ? -n : n;
        case Affinity::real: return static_cast<double>(n) / 2;
        case Affinity::blob: break;
    }
    switch (rng_.below(3)) {
        case 0: return Blob{std::string("b\0", 2) + std::to_string(n)};
        case 1: return "k" + std::to_string(n);
        default: return n;
    }
}

Value Application::next_number(const Table& table, std::size_t column) {
    const std::string name = quoted(table.columns[column].name);
    const std::int64_t rows =
        as_int(connection_.scalar("SELECT count(*) FROM " + quoted(table.name)));
    if (table.columns[column].affinity == Affinity::text) return "T-" + std::to_string(rows + 1);
    const Value last = connection_.scalar("SELECT max(" + name + ") FROM " + quoted(table.name));
    const auto* number = std::get_if<std::int64_t>(&last);
    return number ? *number + 1 : std::int64_t{1};
}

void Application::fill_reference(const Form& form, std::size_t column, Row& row) {
    for (const ForeignKey& reference : form.table.foreign_keys) {
        if (reference.columns.front() != column) continue;  // filled with the first of its columns
        const auto all = forms();
        const auto parent = std::find_if(all->begin(), all->end(), [&](const Form& one) {
            return same_name(one.table.name, reference.parent);
        });
        if (parent == all->end() || rng_.chance(10)) return;
        std::vector<std::string> names;
        for (const std::string& name : reference.parent_columns) names.push_back(quoted(name));
        const Row values = some_row(parent->table, join(names, ", "));
        for (std::size_t i = 0; i < values.size(); ++i) row[reference.columns[i]] = values[i];
        return;
    }
}

void Application::fill(const Form& form, std::size_t column, Row& row) {
    Value& value = row[column];
    const Affinity affinity = form.table.columns[column].affinity;
    switch (form.roles[column]) {
        case Role::key: value = new_key(form, column); break;
        case Role::reference: fill_reference(form, column, row); break;
        case Role::data:
            if (rng_.chance(8)) break;  // NULL
            value = Oracle::value_of(workplace_.oracle.new_token(), affinity, rng_.below(8));
            break;
        case Role::small: value = rng_.below(4); break;
        case Role::name:
            if (rng_.chance(15)) break;
            if (affinity == Affinity::integer) {
                value = rng_.below(3);
            } else {
                value = (rng_.chance(60) ? "name" : "NAME") + std::to_string(rng_.below(4));
            }
            break;
        case Role::numbering: value = next_number(form.table, column); break;
        case Role::kept_by_trigger: value = std::int64_t{0}; break;
    }
}

void Application::insert(const Form& form) {
    const Table& table = form.table;
    Row row(table.columns.size());
    for (std::size_t c = 0; c < row.size(); ++c) fill(form, c, row);
    // Mostly SQLite hands the number out.
    const bool without_key = table.rowid_alias && rng_.chance(80);
    std::vector<std::string> names, updates;
    Row arguments;
    for (std::size_t c = 0; c < row.size(); ++c) {
        const std::string name = quoted(table.columns[c].name);
        if (without_key && table.is_key(c)) continue;
        names.push_back(name);
        arguments.push_back(row[c]);
        if (form.roles[c] == Role::data) updates.push_back(name + " = excluded." + name);
    }
    std::int64_t dice = rng_.below(100);
    if (!form.may_replace() && dice >= 60 && dice < 80) dice = 0;
    const std::string verb = dice < 60   ? "INSERT"
                             : dice < 80 ? "INSERT OR REPLACE"
                             : dice < 85 ? "INSERT OR IGNORE"
                                         : "INSERT";
    const bool upsert = dice >= 85 && !without_key && !updates.empty();
    const bool done = try_statement(verb + " INTO " + quoted(table.name) + "(" + join(names, ", ") +
                                        ") VALUES (" + parameter_list(arguments.size()) + ")" +
                                        (upsert ? " ON CONFLICT(" + key_columns(table) +
                                                      ") DO UPDATE SET " + join(updates, ", ")
                                                : ""),
                                    arguments);
    if (done && without_key && Kinship::judges(table)) note_parents(table, row);
}

void Application::note_parents(const Table& table, const Row& row) {
    const std::int64_t number = sqlite3_last_insert_rowid(connection_.handle());
    if (workplace_.kinship.is_used(table.name, number)) return;
    std::int64_t child = 0;
    for (const Value& value : row) child = std::max(child, Oracle::token_in(value));
    for (const ForeignKey& reference : table.foreign_keys) {
        if (reference.columns.size() != 1 || is_null(row[reference.columns[0]])) continue;
        Statement select(connection_, "SELECT * FROM " + quoted(reference.parent) + " WHERE " +
                                          quoted(reference.parent_columns[0]) + " = ?1");
        select.bind(0, row[reference.columns[0]]);
        std::int64_t parent = 0;
        if (!select.step()) continue;
        for (const Value& value : select.row()) parent = std::max(parent, Oracle::token_in(value));
        if (child == 0 || parent == 0) continue;
        workplace_.kinship.note(child, parent, table.columns[reference.columns[0]].name);
    }
}

std::string Application::update_verb(const Form& form) {
    const bool replace = rng_.chance(15) && form.may_replace();
    return replace ? "UPDATE OR REPLACE " : "UPDATE ";
}

void Application::update(const Form& form) {
    const Table& table = form.table;
    std::vector<std::string> assignments;
    Row row(table.columns.size()), arguments;
    const std::int64_t wanted = 1 + rng_.below(2);
    for (std::int64_t i = 0; i < wanted; ++i) {
        const auto c =
            static_cast<std::size_t>(rng_.below(static_cast<std::int64_t>(table.columns.size())));
        if (table.is_key(c) || form.roles[c] == Role::kept_by_trigger) continue;
        const std::string name = quoted(table.columns[c].name);
        if (contains_name(assignments, name)) continue;
        fill(form, c, row);
        arguments.push_back(row[c]);
        assignments.push_back(name);
    }
    if (assignments.empty()) return;
    for (std::size_t i = 0; i < assignments.size(); ++i) {
        assignments[i] += " = ?" + std::to_string(i + 1);
    }
    const std::string verb = update_verb(form);
    const std::string set = verb + quoted(table.name) + " SET " + join(assignments, ", ");
    const auto small = form.with(Role::small);
    if (!small.empty() && rng_.chance(10) && form.with(Role::data).empty()) {
        try_statement(set, arguments);
        return;
    }
    const Row key = some_key(form);
    const std::string where = key_is_given(table, arguments.size() + 1);
    arguments.insert(arguments.end(), key.begin(), key.end());
    try_statement(set + " WHERE " + where, arguments);
}

void Application::rekey(const Form& form) {
    const Table& table = form.table;
    const Row from = some_key(form);
    Row row(table.columns.size()), arguments;
    std::vector<std::string> assignments;
    for (const std::size_t c : table.key) {
        fill(form, c, row);
        arguments.push_back(row[c]);
        assignments.push_back(quoted(table.columns[c].name) + " = ?" +
                              std::to_string(arguments.size()));
    }
    const std::string where = key_is_given(table, arguments.size() + 1);
    arguments.insert(arguments.end(), from.begin(), from.end());
    // No trigger sees a row's own parent go whose place it takes, where that deletes it too.
    std::string verb = update_verb(form);
    if (form.refers_to_itself()) verb = "UPDATE ";
    try_statement(verb + quoted(table.name) + " SET " + join(assignments, ", ") + " WHERE " + where,
                  arguments);
}

void Application::remove(const Form& form) {
    const Table& table = form.table;
    if (rng_.chance(3)) {
        try_statement("DELETE FROM " + quoted(table.name), {});
        return;
    }
    const auto small = form.with(Role::small);
    if (!small.empty() && rng_.chance(10)) {
        try_statement("DELETE FROM " + quoted(table.name) + " WHERE " +
                          quoted(table.columns[small[0]].name) + " = ?1",
                      {rng_.below(4)});
        return;
    }
    try_statement("DELETE FROM " + quoted(table.name) + " WHERE " + key_is_given(table, 1),
                  some_key(form));
}

}  // namespace tidemark::sim
