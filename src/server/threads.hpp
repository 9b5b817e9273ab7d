#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "server/task.hpp"

namespace tidemark::server {

/// The server's threads: one event loop for each core, which reads requests and runs what only
/// reads, and one for whoever holds a database's write turn, where commits may block.
///
/// A statement that runs long, or waits for another program's lock, must not hold up the other
/// connections of its loop: while an Absence lives, a spare thread runs the loop in its place.
class Threads {
public:
    explicit Threads(std::size_t loops);
    /// stop() must have been called if start() was.
    ~Threads();
    Threads(const Threads&) = delete;
    Threads& operator=(const Threads&) = delete;

    void start();
    /// Ends the loops where they are, and waits for every thread.
    void stop();

    /// The loops in turn, for new connections.
    Loop& next();
    Loop& writers() { return *writers_; }
    Loop& first() { return *loops_.front(); }
    const std::vector<std::unique_ptr<Loop>>& loops() const { return loops_; }

    /// The calling thread is about to block, or has been busy for long. Does nothing in a thread
    /// that is none of a loop's.
    class Absence {
    public:
        Absence();
        ~Absence();
        Absence(const Absence&) = delete;
        Absence& operator=(const Absence&) = delete;

        struct Spare;

    private:
        std::shared_ptr<Spare> spare_;
    };

private:
    void run(Loop& loop);
    /// Null where too many are there already.
    std::shared_ptr<Absence::Spare> lend(Loop& loop);

    std::vector<std::unique_ptr<Loop>> loops_;
    std::unique_ptr<Loop> writers_;
    std::vector<boost::asio::executor_work_guard<LoopExecutor>> work_;
    std::atomic<std::size_t> next_{0};
    std::vector<std::thread> threads_;

    std::mutex mutex_;
    std::condition_variable spare_gone_;
    std::size_t spares_ = 0;
};

}  // namespace tidemark::server
