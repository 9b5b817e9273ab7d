#include "sync/snapshot.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "base/tuning.hpp"
#include "capture/pending.hpp"
#include "schema/key.hpp"
#include "sync/pending_entries.hpp"
#include "sync/row_sql.hpp"

namespace tidemark {
namespace {

using merge::never;

/// Adds one entry to the row that it belongs to.
void add_entry(PendingRow& row, std::int64_t cols, std::int64_t device_at, std::int64_t at) {
    merge::Mine& mine = row.mine;
    if (cols == 0) {
        mine.gone_at = std::max(mine.gone_at, at);
    } else if (cols == -1) {
        row.born_here = device_at;
        mine.born_at = at;
        for (std::int64_t& edited : mine.edited_at) edited = std::max(edited, at);
    } else {
        for (std::size_t c = 0; c < mine.edited_at.size(); ++c) {
            if (cols & capture::bit_of(c)) mine.edited_at[c] = std::max(mine.edited_at[c], at);
        }
    }
}

/// A row that is gone was deleted when its entry says so; where a REPLACE that no trigger sees took
/// it, the last that we know of it has to do.
void settle(PendingRow& row, std::int64_t latest) {
    merge::Mine& mine = row.mine;
    if (mine.exists) {
        mine.gone_at = never;
        return;
    }
    if (mine.gone_at == never) mine.gone_at = latest;
    mine.values.clear();
}

}  // namespace

ClockShift ClockShift::between(std::int64_t here_ms, std::int64_t there_ms) {
    const std::int64_t offset = there_ms - here_ms;
    const bool right = std::abs(offset) <= tuning::clock_tolerance_ms;
    return {right ? 0 : offset, there_ms + tuning::clock_tolerance_ms};
}

std::int64_t ClockShift::to_primary(std::int64_t at) const {
    if (at <= unnoted) return at;
    // Too late counts as the present, so that whatever is done after meeting it is later.
    const std::int64_t there = at + offset_ms;
    return there <= latest_ms ? there : latest_ms - tuning::clock_tolerance_ms;
}

std::int64_t ClockShift::to_device(std::int64_t at) const {
    return at <= unnoted ? at : at - offset_ms;
}

bool PendingRow::changed() const { return !mine.exists || mine.last_edit() != never; }

std::string pending_sql(const Table& table) {
    return "SELECT " + key_list(table, "p.") + ", p.cols, p.at, p.rev, t." +
           quoted(table.columns[table.key[0]].name) + " IS NOT NULL AS present, " +
           column_list(table, "t.") + " FROM main." + quoted(capture::pending_table(table.name)) +
           " p LEFT JOIN main." + quoted(table.name) + " t ON " + row_match(table, "t", "p");
}

Snapshot::Snapshot(Connection& connection, const Table& table, const std::string& purpose,
                   Index index)
    : connection_(connection),
      table_(table),
      name_("temp." + quoted("tidemark_" + purpose + "_" + table.name)) {
    connection_.execute("DROP TABLE IF EXISTS " + name_);
    // Created from a SELECT each column keeps its affinity, and with it every value as it is.
    connection_.execute("CREATE TABLE " + name_ + " AS " + pending_sql(table_) + " WHERE 0");
    if (index == Index::none) return;
    // The columns of a table made from a SELECT have lost their collations.
    std::vector<std::string> terms;
    for (std::size_t i = 0; i < table_.key.size(); ++i) {
        terms.push_back(capture::key_column(i) + " COLLATE " +
                        quoted(table_.columns[table_.key[i]].collation));
    }
    connection_.execute(
        "CREATE INDEX temp." + quoted("tidemark_" + purpose + "_key_" + table.name) + " ON " +
        quoted("tidemark_" + purpose + "_" + table.name) + "(" + join(terms, ", ") + ")");
}

void Snapshot::take() { take_where("1"); }

void Snapshot::take_among(const std::string& among) {
    take_where("EXISTS (SELECT 1 FROM " + among + " s WHERE " + key_match(table_, "s", "p") + ")");
}

void Snapshot::take_where(const std::string& condition) {
    if (used_) connection_.execute("DELETE FROM " + name_, {});
    entries_ = 0;
    if (!any_pending(connection_, table_)) return;
    used_ = true;
    connection_.execute("INSERT INTO " + name_ + " " + pending_sql(table_) + " WHERE " + condition +
                            " ORDER BY " + key_list(table_, "p."),
                        {});
    entries_ = connection_.changes();
}

std::int64_t Snapshot::rows() {
    return connection_.integer("SELECT count(*) FROM (SELECT DISTINCT " + key_list(table_, "") +
                               " FROM " + name_ + ")");
}

void Snapshot::each(const ClockShift& shift, const std::function<void(PendingRow&)>& visit) {
    if (entries_ == 0) return;
    Statement& select = connection_.cached("SELECT * FROM " + name_ + " ORDER BY rowid");
    const Reset reset(select);
    read_pending(select, table_, shift, visit);
}

void read_pending(Statement& select, const Table& table, const ClockShift& shift,
                  const std::function<void(PendingRow&)>& visit) {
    const std::size_t keys = table.key.size();
    const int cols = static_cast<int>(keys);
    PendingRow row;
    std::int64_t latest = never;
    const auto finish = [&] {
        if (row.key.empty()) return;
        settle(row, latest);
        visit(row);
    };
    while (select.step()) {
        Row key;
        for (std::size_t i = 0; i < keys; ++i) key.push_back(select.value(static_cast<int>(i)));
        if (row.key.empty() || compare_keys(table, key, row.key) != 0) {
            finish();
            row = {};
            latest = never;
            row.mine.edited_at.assign(table.columns.size(), never);
            row.mine.exists = select.integer(cols + 3) != 0;
            for (int c = cols + 4; c < select.column_count(); ++c) {
                row.mine.values.push_back(select.value(c));
            }
        }
        // The last spelling of a key under NOCASE is the one that the row has now.
        row.key = row.mine.exists ? key_of(table, row.mine.values) : std::move(key);
        const std::int64_t at = shift.to_primary(select.integer(cols + 1));
        latest = std::max(latest, at);
        add_entry(row, select.integer(cols), select.integer(cols + 1), at);
    }
    finish();
}

void Snapshot::acknowledge() {
    const std::string pending = quoted(capture::pending_table(table_.name));
    if (entries_ == 0 || !any_pending(connection_, table_)) return;
    // Both hold their entries in key order, so each is found by a seek from the snapshot's side.
    Statement& remove =
        connection_.cached("DELETE FROM main." + pending + " AS p WHERE (" +
                           key_list(table_, "p.") + ", p.cols, p.rev) IN (SELECT " +
                           key_list(table_, "s.") + ", s.cols, s.rev FROM " + name_ + " s)");
    remove.run();
}

}  // namespace tidemark
