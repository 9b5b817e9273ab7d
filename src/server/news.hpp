#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>

#include "server/task.hpp"
#include "sqlite/connection.hpp"

namespace tidemark::server {

/// Tells those who wait that a database has changed. Any thread may call it.
class News {
public:
    explicit News(std::string path);
    ~News();
    News(const News&) = delete;
    News& operator=(const News&) = delete;

    /// Somebody of this process has committed.
    void committed();

    /// The number of changes so far. What is read after the call is at least as new, so a wait past
    /// it misses nothing, also of other processes for a few minutes.
    std::uint64_t state();
    /// Returns when the state is another one than `past`, or after `ms`.
    Task<> wait(std::uint64_t past, std::int64_t ms);

    /// Looks for commits of other processes, and ends waits that are over.
    void sweep();
    /// Ends all waits, now and later.
    void close();
    bool closed();

private:
    using Clock = std::chrono::steady_clock;

    struct Waiter {
        virtual ~Waiter() = default;
        virtual void resume() = 0;
        Clock::time_point until;
    };
    template <class Handler>
    struct WaiterOf;
    using Waiters = std::list<std::unique_ptr<Waiter>>;

    void look_elsewhere();
    void count_one();

    const std::string path_;

    std::mutex mutex_;
    std::uint64_t count_ = 0;
    Waiters waiters_;
    bool closed_ = false;

    std::mutex watch_mutex_;             ///< taken before mutex_
    std::unique_ptr<Connection> watch_;  ///< sees what other processes commit
    std::int64_t seen_version_ = 0;
    Clock::time_point watch_until_;
};

}  // namespace tidemark::server
