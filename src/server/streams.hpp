#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "server/baton.hpp"
#include "server/limits.hpp"
#include "server/stream.hpp"

namespace tidemark::server {

/// The HTTP streams that wait for their next request, each known by the baton that it gave last.
/// Any thread may call it.
class Streams {
public:
    explicit Streams(const Limits& limits) : limits_(limits) {}

    /// A stream that a request uses; its claim on it.
    struct Taken {
        std::shared_ptr<Stream> stream;
        Baton next;  ///< what it is known by after this request
    };

    /// The stream of a baton, which is thereby used up. Throws HttpFault where it is malformed,
    /// used already, expired, or of another database.
    Taken take(std::string_view baton, const Database& database);
    /// A place for a new stream. Throws HttpFault where there are too many.
    Taken add(std::shared_ptr<Stream> stream);
    /// Whether there is a place even for streams that have nothing to keep: they may not take more
    /// than half.
    bool is_roomy() const;

    /// The request is over and the stream goes on: from now on its time runs.
    void put_back(Taken taken);
    std::string baton(const Taken& taken) const { return maker_.write(taken.next); }

    /// Ends those that have waited too long. Called every now and then.
    void sweep();
    void clear();
    std::size_t count() const;

private:
    using Clock = std::chrono::steady_clock;
    struct Entry {
        std::shared_ptr<Stream> stream;
        std::uint64_t sequence = 0;
        Clock::time_point since;
    };
    struct Expired {
        std::uint64_t stream;
        Clock::time_point when;
    };

    const Limits& limits_;
    BatonMaker maker_;
    mutable std::mutex mutex_;
    std::unordered_map<std::uint64_t, Entry> waiting_;
    std::deque<Expired> expired_;  ///< remembered for a while, to say why they are gone
    std::uint64_t last_id_ = 0;
};

}  // namespace tidemark::server
