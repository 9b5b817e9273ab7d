#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <tidemark/batch.hpp>
#include <tidemark/conflict.hpp>
#include <tidemark/error.hpp>
#include <tidemark/report.hpp>

namespace tidemark {

/// How a value edited on both sides is decided. The default is the later edit.
///   newest       the later edit wins; a tie stays with the primary
///   primary      the primary's value wins
///   replica      this replica's value wins (the last push)
///   column:NAME  the larger value of the application's own column NAME wins
using PolicyName = std::string;

/// What to do when a database and its primary both have data.
enum class FirstMerge { refuse, merge, keep_local, keep_primary };

using OnProgress = std::function<void(const Progress&)>;

/// Gives the token for the server of a primary, when one is about to be asked. Where there is none,
/// or it returns an empty one: TIDEMARK_AUTH_TOKEN, then TURSO_AUTH_TOKEN, then what `tidemark
/// login` saved. A token is never stored in a database, logged, or part of a message.
using TokenProvider = std::function<std::string(const std::string& url)>;

/// A reference that the schema does not declare: `table`.`column` holds keys of `parent`.
struct Reference {
    std::string table;
    std::string column;
    std::string parent;
};

struct ColumnName {
    std::string table;
    std::string column;
};

struct AttachOptions {
    FirstMerge first_merge = FirstMerge::refuse;
    std::string backup;                ///< a file to copy the database to first; empty: none
    std::vector<std::string> exclude;  ///< tables that stay on this device
    PolicyName policy = "newest";
    std::vector<std::pair<std::string, PolicyName>> table_policies;
    std::vector<std::string> natural_keys;  ///< tables whose integer key has a meaning of its own
    std::vector<Reference> references;      ///< besides those that the schema declares
    /// Unique columns that number different things: where two devices made rows with the same
    /// value, both rows stay, and the one that is synced later takes the next free value.
    std::vector<ColumnName> renumbered;
    std::string device;                ///< a name for this device; empty: the host's name
    TokenProvider token;               ///< for a primary on a server
    bool allow_plain_http = false;     ///< speak to a server elsewhere without TLS
    bool allow_copied_folder = false;  ///< take a primary in a folder that a sync service copies
    BatchSize batch = {};
    OnProgress on_progress;
};

struct CloneOptions {
    PolicyName policy = "newest";
    std::vector<Reference> references;
    std::vector<ColumnName> renumbered;
    std::string device;
    TokenProvider token;
    bool allow_plain_http = false;
    bool allow_copied_folder = false;
    BatchSize batch = {};
    OnProgress on_progress;
};

struct OpenOptions {
    TokenProvider token;  ///< for a primary on a server
    BatchSize batch = {};
};

struct AttachReport {
    std::string outcome;  ///< "uploaded", "downloaded", "merged", "already attached"
    std::string backup;
    std::vector<TableDifference> differences;  ///< where both had data
    SyncReport sync;
    std::vector<TableStatus> tables;
    std::vector<std::string> warnings;
};

enum class Direction { both, push, pull };

struct SyncOptions {
    Direction direction = Direction::both;
    Resolver resolver;  ///< decides clashes instead of the policy
    OnProgress on_progress;
};

struct VerifyOptions {
    bool repair = false;  ///< merge what differs
    OnProgress on_progress;
};

/// What a sync would do, table by table.
struct SyncPlan {
    struct TablePlan {
        std::string table;
        std::int64_t push = 0;  ///< rows that would be sent
        std::int64_t pull = 0;  ///< rows that would arrive
        std::int64_t both = 0;  ///< rows changed on both sides
    };
    std::vector<TablePlan> tables;
    std::vector<SchemaChange> schema_push;  ///< would be made at the primary
    std::vector<SchemaChange> schema_pull;  ///< would be made here
    std::int64_t mark = 0;
    std::int64_t head = 0;
    std::int64_t duration_ms = 0;
    std::int64_t round_trips = 0;
    std::int64_t bytes_sent = 0;
    std::int64_t bytes_received = 0;
};

/// An ordinary SQLite file that is kept in step with a primary.
///
/// A Replica owns one connection of its own to the file; the application goes on using the file
/// through whatever connections it has. Use a Replica from one thread at a time; different Replica
/// objects, also for the same file, may be used from different threads and processes at once: their
/// syncs take turns. Every function throws tidemark::Error where it says nothing else.
class Replica {
public:
    /// Makes the database at `path` a replica of `primary` (a path, a file: URL, or the URL of a
    /// libSQL server: libsql://, https://, http://, wss://, ws://) and does the first sync. An
    /// unfinished attach is taken up where it stopped. Where both have data and the options make no
    /// choice: Error{choice_needed} that says what differs; nothing is changed.
    static AttachReport attach(const std::string& path, const std::string& primary,
                               const AttachOptions& options = {});

    /// Downloads `primary` into a new file at `path`. An unfinished clone is taken up where it
    /// stopped; `path` itself appears when it is complete.
    static AttachReport clone(const std::string& primary, const std::string& path,
                              const CloneOptions& options = {});

    /// Opens an attached database. Never touches the primary.
    static Replica open(const std::string& path, const OpenOptions& options = {});

    /// Whether there is a database at `path` that is attached to `primary`, so that open() is
    /// enough. Never touches the primary. Throws Error{usage} where it is attached to another one.
    static bool is_attached(const std::string& path, const std::string& primary);

    Replica(Replica&&) noexcept;
    Replica& operator=(Replica&&) noexcept;
    ~Replica();

    /// Exchanges changes with the primary and merges. After it returns, everything that was pending
    /// when it began is at the primary and everything that the primary had is here.
    SyncReport sync(const SyncOptions& options = {});
    /// Only sends. Where the primary has news, it is merged first: a push has to be up to date.
    SyncReport push(SyncOptions options = {});
    /// Only receives and merges.
    SyncReport pull(SyncOptions options = {});
    /// What sync() would move; changes nothing on either side. Where the schema has changed, it is
    /// tried out in a transaction that is taken back, which locks both sides meanwhile.
    SyncPlan plan();

    /// Compares every row with the primary's, and looks whether the triggers are all there. Needs
    /// space for a copy of the primary in the temporary folder, and little memory. A schema that
    /// has changed is treated as plan() does. Without `repair` neither side's rows change. A repair
    /// merges what differs and sends the result; values that lose become conflicts.
    VerifyReport verify(const VerifyOptions& options = {});

    Status status();
    /// A part of status() that is quick to find out.
    Brief brief();

    /// The last syncs, the newest first.
    std::vector<SyncRecord> history(std::int64_t at_most);

    /// Asks the primary whether it answers, and which replicas it knows.
    Probe probe();
    /// Gives this device another name, here and at the primary.
    void rename_device(const std::string& name);
    /// Lets the primary forget a replica, by its name or id: one that will not come back. Throws
    /// Error{usage} for this one. Nothing is lost where it comes back all the same.
    Device forget_device(const std::string& name);

    std::vector<Conflict> conflicts(bool with_closed = false);
    Conflict conflict(std::int64_t id);
    /// Writes the losing values back as a new edit, which the next sync sends.
    Conflict restore(std::int64_t id);
    /// Marks a conflict as settled.
    Conflict dismiss(std::int64_t id);

    /// Makes the file an ordinary database again; the data stays. With open conflicts it refuses
    /// (Error{choice_needed}) unless `purge`. Returns how many changes the primary never saw. The
    /// object may only be destroyed afterwards.
    std::int64_t detach(bool purge = false);

private:
    class Impl;
    explicit Replica(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

/// A primary as it may be shown: without the name of the database, the user and the token that a
/// URL may carry. Paths and addresses of this machine stay as they are.
std::string masked(const std::string& primary);

/// The version of the library, as "1.2.3".
const char* version() noexcept;

}  // namespace tidemark
