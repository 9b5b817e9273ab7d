#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "merge/rule.hpp"
#include "schema/table.hpp"
#include "sqlite/connection.hpp"

namespace tidemark {

/// The time of a change that nobody made: it stands back behind every edit.
inline constexpr std::int64_t nobodys = 0;
/// The time of a change that was somebody's, but that nothing noted: older than all that were
/// noted.
inline constexpr std::int64_t unnoted = 1;

/// How this device's times are put into the primary's time: a device whose clock is off gets its
/// edits' times moved by the offset, and no edit may claim to come from the future.
struct ClockShift {
    std::int64_t offset_ms = 0;  ///< 0 where the clock is right enough
    std::int64_t latest_ms = 0;  ///< the primary's present, with the tolerance

    static ClockShift between(std::int64_t here_ms, std::int64_t there_ms);
    std::int64_t to_primary(std::int64_t at) const;
    std::int64_t to_device(std::int64_t at) const;
};

/// A row with all its pending entries, its times in the primary's time.
struct PendingRow {
    Row key;
    merge::Mine mine;
    std::int64_t born_here = merge::never;  ///< its birth in this device's own time

    /// False for a row that was only touched: nothing in it changed.
    bool changed() const;
};

/// Pending entries "p" with the rows "t" that they are about, to be ordered by key.
std::string pending_sql(const Table& table);
/// Brings the entries of each key in such a result together.
void read_pending(Statement& select, const Table& table, const ClockShift& shift,
                  const std::function<void(PendingRow&)>& visit);

/// The pending changes of one table with the values of their rows, as they were in one instant, in
/// a temporary table: what is sent does not change while it is sent, and no lock is held meanwhile.
class Snapshot {
public:
    enum class Index { none, by_key };
    /// `purpose` names the temporary table, which is made here: two snapshots of one table may
    /// exist at once. The index is for whoever asks of many keys whether they were taken.
    Snapshot(Connection& connection, const Table& table, const std::string& purpose, Index index);

    /// Takes all pending entries, in the place of what was taken before. Call it inside a
    /// transaction.
    void take();
    /// Takes those of the keys that stand in the table `among`, with key columns k1….
    void take_among(const std::string& among);

    std::int64_t entries() const { return entries_; }
    std::int64_t rows();

    /// In key order. The callback may write any table but this snapshot.
    void each(const ClockShift& shift, const std::function<void(PendingRow&)>& visit);

    /// Deletes the entries that are still as they were taken.
    void acknowledge();

    const std::string& name() const { return name_; }
    const Table& table() const { return table_; }

private:
    void take_where(const std::string& condition);

    Connection& connection_;
    const Table& table_;
    std::string name_;
    bool used_ = false;
    std::int64_t entries_ = 0;
};

}  // namespace tidemark
