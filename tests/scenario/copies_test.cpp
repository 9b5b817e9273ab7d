// Files are copied, and restored from backups, behind Tidemark's back: nothing is dropped.

#include "support/story.hpp"

namespace tidemark {
namespace {

constexpr const char* schema = R"(
    CREATE TABLE t(id TEXT PRIMARY KEY, v, w);
    CREATE TABLE n(id INTEGER PRIMARY KEY, v);
    INSERT INTO t VALUES ('x', 'old', 0), ('y', 'old', 0);
    INSERT INTO n VALUES (1, 'one'))";

class Copies : public Story {
protected:
    Copies() { two_devices(schema); }
    Dump replica_ids() {
        return {ask("a.db", "SELECT replica FROM tidemark_meta")[0],
                ask("b.db", "SELECT replica FROM tidemark_meta")[0]};
    }
};

TEST_F(Copies, OfAReplicaBothGoOnAndNothingIsDropped) {
    remove("b.db");
    copy("a.db", "b.db");
    edit("a.db", "UPDATE t SET v = 'a' WHERE id = 'x'; INSERT INTO n(v) VALUES ('from a')");
    edit("b.db", "UPDATE t SET w = 'b' WHERE id = 'x'; INSERT INTO n(v) VALUES ('from b')");
    settle();
    EXPECT_EQ(ask("a.db", "SELECT * FROM t WHERE id = 'x'"), Dump{"'x', 'a', 'b'"});
    EXPECT_EQ(ask("b.db", "SELECT v FROM n ORDER BY v"), (Dump{"'from a'", "'from b'", "'one'"}));
    EXPECT_NE(replica_ids()[0], replica_ids()[1]);
}

TEST_F(Copies, OfAReplicaWithPendingEditsSendThemOnce) {
    remove("b.db");
    edit("a.db", "UPDATE t SET v = 'pending' WHERE id = 'x'; INSERT INTO n(v) VALUES ('pending')");
    copy("a.db", "b.db");
    edit("b.db", "UPDATE n SET v = 'pending, then edited' WHERE v = 'pending'");
    settle();
    EXPECT_EQ(ask("a.db", "SELECT v FROM n ORDER BY id"),
              (Dump{"'one'", "'pending, then edited'"}));
    EXPECT_EQ(ask("a.db", "SELECT v FROM t WHERE id = 'x'"), Dump{"'pending'"});
}

TEST_F(Copies, OfAReplicaKeepTheLaterEditOfOneValue) {
    remove("b.db");
    copy("a.db", "b.db");
    for (int round = 0; round < 3; ++round) {
        edit("a.db", "UPDATE t SET v = 'a" + std::to_string(round) + "' WHERE id = 'x'");
        edit("b.db", "UPDATE t SET v = 'b" + std::to_string(round) + "' WHERE id = 'x'");
        settle(round % 2 ? std::vector<std::string>{"a.db", "b.db"}
                         : std::vector<std::string>{"b.db", "a.db"});
        EXPECT_EQ(ask("a.db", "SELECT v FROM t WHERE id = 'x'"),
                  Dump{"'b" + std::to_string(round) + "'"});
    }
    EXPECT_EQ(conflicts("a.db").size() + conflicts("b.db").size(), 3U);
}

TEST_F(Copies, ThatAreThreeAllGoOn) {
    copy("a.db", "c.db");
    copy("a.db", "d.db");
    for (const std::string file : {"a.db", "b.db", "c.db", "d.db"}) {
        edit(file, "INSERT INTO t VALUES ('from " + file + "', 1, 1); INSERT INTO n(v) VALUES ('" +
                       file + "')");
    }
    settle({"d.db", "a.db", "c.db", "b.db"});
    EXPECT_EQ(ask("a.db", "SELECT count(*) FROM t"), Dump{"6"});
    EXPECT_EQ(ask("a.db", "SELECT count(DISTINCT v) FROM n"), Dump{"5"});
}

TEST_F(Copies, FromAnOlderBackupCarryOnAsAReplica) {
    copy("a.db", "backup.db");
    edit("a.db",
         "UPDATE t SET v = 'after the backup' WHERE id = 'x'; INSERT INTO n(v) VALUES ('after')");
    settle();
    copy("backup.db", "a.db");
    edit("a.db",
         "UPDATE t SET w = 'after restoring' WHERE id = 'x'; DELETE FROM t WHERE id = 'y'; "
         "INSERT INTO n(v) VALUES ('restored')");
    settle();
    EXPECT_EQ(ask("b.db", "SELECT * FROM t"), Dump{"'x', 'after the backup', 'after restoring'"});
    EXPECT_EQ(ask("b.db", "SELECT v FROM n ORDER BY v"), (Dump{"'after'", "'one'", "'restored'"}));
}

TEST_F(Copies, FromABackupWithEditsThatWereSentSinceDoNotSendThemTwice) {
    edit("a.db",
         "INSERT INTO n(v) VALUES ('pending in the backup'); UPDATE t SET v = 'p' WHERE id = 'x'");
    copy("a.db", "backup.db");
    sync("a.db");
    edit("b.db", "UPDATE t SET v = 'later' WHERE id = 'x'");
    settle();
    copy("backup.db", "a.db");
    settle();
    EXPECT_EQ(ask("b.db", "SELECT count(*) FROM n"), Dump{"2"});
    EXPECT_EQ(ask("b.db", "SELECT v FROM t WHERE id = 'x'"), Dump{"'later'"});
}

TEST_F(Copies, OfThePrimaryFromAnOlderBackupGetTheNewerEditsBack) {
    copy("primary.db", "backup.db");
    edit("a.db",
         "UPDATE t SET v = 'a' WHERE id = 'x'; INSERT INTO n(v) VALUES ('a'); DELETE FROM t WHERE "
         "id = 'y'");
    settle();
    edit("b.db", "UPDATE t SET w = 'pending' WHERE id = 'x'");
    copy("backup.db", "primary.db");
    settle();
    EXPECT_EQ(ask("primary.db", "SELECT * FROM t WHERE id = 'x'"), Dump{"'x', 'a', 'pending'"});
    EXPECT_EQ(ask("primary.db", "SELECT v FROM n ORDER BY v"), (Dump{"'a'", "'one'"}));
}

TEST_F(Copies, OfThePrimaryFromAnOlderBackupThatWentOnMeetEveryonesEdits) {
    copy("primary.db", "backup.db");
    edit("a.db", "UPDATE t SET v = 'before the loss' WHERE id = 'x'");
    settle();
    copy("backup.db", "primary.db");
    clone("c.db");
    edit("c.db", "UPDATE t SET v = 'c' WHERE id = 'y'; INSERT INTO t VALUES ('c', 1, 1)");
    sync("c.db");
    settle({"a.db", "b.db", "c.db"});
    EXPECT_EQ(ask("c.db", "SELECT id, v FROM t ORDER BY id"),
              (Dump{"'c', 1", "'x', 'before the loss'", "'y', 'c'"}));
}

TEST_F(Copies, OfThePrimaryFromAnOlderBackupGetTheNewerSchemaBackBesideALaterOne) {
    copy("primary.db", "backup.db");
    edit("a.db", "ALTER TABLE t ADD COLUMN a; UPDATE t SET a = 'a'");
    sync("a.db");
    copy("backup.db", "primary.db");
    edit("b.db", "ALTER TABLE t ADD COLUMN b; UPDATE t SET b = 'b'");
    sync("b.db");
    settle();
    EXPECT_EQ(ask("b.db", "SELECT id, a, b FROM t ORDER BY id"),
              (Dump{"'x', 'a', 'b'", "'y', 'a', 'b'"}));
    EXPECT_EQ(ask("primary.db", "SELECT id, a, b FROM t ORDER BY id"),
              (Dump{"'x', 'a', 'b'", "'y', 'a', 'b'"}));
}

TEST_F(Copies, OfThePrimaryFromBeforeAColumnWasDroppedBringItBackWithItsValues) {
    edit("a.db", "ALTER TABLE t ADD COLUMN kind TEXT NOT NULL DEFAULT 'plain'");
    edit("a.db", "UPDATE t SET kind = 'odd' WHERE id = 'x'");
    settle();
    copy("primary.db", "backup.db");
    edit("a.db", "ALTER TABLE t DROP COLUMN kind");
    sync("a.db");
    copy("backup.db", "primary.db");
    settle();
    EXPECT_EQ(ask("a.db", "SELECT id, kind FROM t ORDER BY id"),
              (Dump{"'x', 'odd'", "'y', 'plain'"}));
}

TEST_F(Copies, OfThePrimaryFromBeforeAUniqueIndexWasDroppedLeaveItDroppedWhereRowsNeedIt) {
    edit("a.db", "UPDATE t SET w = 1 WHERE id = 'y'; CREATE UNIQUE INDEX one_of_each ON t(v, w)");
    settle();
    copy("primary.db", "backup.db");
    edit("a.db", "DROP INDEX one_of_each");
    settle();
    edit("a.db", "UPDATE t SET w = 0");
    copy("backup.db", "primary.db");
    settle();
    EXPECT_EQ(ask("b.db", "SELECT id, v, w FROM t ORDER BY id"),
              (Dump{"'x', 'old', 0", "'y', 'old', 0"}));
    EXPECT_EQ(ask("b.db", "SELECT count(*) FROM sqlite_schema WHERE name = 'one_of_each'"),
              Dump{"0"});
}

TEST_F(Copies, OfThePrimaryFromBeforeAnEditWhoseTableWasDroppedMeanwhileKeepItAsAConflict) {
    copy("primary.db", "backup.db");
    edit("a.db", "INSERT INTO n VALUES (2, 'of a')");
    sync("a.db");
    copy("backup.db", "primary.db");
    edit("b.db", "DROP TABLE n");
    sync("b.db");
    sync("a.db");
    const std::vector<Conflict> kept = conflicts("a.db");
    EXPECT_TRUE(std::any_of(kept.begin(), kept.end(), [](const Conflict& conflict) {
        return !conflict.here.empty() && conflict.here.at(1).second == Value{std::string("of a")};
    }));
}

TEST_F(Copies, OfThePrimaryKeepANewRowOfADeviceThatHadDeletedNothing) {
    edit("a.db", "INSERT INTO t VALUES ('new', 1, 1)");
    settle();
    copy("primary.db", "backup.db");
    edit("b.db", "DELETE FROM t WHERE id = 'x'");
    settle();
    copy("backup.db", "primary.db");
    settle();
    EXPECT_EQ(ask("a.db", "SELECT count(*) FROM t WHERE id = 'new'"), Dump{"1"});
}

}  // namespace
}  // namespace tidemark
