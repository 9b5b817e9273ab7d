#include "sync/apply.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <limits>

#include "base/text.hpp"
#include "capture/pending.hpp"
#include "primary/ledger.hpp"
#include "schema/key.hpp"
#include "sqlite/sql_error.hpp"
#include "sqlite/transaction.hpp"
#include "sync/constraints.hpp"
#include "sync/pending_entries.hpp"
#include "sync/row_sql.hpp"

namespace tidemark {
namespace {

/// Rows that are read before they are written one by one.
constexpr std::int64_t checked_rows = 1'000;

}  // namespace

using merge::Act;
using merge::never;

bool Demands::contains(const Rows& rows, const Table& table, const Row& key) {
    const auto found = rows.find(table.name);
    return found != rows.end() &&
           std::any_of(found->second.begin(), found->second.end(),
                       [&](const Row& other) { return compare_keys(table, key, other) == 0; });
}

bool Demands::add(Rows& rows, const Table& table, const Row& key) {
    if (contains(rows, table, key)) return false;
    rows[table.name].push_back(key);
    return true;
}

Applier::Applier(Connection& connection, const MergeSetting& setting,
                 const std::vector<std::unique_ptr<Spool>>& spools,
                 const std::vector<std::unique_ptr<Snapshot>>& contested, Demands& demands)
    : connection_(connection),
      setting_(setting),
      spools_(spools),
      contested_(contested),
      demands_(demands) {}

bool Applier::apply() {
    for (const auto& spool : spools_) prepare_kept(spool->table());
    for (std::size_t i = 0; i < spools_.size(); ++i) {
        if (spools_[i]->rows() > 0) renumber_namesakes(*spools_[i], *contested_[i]);
    }
    for (const auto& spool : spools_) {
        if (spool->rows() > 0) renumber_twins(*spool);
    }
    for (std::size_t i = 0; i < spools_.size(); ++i) {
        if (spools_[i]->rows() > 0) apply_table(*spools_[i], *contested_[i]);
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

void Applier::apply_table(Spool& spool, Snapshot& contested) {
    parked_ = false;
    moved_.clear();
    contested.take_among(spool.name());
    write_uncontested(spool, contested);
    contested.each(setting_.shift, [&](PendingRow& row) { write_contested(spool, row); });
}

/// Rows that are not pending here need no merge: SQLite copies them in one statement. Where a
/// constraint stands in the way, row by row finds out which.
void Applier::write_uncontested(Spool& spool, Snapshot& contested) {
    const Table& table = spool.table();
    const std::string uncontested = contested.entries() == 0
                                        ? "1"
                                        : "NOT EXISTS (SELECT 1 FROM " + contested.name() +
                                              " c WHERE " + key_match(table, "s", "c") + ")";
    connection_.execute("DELETE FROM main." + quoted(table.name) + " WHERE (" + key_columns(table) +
                            ") IN (SELECT " + key_list(table, "s.") + " FROM " + spool.name() +
                            " s WHERE s.gone AND " + uncontested + ")",
                        {});
    if (contested.entries() > 0) park(table, contested.name());
    if (table.upsert_mistakes) return write_one_by_one(spool, uncontested);
    try {
        Savepoint savepoint(connection_);
        connection_.execute("INSERT INTO main." + quoted(table.name) + "(" +
                                column_list(table, "") + ") SELECT " + spool.columns("s.") +
                                " FROM " + spool.name() + " s WHERE NOT s.gone AND " + uncontested +
                                " ON CONFLICT(" + key_columns(table) + ") DO UPDATE SET " +
                                excluded_columns(table),
                            {});
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
                            ") IN (SELECT " + key_list(table, "") + " FROM " + keys + ")",
                        {});
}

// Page by page: no statement may be under way while a row is written unchecked, because switching
// checks off expires every statement.
void Applier::write_one_by_one(Spool& spool, const std::string& uncontested) {
    const Table& table = spool.table();
    park(table, spool.name());
    const std::string page = "SELECT rowid, * FROM " + spool.name() +
                             " s WHERE rowid > ?1 AND NOT s.gone AND " + uncontested +
                             " ORDER BY rowid LIMIT ?2";
    std::int64_t last = std::numeric_limits<std::int64_t>::min();
    while (true) {
        std::vector<Row> rows;
        {
            Statement& select = connection_.cached(page);
            const Reset reset(select);
            select.bind(0, last);
            select.bind(1, checked_rows);
            while (select.step()) rows.push_back(select.row());
        }
        if (rows.empty()) return;
        last = as_int(rows.back()[0]);
        for (Row& row : rows) {
            row.erase(row.begin());
            const PulledRow pulled = Spool::read(table, row);
            merge::Outcome outcome;
            outcome.act = Act::write;
            outcome.values = pulled.theirs.values;
            outcome.edited_at.assign(table.columns.size(), never);
            execute(table, pulled, nullptr, outcome);
        }
    }
}

void Applier::write_contested(Spool& spool, PendingRow& row) {
    const Table& table = spool.table();
    const auto pulled = spool.find(row.key);
    // A row that moved away or was unified meanwhile has no entries left to merge.
    if (!pulled || !is_pending(connection_, table, row.key)) return;
    follow_moved(row, table);
    merge::Outcome outcome = decide(table, row, *pulled);
    execute(table, *pulled, &row, outcome);
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
    const bool still_pending = outcome.born_at != never || outcome.gone_at != never ||
                               std::any_of(outcome.edited_at.begin(), outcome.edited_at.end(),
                                           [](std::int64_t at) { return at != never; });
    if (row || still_pending) {
        rewrite_pending(connection_, table, pulled.key, outcome, setting_.shift);
    }
    if (!row) return;
    for (const merge::Loss& loss : outcome.losses) record(table, row->key, row->mine, pulled, loss);
}

/// Each turn that fails takes a step which is not taken again, so this ends: the values of this
/// device give way once; then a rival goes, takes another number once, or is demanded to give way.
bool Applier::write_row(const Table& table, const PulledRow& pulled, const PendingRow* row,
                        merge::Outcome& outcome) {
    bool ours = row && row->mine.exists && outcome.values != pulled.theirs.values;
    while (true) {
        try {
            connection_.execute(ledger::put_sql(table), outcome.values);
            return true;
        } catch (const SqlError& error) {
            if (error.primary_code() != SQLITE_CONSTRAINT ||
                error.extended_code() == SQLITE_CONSTRAINT_TRIGGER) {
                throw;
            }
            // Values of both sides together may break what each side keeps: then the primary's
            // stand alone, because those are known to be sound.
            if (ours) {
                ours = false;
                outcome = merge::give_way(row->mine, pulled.theirs, "it would break a constraint");
                if (outcome.act != Act::remove) continue;
                refer_to_rival(table, *row);
                connection_.execute(ledger::delete_sql(table), pulled.key);
                return true;
            }
            // What a rival that became one with it has brought along does not fit.
            if (outcome.values != pulled.theirs.values &&
                error.extended_code() != SQLITE_CONSTRAINT_UNIQUE && overrule(table, pulled.key)) {
                return false;
            }
            if (setting_.unfit && error.extended_code() != SQLITE_CONSTRAINT_UNIQUE) {
                throw Error(*setting_.unfit);
            }
            if (error.extended_code() == SQLITE_CONSTRAINT_CHECK) {
                write_unchecked(table, outcome.values);
                return true;
            }
            if (error.extended_code() != SQLITE_CONSTRAINT_UNIQUE ||
                !make_room(table, pulled, outcome)) {
                throw Error(ErrorCode::failed,
                            "a row of " + table.name +
                                " that came from the primary does not fit "
                                "here: " +
                                error.message(),
                            "Compare the table's definition with the primary's.");
            }
            if (!satisfied_) return false;
        }
    }
}

/// The primary's own row breaks a CHECK: it was there before anybody synced it.
void Applier::write_unchecked(const Table& table, const Row& values) {
    const UncheckedWrites unchecked(connection_);
    connection_.execute(ledger::put_sql(table), values);
}

bool Applier::overrule(const Table& table, const Row& key) {
    const bool news = Demands::add(demands_.overruled, table, key);
    if (news) satisfied_ = false;
    return news;
}

void Applier::check_references() {
    for (const Broken& broken : broken_references(connection_, spools_)) {
        if (broken.why == Broken::Why::gone_there) {
            if (Demands::add(demands_.kept, *broken.table, broken.key)) satisfied_ = false;
        } else {
            overrule(*broken.table, broken.key);
        }
    }
}

}  // namespace tidemark
