// The two halves of a schema round that write: this file's schema, and the primary's.

#include <sqlite3.h>

#include <algorithm>

#include <tidemark/error.hpp>

#include "base/text.hpp"
#include "capture/pending.hpp"
#include "capture/trigger_text.hpp"
#include "capture/triggers.hpp"
#include "primary/ledger.hpp"
#include "primary/schema_log.hpp"
#include "schema/key.hpp"
#include "sync/conflict_log.hpp"
#include "sync/row_sql.hpp"
#include "sync/schema_round.hpp"
#include "sync/snapshot.hpp"
#include "sync/tracking.hpp"

namespace tidemark {
namespace {

std::vector<std::string> drop_triggers_sql(const std::string& table) {
    std::vector<std::string> statements;
    for (const std::string_view kind : capture::trigger_kinds) {
        statements.push_back("DROP TRIGGER IF EXISTS " +
                             quoted(capture::trigger_name(table, kind)));
    }
    return statements;
}

Table named(Table table, const std::string& name) {
    table.name = name;
    return table;
}

}  // namespace

void SchemaRound::change_here(const Migration& migration, const Catalog& target) {
    const std::vector<std::string> excluded = store_.excluded();
    std::vector<std::string> known;
    for (const TableSetting& setting : store_.settings()) known.push_back(setting.name);
    for (const Table& table : store_.tables()) {
        if (!capture::installed(connection_, table)) uncaptured_ = true;
    }
    for (const Migration::Touched& table : migration.tables) {
        if (!table.from.empty()) keep_pending(table);
    }
    for (const auto& [from, to] : renaming_.tables) {
        // Renamed here by ALTER TABLE: the old triggers stand on the new table until now.
        if (!find(here_, "table", from)) uncaptured_ = uncaptured_ || contains_name(known, from);
        for (const std::string& sql : drop_triggers_sql(from)) connection_.execute(sql);
    }
    for (const Migration::Touched& table : migration.tables) {
        if (table.from.empty()) continue;
        copy_pending(table, target);
        for (const std::string& sql : drop_triggers_sql(table.from)) connection_.execute(sql);
    }
    for (const std::string& sql : migration.statements) connection_.execute(sql);

    for (const auto& [from, to] : renaming_.tables) {
        if (contains_name(known, from) && !contains_name(known, to)) store_.rename_table(from, to);
    }
    for (const auto& [table, columns] : renaming_.columns) {
        for (const auto& [from, to] : columns) store_.rename_column(table, from, to);
    }
    for (const TableSetting& setting : store_.settings()) {
        if (find(read_catalog(connection_), "table", setting.name)) continue;
        capture::remove(connection_, setting.name);
        store_.remove_table(setting.name);
    }
    known.clear();
    for (const TableSetting& setting : store_.settings()) known.push_back(setting.name);
    for (const Table& table : synced_tables(connection_, excluded)) {
        std::string old_name = table.name;
        for (const auto& [from, to] : renaming_.tables) {
            if (same_name(to, table.name) && was_agreed(from)) old_name = from;
        }
        if (!contains_name(known, table.name)) {
            store_.add_table(table.name);
            if (find(here_, "table", table.name) && !find(there_, "table", table.name)) {
                capture::install(connection_, table);
                note_all_as_born(table);
            } else if (find(here_, "table", table.name)) {
                uncaptured_ = true;  // made on both sides: comparing tells whose rows are whose
            }
        } else {
            carry_pending(old_name, table);
        }
        if (!capture::installed(connection_, table)) capture::install(connection_, table);
    }
}

/// Only this device has the table, so every row of it was made here.
void SchemaRound::note_all_as_born(const Table& table) {
    // None of them was in a push whose answer is still to come.
    const std::int64_t at = meta_.intent.empty() ? unnoted : meta_.intent_at + 1;
    std::vector<std::string> present;
    for (const std::size_t c : table.key) {
        present.push_back(quoted(table.columns[c].name) + " IS NOT NULL");
    }
    connection_.execute("INSERT INTO " + pending_name(table) + "(" + key_list(table, "") +
                            ", cols, at, rev) SELECT " + key_columns(table) + ", " +
                            std::to_string(capture::cols_born) + ", ?1, 1 FROM main." +
                            quoted(table.name) + " WHERE " + join(present, " AND "),
                        {at});
}

/// The tables here whose changes the primary keeps track of, or is to.
std::vector<Table> SchemaRound::tracked_tables() {
    const std::vector<Table> synced = store_.tables();
    std::vector<Table> tables;
    for (Table& table : read_tables(connection_)) {
        const bool ours = std::any_of(synced.begin(), synced.end(), [&](const Table& one) {
            return same_name(one.name, table.name);
        });
        if (ours || !tracked_name(table).empty()) tables.push_back(std::move(table));
    }
    return tables;
}

/// The name under which the primary tracks it already; empty: it does not.
std::string SchemaRound::tracked_name(const Table& table) const {
    for (const auto& [from, to] : renaming_.tables) {
        if (same_name(to, table.name) && contains_name(tracked_, from)) return from;
    }
    return contains_name(tracked_, table.name) ? table.name : std::string();
}

/// Whether another program changed the table at the primary, so that rows may have changed unseen.
bool SchemaRound::altered(const Table& table, const std::string& old_name) const {
    if (contains_name(altered_, table.name) || contains_name(altered_, old_name)) return true;
    return std::any_of(std::begin(capture::trigger_kinds), std::end(capture::trigger_kinds),
                       [&](const std::string_view kind) {
                           return contains_name(altered_, capture::trigger_name(old_name, kind));
                       });
}

/// Whether the primary's table has the column; `table` is its new name, in small letters.
bool SchemaRound::has_column_there(const std::string& table, const std::string& column) const {
    return std::any_of(there_.begin(), there_.end(), [&](const SchemaObject& object) {
        if (object.type != "table" || lower(renaming_.name_of(object.name)) != table) return false;
        const auto text = TableText::parse(object.sql);
        return text && text->column(column);
    });
}

Step SchemaRound::guard_step(const std::vector<const Table*>& retracked,
                             const std::vector<bool>& with_pending) const {
    std::string sql = R"(
        UPDATE tidemark_meta SET schema = CASE WHEN schema = ?1 AND seq = ?2
            AND (SELECT schema_version FROM pragma_schema_version) = ?3
            AND (SELECT user_version FROM pragma_user_version) = ?4
            AND (SELECT application_id FROM pragma_application_id) = ?5)";
    for (std::size_t i = 0; i < retracked.size(); ++i) {
        sql += std::string(" AND ") + (with_pending[i] ? "" : "NOT ") + "EXISTS (SELECT 1 FROM " +
               quoted(capture::pending_table(tracked_name(*retracked[i]))) + ")";
    }
    Step guard{sql + " THEN schema END WHERE id = 1", {seen_}};
    guard.guards = true;  // changing the schema changes its version
    return guard;
}

bool SchemaRound::change_primary(const Migration& migration) {
    std::vector<Step> steps;
    const auto add = [&](std::vector<std::string> statements) {
        for (std::string& sql : statements) steps.push_back({std::move(sql)});
    };
    const auto touched = [&](const std::string& name) {
        return std::any_of(migration.tables.begin(), migration.tables.end(),
                           [&](const auto& table) {
                               return same_name(table.from, name) || same_name(table.to, name);
                           });
    };
    const std::vector<Table> tables = tracked_tables();
    std::vector<std::string> kept;
    std::vector<const Table*> retracked;
    for (const Table& table : tables) {
        const std::string old_name = tracked_name(table);
        if (old_name.empty()) continue;
        kept.push_back(old_name);
        bool right = same_name(old_name, table.name) && !touched(table.name);
        for (const std::string& sql : capture::trigger_sql(table)) {
            const std::string meaning = meaning_of(sql);  // Turso's engine writes it its own way
            right = right && std::any_of(ours_there_.begin(), ours_there_.end(),
                                         [&](const SchemaObject& one) {
                                             return meaning_of(one.sql) == meaning;
                                         });
        }
        if (!right) retracked.push_back(&table);
    }
    std::vector<bool> with_pending;
    for (const Table* table : retracked) {
        const auto pending = run_all(
            primary_.endpoint(), {{"SELECT EXISTS (SELECT 1 FROM " +
                                   quoted(capture::pending_table(tracked_name(*table))) + ")"}});
        with_pending.push_back(as_int(pending[0].rows.at(0)[0]) != 0);
        // Written since this round began: it gets its number first.
        if (with_pending.back() && contains_name(folded_, tracked_name(*table))) return false;
    }
    // Where this device gave the table another key, the ledger follows. Where another program did
    // so at the primary, nobody knows which entry is whose.
    enum class Key { same, given_here, given_there };
    std::vector<Key> keys;
    std::vector<std::string> carry;
    for (const Table* table : retracked) {
        const std::string old_name = tracked_name(*table);
        const SchemaObject* rows = find(ours_there_, "table", ledger::rows_table(old_name));
        const SchemaObject* listed = find(listed_there_, "table", old_name);
        const SchemaObject* now = find(there_, "table", old_name);
        const std::string wanted = ledger::create_rows_sql(named(*table, old_name))[0];
        const bool same_type = rows && meaning_of(rows->sql) == meaning_of(wanted);
        const bool same = same_type && (!listed || has_key_of(*table, listed->sql));
        const bool there = altered(*table, old_name) || !listed || !now || !rows;
        keys.push_back(same ? Key::same : there ? Key::given_there : Key::given_here);
        if (keys.back() != Key::given_here) continue;
        const auto before = key_before(*table, now->sql);
        if (before.empty()) {
            throw Error(ErrorCode::failed,
                        "the table " + table->name +
                            " has a new key, which its rows at the primary " +
                            primary_.endpoint().name() + " have no values for",
                        "Nothing was changed. Give the values to the old key's column instead, or "
                        "add the new column, sync, and make it the key then.");
        }
        carry.push_back(carry_sql(*now, old_name, before));
    }
    steps.push_back(primary_.opening("BEGIN IMMEDIATE"));
    const std::size_t guard = steps.size();
    steps.push_back(guard_step(retracked, with_pending));
    add(carry);
    for (const Table* table : retracked) add(drop_triggers_sql(tracked_name(*table)));
    for (const std::string& name : tracked_) {
        if (contains_name(kept, name)) continue;
        add(drop_triggers_sql(name));
        add({"DROP TABLE IF EXISTS " + quoted(capture::pending_table(name)),
             "DROP TABLE IF EXISTS " + quoted(ledger::rows_table(name))});
        steps.push_back({"DELETE FROM tidemark_tables WHERE name = ?1", {{name}}});
    }
    add(migration.statements);

    bool births = false;
    for (const Table& table : tables) {
        if (!tracked_name(table).empty()) continue;
        for (Step& step : track_steps(table)) steps.push_back(std::move(step));
        if (!find(there_, "table", table.name)) continue;  // made by this round, and empty
        add(ledger::enter_all_sql(table));
        births = true;
    }
    for (std::size_t i = 0; i < retracked.size(); ++i) {
        const Table* table = retracked[i];
        const std::string old_name = tracked_name(*table);
        const std::string old_rows = ledger::rows_table(old_name);
        const bool unseen = altered(*table, old_name) || with_pending[i];
        reread_ = reread_ || unseen;
        reread_ = reread_ || keys[i] == Key::given_there;
        if (unseen || keys[i] != Key::same) {
            steps.push_back(schema_log::mark_step(schema_log::reread, table->name));
        }
        if (keys[i] != Key::same) {
            add({"DROP TABLE IF EXISTS " + quoted(old_rows)});
            add(ledger::create_rows_sql(*table));
            if (keys[i] == Key::given_here) {
                add(enter_carried_sql(*table, old_name));
            }
        } else if (!same_name(old_name, table->name)) {
            add(ledger::create_rows_sql(*table));
            add({"INSERT INTO " + quoted(ledger::rows_table(table->name)) + " SELECT * FROM " +
                     quoted(old_rows),
                 "DROP TABLE " + quoted(old_rows)});
        }
        if (unseen && keys[i] == Key::same) add({ledger::forget_returned_sql(*table)});
        for (const Migration::Touched& change : migration.tables) {
            if (!same_name(change.to, table->name)) continue;
            for (const auto& [before, now] : change.columns) {
                if (before != now) add({ledger::rename_column_sql(*table, before, now)});
            }
        }
        add({"DROP TABLE " + quoted(capture::pending_table(old_name))});
        add({capture::create_plain_pending_sql(*table)});
        add(capture::trigger_sql(*table));
        if (old_name != table->name) {
            steps.push_back({"UPDATE tidemark_tables SET name = ?2 WHERE name = ?1",
                             {{old_name, table->name}}});
        }
    }
    for (const auto& [from, to] : renaming_.tables) {
        if (!listed_.tables.contains(from))
            steps.push_back(schema_log::mark_step(schema_log::renamed, from, to));
    }
    for (const auto& [table, columns] : renaming_.columns) {
        const Renames& listed = listed_.columns_of(table);
        const Renames& renamed_there = renamed_there_.columns_of(table);
        const auto tracked = std::find_if(tables.begin(), tables.end(), [&](const Table& one) {
            return lower(one.name) == table && !tracked_name(one).empty();
        });
        for (const auto& [from, to] : columns) {
            if (listed.contains(from)) continue;
            // Dropped there, and another one of the new name added: nobody else has renamed it.
            if (!renamed_there.contains(from) && !has_column_there(table, from)) continue;
            if (tracked != tables.end()) add({ledger::rename_column_sql(*tracked, from, to)});
            steps.push_back(schema_log::mark_step(schema_log::column, table, from + "\n" + to));
        }
    }
    if (births) {
        add({"UPDATE tidemark_meta SET seq = seq + 1"});
        steps.push_back(
            {"INSERT INTO tidemark_commits(seq, nonce, replica, at, rows) SELECT seq, ?1, '', " +
                 capture::now_ms_sql() + ", 0 FROM tidemark_meta",
             {{rng_.identity()}}});
    }
    for (Step& step : schema_log::note_steps(rng_)) steps.push_back(std::move(step));
    const std::size_t at = steps.size();
    steps.push_back({catalog_sql()});
    steps.push_back({marks_sql()});
    steps.push_back({"SELECT schema FROM tidemark_meta"});
    steps.push_back(primary_.closing());
    const Answer answer = primary_.endpoint().run(steps);
    if (answer.failure && answer.results.size() == guard &&
        answer.failure->primary_code() == SQLITE_CONSTRAINT) {
        return false;
    }
    if (answer.failure) throw *answer.failure;
    Catalog there = read_catalog(answer.results[at].rows);
    for (SchemaObject& mark : read_catalog(answer.results[at + 1].rows)) {
        there.push_back(std::move(mark));
    }
    store_.save_agreed(read_schema(connection_), there);
    meta_.schema = as_int(answer.results[at + 2].rows.at(0)[0]);
    return true;
}

}  // namespace tidemark
