// What a sync costs where little or nothing is new, and the ways to sync only in part.

#include "support/story.hpp"

namespace tidemark {
namespace {

class RoundTrips : public Story {
protected:
    RoundTrips() {
        two_devices(
            "CREATE TABLE t(id TEXT PRIMARY KEY, v); CREATE TABLE u(id INTEGER PRIMARY KEY, v "
            "UNIQUE); "
            "INSERT INTO t VALUES ('x', 1), ('y', 2); INSERT INTO u VALUES (1, 1), (2, 2)");
    }
    boost::json::object sync_json(const std::string& file,
                                  const std::string& option = "--verbose") {
        return tidemark_json({"sync", file, option});
    }
};

TEST_F(RoundTrips, NothingNewTakesOne) {
    const auto report = sync_json("b.db");
    EXPECT_EQ(report.at("round_trips").as_int64(), 1);
    EXPECT_EQ(report.at("pushed").as_int64() + report.at("pulled").as_int64(), 0);
    EXPECT_EQ(report.at("bytes_sent").as_int64() / 1000, 0);
    EXPECT_EQ(tidemark({"sync", "b.db"}).out, "In step with the primary; nothing to do.\n");
}

TEST_F(RoundTrips, ASmallPushTakesOne) {
    edit("b.db",
         "UPDATE t SET v = 10 WHERE id = 'x'; DELETE FROM t WHERE id = 'y'; INSERT INTO u VALUES "
         "(3, 3); "
         "UPDATE u SET v = v + 10 WHERE id < 3");
    const auto report = sync_json("b.db");
    EXPECT_EQ(report.at("round_trips").as_int64(), 1);
    EXPECT_EQ(report.at("pushed").as_int64(), 5);
    EXPECT_EQ(report.at("pending").as_int64(), 0);
    expect_same("b.db", "primary.db");
}

TEST_F(RoundTrips, ASmallPullTakesOne) {
    edit("b.db", "UPDATE t SET v = 10 WHERE id = 'x'");
    sync("b.db");
    const auto report = sync_json("a.db");
    EXPECT_EQ(report.at("round_trips").as_int64(), 1);
    EXPECT_EQ(report.at("pulled").as_int64(), 1);
    EXPECT_EQ(sync("a.db").round_trips, 1) << "what came is not sent back";
}

TEST_F(RoundTrips, BothDirectionsTakeTwo) {
    edit("b.db", "UPDATE t SET v = 10 WHERE id = 'x'");
    sync("b.db");
    edit("a.db", "UPDATE t SET v = 20 WHERE id = 'y'");
    EXPECT_EQ(sync_json("a.db").at("round_trips").as_int64(), 2);
}

TEST_F(RoundTrips, AnEditUndoneBeforeTheSyncCostsNothing) {
    edit("b.db", "INSERT INTO t VALUES ('brief', 1)");
    edit("b.db", "DELETE FROM t WHERE id = 'brief'; UPDATE t SET v = v WHERE id = 'x'");
    sync("b.db");
    EXPECT_EQ(sync("a.db").pulled, 0);
    expect_same("a.db", "b.db");
}

TEST_F(RoundTrips, ARowEditedOftenIsSentOnce) {
    for (int i = 0; i < 20; ++i)
        edit("b.db", "UPDATE t SET v = " + std::to_string(i) + " WHERE id = 'x'");
    EXPECT_EQ(sync("b.db").pushed, 1);
    EXPECT_EQ(sync("a.db").pulled, 1);
}

TEST_F(RoundTrips, ADryRunPredictsAndChangesNothing) {
    edit("b.db", "UPDATE t SET v = 10 WHERE id = 'x'; INSERT INTO u VALUES (9, 9)");
    sync("b.db");
    edit("a.db",
         "UPDATE t SET v = 11 WHERE id = 'x'; UPDATE t SET v = 12 WHERE id = 'y'; DELETE FROM u "
         "WHERE id = 1");
    edit("primary.db", "INSERT INTO u VALUES (10, 10)");
    const Dump here = dump_everything(path("a.db"));
    const Dump there = dump_everything(path("primary.db"));
    const auto plan = sync_json("a.db", "--dry-run");
    EXPECT_EQ(difference(here, dump_everything(path("a.db"))), "");
    EXPECT_EQ(difference(there, dump_everything(path("primary.db"))), "");
    EXPECT_TRUE(plan.at("dry_run").as_bool());
    EXPECT_EQ(plan.at("push").as_int64(), 3);
    EXPECT_EQ(plan.at("pull").as_int64(), 3);
    EXPECT_EQ(plan.at("both").as_int64(), 1);
    const SyncReport report = sync("a.db");
    EXPECT_EQ(report.pulled, 3);
    EXPECT_EQ(report.pushed, 3);
    EXPECT_EQ(report.conflicts, 1);
}

TEST_F(RoundTrips, PushOnlySendsAndPullOnlyReceives) {
    edit("b.db", "UPDATE t SET v = 'b' WHERE id = 'x'");
    sync("b.db");
    edit("a.db", "UPDATE t SET v = 'a' WHERE id = 'y'");
    const auto pulled = sync_json("a.db", "--pull");
    EXPECT_EQ(pulled.at("pulled").as_int64(), 1);
    EXPECT_EQ(pulled.at("pushed").as_int64(), 0);
    EXPECT_EQ(pulled.at("pending").as_int64(), 1);
    EXPECT_EQ(ask("a.db", "SELECT v FROM t ORDER BY id"), (Dump{"'b'", "'a'"}));
    EXPECT_EQ(ask("primary.db", "SELECT v FROM t ORDER BY id"), (Dump{"'b'", "2"}));
    const auto pushed = sync_json("a.db", "--push");
    EXPECT_EQ(pushed.at("pushed").as_int64(), 1);
    EXPECT_EQ(pushed.at("pending").as_int64(), 0);
    expect_same("a.db", "primary.db");
}

TEST_F(RoundTrips, TheLibraryPushesAndPullsAlone) {
    edit("a.db", "UPDATE t SET v = 'from a' WHERE id = 'x'");
    edit("b.db", "UPDATE t SET v = 'from b' WHERE id = 'y'");
    EXPECT_EQ(Replica::open(path("a.db")).push().pushed, 1);
    const SyncReport pulled = Replica::open(path("b.db")).pull();
    EXPECT_EQ(pulled.pulled, 1);
    EXPECT_EQ(pulled.pushed, 0);
    EXPECT_EQ(pulled.pending, 1);
}

TEST_F(RoundTrips, PushOnlyDoesNotApplyWhatIsNewWhereNothingIsPending) {
    edit("b.db", "UPDATE t SET v = 'b' WHERE id = 'x'");
    sync("b.db");
    const Dump before = dump_rows(path("a.db"));
    sync_json("a.db", "--push");
    EXPECT_EQ(difference(before, dump_rows(path("a.db"))), "");
    settle();
}

TEST_F(RoundTrips, StatusCountsWhatIsPendingAndRemembersTheSyncs) {
    edit("a.db", "UPDATE t SET v = 'a'; DELETE FROM u WHERE id = 1");
    const auto status = tidemark_json({"status", "a.db"});
    EXPECT_EQ(status.at("pending").as_int64(), 3);
    EXPECT_EQ(status.at("state").as_string(), "ready");
    EXPECT_TRUE(status.at("warnings").as_array().empty());
    sync("a.db");
    const auto after = tidemark_json({"status", "a.db"});
    EXPECT_EQ(after.at("pending").as_int64(), 0);
    EXPECT_EQ(after.at("history").as_array().at(0).as_object().at("pushed").as_int64(), 3);
}

}  // namespace
}  // namespace tidemark
