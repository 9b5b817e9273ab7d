#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace tidemark::server {

/// What the server counts. Any thread may count.
class Metrics {
public:
    using Counter = std::atomic<std::uint64_t>;

    Counter requests_ok{0};
    Counter requests_refused{0};  ///< 4xx
    Counter requests_failed{0};   ///< 5xx
    Counter statements{0};
    Counter statement_errors{0};
    Counter rows_read{0};
    Counter rows_written{0};
    Counter sockets{0};              ///< WebSockets opened
    Counter connections{0};          ///< accepted
    Counter connections_refused{0};  ///< because there were too many
    Counter syncs{0};                ///< of a served replica
    Counter sync_errors{0};

    void count_request(int status, std::chrono::steady_clock::duration took);

    /// Upper bounds of the buckets of request times, in ms.
    static constexpr std::array<double, 12> bounds_ms{0.1, 0.25, 0.5, 1,   2.5,  5,
                                                      10,  25,   100, 500, 2500, 10000};
    std::array<Counter, bounds_ms.size() + 1> durations{};
    Counter duration_us{0};
};

/// Writes the text that Prometheus reads.
class Exposition {
public:
    enum class Kind { counter, gauge };
    void add(std::string_view name, Kind kind, std::string_view help, double value);
    /// One of several values of the metric that was added last; `labels` as they stand in braces.
    void add_labelled(std::string_view name, std::string_view labels, double value);
    void describe(std::string_view name, std::string_view type, std::string_view help);
    void add(const Metrics& metrics);
    std::string text() && { return std::move(text_); }

private:
    std::string text_;
};

}  // namespace tidemark::server
