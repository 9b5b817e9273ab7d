#include "sync/apply.hpp"

#include <sqlite3.h>

#include <algorithm>

#include "base/text.hpp"
#include "capture/pending.hpp"
#include "merge/numbering.hpp"
#include "primary/ledger.hpp"
#include "schema/key.hpp"
#include "sqlite/sql_error.hpp"
#include "sqlite/transaction.hpp"
#include "sync/pending_entries.hpp"
#include "sync/rekey.hpp"
#include "sync/row_sql.hpp"
#include "sync/constraints.hpp"

namespace tidemark {
namespace {

using merge::Act;
using merge::never;

const TableSetting* setting_of(const std::vector<TableSetting>& settings, const Table& table) {
    for (const TableSetting& setting : settings) {
        if (same_name(setting.name, table.name)) return &setting;
    }
    return nullptr;
}

/// A number for a person.
std::string as_shown(const Value& value) {
    if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
    if (const auto* real = std::get_if<double>(&value)) return std::to_string(*real);
    if (const auto* blob = std::get_if<Blob>(&value)) return "x'" + to_hex(blob->bytes) + "'";
    return is_null(value) ? "NULL" : as_text(value);
}

std::int64_t time_or_zero(std::int64_t at) { return at == never ? 0 : at; }

std::vector<std::string> names_of(const Table& table, const std::vector<std::size_t>& columns) {
    std::vector<std::string> names;
    for (const std::size_t c : columns) names.push_back(table.columns[c].name);
    return names;
}

/// The primary's version stands as it is, and what was pending here lost.
merge::Outcome give_way(const PendingRow& row, const merge::Theirs& theirs, const char* reason) {
    merge::Outcome out;
    out.act = theirs.gone ? Act::remove : Act::write;
    out.values = theirs.values;
    out.edited_at.assign(theirs.edited.size(), never);
    std::vector<std::size_t> edited;
    for (std::size_t c = 0; c < row.mine.edited_at.size() && row.mine.exists; ++c) {
        const bool differs = theirs.gone || !identical(row.mine.values[c], theirs.values[c]);
        if (row.mine.edited_at[c] != never && differs) edited.push_back(c);
    }
    if (!row.mine.exists || !edited.empty()) {
        const std::int64_t at = row.mine.exists ? row.mine.last_edit() : row.mine.gone_at;
        out.losses.push_back({true, edited, reason, at, theirs.at});
    }
    return out;
}

}  // namespace

bool Demands::contains(const Rows& rows, const Table& table, const Row& key) {
    const auto found = rows.find(table.name);
    return found != rows.end() &&
           std::any_of(found->second.begin(), found->second.end(), [&](const Row& other) {
               return compare_keys(table, key, other) == 0;
           });
}

bool Demands::add(Rows& rows, const Table& table, const Row& key) {
    if (contains(rows, table, key)) return false;
    rows[table.name].push_back(key);
    return true;
}

Applier::Applier(Connection& connection, const MergeSetting& setting,
                 const std::vector<std::unique_ptr<Spool>>& spools, Demands& demands)
    : connection_(connection), setting_(setting), spools_(spools), demands_(demands) {}

bool Applier::apply() {
    for (const auto& spool : spools_) prepare_kept(spool->table());
    for (const auto& spool : spools_) {
        if (spool->rows() > 0) renumber_namesakes(*spool);
    }
    for (const auto& spool : spools_) {
        if (spool->rows() > 0) apply_table(*spool);
    }
    check_references();
    return satisfied_;
}

/// A row that has to stay takes part in the merge as if it had been touched here.
void Applier::prepare_kept(const Table& table) {
    const auto kept = demands_.kept.find(table.name);
    if (kept == demands_.kept.end()) return;
    for (const Row& key : kept->second) {
        add_pending(connection_, table, key, capture::cols_touched, nobodys);
    }
}

/// Rows whose number another device gave out too take a fresh one before anything else is applied:
/// until then every reference to the old number, on this device, means our row.
void Applier::renumber_namesakes(Spool& spool) {
    const Table& table = spool.table();
    if (!hands_out_keys(table)) return;
    const std::vector<Table> tables = Store(connection_).all_tables();
    std::vector<Displaced> displaced;
    Snapshot contested(connection_, table, "number");
    contested.take(spool.name());
    contested.each(setting_.shift, [&](PendingRow& row) {
        const auto pulled = spool.find(row.key);
        if (!pulled || decide(table, row, *pulled).act != Act::renumber) return;
        const Row fresh{fresh_key_for(table, row.key, spool)};
        const std::int64_t at = setting_.shift.to_device(row.mine.last_edit());
        move_row(connection_, tables, table, row.key, fresh, at, displaced);
        merge::Loss loss{true, {table.key[0]}, "renumbered: another device gave out the same number",
                         row.mine.last_edit(), pulled->theirs.at};
        record(table, fresh, row.mine, *pulled, loss);
        record_displaced(displaced, row.mine.last_edit());
        displaced.clear();
    });
}

/// Whether two rows with the same key may be two different things.
bool Applier::hands_out_keys(const Table& table) const {
    if (!table.rowid_alias) return table.key.size() == 1 && table.is_renumbered(table.key[0]);
    const TableSetting* setting = setting_of(setting_.tables, table);
    return !setting || !setting->natural_key;
}

Value Applier::fresh_key_for(const Table& table, const Row& key, const Spool& spool) {
    if (table.rowid_alias) return fresh_key(connection_, table, spool.name());
    const std::string taken = "SELECT EXISTS (SELECT 1 FROM main." + quoted(table.name) + " WHERE " +
                              key_columns(table) + " = ?1) OR EXISTS (SELECT 1 FROM " +
                              spool.name() + " WHERE k1 = ?1) OR EXISTS (SELECT 1 FROM main." +
                              quoted(capture::pending_table(table.name)) + " WHERE k1 = ?1)";
    return free_number(table, table.key[0], key[0],
                       [&](const Value& value) { return connection_.integer(taken, {value}) == 0; });
}

Value Applier::free_number(const Table& table, std::size_t column, const Value& taken,
                           const std::function<bool(const Value&)>& is_free) {
    const auto known = numbers_.find({table.name, column});
    Value first = taken, value = taken;
    if (known != numbers_.end() && merge::same_pattern(taken, known->second.first) &&
        !merge::numbers_below(taken, known->second.first) &&
        !merge::numbers_below(known->second.second, taken)) {
        first = known->second.first;
        value = known->second.second;
    }
    do {
        value = merge::next_number(value);
    } while (!is_free(value));
    numbers_[{table.name, column}] = {first, value};
    return value;
}

void Applier::apply_table(Spool& spool) {
    parked_ = false;
    Snapshot contested(connection_, spool.table(), "merge");
    contested.take(spool.name());
    write_uncontested(spool, contested);
    contested.each(setting_.shift, [&](PendingRow& row) { write_contested(spool, row); });
}

/// Rows that are not pending here need no merge: SQLite copies them in one statement. Where a
/// constraint stands in the way, row by row finds out which.
void Applier::write_uncontested(Spool& spool, Snapshot& contested) {
    const Table& table = spool.table();
    const std::string uncontested =
        contested.entries() == 0 ? "1"
                                 : "NOT EXISTS (SELECT 1 FROM " + contested.name() + " c WHERE " +
                                       key_match(table, "s", "c") + ")";
    connection_.execute("DELETE FROM main." + quoted(table.name) + " WHERE (" +
                        key_columns(table) + ") IN (SELECT " + key_list(table, "s.") + " FROM " +
                        spool.name() + " s WHERE s.gone AND " + uncontested + ")");
    if (contested.entries() > 0) park(table, contested.name());
    try {
        Savepoint savepoint(connection_);
        connection_.execute("INSERT INTO main." + quoted(table.name) + "(" + column_list(table, "") +
                            ") SELECT " + spool.columns("s.") + " FROM " + spool.name() +
                            " s WHERE NOT s.gone AND " + uncontested + " ON CONFLICT(" +
                            key_columns(table) + ") DO UPDATE SET " + excluded_columns(table));
        savepoint.release();
    } catch (const SqlError& error) {
        if (error.primary_code() != SQLITE_CONSTRAINT) throw;
        write_one_by_one(spool, uncontested);
    }
}

/// Rows that will be written stand aside first, so that values which only moved between them are
/// not in each other's way.
void Applier::park(const Table& table, const std::string& keys) {
    if (table.uniques.empty() && table.expression_uniques.empty()) return;
    parked_ = true;
    connection_.execute("DELETE FROM main." + quoted(table.name) + " WHERE (" + key_columns(table) +
                        ") IN (SELECT " + key_list(table, "") + " FROM " + keys + ")");
}

void Applier::write_one_by_one(Spool& spool, const std::string& uncontested) {
    const Table& table = spool.table();
    const std::string which = " FROM " + spool.name() + " s WHERE NOT s.gone AND " + uncontested;
    park(table, spool.name());
    Statement select(connection_, "SELECT *" + which);
    while (select.step()) {
        const PulledRow pulled = Spool::read(table, select.row());
        merge::Outcome outcome;
        outcome.act = Act::write;
        outcome.values = pulled.theirs.values;
        outcome.edited_at.assign(table.columns.size(), never);
        execute(table, pulled, nullptr, outcome);
    }
}

void Applier::write_contested(Spool& spool, PendingRow& row) {
    const Table& table = spool.table();
    const auto pulled = spool.find(row.key);
    // A row that moved away or was unified meanwhile has no entries left to merge.
    if (!pulled || !is_pending(connection_, table, row.key)) return;
    merge::Outcome outcome = decide(table, row, *pulled);
    execute(table, *pulled, &row, outcome);
}

merge::Judge Applier::judge(const Table& table, const PendingRow& row, const PulledRow& pulled) {
    if (setting_.resolver) {
        return [&](const merge::Contest& contest) {
            return setting_.resolver({table.name, named_key(table, row.key),
                                      names_of(table, contest.columns),
                                      named_row(table, row.mine.values),
                                      named_row(table, pulled.theirs.values),
                                      time_or_zero(contest.here_at),
                                      time_or_zero(contest.there_at)}) == Winner::here;
        };
    }
    const TableSetting* setting = setting_of(setting_.tables, table);
    const std::string& name =
        setting && !setting->policy.empty() ? setting->policy : setting_.meta.policy;
    const merge::Policy policy = merge::Policy::parse(name);
    return merge::judge(policy, table.column(policy.column).value_or(table.columns.size()), row.mine,
                        pulled.theirs);
}

merge::Outcome Applier::decide(const Table& table, const PendingRow& row, const PulledRow& pulled) {
    if (Demands::contains(demands_.overruled, table, row.key)) {
        return give_way(row, pulled.theirs,
                        row.mine.exists ? "it would break a constraint"
                                        : "a row elsewhere refers to it");
    }
    if (Demands::contains(demands_.kept, table, row.key) && row.mine.exists && pulled.theirs.gone) {
        merge::Outcome out;
        const std::int64_t at = std::max(pulled.theirs.at, row.mine.last_edit());
        out.born_at = at;
        out.edited_at.assign(table.columns.size(), at);
        out.losses.push_back({false, {}, "a row here refers to it", at, pulled.theirs.at});
        return out;
    }
    merge::Theirs theirs = pulled.theirs;
    theirs.born_by_us =
        row.born_here != never && setting_.meta.is_our_birth(pulled.origin, row.born_here);
    const bool automatic = hands_out_keys(table) && !setting_.compared;
    return merge::merge(row.mine, theirs, {mark(), automatic, judge(table, row, pulled), setting_.unnoted_at});
}

void Applier::execute(const Table& table, const PulledRow& pulled, const PendingRow* row,
                      merge::Outcome& outcome) {
    if (outcome.act == Act::keep && parked_ && row && row->mine.exists) {
        outcome.act = Act::write;
        outcome.values = row->mine.values;
    }
    if (outcome.act == Act::remove) {
        connection_.execute(ledger::delete_sql(table), pulled.key);
    } else if (outcome.act == Act::write && !write_row(table, pulled, row, outcome)) {
        return;  // a demand was raised: all of this is going to be undone
    }
    const bool still_pending =
        outcome.born_at != never || outcome.gone_at != never ||
        std::any_of(outcome.edited_at.begin(), outcome.edited_at.end(),
                    [](std::int64_t at) { return at != never; });
    if (row || still_pending) {
        rewrite_pending(connection_, table, pulled.key, outcome, setting_.shift);
    }
    if (!row) return;
    for (const merge::Loss& loss : outcome.losses) record(table, row->key, row->mine, pulled, loss);
}

bool Applier::write_row(const Table& table, const PulledRow& pulled, const PendingRow* row,
                        merge::Outcome& outcome) {
    for (int attempt = 0; attempt < 8; ++attempt) {
        try {
            connection_.execute(ledger::put_sql(table), outcome.values);
            return true;
        } catch (const SqlError& error) {
            if (error.primary_code() != SQLITE_CONSTRAINT) throw;
            if (error.extended_code() == SQLITE_CONSTRAINT_TRIGGER) {
                write_without_triggers(table, outcome.values);
                return true;
            }
            // Values of both sides together may break what each side keeps: then the primary's
            // stand alone, because those are known to be sound.
            const bool ours = row && row->mine.exists && outcome.values != pulled.theirs.values;
            if (ours) {
                outcome = give_way(*row, pulled.theirs, "it would break a constraint");
                if (outcome.act != Act::remove) continue;
                refer_to_rival(table, *row);
                connection_.execute(ledger::delete_sql(table), pulled.key);
                return true;
            }
            if (error.extended_code() != SQLITE_CONSTRAINT_UNIQUE ||
                       !make_room(table, pulled, outcome)) {
                throw Error(ErrorCode::failed,
                            "a row of " + table.name + " that came from the primary does not fit "
                            "here: " + error.message(),
                            "Compare the table's definition with the primary's.");
            }
            if (!satisfied_) return false;
        }
    }
    throw Error(ErrorCode::failed, "a row of " + table.name + " still breaks a UNIQUE constraint "
                                   "after its rivals made room");
}

/// A trigger of the application refuses the row with RAISE. It passed where it was written.
void Applier::write_without_triggers(const Table& table, const Row& values) {
    connection_.enable_triggers(false);
    try {
        connection_.execute(ledger::put_sql(table), values);
    } catch (...) {
        connection_.enable_triggers(true);
        throw;
    }
    connection_.enable_triggers(true);
    warnings_.push_back("A trigger of " + table.name +
                        " refused a row from another device; it was written without the trigger.");
}

/// The rows here that hold the unique values of the incoming row give way: one that was born here
/// is the same thing made twice and becomes one with it; one that was edited here goes back to
/// what the primary has.
bool Applier::make_room(const Table& table, const PulledRow& pulled, merge::Outcome& outcome) {
    bool made = false;
    const auto displace_all = [&](const auto& uniques) {
        for (const auto& unique : uniques) {
            for (const Row& rival : rivals(connection_, table, unique, outcome.values)) {
                if (compare_keys(table, key_of(table, rival), pulled.key) == 0) continue;
                made = true;
                const Unique* plain = nullptr;
                if constexpr (std::is_same_v<decltype(unique), const Unique&>) plain = &unique;
                displace(table, plain, rival, pulled, outcome);
                if (!satisfied_) return;
            }
        }
    };
    displace_all(table.uniques);
    if (satisfied_) displace_all(table.expression_uniques);
    return made;
}

void Applier::displace(const Table& table, const Unique* unique, const Row& rival,
                       const PulledRow& pulled, merge::Outcome& outcome) {
    const Row key = key_of(table, rival);
    auto pending = pending_row(connection_, table, key, setting_.shift);
    if (pending && pending->mine.born()) {
        if (unique && renumber(table, *unique, *pending, pulled)) return;
        unify(table, *pending, pulled, outcome);
    } else if (pending) {
        overrule(table, key);
    } else {
        const merge::Loss loss{true, {}, "it would break a constraint", never, pulled.theirs.at};
        merge::Mine mine;
        mine.values = rival;
        record(table, key, mine, pulled, loss);
        connection_.execute(ledger::delete_sql(table), key);
    }
}

const Spool& Applier::spool_of(const Table& table) const {
    return **std::find_if(spools_.begin(), spools_.end(), [&](const auto& spool) {
        return same_name(spool->table().name, table.name);
    });
}

bool Applier::renumber(const Table& table, const Unique& unique, const PendingRow& twin,
                       const PulledRow& pulled) {
    const auto numbered = std::find_if(unique.columns.begin(), unique.columns.end(),
                                       [&](std::size_t c) { return table.is_renumbered(c); });
    if (numbered == unique.columns.end() || table.is_key(*numbered)) return false;
    const std::size_t column = *numbered;
    const Value& taken = twin.mine.values[column];

    std::vector<std::string> tests;
    for (std::size_t i = 0; i < unique.columns.size(); ++i) {
        tests.push_back("c" + std::to_string(unique.columns[i] + 1) + " = ?" + std::to_string(i + 1) +
                        " COLLATE " + quoted(unique.collations[i]));
    }
    const std::string incoming = "SELECT EXISTS (SELECT 1 FROM " + spool_of(table).name() +
                                 " WHERE NOT gone AND " + join(tests, " AND ") + ")";
    Row candidate = twin.mine.values;
    const Value fresh = free_number(table, column, taken, [&](const Value& value) {
        candidate[column] = value;
        Row values;
        for (const std::size_t c : unique.columns) values.push_back(candidate[c]);
        return rivals(connection_, table, unique, candidate).empty() &&
               connection_.integer(incoming, values) == 0;
    });

    const std::int64_t at =
        setting_.shift.to_device(std::max(twin.mine.last_edit(), setting_.meta.clock));
    Row arguments{fresh};
    arguments.insert(arguments.end(), twin.key.begin(), twin.key.end());
    std::vector<std::string> is_twin;
    for (std::size_t i = 0; i < table.key.size(); ++i) {
        is_twin.push_back(quoted(table.columns[table.key[i]].name) + " = ?" + std::to_string(i + 2));
    }
    try {
        connection_.execute("UPDATE main." + quoted(table.name) + " SET " +
                                quoted(table.columns[column].name) + " = ?1 WHERE " +
                                join(is_twin, " AND "),
                            arguments);
    } catch (const SqlError& error) {  // a CHECK, say: the application has no such number
        if (error.primary_code() != SQLITE_CONSTRAINT) throw;
        return false;
    }
    add_pending(connection_, table, twin.key, capture::bit_of(column), at);
    repoint_value(connection_, Store(connection_).all_tables(), table, column, taken, fresh, at);
    const std::string reason = "renumbered from " + as_shown(taken) + " to " + as_shown(fresh) +
                               ": another device gave out the same value";
    record(table, twin.key, twin.mine, pulled,
           {true, {column}, reason.c_str(), twin.mine.last_edit(), pulled.theirs.at});
    return true;
}

void Applier::unify(const Table& table, PendingRow& twin, const PulledRow& pulled,
                    merge::Outcome& outcome) {
    merge::Mine mine = twin.mine;
    for (std::size_t i = 0; i < table.key.size(); ++i) {  // the key is the primary's
        mine.values[table.key[i]] = pulled.key[i];
        mine.edited_at[table.key[i]] = never;
    }
    merge::Theirs theirs = pulled.theirs;
    theirs.values = outcome.values;
    const PendingRow as_theirs{pulled.key, mine, never};
    // Nothing of the other row had been seen when this one was made.
    merge::Outcome merged =
        merge::merge(mine, theirs, {-1, false, judge(table, as_theirs, pulled), never});
    connection_.execute(ledger::delete_sql(table), twin.key);
    follow(table, twin.key, pulled.key, twin.mine.last_edit());
    merge::Outcome removed;
    removed.gone_at = nobodys;
    rewrite_pending(connection_, table, twin.key, removed, setting_.shift);
    for (const merge::Loss& loss : merged.losses) record(table, pulled.key, twin.mine, pulled, loss);
    for (std::size_t c = 0; c < outcome.edited_at.size(); ++c) {
        merged.edited_at[c] = std::max(merged.edited_at[c], outcome.edited_at[c]);
    }
    merged.losses = std::move(outcome.losses);
    outcome = std::move(merged);
}

void Applier::refer_to_rival(const Table& table, const PendingRow& row) {
    for (const Unique& unique : table.uniques) {
        for (const Row& rival : rivals(connection_, table, unique, row.mine.values)) {
            const Row key = key_of(table, rival);
            if (compare_keys(table, key, row.key) == 0) continue;
            follow(table, row.key, key, std::max(row.mine.last_edit(), setting_.meta.clock));
            return;
        }
    }
}

void Applier::follow(const Table& table, const Row& from, const Row& to, std::int64_t at) {
    const std::vector<Table> tables = Store(connection_).all_tables();
    std::vector<Displaced> displaced;
    repoint(connection_, tables, table, from, to, setting_.shift.to_device(at), displaced);
    record_displaced(displaced, at);
}

void Applier::record_displaced(const std::vector<Displaced>& displaced, std::int64_t at) {
    for (const Displaced& row : displaced) {
        merge::Mine mine;
        mine.values = row.row;
        std::vector<std::size_t> columns;
        for (std::size_t c = 0; c < row.table->columns.size(); ++c) columns.push_back(c);
        record(*row.table, key_of(*row.table, row.row), mine, {},
               {true, columns, "another row took its place", at, never});
    }
}

void Applier::overrule(const Table& table, const Row& key) {
    if (Demands::add(demands_.overruled, table, key)) satisfied_ = false;
}

void Applier::check_references() {
    for (const Broken& broken : broken_references(connection_, spools_)) {
        if (broken.parent_gone_there) {
            if (Demands::add(demands_.kept, *broken.parent, broken.key)) satisfied_ = false;
        } else {
            overrule(*broken.parent, broken.key);
        }
    }
}

void Applier::record(const Table& table, const Row& key, const merge::Mine& mine,
                     const PulledRow& pulled, const merge::Loss& loss) {
    const bool nothing_lost = loss.here && loss.columns.empty() && loss.here_at == nobodys;
    if (!setting_.record_conflicts || nothing_lost) return;
    Conflict conflict;
    conflict.at_ms = setting_.now_ms;
    conflict.table = table.name;
    conflict.key = named_key(table, key);
    conflict.reason = loss.reason;
    conflict.lost_here = loss.here;
    conflict.columns = names_of(table, loss.columns);
    conflict.here = named_row(table, mine.values);
    conflict.there = named_row(table, pulled.theirs.values);
    conflict.here_at_ms = time_or_zero(loss.here_at);
    conflict.there_at_ms = time_or_zero(loss.there_at);
    conflict.here_device = setting_.meta.device;
    const auto device = setting_.devices.find(pulled.by);
    conflict.there_device = device == setting_.devices.end() ? "" : device->second;
    ConflictLog(connection_).add(conflict);
    ++conflicts_;
}

}  // namespace tidemark
