#pragma once

#include <cstdint>

namespace tidemark {

/// Time and waiting, handed in so that a test can own both.
class Clock {
public:
    virtual ~Clock() = default;
    /// Milliseconds since 1970-01-01 UTC.
    virtual std::int64_t now_ms() = 0;
    /// Milliseconds of a clock that never goes back; only differences mean anything.
    virtual std::int64_t steady_ms() = 0;
    virtual void sleep_ms(std::int64_t ms) = 0;
};

/// The machine's own clock. Safe from any thread.
Clock& system_clock();

}  // namespace tidemark
