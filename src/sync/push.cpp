#include "sync/push.hpp"

#include <algorithm>
#include <iterator>

#include "schema/key.hpp"
#include "sync/spool.hpp"

namespace tidemark {
namespace {

using merge::never;

Row with(Row row, std::initializer_list<Value> more) {
    row.insert(row.end(), more.begin(), more.end());
    return row;
}

/// Columns edited after the birth of the row; of a row that was not born here, all edited ones.
std::vector<std::size_t> edited_apart(const merge::Mine& mine) {
    std::vector<std::size_t> columns;
    for (std::size_t c = 0; c < mine.edited_at.size(); ++c) {
        const std::int64_t at = mine.edited_at[c];
        if (at != never && (!mine.born() || at > mine.born_at)) columns.push_back(c);
    }
    return columns;
}

/// Whether the row's unique values may be taken from, or given to, another row of the same push.
bool may_trade_places(const Table& table, const merge::Mine& mine) {
    if (!table.expression_uniques.empty()) return true;
    return std::any_of(table.uniques.begin(), table.uniques.end(), [&](const Unique& unique) {
        // A row can enter a partial index by any of its columns.
        return unique.partial ||
               std::any_of(unique.columns.begin(), unique.columns.end(),
                           [&](std::size_t column) { return mine.edited_at[column] != never; });
    });
}

}  // namespace

PushWriter::PushWriter(const Meta& meta, ClockShift shift, const std::vector<Snapshot*>& snapshots,
                       const BatchSize& batch)
    : meta_(meta), shift_(shift), snapshots_(snapshots), batch_(batch), seq_(meta.mark + 1) {
    for (const Snapshot* snapshot : snapshots_) {
        targets_.push_back({snapshot->table(), ledger::RowSql(snapshot->table()), {}});
    }
}

void PushWriter::write(const Page& page) {
    for (std::size_t i = 0; i < snapshots_.size(); ++i) {
        snapshots_[i]->each(shift_, [&](PendingRow& row) {
            if (!row.changed()) return;
            ++rows_;
            leave(targets_[i], row);
            flush_if_full(page);
        });
    }
    for (std::size_t i = 0; i < snapshots_.size(); ++i) {
        snapshots_[i]->each(shift_, [&](PendingRow& row) {
            if (!row.changed() || !row.mine.exists) return;
            arrive(targets_[i], row);
            flush_if_full(page);
        });
    }
    flush(page);
}

void PushWriter::leave(const Target& to, const PendingRow& row) {
    const merge::Mine& mine = row.mine;
    if (!mine.exists) {
        clock_ = std::max(clock_, mine.gone_at);
        add(notes, to.sql.note_deletion, with(row.key, {seq_, mine.gone_at}));
        add(departures, to.sql.erase, row.key);
        return;
    }
    clock_ = std::max(clock_, mine.last_edit());
    if (!may_trade_places(to.table, mine)) return;
    note(to, row);
    add(departures, to.sql.erase, row.key);
}

void PushWriter::arrive(Target& to, const PendingRow& row) {
    const merge::Mine& mine = row.mine;
    const bool left = may_trade_places(to.table, mine);
    if (!left) note(to, row);
    if (left || mine.born()) {
        add(arrivals, to.sql.put, mine.values);
        return;
    }
    const std::vector<std::size_t> columns = edited_apart(mine);
    Row arguments;
    for (const std::size_t c : columns) arguments.push_back(mine.values[c]);
    arguments.insert(arguments.end(), row.key.begin(), row.key.end());
    ledger::RowStatement& sql = to.edits[columns];
    if (sql.one.empty()) sql = ledger::edit_sql(to.table, columns);
    add(arrivals, sql, std::move(arguments));
}

void PushWriter::note(const Target& to, const PendingRow& row) {
    const merge::Mine& mine = row.mine;
    const std::string edited = edited_json(to.table, edited_apart(mine), mine.edited_at, seq_);
    if (mine.born()) {
        // A birth that a merge made up has no time of its own here.
        const std::int64_t born = row.born_here == never ? mine.born_at : row.born_here;
        add(notes, to.sql.note_put,
            with(row.key, {seq_, mine.born_at, origin_of(meta_.replica, born), edited}));
    } else {
        add(notes, to.sql.note_edit, with(row.key, {seq_, edited}));
    }
}

void PushWriter::add(Phase phase, const ledger::RowStatement& statement, Row arguments) {
    page_bytes_ += size_of(arguments);
    ++page_rows_;
    // Rows of one kind follow each other, so the text is nearly always among the last few.
    std::vector<Step>& steps = page_[phase];
    for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
        if (step->sql == statement.one) {
            step->arguments.push_back(std::move(arguments));
            return;
        }
    }
    steps.push_back({.sql = statement.one, .arguments = {std::move(arguments)}});
    steps.back().many = statement.many;
}

void PushWriter::flush_if_full(const Page& page) {
    if (page_rows_ >= 2 * static_cast<std::size_t>(batch_.rows) ||
        page_bytes_ >= static_cast<std::size_t>(batch_.bytes)) {
        flush(page);
    }
}

void PushWriter::flush(const Page& page) {
    std::vector<Step> steps;
    for (std::vector<Step>& phase : page_) {
        std::move(phase.begin(), phase.end(), std::back_inserter(steps));
        phase.clear();
    }
    if (!steps.empty()) page(steps);
    page_rows_ = page_bytes_ = 0;
}

}  // namespace tidemark
