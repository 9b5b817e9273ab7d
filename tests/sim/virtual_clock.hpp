#pragma once

#include <cstdint>
#include <string>

#include "base/clock.hpp"
#include "base/rng.hpp"

namespace tidemark::sim {

/// The time of the simulated world, and a SQLite VFS for each device that shows it with the
/// device's error: triggers and everything else that asks SQLite for the time sees a skewed clock.
class VirtualClock final : public Clock {
public:
    /// Registers `devices` VFSs, once for the process.
    explicit VirtualClock(int devices);

    /// The name of a device's VFS.
    static std::string vfs(int device);
    static void skew(int device, std::int64_t ms);

    static void advance(std::int64_t ms);

    std::int64_t now_ms() override;
    std::int64_t steady_ms() override { return now_ms(); }
    void sleep_ms(std::int64_t ms) override { advance(ms); }
};

/// The only randomness in a history: a seed replays it.
class SeededRng final : public Rng {
public:
    explicit SeededRng(std::uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15ULL + 1) {}
    std::uint64_t next() override;

    std::int64_t below(std::int64_t bound) {
        return static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(bound));
    }
    bool chance(int percent) { return below(100) < percent; }

private:
    std::uint64_t state_;
};

}  // namespace tidemark::sim
