#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include <tidemark/replica.hpp>

namespace tidemark {

/// Waits, on a thread of its own, for a primary's server to tell that something is new there. Where
/// the primary is a file, or its server cannot tell, the thread ends by itself.
class Listener {
public:
    /// `heard` is called on the listener's thread. After it, the listener waits for resume(): what
    /// is new has to be fetched first, or it would be told of again.
    Listener(std::string path, TokenProvider token, std::function<void()> heard);
    /// Waits for the thread, a second at most.
    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    /// A sync has been done: listen from the mark that it left.
    void resume();
    /// The primary is out of reach: listen no more until resume().
    void pause();

private:
    void run();
    bool wait_to_listen();

    const std::string path_;
    const TokenProvider token_;
    const std::function<void()> heard_;
    std::atomic<bool> stopping_ = false;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool listening_ = false;  ///< guarded by mutex_
    std::thread thread_;
};

}  // namespace tidemark
