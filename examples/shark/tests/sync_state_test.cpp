#include "shark/sync_state.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "support/temp_folder.hpp"

namespace shark {
namespace {

constexpr std::int64_t day_s = 86'400;
constexpr std::int64_t new_year_s = 1'767'225'600;  // 2026-01-01 00:00:00 UTC

tidemark::SyncReport report(std::int64_t pushed, std::int64_t pulled) {
    tidemark::SyncReport out;
    out.pushed = pushed;
    out.pulled = pulled;
    return out;
}

class SharkState : public testing::Test {
protected:
    tidemark::TempFolder folder;
    std::string file = folder / "turso-sync.json";
};

TEST_F(SharkState, E6IsKeptInItsFile) {
    SyncState state = SyncState::load(file);
    const std::string device = state.device_id;
    EXPECT_EQ(device.size(), 36u);
    state.worked(report(3, 4), new_year_s);
    state.failed("no network", true, new_year_s + 40);
    state.news = true;
    state.save(file);
    const SyncState again = SyncState::load(file);
    EXPECT_EQ(again.device_id, device);
    EXPECT_EQ(again.last_sync_at, "2026-01-01 00:00:00");
    EXPECT_EQ(again.last_attempt_s, new_year_s + 40);
    EXPECT_EQ(again.last_error, "no network");
    EXPECT_TRUE(again.news);
    EXPECT_EQ(again.usage(new_year_s).rows_written, 3);
    EXPECT_EQ(again.usage(new_year_s).rows_read, 4);
}

TEST_F(SharkState, ADamagedFileCostsNothingButTheFigures) {
    std::ofstream(file) << R"({"device_id": 17)";
    const SyncState state = SyncState::load(file);
    EXPECT_TRUE(state.days.empty());
    EXPECT_FALSE(state.device_id.empty());
}

TEST_F(SharkState, G5CountsTheMonthAndWarnsAtEightyPercent) {
    SyncState state;
    state.worked(report(1000, 0), new_year_s - 1);
    state.worked(report(79, 10), new_year_s);
    const FreePlan plan{1000, 100};
    EXPECT_EQ(state.usage(new_year_s).rows_written, 79);
    EXPECT_TRUE(usage_warnings(state.usage(new_year_s), plan).empty());
    state.worked(report(1, 0), new_year_s + day_s);
    const auto warnings = usage_warnings(state.usage(new_year_s + day_s), plan);
    ASSERT_EQ(warnings.size(), 1u);
    EXPECT_EQ(warnings[0], "80 % of this month's free writes are used (80 of 100).");
    EXPECT_EQ(FreePlan().rows_read, 500'000'000);
    EXPECT_EQ(FreePlan().rows_written, 10'000'000);
}

TEST_F(SharkState, I5TheSuccessRateLeavesOutTheUsersOwnOutages) {
    SyncState state;
    EXPECT_EQ(state.success_rate(), 100);
    for (int i = 0; i < 3; ++i) state.worked(report(1, 1), new_year_s);
    for (int i = 0; i < 9; ++i) state.failed("no network", true, new_year_s);
    EXPECT_EQ(state.success_rate(), 100);
    state.failed("the server is broken", false, new_year_s);
    EXPECT_EQ(state.success_rate(), 75);
}

TEST_F(SharkState, OldDaysAreForgotten) {
    SyncState state;
    for (int i = 0; i < 60; ++i) state.worked(report(1, 1), new_year_s + i * day_s);
    EXPECT_EQ(state.days.size(), 31u);
    EXPECT_EQ(state.days.back().date, "2026-03-01");
}

}  // namespace
}  // namespace shark
