#include <gtest/gtest.h>

#include <random>

#include "sim/world.hpp"

namespace tidemark::sim {
namespace {

void play(std::uint64_t seed) {
    World world(seed, {});
    EXPECT_EQ(world.play().wrong, "") << "replay it with: tidemark-sim --seed " << seed;
}

void play(std::uint64_t first, std::uint64_t count) {
    for (std::uint64_t seed = first; seed < first + count; ++seed) play(seed);
}

// Several tests, so that they run side by side.
TEST(Histories, OfAFixedSetEndEqualAndLoseNothing) { play(10'000, 200); }
TEST(Histories, OfAnotherFixedSetEndEqualAndLoseNothing) { play(20'000, 200); }

TEST(Histories, ThatOnceFailedEndEqualAndLoseNothing) {
    for (const std::uint64_t seed :
         {400975,  401502,  401588,  401654,  440019,  440465,  450452,  600025,  600575,  602403,
          604139,  605301,  615128,  1005568, 1005983, 1007474, 1300548, 1300669, 2002423, 3005382,
          3033920, 3066630, 4000313, 4000336, 4001671, 4013958, 4015058, 4101467, 4108762}) {
        play(seed);
    }
}

TEST(Histories, ThatNobodyHasPlayedBeforeEndEqualAndLoseNothing) {
    std::random_device device;
    play(1'000'000 + device() % 1'000'000'000, 20);
}

}  // namespace
}  // namespace tidemark::sim
