#pragma once

#include <cstdint>
#include <optional>

#include "merge/rule.hpp"
#include "schema/table.hpp"
#include "sqlite/connection.hpp"
#include "sync/snapshot.hpp"

/// Reads and writes the pending entries of single rows, outside the triggers.
namespace tidemark {

/// Ends an INSERT of entries: one that is there already takes the later time.
inline constexpr const char* keep_later =
    " ON CONFLICT DO UPDATE SET at = max(at, excluded.at), rev = rev + 1";

/// Writes the entries of a row anew from the outcome of a merge.
void rewrite_pending(Connection& connection, const Table& table, const Row& key,
                     const merge::Outcome& outcome, const ClockShift& shift);

/// Adds an entry as a trigger would; `at` is in this device's time.
void add_pending(Connection& connection, const Table& table, const Row& key, std::int64_t cols,
                 std::int64_t at);

/// Deletes the entries that are no later than `at`, in this device's time.
void acknowledge_pending(Connection& connection, const Table& table, std::int64_t at);

bool any_pending(Connection& connection, const Table& table);
bool is_pending(Connection& connection, const Table& table, const Row& key);

/// How many rows of the table have entries.
std::int64_t count_pending(Connection& connection, const Table& table);

/// The row with its entries; nothing where it has none.
std::optional<PendingRow> pending_row(Connection& connection, const Table& table, const Row& key,
                                      const ClockShift& shift);

}  // namespace tidemark
