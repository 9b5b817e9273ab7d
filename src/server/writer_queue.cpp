#include "server/writer_queue.hpp"

#include <sqlite3.h>

#include <exception>
#include <utility>

#include <boost/asio/post.hpp>
#include <tidemark/error.hpp>

#include "server/fault.hpp"

namespace tidemark::server {
namespace {

bool has_open_references(sqlite3* db) {
    int now = 0;
    int highest = 0;
    sqlite3_db_status(db, SQLITE_DBSTATUS_DEFERRED_FKS, &now, &highest, 0);
    return now != 0;
}

void roll_back(SqlConnection& connection) {
    if (connection.in_transaction()) connection.run("ROLLBACK");
}

/// What a client is told of an exception that is not about its own SQL.
hrana::ProtocolError told(const std::exception_ptr& what) {
    try {
        std::rethrow_exception(what);
    } catch (const Fault& fault) {
        return fault.error;
    } catch (const std::exception& error) {
        return {error.what(), "SQLITE_IOERR", {}};
    }
}

}  // namespace

template <class Handler>
struct WriterQueue::WaiterOf final : Waiter {
    explicit WaiterOf(Handler with) : handler(std::move(with)) {}
    void resume(bool turn_came) override {
        const auto executor = boost::asio::get_associated_executor(handler);
        boost::asio::post(
            executor, [to = std::move(handler), turn_came]() mutable { std::move(to)(turn_came); });
    }
    Handler handler;
};

WriterQueue::WriterQueue(Loop& writers, const Limits& limits, Connect connect,
                         std::function<void()> committed, Owner owner)
    : writers_(writers),
      limits_(limits),
      connect_(std::move(connect)),
      committed_(std::move(committed)),
      owner_(std::move(owner)) {}

WriterQueue::~WriterQueue() = default;

// ---- Waiting
// -------------------------------------------------------------------------------------

Task<bool> WriterQueue::enter(Write* write) {
    auto initiate = [this, write](auto handler) {
        auto waiter = std::make_unique<WaiterOf<decltype(handler)>>(std::move(handler));
        waiter->write = write;
        push(std::move(waiter));
    };
    const bool came = co_await boost::asio::async_initiate<decltype(use_task), void(bool)>(
        std::move(initiate), use_task);
    co_return came;
}

Task<bool> WriterQueue::write(Write& one) {
    const bool came = co_await enter(&one);
    co_return came;
}

Task<bool> WriterQueue::take() {
    const bool came = co_await enter(nullptr);
    if (came) co_await continue_in(writers_);
    co_return came;
}

void WriterQueue::push(std::unique_ptr<Waiter> waiter) {
    const std::lock_guard lock(mutex_);
    queue_.push_back(std::move(waiter));
    ++waiting_;
    if (!std::exchange(taken_, true)) start_pump();
}

void WriterQueue::release() { start_pump(); }

// Whoever waited may have been the last that needed the database, and goes on in another thread.
void WriterQueue::start_pump() {
    boost::asio::post(writers_, [this, owner = owner_()] { pump(); });
}

void WriterQueue::sweep() { turn_away(Clock::now() - std::chrono::milliseconds(limits_.busy_ms)); }

void WriterQueue::turn_away() { turn_away(Clock::time_point::max()); }

void WriterQueue::turn_away(Clock::time_point limit) {
    Waiters late;
    {
        const std::lock_guard lock(mutex_);
        while (!queue_.empty() && queue_.front()->since < limit) {
            late.push_back(std::move(queue_.front()));
            queue_.pop_front();
            --waiting_;
        }
    }
    for (const auto& waiter : late) waiter->resume(false);
}

void WriterQueue::close() { connection_.reset(); }

// ---- The pump, in a thread for writers: one at a time, because it holds the turn
// ------------------

void WriterQueue::pump() {
    for (Waiters group = next_group(); !group.empty(); group = next_group()) {
        run_group(group);
        for (const auto& waiter : group) waiter->resume(true);
    }
}

WriterQueue::Waiters WriterQueue::next_group() {
    const std::lock_guard lock(mutex_);
    Waiters group;
    while (!queue_.empty() && queue_.front()->write && group.size() < limits_.group_writes) {
        group.push_back(std::move(queue_.front()));
        queue_.pop_front();
    }
    waiting_ -= group.size();
    if (!group.empty()) return group;
    if (queue_.empty()) {
        taken_ = false;
    } else {
        queue_.front()->resume(true);
        queue_.pop_front();
        --waiting_;
    }
    return group;
}

void WriterQueue::run_group(const Waiters& group) {
    try {
        if (stale_.exchange(false)) connection_.reset();
        if (!connection_) connection_ = connect_();
        if (group.size() > 1 && try_together(group)) return;
        for (const auto& waiter : group) {
            if (!waiter->write->settled) run_alone(*waiter->write);
        }
    } catch (...) {
        fail(group, told(std::current_exception()));
    }
}

void WriterQueue::fail(const Waiters& group, const hrana::ProtocolError& error) {
    for (const auto& waiter : group) waiter->write->failure = error;
}

/// False where one of them took the others' transaction down with it: then nothing has happened.
bool WriterQueue::try_together(const Waiters& group) {
    {
        const SqlConnection::Timed timed(*connection_);
        connection_->run("BEGIN IMMEDIATE");
    }
    try {
        for (const auto& waiter : group) {
            if (apply_in_savepoint(*waiter->write)) continue;
            roll_back(*connection_);
            return false;
        }
        connection_->run("COMMIT");
    } catch (const Fault&) {
        roll_back(*connection_);
        return false;
    }
    ++counts_.commits;
    counts_.writes += group.size();
    committed_();
    return true;
}

// A statement that fails undoes itself, and what it leaves (OR FAIL) it would leave alone too. A
// reference that would be checked at its own commit is checked here, before others hide it.
bool WriterQueue::apply_in_savepoint(Write& write) {
    connection_->run("SAVEPOINT one");
    const Write::Verdict verdict = write.apply(*connection_);
    write.settled = !connection_->in_transaction();
    if (write.settled) return false;
    if (has_open_references(connection_->handle())) return false;
    if (verdict == Write::Verdict::undo) connection_->run("ROLLBACK TO one");
    connection_->run("RELEASE one");
    return true;
}

void WriterQueue::run_alone(Write& write) {
    write.failure.reset();
    try {
        {
            const SqlConnection::Timed timed(*connection_);
            connection_->run("BEGIN IMMEDIATE");
        }
        const Write::Verdict verdict = write.apply(*connection_);
        if (!connection_->in_transaction()) return;  // the statement itself has rolled back
        if (verdict == Write::Verdict::undo) return roll_back(*connection_);
        connection_->run("COMMIT");
        ++counts_.commits;
        ++counts_.writes;
        committed_();
    } catch (...) {
        write.failure = told(std::current_exception());
        roll_back(*connection_);
    }
}

}  // namespace tidemark::server
