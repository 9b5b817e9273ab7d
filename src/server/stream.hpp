#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

#include "hrana/protocol.hpp"
#include "server/database.hpp"
#include "server/executor.hpp"
#include "server/stored_sql.hpp"
#include "server/task.hpp"

namespace tidemark::server {

class Cursor;

/// For whom a stream works, and what it may.
struct Caller {
    bool may_write = true;
    Role role = Role::client;
    bool quiet = false;  ///< of a replica: its transactions fire no trigger that writes synced rows
};

/// A client's connection to a database, as Hrana knows it: its transaction, its settings, its
/// stored SQL. It holds a SQLite connection only while it needs one.
///
/// Requests of one stream run one after the other, each within a Claim, in whatever thread; only
/// the sweep of the database may come in between.
class Stream {
public:
    /// `shared` is a WebSocket's stored SQL; without, the stream has its own.
    Stream(std::shared_ptr<Database> database, const Caller& caller, StoredSql* shared = nullptr);
    /// Rolls back. The stream must not be claimed.
    ~Stream();
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;

    /// The right to use the stream, until the end of the scope.
    class Claim {
    public:
        explicit Claim(Stream& stream) : stream_(&stream) {}
        Claim(Claim&& other) noexcept : stream_(std::exchange(other.stream_, nullptr)) {}
        Claim& operator=(Claim&&) = delete;
        ~Claim() {
            if (stream_) stream_->leave();
        }

    private:
        Stream* stream_;
    };
    /// Throws HttpFault where the database has been removed.
    Task<Claim> claim();

    // ---- Within a claim. Each throws Fault for what the client is told in its answer, HttpFault
    // ---- for what ends the request.

    Task<hrana::StreamResponse> handle(const hrana::StreamRequest& request, Budget& budget);
    Task<hrana::StmtResult> execute(const hrana::Stmt& stmt, Budget& budget);
    Task<hrana::BatchResult> batch(const hrana::Batch& batch, Budget& budget);
    Task<> sequence(const hrana::SqlRef& sql, Budget& budget);
    hrana::DescribeResult describe(const hrana::SqlRef& sql);

    Cursor& open_cursor(hrana::Batch batch);
    Cursor* cursor() { return cursor_.get(); }
    void close_cursor();

    bool autocommit() const { return !lease_ || !lease_->in_transaction(); }
    /// Whether the next request would miss something in a fresh stream.
    bool has_state() const;
    bool closed() const { return closed_; }
    const std::shared_ptr<Database>& database() const { return database_; }

    /// For the sweep: rolls back what has been idle for too long. True where it did.
    bool reclaim_if_idle();

private:
    friend class Cursor;
    using Clock = std::chrono::steady_clock;

    void leave();
    SqlConnection& connection();
    void step_back();
    bool pinned() const;
    /// `prepared` is gone where it had to wait for its turn.
    Task<hrana::StmtResult> run_prepared(Prepared& prepared, std::string_view sql,
                                         const hrana::Stmt& stmt, Budget& budget);
    /// Refuses what may not write; waits for the turn where one is needed.
    void require_open(const Prepared& prepared) const;
    void check_write(const Prepared& prepared) const;
    bool stands_alone(const Prepared& prepared) const;
    Task<hrana::StmtResult> write_alone(std::string_view sql, const hrana::Stmt& stmt,
                                        Budget& budget);
    Task<> take_turn();
    hrana::StmtResult run_here(Prepared& prepared, const hrana::Stmt& stmt, Budget& budget);
    hrana::StmtResult run_quietly(Prepared& prepared, const hrana::Stmt& stmt, Budget& budget);
    void begin_as_replica();
    /// What a statement has made of the transaction, whether it failed or not.
    void after(const Prepared& prepared, bool succeeded);
    void count(const hrana::StmtResult& result);
    /// The transaction was taken away meanwhile. True where the statement is thereby done.
    bool answer_for_lost_transaction(const Prepared& prepared);
    void let_go();

    std::shared_ptr<Database> database_;
    Caller caller_;
    Memory memory_;
    Database::Lease lease_;
    StoredSql own_stored_;
    StoredSql* stored_;
    std::unique_ptr<Cursor> cursor_;
    bool has_turn_ = false;
    bool reading_only_ = false;  ///< in a BEGIN READONLY
    bool lost_ = false;          ///< its transaction was rolled back for it
    bool closed_ = false;
    bool watched_ = false;

    std::atomic<bool> busy_{false};
    Clock::time_point idle_since_ = Clock::now();
};

}  // namespace tidemark::server
