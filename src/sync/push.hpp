#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "primary/primary.hpp"
#include "sync/snapshot.hpp"
#include "sync/store.hpp"

namespace tidemark {

/// Turns snapshots of pending changes into the steps of a push, page by page.
///
/// Two passes over all tables: rows that are gone, and rows whose unique values may move between
/// them, leave first; then everything is written. So no order of rows can break a UNIQUE.
class PushWriter {
public:
    PushWriter(const Meta& meta, ClockShift shift, const std::vector<Snapshot*>& snapshots,
               const BatchSize& batch);

    using Page = std::function<void(const std::vector<Step>&)>;
    /// Calls `page` with at most a batch of rows at a time. The steps live until the next call.
    void write(const Page& page);

    std::int64_t rows() const { return rows_; }
    /// The highest time in the push, in the primary's time.
    std::int64_t clock() const { return clock_; }

private:
    /// A table with the statements for its rows.
    struct Target {
        const Table& table;
        ledger::RowSql sql;
        std::map<std::vector<std::size_t>, ledger::RowStatement> edits;  ///< by the columns edited
    };

    void leave(const Target& to, const PendingRow& row);
    void arrive(Target& to, const PendingRow& row);
    void note(const Target& to, const PendingRow& row);
    /// What a page does, in this order: the ledger looks at rows before they change.
    enum Phase { notes, departures, arrivals, phases };
    void add(Phase phase, const ledger::RowStatement& statement, Row arguments);
    void flush_if_full(const Page& page);
    void flush(const Page& page);

    const Meta& meta_;
    ClockShift shift_;
    const std::vector<Snapshot*>& snapshots_;
    const BatchSize batch_;
    std::vector<Target> targets_;
    std::int64_t seq_;
    std::int64_t rows_ = 0;
    std::int64_t clock_ = 0;
    std::array<std::vector<Step>, phases> page_;
    std::size_t page_rows_ = 0;
    std::size_t page_bytes_ = 0;
};

}  // namespace tidemark
