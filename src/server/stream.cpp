#include "server/stream.hpp"

#include <sqlite3.h>

#include <exception>
#include <utility>

#include <tidemark/error.hpp>

#include "server/cursor.hpp"
#include "server/fault.hpp"

namespace tidemark::server {
namespace {

template <class... Visitors>
struct Overloaded : Visitors... {
    using Visitors::operator()...;
};

}  // namespace

Stream::Stream(std::shared_ptr<Database> database, const Caller& caller, StoredSql* shared)
    : database_(std::move(database)), caller_(caller), stored_(shared ? shared : &own_stored_) {}

Stream::~Stream() {
    cursor_.reset();
    let_go();
}

// ---- Claims and leases
// ---------------------------------------------------------------------------

// Only the sweep can be there, for as long as a rollback takes.
Task<Stream::Claim> Stream::claim() {
    while (busy_.exchange(true)) {
        co_await boost::asio::post(use_task);
    }
    Claim claim(*this);
    database_->require();
    if (has_turn_) {
        Loop& writers = database_->threads().writers();
        co_await continue_in(writers);
    }
    co_return claim;
}

void Stream::leave() {
    step_back();
    if ((pinned() || cursor_) != watched_) {
        watched_ = !watched_;
        watched_ ? database_->watch(*this) : database_->unwatch(*this);
    }
    idle_since_ = Clock::now();
    busy_ = false;
}

/// Others may use the connection as long as this stream does not need that very one.
void Stream::step_back() {
    if (!pinned()) database_->give_back(std::exchange(lease_, nullptr));
}

bool Stream::pinned() const {
    const bool reading = cursor_ && cursor_->is_reading();
    return lease_ && (lease_->is_altered() || reading || lease_->in_transaction());
}

bool Stream::has_state() const { return pinned() || lost_ || !stored_->empty(); }

SqlConnection& Stream::connection() {
    if (!lease_) {
        lease_ = database_->lease(caller_.role);
        lease_->serve(memory_);
    }
    return *lease_;
}

/// Ends whatever is open.
void Stream::let_go() {
    if (watched_) database_->unwatch(*this);
    watched_ = false;
    if (lease_ && lease_->in_transaction()) {
        try {
            lease_->run("ROLLBACK");
        } catch (const Fault&) {
            lease_.reset();  // closing it rolls back too
        }
    }
    database_->give_back(std::exchange(lease_, nullptr));
    reading_only_ = false;
    if (std::exchange(has_turn_, false)) database_->writers().release();
}

bool Stream::reclaim_if_idle() {
    if (busy_.exchange(true)) return false;
    const Limits& limits = database_->limits();
    const bool in_the_way = has_turn_ && database_->writers().contended();
    const std::chrono::milliseconds limit(in_the_way ? database_->write_idle_ms()
                                                     : limits.stream_idle_ms);
    const bool open = cursor_ || !autocommit();
    const bool reclaimed = open && Clock::now() - idle_since_ > limit;
    if (reclaimed) {
        lost_ = !autocommit();
        cursor_.reset();
        watched_ = false;  // the sweep takes it off the list itself
        let_go();
    }
    busy_ = false;
    return reclaimed;
}

bool Stream::answer_for_lost_transaction(const Prepared& prepared) {
    if (!lost_) return false;
    if (prepared.verb == Verb::commit || prepared.verb == Verb::rollback) lost_ = false;
    if (prepared.verb == Verb::rollback) return true;
    throw Fault("TRANSACTION_TIMEOUT",
                "The transaction was idle for too long and has been rolled back");
}

// ---- Statements
// ----------------------------------------------------------------------------------

Task<hrana::StmtResult> Stream::execute(const hrana::Stmt& stmt, Budget& budget) {
    const std::string_view sql = stored_->text(stmt.sql);
    Prepared& prepared = connection().prepare(sql);
    hrana::StmtResult result = co_await run_prepared(prepared, sql, stmt, budget);
    co_return result;
}

Task<hrana::StmtResult> Stream::run_prepared(Prepared& prepared, std::string_view sql,
                                             const hrana::Stmt& stmt, Budget& budget) {
    if (answer_for_lost_transaction(prepared)) co_return hrana::StmtResult{};
    require_open(prepared);
    if (!prepared.reads_only) {
        check_write(prepared);
        if (!has_turn_) {
            if (stands_alone(prepared)) {
                hrana::StmtResult result = co_await write_alone(sql, stmt, budget);
                co_return result;
            }
            co_await take_turn();
            Prepared& again = connection().prepare(sql);
            co_return run_here(again, stmt, budget);
        }
    }
    co_return run_here(prepared, stmt, budget);
}

hrana::StmtResult Stream::run_here(Prepared& prepared, const hrana::Stmt& stmt, Budget& budget) {
    const bool quiet = caller_.role == Role::replica && has_turn_;
    try {
        if (quiet && prepared.verb == Verb::commit) lease_->resume_triggers();
        hrana::StmtResult result =
            quiet ? run_quietly(prepared, stmt, budget) : run(*lease_, prepared, stmt, budget);
        count(result);
        after(prepared, true);
        if (quiet && prepared.verb == Verb::begin) begin_as_replica();
        return result;
    } catch (const Fault&) {
        after(prepared, false);
        throw;
    }
}

/// What a replica writes is complete already: no trigger may add to it. A round that changes the
/// schema needs the triggers where they are, and does not ask for quiet. A transaction that could
/// count its changes twice must not go on.
void Stream::begin_as_replica() {
    try {
        if (!caller_.quiet) {
            if (lease_->is_quiet()) lease_->be_loud();
            return;
        }
        lease_->be_quiet();
        lease_->suspend_triggers();
    } catch (const Error& error) {
        lease_->run("ROLLBACK");
        throw Fault("SQLITE_UNKNOWN", error.message());
    }
}

/// A trigger of the application may refuse with RAISE what a merge came to, though each of its
/// parts passed on the device where it was written: then the row is written without it.
hrana::StmtResult Stream::run_quietly(Prepared& prepared, const hrana::Stmt& stmt, Budget& budget) {
    try {
        return run(*lease_, prepared, stmt, budget);
    } catch (const Fault& fault) {
        const bool raised = fault.error.extended_code == "SQLITE_CONSTRAINT_TRIGGER";
        if (!raised || !lease_->is_quiet() || !lease_->in_transaction()) throw;
    }
    lease_->suspend_refusing_triggers();
    return run(*lease_, prepared, stmt, budget);
}

void Stream::count(const hrana::StmtResult& result) {
    constexpr auto relaxed = std::memory_order_relaxed;
    Metrics& metrics = database_->metrics();
    metrics.statements.fetch_add(1, relaxed);
    metrics.rows_read.fetch_add(result.rows_read, relaxed);
    metrics.rows_written.fetch_add(result.rows_written, relaxed);
}

/// What an administrator has blocked may still be ended.
void Stream::require_open(const Prepared& prepared) const {
    const bool ends = prepared.verb == Verb::commit || prepared.verb == Verb::rollback;
    if (!ends) database_->require_open(!prepared.reads_only);
}

void Stream::check_write(const Prepared& prepared) const {
    if (!caller_.may_write) {
        throw HttpFault(403, "AUTH_FORBIDDEN", "Authorization forbidden: this access is read-only");
    }
    if (reading_only_ && prepared.verb != Verb::rollback) {
        throw Fault("SQLITE_READONLY", "SQLite error: the transaction was begun READONLY");
    }
}

bool Stream::stands_alone(const Prepared& prepared) const {
    const bool plain = prepared.verb == Verb::insert || prepared.verb == Verb::change ||
                       prepared.verb == Verb::other;
    return plain && !prepared.alone && !lease_->is_altered() && autocommit() &&
           caller_.role == Role::client;
}

Task<hrana::StmtResult> Stream::write_alone(std::string_view sql, const hrana::Stmt& stmt,
                                            Budget& budget) {
    const Memory memory_before = memory_;
    const Budget budget_before = budget;
    hrana::StmtResult result;
    std::optional<Fault> fault;
    Write write;
    write.apply = [&](SqlConnection& writer) {
        memory_ = memory_before;
        budget = budget_before;
        fault.reset();
        try {
            writer.serve(memory_);
            result = run(writer, writer.prepare(sql), stmt, budget);
        } catch (const Fault& what) {
            fault = what;
        }
        const bool too_large = fault && fault->error.code == "RESPONSE_TOO_LARGE";
        return too_large ? Write::Verdict::undo : Write::Verdict::keep;
    };
    step_back();
    co_await database_->write(write);
    if (lease_) lease_->serve(memory_);
    if (write.failure) throw Fault(*write.failure);
    if (fault) throw Fault(*fault);
    count(result);
    co_return result;
}

Task<> Stream::take_turn() {
    step_back();
    co_await database_->take_turn();
    has_turn_ = true;
}

void Stream::after(const Prepared& prepared, bool succeeded) {
    const bool open = lease_->in_transaction();
    if (succeeded && prepared.verb == Verb::begin) {
        reading_only_ = prepared.begins_reading;
    }
    if (!open) reading_only_ = false;
    if (!has_turn_ || lease_->holds_write_lock()) return;
    if (succeeded && !open && prepared.verb != Verb::rollback) database_->news().committed();
    has_turn_ = false;
    database_->writers().release();
}

Task<hrana::BatchResult> Stream::batch(const hrana::Batch& batch, Budget& budget) {
    hrana::BatchResult result;
    result.step_results.resize(batch.steps.size());
    result.step_errors.resize(batch.steps.size());
    for (std::size_t i = 0; i < batch.steps.size(); ++i) {
        const hrana::BatchStep& step = batch.steps[i];
        if (step.condition && !holds(*step.condition, result, autocommit())) continue;
        try {
            result.step_results[i] = co_await execute(step.stmt, budget);
        } catch (const Fault& fault) {
            result.step_errors[i] = fault.error;
        }
    }
    co_return result;
}

Task<> Stream::sequence(const hrana::SqlRef& reference, Budget& budget) {
    std::string_view rest = stored_->text(reference);
    const hrana::Stmt nothing{{}, {}, {}, false};
    while (true) {
        const std::string_view from = rest;
        auto prepared = connection().prepare_next(rest);
        if (!prepared) co_return;
        const std::string_view sql = from.substr(0, from.size() - rest.size());
        if (prepared->reads_only || has_turn_) {
            co_await run_prepared(*prepared, sql, nothing, budget);
            continue;
        }
        // While it waits for its turn the connection may be another's.
        prepared.reset();
        co_await run_prepared(connection().prepare(sql), sql, nothing, budget);
    }
}

hrana::DescribeResult Stream::describe(const hrana::SqlRef& sql) {
    return server::describe(connection(), stored_->text(sql));
}

// ---- Requests
// ------------------------------------------------------------------------------------

Task<hrana::StreamResponse> Stream::handle(const hrana::StreamRequest& request, Budget& budget) {
    if (closed_) throw HttpFault(400, "STREAM_CLOSED", "Stream for this baton was closed", true);
    if (const auto* req = std::get_if<hrana::ExecuteReq>(&request)) {
        hrana::ExecuteResp response;
        response.result = co_await execute(req->stmt, budget);
        co_return response;
    }
    if (const auto* req = std::get_if<hrana::BatchReq>(&request)) {
        hrana::BatchResp response;
        response.result = co_await batch(req->batch, budget);
        co_return response;
    }
    if (const auto* req = std::get_if<hrana::SequenceReq>(&request)) {
        co_await sequence(req->sql, budget);
        co_return hrana::SequenceResp{};
    }
    co_return std::visit(Overloaded{
                             [&](const hrana::DescribeReq& req) -> hrana::StreamResponse {
                                 return hrana::DescribeResp{describe(req.sql)};
                             },
                             [&](const hrana::StoreSqlReq& req) -> hrana::StreamResponse {
                                 stored_->store(req.sql_id, req.sql, database_->limits());
                                 return hrana::StoreSqlResp{};
                             },
                             [&](const hrana::CloseSqlReq& req) -> hrana::StreamResponse {
                                 stored_->forget(req.sql_id);
                                 return hrana::CloseSqlResp{};
                             },
                             [&](const hrana::GetAutocommitReq&) -> hrana::StreamResponse {
                                 return hrana::GetAutocommitResp{autocommit()};
                             },
                             [&](const auto&) -> hrana::StreamResponse {
                                 cursor_.reset();
                                 let_go();
                                 closed_ = true;
                                 return hrana::CloseResp{};
                             },
                         },
                         request);
}

// ---- Cursors
// -------------------------------------------------------------------------------------

Cursor& Stream::open_cursor(hrana::Batch batch) {
    cursor_.reset();
    cursor_ = std::make_unique<Cursor>(*this, std::move(batch));
    return *cursor_;
}

void Stream::close_cursor() { cursor_.reset(); }

}  // namespace tidemark::server
