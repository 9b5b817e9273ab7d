#pragma once

#include <cstdint>

#include "base/rng.hpp"

namespace tidemark {

/// How long to wait before the next attempt: twice as long after each failure, up to a limit, and
/// each time a random part less, so that many devices do not knock at the same moment.
class Backoff {
public:
    Backoff(std::int64_t first_ms, std::int64_t most_ms) : first_ms_(first_ms), most_ms_(most_ms) {}

    std::int64_t next_ms(Rng& rng);
    void reset() { failures_ = 0; }

private:
    std::int64_t first_ms_;
    std::int64_t most_ms_;
    int failures_ = 0;
};

}  // namespace tidemark
