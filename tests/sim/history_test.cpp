#include <gtest/gtest.h>

#include <random>

#include "sim/world.hpp"

namespace tidemark::sim {
namespace {

// Seeds that once failed, each with what was wrong then.
struct Regression {
    std::uint64_t seed;
    const char* what;
};

constexpr Regression regressions[] = {
    {4, "a row kept for its child could not stay beside a rival under UNIQUE"},
    {12, "a fresh key had pending entries of an older row"},
    {28, "a row that moved with its parent's key was not pending"},
    {40, "a row rewritten by REPLACE was taken for one that only this device knew"},
    {50, "a push was refused for ever when the device's clock had jumped"},
    {100, "unifying two rows dropped a value that neither side had seen of the other"},
    {257, "steps of a push ran before the ledger had looked at their rows"},
    {290, "looking up a rival's pending entries locked the table being read"},
};

void play(std::uint64_t first, std::uint64_t count, Faults faults) {
    for (std::uint64_t seed = first; seed < first + count; ++seed) {
        World world(seed, faults);
        const std::string wrong = world.play();
        EXPECT_EQ(wrong, "") << "replay it with: tidemark-sim --seed " << seed
                             << (faults.files ? "" : " --no-files");
    }
}

TEST(Histories, ThatOnceWentWrongGoRight) {
    for (const Regression& regression : regressions) {
        SCOPED_TRACE(regression.what);
        play(regression.seed, 1, {.files = false});
    }
}

// Two tests of each kind, so that they run side by side.
TEST(Histories, OfLostRepliesAndSkewedClocksEndEqualAndLoseNothing) {
    play(10'000, 50, {.files = false});
}
TEST(Histories, OfCopiedAndRestoredFilesEndEqualAndLoseNothing) { play(20'000, 50, {}); }

TEST(Histories, ThatNobodyHasPlayedBeforeEndEqualAndLoseNothing) {
    std::random_device device;
    play(1'000'000 + device() % 1'000'000'000, 30, {});
}

}  // namespace
}  // namespace tidemark::sim
