// A primary forgets old deletions and commits; a device that was away for longer loses nothing and
// brings nothing back.

#include "base/tuning.hpp"
#include "support/story.hpp"
#include "support/time_travel.hpp"

namespace tidemark {
namespace {

constexpr std::int64_t past_horizon = tuning::horizon_days + 20;

class Horizon : public Story {
protected:
    Horizon() {
        two_devices(
            "CREATE TABLE t(id TEXT PRIMARY KEY, v, w);"
            "CREATE TABLE n(id INTEGER PRIMARY KEY, v);"
            "CREATE TABLE child(id TEXT PRIMARY KEY, t TEXT REFERENCES t(id));"
            "INSERT INTO t VALUES ('w', 'old', 0), ('x', 'old', 0), ('y', 'old', 0);"
            "INSERT INTO n VALUES (1, 'one'), (2, 'two')");
    }
    /// What a.db does while b.db is away, so that the primary forgets the deletions in it.
    void long_ago(const std::string& sql) {
        edit("a.db", sql);
        sync("a.db");
        time.days(past_horizon);
        edit("a.db", "UPDATE t SET w = w + 1 WHERE id = 'w'");
        sync("a.db");
        ASSERT_EQ(ask("primary.db", "SELECT count(*) FROM tidemark_rows_t WHERE gone"), Dump{"0"});
    }
    std::int64_t number(const std::string& file, const std::string& sql) {
        return std::stoll(ask(file, sql).at(0));
    }

    TimeTravel time;
};

TEST_F(Horizon, WhatWasDeletedMeanwhileDoesNotComeBack) {
    long_ago(
        "DELETE FROM t WHERE id = 'x'; DELETE FROM n WHERE id = 2; "
        "UPDATE t SET v = 'new' WHERE id = 'y'; INSERT INTO t VALUES ('z', 'new', 0)");
    sync("b.db");
    EXPECT_EQ(ask("b.db", "SELECT id, v FROM t ORDER BY 1"),
              (Dump{"'w', 'old'", "'y', 'new'", "'z', 'new'"}));
    EXPECT_EQ(ask("b.db", "SELECT id FROM n"), Dump{"1"});
    settle();
    EXPECT_TRUE(conflicts("b.db").empty());
    EXPECT_EQ(sync("b.db").round_trips, 1) << "from then on it is a device like any other";
}

TEST_F(Horizon, PendingEditsOfTheReturningDeviceSurvive) {
    edit("b.db",
         "UPDATE t SET v = 'of b' WHERE id IN ('x', 'y'); INSERT INTO t VALUES ('b', 'of b', 0); "
         "DELETE FROM n WHERE id = 1; INSERT INTO n VALUES (3, 'three of b')");
    long_ago(
        "DELETE FROM t WHERE id = 'x'; UPDATE t SET w = 'of a' WHERE id = 'y'; "
        "INSERT INTO n VALUES (3, 'three of a')");
    settle({"b.db", "a.db"});
    EXPECT_EQ(ask("a.db", "SELECT id, v, w FROM t WHERE id <> 'w' ORDER BY 1"),
              (Dump{"'b', 'of b', 0", "'x', 'of b', 0", "'y', 'of b', 'of a'"}));
    EXPECT_EQ(ask("a.db", "SELECT v FROM n ORDER BY 1"),
              (Dump{"'three of a'", "'three of b'", "'two'"}));
    ASSERT_EQ(conflicts("b.db").size(), 2u) << "the deletion of x, and the fresh number";
}

TEST_F(Horizon, ARowThatAPendingRowRefersToStays) {
    edit("b.db", "INSERT INTO child VALUES ('c', 'x')");
    long_ago("DELETE FROM t WHERE id = 'x'");
    settle({"b.db", "a.db"});
    EXPECT_EQ(ask("a.db", "SELECT t.v FROM child JOIN t ON t.id = child.t"), Dump{"'old'"});
}

TEST_F(Horizon, ADeviceThatSyncedInTimeHearsOfDeletionsTheUsualWay) {
    edit("a.db", "DELETE FROM t WHERE id = 'x'");
    sync("a.db");
    time.days(tuning::horizon_days - 1);
    edit("a.db", "DELETE FROM t WHERE id = 'y'");
    sync("a.db");
    EXPECT_EQ(sync("b.db").pulled, 2);
    time.days(past_horizon);
    EXPECT_EQ(sync("b.db").round_trips, 1);
    edit("a.db", "UPDATE t SET v = 'after a quiet year' WHERE id = 'w'");
    sync("a.db");
    EXPECT_EQ(number("primary.db", "SELECT count(*) FROM tidemark_rows_t WHERE gone"), 0);
    const SyncReport report = sync("b.db");
    EXPECT_EQ(report.round_trips, 1) << "its mark was the newest of the old commits";
    EXPECT_EQ(report.pulled, 1);
}

TEST_F(Horizon, ItCanBeSetAtThePrimaryAndCommitsDoNotPileUp) {
    shell("primary.db", "UPDATE tidemark_meta SET horizon_days = 10");
    for (int day = 0; day < 40; ++day) {
        edit("a.db", "INSERT INTO t VALUES ('day " + std::to_string(day) +
                         "', 0, 0); "
                         "DELETE FROM t WHERE id = 'day " +
                         std::to_string(day - 1) + "'");
        sync("a.db");
        time.days(1);
    }
    EXPECT_LE(number("primary.db", "SELECT count(*) FROM tidemark_commits"), 14);
    EXPECT_LE(number("primary.db", "SELECT count(*) FROM tidemark_rows_t WHERE gone"), 14);
    settle();
}

TEST_F(Horizon, ADeviceRestoredFromABackupOlderThanItBringsNothingBackEither) {
    copy("b.db", "backup.db");
    long_ago("DELETE FROM t WHERE id = 'x'");
    sync("b.db");
    edit("b.db", "DELETE FROM t WHERE id = 'y'");
    sync("b.db");
    copy("backup.db", "b.db");
    edit("b.db", "INSERT INTO t VALUES ('after', 'restoring', 0)");
    settle({"b.db", "a.db"});
    EXPECT_EQ(ask("a.db", "SELECT id FROM t ORDER BY 1"), (Dump{"'after'", "'w'"}));
}

TEST_F(Horizon, ASchemaThatChangedMeanwhileArrivesToo) {
    edit("b.db", "UPDATE t SET v = 'of b' WHERE id = 'y'");
    long_ago("DELETE FROM t WHERE id = 'x'; ALTER TABLE t ADD COLUMN tag; UPDATE t SET tag = 'a'");
    settle({"b.db", "a.db"});
    EXPECT_EQ(ask("b.db", "SELECT id, v, tag FROM t ORDER BY 1"),
              (Dump{"'w', 'old', 'a'", "'y', 'of b', 'a'"}));
}

TEST_F(Horizon, VerifyFindsWhatADeviceThatWasAwayStillHas) {
    long_ago("DELETE FROM t WHERE id = 'x'");
    const VerifyReport report = Replica::open(path("b.db")).verify();
    EXPECT_EQ(report.found.at(2).only_here, 1);
    settle();
    EXPECT_TRUE(Replica::open(path("b.db")).verify().equal());
}

}  // namespace
}  // namespace tidemark
