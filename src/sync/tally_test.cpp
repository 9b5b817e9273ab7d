#include "sync/tally.hpp"

#include <gtest/gtest.h>

#include "support/temp_folder.hpp"

namespace tidemark {
namespace {

constexpr std::int64_t day_ms = 86'400'000;
constexpr std::int64_t now_ms = 1'773'100'000'000;  // 2026-03-09

class TallyTest : public testing::Test {
protected:
    void sync(std::int64_t at_ms, std::int64_t duration_ms, const std::string& error = {},
              bool offline = false) {
        SyncRecord record;
        record.at_ms = at_ms;
        record.duration_ms = duration_ms;
        record.error = error;
        record.offline = offline;
        record.bytes_sent = 10;
        record.rows_read = 3;
        tally.add(record);
    }
    TempFolder folder;
    Connection connection{folder / "a.db", Connection::Open::create};
    Tally tally{connection};
};

TEST_F(TallyTest, B17I5ThirtyDaysOfSyncsAreCountedAndTheirDurationsRanked) {
    EXPECT_EQ(tally.summary(now_ms).succeeded, 0);
    for (int i = 1; i <= 100; ++i) sync(now_ms - (i % 30) * day_ms, i);
    sync(now_ms, 5'000, "it broke");
    sync(now_ms, 5'000, "unreachable", true);
    const SyncSummary summary = tally.summary(now_ms);
    EXPECT_EQ(summary.succeeded, 100);
    EXPECT_EQ(summary.failed, 1);
    EXPECT_EQ(summary.offline, 1);
    EXPECT_EQ(summary.p50_ms, 50);
    EXPECT_EQ(summary.p95_ms, 95);
    EXPECT_NEAR(summary.success_rate(), 100. / 101, 1e-9);
    EXPECT_EQ(tally.summary(now_ms + 31 * day_ms).succeeded, 0);
}

TEST_F(TallyTest, G5UsageIsThatOfThisMonth) {
    sync(now_ms, 1);
    sync(now_ms - 8 * day_ms, 1);  // the 1st
    sync(now_ms - 9 * day_ms, 1);  // the month before
    EXPECT_EQ(tally.usage(now_ms).bytes_sent, 20);
    EXPECT_EQ(tally.usage(now_ms).rows_read, 6);
}

TEST_F(TallyTest, OldDaysAreForgotten) {
    for (int day = 0; day < 200; ++day) sync(now_ms + day * day_ms, 123'456);
    EXPECT_LE(connection.integer("SELECT count(*) FROM tidemark_days"), 100);
    EXPECT_EQ(connection.scalar("SELECT durations FROM tidemark_days LIMIT 1"),
              Value{std::string(R"({"120000":1})")});
}

}  // namespace
}  // namespace tidemark
