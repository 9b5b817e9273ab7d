#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>

#include "hrana/protocol.hpp"
#include "server/sql_connection.hpp"
#include "server/task.hpp"

namespace tidemark::server {

/// A write that stands alone: a statement outside of any transaction.
struct Write {
    enum class Verdict { keep, undo };

    /// Does the write, inside a transaction that others may share. It may run more than once: the
    /// last time counts. Answers whether its effects stay; must not throw.
    std::function<Verdict(SqlConnection& connection)> apply;
    /// Why its transaction could not be committed, after apply() had said keep.
    std::optional<hrana::ProtocolError> failure;
    /// It took its whole transaction down with it, and what it answered stands.
    bool settled = false;
};

/// The turns of those who write one database, first come, first served. Nobody blocks a thread
/// while waiting. Writes that wait together share one transaction and one durable commit, each
/// within a savepoint; a transaction that spans statements has the turn for itself.
///
/// Any thread may call it.
class WriterQueue {
public:
    using Connect = std::function<std::unique_ptr<SqlConnection>()>;
    using Owner = std::function<std::shared_ptr<const void>()>;

    /// `connect` opens the connection for the writes; `committed` is told of each commit of theirs.
    /// `owner` gives what must live as long as work is under way here.
    WriterQueue(Loop& writers, const Limits& limits, Connect connect,
                std::function<void()> committed, Owner owner);
    ~WriterQueue();
    WriterQueue(const WriterQueue&) = delete;
    WriterQueue& operator=(const WriterQueue&) = delete;

    /// Does the write and waits until it is durable. False where its turn did not come.
    Task<bool> write(Write& write);

    /// Waits for the turn and goes on in a thread for writers. The turn must be given back by
    /// release(). False where it did not come.
    Task<bool> take();
    void release();

    /// Whether anybody waits.
    bool contended() const { return waiting_ > 0; }

    /// Turns away who has waited too long. Called every now and then.
    void sweep();
    /// Turns away everybody who waits.
    void turn_away();

    struct Counts {
        std::atomic<std::uint64_t> commits{0};
        std::atomic<std::uint64_t> writes{0};
    };
    const Counts& counts() const { return counts_; }

    /// Has the next writes done by a new connection.
    void reconnect() { stale_ = true; }
    /// Closes the connection, which nobody may be using.
    void close();

private:
    using Clock = std::chrono::steady_clock;

    /// Somebody in the queue. Resumed once, with whether the turn came.
    struct Waiter {
        virtual ~Waiter() = default;
        virtual void resume(bool turn_came) = 0;

        Write* write = nullptr;  ///< null: wants the turn for itself
        Clock::time_point since = Clock::now();
    };
    template <class Handler>
    struct WaiterOf;
    using Waiters = std::vector<std::unique_ptr<Waiter>>;

    Task<bool> enter(Write* write);
    void push(std::unique_ptr<Waiter> waiter);
    void start_pump();
    /// Gives the turn to whoever is first, until the queue is empty or somebody has it.
    void pump();
    /// Empty where nobody waits, or the first wants the turn for itself and has been resumed.
    Waiters next_group();
    /// Those who have waited since before `limit` are told that their turn did not come.
    void turn_away(Clock::time_point limit);
    void run_group(const Waiters& group);
    bool try_together(const Waiters& group);
    bool apply_in_savepoint(Write& write);
    void run_alone(Write& write);
    void fail(const Waiters& group, const hrana::ProtocolError& error);

    Loop& writers_;
    const Limits& limits_;
    Connect connect_;
    std::function<void()> committed_;
    Owner owner_;
    std::unique_ptr<SqlConnection> connection_;  ///< of the pump
    std::atomic<bool> stale_{false};

    std::mutex mutex_;
    std::deque<std::unique_ptr<Waiter>> queue_;
    bool taken_ = false;  ///< somebody has the turn, or the pump is about to run
    std::atomic<std::size_t> waiting_{0};
    Counts counts_;
};

}  // namespace tidemark::server
