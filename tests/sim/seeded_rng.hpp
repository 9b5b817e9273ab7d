#pragma once

#include <cstdint>
#include <vector>

#include "base/rng.hpp"

namespace tidemark::sim {

/// The only randomness in a history: a seed replays it.
class SeededRng final : public Rng {
public:
    explicit SeededRng(std::uint64_t seed);
    std::uint64_t next() override;

    std::int64_t below(std::int64_t bound) {
        return static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(bound));
    }
    bool chance(int percent) { return below(100) < percent; }

    template <typename T>
    T& one_of(std::vector<T>& things) {
        return things[static_cast<std::size_t>(below(static_cast<std::int64_t>(things.size())))];
    }
    template <typename T>
    const T& one_of(const std::vector<T>& things) {
        return things[static_cast<std::size_t>(below(static_cast<std::int64_t>(things.size())))];
    }

private:
    std::uint64_t state_;
};

}  // namespace tidemark::sim
