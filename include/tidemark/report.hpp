#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <tidemark/conflict.hpp>

namespace tidemark {

/// One thing in the schema that is not, or was not, the same on both sides.
struct SchemaChange {
    std::string change;  ///< "made", "changed", "renamed", "dropped"
    std::string
        kind;  ///< "table", "index", "view", "trigger"; "mark": user_version, application_id
    std::string name;
    std::string detail;  ///< "column tag made, column body dropped", "to memo"; may be empty
};

/// What one sync did.
struct SyncReport {
    std::int64_t pushed = 0;     ///< rows that the primary took
    std::int64_t pulled = 0;     ///< rows that came from the primary
    std::int64_t conflicts = 0;  ///< new conflict records
    std::int64_t pending = 0;    ///< changes still waiting afterwards
    std::int64_t mark = 0;       ///< the primary's seq that this replica has absorbed
    std::int64_t round_trips = 0;
    std::int64_t bytes_sent = 0;      ///< values sent, without framing
    std::int64_t bytes_received = 0;  ///< values received, without framing
    std::int64_t duration_ms = 0;
    std::vector<SchemaChange> schema_sent;      ///< made at the primary because made here
    std::vector<SchemaChange> schema_received;  ///< made here because made at the primary
    std::vector<std::string> warnings;          ///< whole sentences for a person
};

/// How far a first upload, a first download or a large sync has come.
struct Progress {
    std::string what;        ///< "uploading", "downloading", "comparing"
    std::string table;       ///< the table under way
    std::int64_t done = 0;   ///< rows
    std::int64_t total = 0;  ///< rows; 0: not known
};

struct TableStatus {
    std::string name;
    bool syncs = false;
    std::string reason;  ///< why not; empty where it syncs
    std::int64_t rows = 0;
    std::int64_t pending = 0;
    std::int64_t null_keys = 0;  ///< rows left out because a part of their key is NULL
};

struct SyncRecord {
    std::int64_t at_ms = 0;
    std::int64_t pushed = 0;
    std::int64_t pulled = 0;
    std::int64_t conflicts = 0;
    std::int64_t bytes_sent = 0;
    std::int64_t bytes_received = 0;
    std::int64_t duration_ms = 0;
    std::string error;              ///< empty: it succeeded
    bool offline = false;           ///< it failed because the primary could not be reached
    std::int64_t rows_read = 0;     ///< as the primary counts them; 0 where it does not
    std::int64_t rows_written = 0;  ///< the same
};

/// How the syncs of some days went.
struct SyncSummary {
    std::int64_t succeeded = 0;
    std::int64_t failed = 0;
    std::int64_t offline = 0;  ///< the primary could not be reached: no failure of the sync
    std::int64_t p50_ms = 0;   ///< half of them took no longer than that
    std::int64_t p95_ms = 0;

    /// 1 where there was none.
    double success_rate() const {
        const std::int64_t all = succeeded + failed;
        return all == 0 ? 1 : static_cast<double>(succeeded) / static_cast<double>(all);
    }
};

/// What was taken of a primary by this replica.
struct Usage {
    std::int64_t rows_read = 0;  ///< as the primary counts them; 0 where it does not
    std::int64_t rows_written = 0;
    std::int64_t bytes_sent = 0;
    std::int64_t bytes_received = 0;
};

/// A replica as the primary knows it.
struct Device {
    std::string id;
    std::string name;
    bool here = false;  ///< the one that asks
    std::int64_t pushes = 0;
    std::int64_t behind = 0;   ///< commits of the primary since its last push
    std::int64_t seen_ms = 0;  ///< its last push
};

/// What the primary answers at once.
struct Probe {
    std::int64_t duration_ms = 0;
    std::int64_t size_bytes = 0;  ///< of the primary's database; 0 where it does not say
    std::vector<Device> devices;
};

struct Status {
    std::string path;
    std::string primary;
    std::string replica;  ///< this replica's id
    std::string device;   ///< the name given to it
    std::string lineage;
    std::string policy;
    std::string state;  ///< "ready", or which first contact is unfinished
    std::int64_t mark = 0;
    std::int64_t pending = 0;
    std::int64_t conflicts = 0;        ///< open ones
    std::int64_t clock_offset_ms = 0;  ///< the primary's clock less ours, at the last sync
    std::vector<SyncRecord> history;   ///< the last sync first
    std::int64_t succeeded_at_ms = 0;  ///< the last sync that did; 0: none did yet
    SyncRecord failure;                ///< the last one that failed; at_ms is 0: none did
    SyncSummary thirty_days;
    Usage this_month;
    std::int64_t size_bytes = 0;  ///< of the file, its log included
    std::vector<TableStatus> tables;
    std::vector<std::string> warnings;
};

/// The little that can be told of a replica at once, however large it is.
struct Brief {
    std::string state;              ///< as in Status
    std::int64_t pending = 0;       ///< changed rows that the primary has not acknowledged
    std::int64_t conflicts = 0;     ///< open ones
    bool schema_changed = false;    ///< since the last sync: the next one looks what it is
    std::int64_t synced_at_ms = 0;  ///< the last sync, whatever came of it; 0: never
    std::string error;              ///< of the last sync; empty: it succeeded
};

/// One table of a replica compared with the primary's, row by row. Every row is counted once.
struct TableVerification {
    std::string table;
    std::int64_t same = 0;
    std::int64_t different = 0;
    std::int64_t only_here = 0;
    std::int64_t only_there = 0;
    std::int64_t pending = 0;    ///< changed here and not sent yet: not compared
    std::int64_t incoming = 0;   ///< changed there and not received yet: not compared
    std::int64_t null_keys = 0;  ///< left out of syncs because a part of their key is NULL
    bool captured = true;  ///< false: triggers are missing or altered, so edits went unnoticed
    std::vector<NamedValues> keys;  ///< of rows that differ; only the first few

    bool equal() const { return different + only_here + only_there == 0 && captured; }
};

/// What verify() found, and what its repair came to.
struct VerifyReport {
    std::vector<TableVerification> found;
    std::vector<SchemaChange> schema_pending;   ///< made here and not sent yet
    std::vector<SchemaChange> schema_incoming;  ///< made there and not received yet
    bool repaired = false;
    SyncReport sync;                       ///< the repair's
    std::vector<TableVerification> after;  ///< what a second look found; empty without a repair
    std::int64_t duration_ms = 0;

    /// Whether replica and primary agree now.
    bool equal() const;
};

/// What differs between a database and a primary that both have data.
struct TableDifference {
    std::string table;
    std::int64_t only_here = 0;
    std::int64_t only_there = 0;
    std::int64_t different = 0;
    std::int64_t same = 0;
};

}  // namespace tidemark
