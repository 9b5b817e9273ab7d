#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <tidemark/tidemark.hpp>

#include "cli/terminal.hpp"

/// Reports as sentences. `path` is the database as the user wrote it, for advice.
namespace tidemark::cli {

/// "Sent 3 rows, received 12 rows, 1 conflict (see 'tidemark conflicts notes.db')."
std::string sentence(const SyncReport& report, Direction direction, std::string_view path);
/// "1 round trip, 812 bytes sent, 1.2 kB received, 45 ms, mark 17."
std::string measures(const SyncReport& report);

/// "sent 3 rows, received 12 rows", or "failed: …".
std::string outcome(const SyncRecord& record);

struct PlanTotals {
    std::int64_t push = 0;
    std::int64_t pull = 0;
    std::int64_t both = 0;
};
/// What would move in that direction, over all tables.
PlanTotals totals_of(const SyncPlan& plan, Direction direction);
/// "Would send 3 rows and receive 12 rows; 1 row was changed on both sides."
std::string sentence(const SyncPlan& plan, Direction direction);

/// "table note changed (column tag made)", one a line, each after `prefix`.
std::string schema_lines(const std::vector<SchemaChange>& changes, std::string_view prefix);

/// A paragraph on the tables that stay on this device with the reason of each; empty where all of
/// them sync.
std::string tables_left_out(const std::vector<TableStatus>& tables, const Screen& screen);
std::string difference_table(const std::vector<TableDifference>& tables, const Screen& screen);

/// The warnings of an attach or a clone and of its first sync, each once.
std::vector<std::string> warnings_of(const AttachReport& report);

const char* name_of(ConflictState state);
/// What lost, and whose it was: "title, body of laptop", "the deletion by phone".
std::string loss(const Conflict& conflict);
/// "laptop (here)", "phone", "the primary".
std::string here_name(const Conflict& conflict);
std::string there_name(const Conflict& conflict);

}  // namespace tidemark::cli
