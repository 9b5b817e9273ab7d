#include "sim/seeded_rng.hpp"

namespace tidemark::sim {

/// Seeds that stand beside each other must not make the same numbers one place apart.
SeededRng::SeededRng(std::uint64_t seed) : state_(seed) { state_ = next() ^ (next() << 1); }

std::uint64_t SeededRng::next() {
    state_ += 0x9e3779b97f4a7c15ULL;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
}

}  // namespace tidemark::sim
