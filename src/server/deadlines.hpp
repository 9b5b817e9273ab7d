#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>

namespace tidemark::server {

/// Cuts connections whose peer has kept silent, or has not read, for too long: their sockets are
/// shut down, and whatever they wait for ends. One look at all of them now and then costs less than
/// a timer for each operation. Any thread may call it.
class Deadlines {
    struct Entry {
        std::atomic<std::int64_t> at_ms;
        std::atomic<bool> idle;
        int socket;
    };
    using Entries = std::list<Entry>;

public:
    /// The deadline of one connection, whose socket must outlive it.
    class Watch {
    public:
        Watch(Deadlines& owner, int socket);
        ~Watch();
        Watch(const Watch&) = delete;
        Watch& operator=(const Watch&) = delete;

        /// From now on. `idle`: it may be cut at once when the server stops.
        void allow(std::int64_t ms, bool idle = false);
        void stop() { entry_->at_ms = never; }

    private:
        Deadlines& owner_;
        Entries::iterator entry_;
    };

    void sweep();
    /// Cuts those that are idle, or all.
    void cut(bool all);
    std::size_t count() const;

private:
    static constexpr std::int64_t never = INT64_MAX;
    static std::int64_t now_ms();

    mutable std::mutex mutex_;
    Entries entries_;
};

}  // namespace tidemark::server
