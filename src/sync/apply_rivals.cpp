// Two rows that want what only one can have: a number that SQLite gave out twice, a unique value.

#include <sqlite3.h>

#include <algorithm>

#include "base/text.hpp"
#include "capture/pending.hpp"
#include "merge/numbering.hpp"
#include "primary/ledger.hpp"
#include "schema/key.hpp"
#include "sqlite/sql_error.hpp"
#include "sqlite/transaction.hpp"
#include "sync/apply.hpp"
#include "sync/constraints.hpp"
#include "sync/pending_entries.hpp"
#include "sync/rekey.hpp"
#include "sync/row_sql.hpp"

namespace tidemark {

using merge::Act;
using merge::never;

namespace {

/// A number for a person.
std::string as_shown(const Value& value) {
    if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
    if (const auto* real = std::get_if<double>(&value)) return std::to_string(*real);
    if (const auto* blob = std::get_if<Blob>(&value)) return "x'" + to_hex(blob->bytes) + "'";
    return is_null(value) ? "NULL" : as_text(value);
}

/// The column of a unique constraint that numbers different things; nothing where none does.
std::optional<std::size_t> numbered_column(const Table& table, const Unique& unique) {
    for (const std::size_t column : unique.columns) {
        if (table.is_renumbered(column) && !table.is_key(column)) return column;
    }
    return std::nullopt;
}

}  // namespace

/// Rows whose number another device gave out too take a fresh one before anything else is applied:
/// until then every reference to the old number, on this device, means our row.
void Applier::renumber_namesakes(Spool& spool, Snapshot& contested) {
    const Table& table = spool.table();
    if (!hands_out_keys(table, setting_.tables)) return;
    std::vector<Displaced> displaced;
    contested.take_among(spool.name());
    contested.each(setting_.shift, [&](PendingRow& row) {
        const auto pulled = spool.find(row.key);
        if (!pulled || decide(table, row, *pulled).act != Act::renumber) return;
        const Row fresh{fresh_key_for(table, row.key, spool)};
        const std::int64_t at = setting_.shift.to_device(row.mine.last_edit());
        move_row(connection_, all_tables(), table, row.key, fresh, at, displaced);
        merge::Loss loss{true,
                         {table.key[0]},
                         "renumbered: another device gave out the same number",
                         row.mine.last_edit(),
                         pulled->theirs.at};
        record(table, fresh, row.mine, *pulled, loss);
        record_displaced(displaced, row.mine.last_edit());
        displaced.clear();
    });
}

/// The same for a number that a unique column holds, of a row that will certainly be written: one
/// that is not in contest here. A touch by nobody is what a namesake has left.
void Applier::renumber_twins(Spool& spool) {
    const Table& table = spool.table();
    for (const Unique& unique : table.uniques) {
        if (!numbered_column(table, unique)) continue;
        std::vector<std::string> same;
        for (std::size_t i = 0; i < unique.columns.size(); ++i) {
            same.push_back("t." + quoted(table.columns[unique.columns[i]].name) + " = s.c" +
                           std::to_string(unique.columns[i] + 1) + " COLLATE " +
                           quoted(unique.collations[i]));
        }
        std::vector<Row> incoming;
        {
            Statement select(connection_,
                             "SELECT s.* FROM " + spool.name() + " s JOIN main." +
                                 quoted(table.name) + " t ON " + join(same, " AND ") +
                                 " WHERE NOT s.gone AND NOT EXISTS (SELECT 1 FROM " +
                                 pending_name(table) + " p WHERE " + key_match(table, "p", "s") +
                                 " AND NOT (p.cols = 0 AND p.at = ?1)) ORDER BY s.rowid");
            select.bind(0, nobodys);
            while (select.step()) incoming.push_back(select.row());
        }
        for (const Row& row : incoming) {
            const PulledRow pulled = Spool::read(table, row);
            for (const Row& rival : rivals(connection_, table, unique, pulled.theirs.values)) {
                const Row key = key_of(table, rival);
                const auto twin = pending_row(connection_, table, key, setting_.shift);
                if (compare_keys(table, key, pulled.key) == 0 || !twin || !twin->mine.born()) {
                    continue;
                }
                if (!is_same_thing(table, rival, pulled)) renumber(table, unique, *twin, pulled);
            }
        }
    }
}

/// Whether the two rows will become one, because they share a unique value that numbers nothing.
bool Applier::is_same_thing(const Table& table, const Row& ours, const PulledRow& pulled) {
    const auto shared = [&](const auto& unique) {
        const std::vector<Row> rows = rivals(connection_, table, unique, pulled.theirs.values);
        return std::find(rows.begin(), rows.end(), ours) != rows.end();
    };
    return std::any_of(table.uniques.begin(), table.uniques.end(),
                       [&](const Unique& unique) {
                           return !numbered_column(table, unique) && shared(unique);
                       }) ||
           std::any_of(table.expression_uniques.begin(), table.expression_uniques.end(), shared);
}

Value Applier::fresh_key_for(const Table& table, const Row& key, const Spool& spool) {
    if (table.rowid_alias) return fresh_key(connection_, table, spool.name());
    const std::string taken = "SELECT EXISTS (SELECT 1 FROM main." + quoted(table.name) +
                              " WHERE " + key_columns(table) + " = ?1) OR EXISTS (SELECT 1 FROM " +
                              spool.name() + " WHERE k1 = ?1) OR EXISTS (SELECT 1 FROM main." +
                              quoted(capture::pending_table(table.name)) + " WHERE k1 = ?1)";
    return free_number(table, table.key[0], key[0], [&](const Value& value) {
        return connection_.integer(taken, {value}) == 0;
    });
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
    if (!made) displace_all(table.expression_uniques);
    return made;
}

void Applier::displace(const Table& table, const Unique* unique, const Row& rival,
                       const PulledRow& pulled, merge::Outcome& outcome) {
    const Row key = key_of(table, rival);
    auto pending = pending_row(connection_, table, key, setting_.shift);
    if (pending && pending->mine.born()) {
        if (unique && renumber(table, *unique, *pending, pulled)) return;
        unify(table, *pending, pulled, outcome);
        return;
    }
    if (pending && !Demands::contains(demands_.overruled, table, key)) {
        overrule_chain(table, key);
        return;
    }
    // What a row that became one with it has brought along gives way, too.
    const bool unified = outcome.values != pulled.theirs.values;
    if (!unified || !overrule(table, pulled.key)) {
        if (setting_.unfit) throw Error(*setting_.unfit);  // both rows are as the primary has them
        const merge::Loss loss{true, {}, "it would break a constraint", never, pulled.theirs.at};
        merge::Mine mine;
        mine.values = rival;
        record(table, key, mine, pulled, loss);
        connection_.execute(ledger::delete_sql(table), key);
    }
}

void Applier::overrule_chain(const Table& table, const Row& first) {
    std::vector<Row> next{first};
    const auto add_holders = [&](const auto& uniques, const Row& values) {
        for (const auto& unique : uniques) {
            for (const Row& holder : rivals(connection_, table, unique, values)) {
                const Row key = key_of(table, holder);
                const auto pending = pending_row(connection_, table, key, setting_.shift);
                if (pending && !pending->mine.born()) next.push_back(key);
            }
        }
    };
    while (!next.empty()) {
        const Row key = next.back();
        next.pop_back();
        if (!overrule(table, key)) continue;
        const auto pulled = spool_of(table).find(key);
        if (!pulled || pulled->theirs.gone) continue;
        add_holders(table.uniques, pulled->theirs.values);
        add_holders(table.expression_uniques, pulled->theirs.values);
    }
}

const std::vector<Table>& Applier::all_tables() {
    if (!all_tables_) all_tables_ = Store(connection_).all_tables();
    return *all_tables_;
}

Spool& Applier::spool_of(const Table& table) const {
    return **std::find_if(spools_.begin(), spools_.end(), [&](const auto& spool) {
        return same_name(spool->table().name, table.name);
    });
}

bool Applier::renumber(const Table& table, const Unique& unique, const PendingRow& twin,
                       const PulledRow& pulled) {
    const auto numbered = numbered_column(table, unique);
    if (!numbered) return false;
    const std::size_t column = *numbered;
    const Value& taken = twin.mine.values[column];

    std::vector<std::string> tests;
    for (std::size_t i = 0; i < unique.columns.size(); ++i) {
        tests.push_back("c" + std::to_string(unique.columns[i] + 1) + " = ?" +
                        std::to_string(i + 1) + " COLLATE " + quoted(unique.collations[i]));
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
        is_twin.push_back(quoted(table.columns[table.key[i]].name) + " = ?" +
                          std::to_string(i + 2));
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
    std::vector<Displaced> displaced;
    repoint_value(connection_, all_tables(), table, column, taken, fresh, at, displaced);
    record_displaced(displaced, at);
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
    repoint_in(table, twin.key, pulled.key, mine.values);  // it may refer to itself
    merge::Theirs theirs = pulled.theirs;
    theirs.values = outcome.values;
    const PendingRow as_theirs{pulled.key, mine, never};
    // Nothing of the other row had been seen when this one was made.
    merge::Outcome merged =
        Demands::contains(demands_.overruled, table, pulled.key)
            ? merge::give_way(mine, theirs, "it would break a constraint")
            : merge::merge(mine, theirs, {-1, false, judge(table, as_theirs, pulled), never});
    connection_.execute(ledger::delete_sql(table), twin.key);
    follow(table, twin.key, pulled.key, twin.mine.last_edit());
    merge::Outcome removed;
    removed.gone_at = nobodys;
    rewrite_pending(connection_, table, twin.key, removed, setting_.shift);
    for (const merge::Loss& loss : merged.losses)
        record(table, pulled.key, twin.mine, pulled, loss);
    for (std::size_t c = 0; c < outcome.edited_at.size(); ++c) {
        merged.edited_at[c] = std::max(merged.edited_at[c], outcome.edited_at[c]);
    }
    merged.losses = std::move(outcome.losses);
    outcome = std::move(merged);
}

void Applier::refer_to_rival(const Table& table, const PendingRow& row) {
    const auto refer = [&](const auto& uniques) {
        for (const auto& unique : uniques) {
            for (const Row& rival : rivals(connection_, table, unique, row.mine.values)) {
                const Row key = key_of(table, rival);
                if (compare_keys(table, key, row.key) == 0) continue;
                follow(table, row.key, key, std::max(row.mine.last_edit(), setting_.meta.clock));
                return true;
            }
        }
        return false;
    };
    if (!refer(table.uniques)) refer(table.expression_uniques);
}

void Applier::follow(const Table& table, const Row& from, const Row& to, std::int64_t at) {
    std::vector<Displaced> displaced;
    repoint(connection_, all_tables(), table, from, to, setting_.shift.to_device(at), displaced);
    moved_.push_back({from, to, at});
    record_displaced(displaced, at);
}

/// A row that stood aside while a row of its own table gave way.
void Applier::follow_moved(PendingRow& row, const Table& table) {
    for (const Moved& moved : moved_) {
        if (!row.mine.exists) return;
        for (const std::size_t column : repoint_in(table, moved.from, moved.to, row.mine.values)) {
            row.mine.edited_at[column] = std::max(row.mine.edited_at[column], moved.at);
        }
    }
}

void Applier::record_displaced(const std::vector<Displaced>& displaced, std::int64_t at) {
    for (const Displaced& row : displaced) {
        if (!row.made_here) {
            overrule(*row.table, key_of(*row.table, row.row));
            continue;
        }
        merge::Mine mine;
        mine.values = row.row;
        std::vector<std::size_t> columns;
        for (std::size_t c = 0; c < row.table->columns.size(); ++c) columns.push_back(c);
        record(*row.table, key_of(*row.table, row.row), mine, {},
               {true, columns, "another row took its place", at, never});
    }
}

}  // namespace tidemark
