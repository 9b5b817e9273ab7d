#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "capture/quiet.hpp"
#include "server/guard.hpp"
#include "server/limits.hpp"
#include "server/threads.hpp"
#include "sqlite/connection.hpp"

struct sqlite3_stmt;
struct sqlite3_context;
struct sqlite3_value;

namespace tidemark::server {

/// A prepared statement and what is known of it.
struct Prepared {
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const;
    };
    std::unique_ptr<sqlite3_stmt, Finalize> handle;
    Verb verb = Verb::other;
    bool reads_only = false;
    bool alone = false;           ///< cannot run in a transaction with others
    bool begins_reading = false;  ///< BEGIN READONLY, which SQLite does not know
};

/// What a stream's connection remembers between statements. Streams share SQLite connections, so
/// it goes along with the stream.
struct Memory {
    std::int64_t last_insert_rowid = 0;
    std::int64_t changes = 0;
};

/// One SQLite connection of the server to a database, with its authorizer, its limits and its
/// statements. One thread at a time.
class SqlConnection {
public:
    /// The file may have `most_bytes`; 0: no limit.
    SqlConnection(const std::string& path, Role role, const Limits& limits, bool create = false,
                  std::int64_t most_bytes = 0);
    ~SqlConnection();
    SqlConnection(const SqlConnection&) = delete;
    SqlConnection& operator=(const SqlConnection&) = delete;

    /// The one statement of `sql`, kept until it is the longest unused. Throws Fault: what SQLite
    /// says, that there is none, or that there are several.
    Prepared& prepare(std::string_view sql);
    /// The first statement of `sql`, which is cut off its front. Null where only space and comments
    /// are left. Throws Fault.
    std::unique_ptr<Prepared> prepare_next(std::string_view& sql);

    /// Runs SQL of the server's own, which cannot fail but for the disk. Throws Fault.
    void run(const char* sql);

    bool in_transaction() const { return connection_.in_transaction(); }
    /// Whether the transaction has changed the file, or has the right to.
    bool holds_write_lock() const;

    /// Whether a client has had it work otherwise than others expect. It is for that client alone.
    bool is_altered() const;

    /// Has statements see what this stream did last. Remains live until the next call.
    void serve(Memory& memory);
    /// Notes in the stream's memory what a write did.
    void note_write(bool inserted);

    /// From now on, what triggers write to the tracked tables or to Tidemark's own has no effect;
    /// see capture::Quiet for suspend and resume. Throws Error.
    void be_quiet();
    void be_loud();
    bool is_quiet() const { return quiet_.has_value(); }
    void suspend_triggers();
    void suspend_refusing_triggers();
    void resume_triggers();

    /// While it lives, statements are interrupted at their time's end.
    class Timed {
    public:
        /// `spent_ms` of the time are over already.
        explicit Timed(SqlConnection& connection, double spent_ms = 0);
        ~Timed();
        Timed(const Timed&) = delete;
        Timed& operator=(const Timed&) = delete;
        double elapsed_ms() const;

    private:
        SqlConnection& connection_;
    };
    /// Whether the statement just failed because its time was over.
    bool timed_out() const { return timed_out_; }

    Role role() const { return role_; }
    std::int64_t most_bytes() const { return most_bytes_; }
    sqlite3* handle() const { return connection_.handle(); }
    Connection& connection() { return connection_; }
    const Limits& limits() const { return limits_; }

private:
    using Clock = std::chrono::steady_clock;
    struct Entry {
        std::string sql;
        Prepared prepared;
    };
    using Entries = std::list<Entry>;

    void configure(const std::string& path);
    Prepared compile(std::string_view sql, std::size_t& consumed);
    std::optional<Prepared> compile_foreign(std::string_view sql, std::size_t& consumed);
    void require_end(std::string_view rest);
    static int on_progress(void* self);
    static int on_busy(void* self, int tries);
    static void changes_function(sqlite3_context* context, int, sqlite3_value**);

    Connection connection_;
    Role role_;
    Limits limits_;
    std::int64_t most_bytes_;
    std::optional<capture::Quiet> quiet_;
    std::vector<std::string> quiet_tables_;
    Seen scratch_;
    Seen* seen_ = &scratch_;

    bool altered_ = false;

    Entries entries_;  ///< the last used first
    std::unordered_map<std::string_view, Entries::iterator> by_sql_;

    Memory own_memory_;
    Memory* memory_ = &own_memory_;
    std::int64_t changes_before_ = 0;

    Clock::time_point started_;
    bool timed_ = false;
    bool timed_out_ = false;
    std::optional<Threads::Absence> absence_;
};

}  // namespace tidemark::server
