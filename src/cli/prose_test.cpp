#include "cli/prose.hpp"

#include <gtest/gtest.h>

namespace tidemark::cli {
namespace {

TEST(Prose, ASyncIsOneSentence) {
    SyncReport report;
    EXPECT_EQ(sentence(report, Direction::both, "a.db"),
              "In step with the primary; nothing to do.");
    report.pulled = 1200;
    EXPECT_EQ(sentence(report, Direction::both, "a.db"), "Received 1,200 rows.");
    report.pushed = 1;
    report.conflicts = 2;
    EXPECT_EQ(sentence(report, Direction::both, "a.db"),
              "Sent 1 row, received 1,200 rows, 2 conflicts (see 'tidemark conflicts a.db').");
    report = {};
    report.pending = 1;
    EXPECT_EQ(sentence(report, Direction::pull, "a.db"),
              "Nothing to receive. 1 change still waits to be sent.");
}

}  // namespace
}  // namespace tidemark::cli
