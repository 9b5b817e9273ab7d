#pragma once

#include <cstdint>

#include "base/clock.hpp"

namespace tidemark::sim {

/// The true time of a simulated world. Each machine shows it with an error of its own.
class VirtualClock final : public Clock {
public:
    void advance(std::int64_t ms) { now_ms_ += ms; }

    std::int64_t now_ms() override { return now_ms_; }
    std::int64_t steady_ms() override { return now_ms_; }
    void sleep_ms(std::int64_t ms) override { advance(ms); }

private:
    std::int64_t now_ms_ = 1'700'000'000'000;
};

}  // namespace tidemark::sim
