#include "capture/triggers.hpp"

#include <gtest/gtest.h>

#include "base/clock.hpp"
#include "capture/captured_file.hpp"

namespace tidemark::capture {
namespace {

using Entries = CapturedFile::Entries;

constexpr const char* notes =
    "CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT COLLATE NOCASE, b, c REAL);"
    "INSERT INTO t VALUES (1, 'one', 1, 1.5), (2, 'two', 2, 2.5)";

TEST(Triggers, AnInsertIsABirth) {
    CapturedFile file(notes);
    EXPECT_EQ(file.after("INSERT INTO t(a) VALUES ('x'), ('y')"), (Entries{"3 born", "4 born"}));
}

TEST(Triggers, AnUpdateNamesTheColumnsThatChanged) {
    CapturedFile file(notes);
    EXPECT_EQ(file.after("UPDATE t SET a = 'x', b = b, c = 9 WHERE id = 1"), (Entries{"1 a,c"}));
}

TEST(Triggers, AnUpdateThatChangesNothingIsNotAChange) {
    CapturedFile file(notes);
    EXPECT_EQ(file.after("UPDATE t SET id = id, a = a, b = b, c = c"), Entries{});
}

TEST(Triggers, AnotherCaseIsAChange) {
    CapturedFile file(notes);
    EXPECT_EQ(file.after("UPDATE t SET a = 'ONE' WHERE id = 1"), (Entries{"1 a"}));
}

TEST(Triggers, AnotherStorageClassIsAChange) {
    CapturedFile file(notes);
    EXPECT_EQ(file.after("UPDATE t SET b = 1.0 WHERE id = 1"), (Entries{"1 b"}));
    EXPECT_EQ(file.after("UPDATE t SET b = '1' WHERE id = 1"), (Entries{"1 b"}));
}

TEST(Triggers, ToNullAndBackAreChanges) {
    CapturedFile file(notes);
    EXPECT_EQ(file.after("UPDATE t SET a = NULL, b = NULL WHERE id = 1"), (Entries{"1 a,b"}));
    EXPECT_EQ(file.after("UPDATE t SET a = NULL WHERE id = 1"), Entries{});
    EXPECT_EQ(file.after("UPDATE t SET a = 'x' WHERE id = 1"), (Entries{"1 a"}));
}

TEST(Triggers, ADeleteIsATouchAndDeletingEverythingTouchesEveryRow) {
    CapturedFile file(notes);
    EXPECT_EQ(file.after("DELETE FROM t WHERE id = 2"), (Entries{"2 touched"}));
    EXPECT_EQ(file.after("INSERT INTO t(id) VALUES (5); DELETE FROM t"),
              (Entries{"1 touched", "5 born", "5 touched"}));
}

TEST(Triggers, AChangedKeyIsADeleteAndABirth) {
    CapturedFile file(notes);
    EXPECT_EQ(file.after("UPDATE t SET id = 9, a = 'x' WHERE id = 1"),
              (Entries{"1 touched", "9 born"}));
    EXPECT_EQ(file.after("UPDATE t SET rowid = 8 WHERE id = 9"), (Entries{"8 born", "9 touched"}));
}

TEST(Triggers, AKeyThatChangesOnlyItsCaseIsADeleteAndABirth) {
    CapturedFile file(
        "CREATE TABLE t(k TEXT COLLATE NOCASE PRIMARY KEY, a); INSERT INTO t VALUES ('x', 1)");
    EXPECT_EQ(file.after("UPDATE t SET k = 'X'"), (Entries{"'X' born", "'x' touched"}));
}

TEST(Triggers, AKeyOfAnotherStorageClassIsADeleteAndABirth) {
    CapturedFile file("CREATE TABLE t(k PRIMARY KEY, a); INSERT INTO t VALUES (1, 1)");
    EXPECT_EQ(file.after("UPDATE t SET k = 1.0"), (Entries{"1 touched", "1.0 born"}));
}

TEST(Triggers, EachSetOfColumnsKeepsItsOwnTimeAndCountsItsChanges) {
    CapturedFile file(notes);
    file.connection.execute(
        "UPDATE t SET a = 'x' WHERE id = 1; UPDATE t SET a = 'y' WHERE id = 1;"
        "UPDATE t SET a = 'z', b = 5 WHERE id = 1");
    const auto revision = [&](std::int64_t cols) {
        return file.connection.integer("SELECT rev FROM tidemark_pending_t WHERE cols = ?1",
                                       {cols});
    };
    EXPECT_EQ(file.entries(), (Entries{"1 a", "1 a,b"}));
    EXPECT_EQ(revision(2), 2);
    EXPECT_EQ(revision(6), 1);
}

TEST(Triggers, TheTimeOfAnEditIsNow) {
    CapturedFile file(notes);
    const std::int64_t before = system_clock().now_ms();
    file.connection.execute("UPDATE t SET a = 'x' WHERE id = 1");
    const std::int64_t at = file.connection.integer("SELECT at FROM tidemark_pending_t");
    EXPECT_GE(at, before);
    EXPECT_LE(at, system_clock().now_ms());
}

TEST(Triggers, NoEditIsOlderThanWhatWasAbsorbedAndNoneGoesBackInTime) {
    constexpr std::int64_t absorbed = 9'000'000'000'000;
    const auto at = [](CapturedFile& file) {
        return file.connection.integer("SELECT at FROM tidemark_pending_t");
    };
    CapturedFile file(notes);
    file.connection.execute("UPDATE tidemark_meta SET clock = ?1", {absorbed});
    file.connection.execute("UPDATE t SET a = 'x' WHERE id = 1");
    EXPECT_EQ(at(file), absorbed);
    file.connection.execute(
        "UPDATE tidemark_meta SET clock = 0; UPDATE t SET a = 'y' WHERE id = 1");
    EXPECT_EQ(at(file), absorbed);
}

TEST(Triggers, ALostClockDoesNotMakeAWriteFail) {
    CapturedFile file(notes);
    file.connection.execute("DELETE FROM tidemark_meta");
    EXPECT_EQ(file.after("INSERT INTO t(id) VALUES (3)"), (Entries{"3 born"}));
}

TEST(Triggers, ARowWithoutAKeyIsLeftOutAndNotRefused) {
    CapturedFile file("CREATE TABLE t(k TEXT PRIMARY KEY, a)");
    for (const std::string clause :
         {"", "OR ABORT", "OR FAIL", "OR ROLLBACK", "OR REPLACE", "OR IGNORE"}) {
        EXPECT_EQ(file.after("INSERT " + clause + " INTO t VALUES (NULL, 1)"), Entries{}) << clause;
        EXPECT_EQ(file.after("UPDATE " + clause + " t SET a = 2"), Entries{}) << clause;
        EXPECT_EQ(file.after("UPDATE " + clause + " t SET k = 'x'"), (Entries{"'x' born"}))
            << clause;
        EXPECT_EQ(file.after("UPDATE " + clause + " t SET k = NULL"), (Entries{"'x' touched"}))
            << clause;
        EXPECT_EQ(file.after("DELETE FROM t"), Entries{}) << clause;
    }
}

TEST(Triggers, ConflictClausesOfTheApplicationChangeNothingInTheEntries) {
    for (const std::string recursive : {"off", "on"}) {
        CapturedFile file(notes);
        file.connection.execute("PRAGMA recursive_triggers = " + recursive);
        EXPECT_EQ(file.after("INSERT INTO t(id) VALUES (1) ON CONFLICT DO NOTHING"), Entries{});
        EXPECT_EQ(file.after("INSERT OR IGNORE INTO t(id) VALUES (1), (3)"), (Entries{"3 born"}));
        EXPECT_EQ(file.after("INSERT INTO t(id, b) VALUES (1, 7) ON CONFLICT DO UPDATE SET b = 7"),
                  (Entries{"1 b"}));
        // Each statement meets the entry of the one before.
        for (const std::string clause : {"IGNORE", "REPLACE", "ABORT", "FAIL", "ROLLBACK"}) {
            EXPECT_EQ(file.after("UPDATE OR " + clause +
                                 " t SET a = 'x' || b WHERE id = 1;"
                                 "UPDATE OR " +
                                 clause + " t SET a = 'y' || b WHERE id = 1"),
                      (Entries{"1 a"}))
                << clause;
            EXPECT_EQ(file.connection.integer("SELECT rev FROM tidemark_pending_t"), 2) << clause;
        }
    }
}

TEST(Triggers, ReplacingARowIsABirth) {
    CapturedFile file(notes);
    EXPECT_EQ(file.after("REPLACE INTO t(id, a) VALUES (1, 'x')"), (Entries{"1 born"}));
    file.connection.execute("PRAGMA recursive_triggers = on");
    EXPECT_EQ(file.after("REPLACE INTO t(id, a) VALUES (1, 'x')"),
              (Entries{"1 born", "1 touched"}));
}

TEST(Triggers, CascadesAndTriggersOfTheApplicationAreCaptured) {
    CapturedFile file(R"(
        CREATE TABLE p(id INTEGER PRIMARY KEY);
        CREATE TABLE t(id INTEGER PRIMARY KEY, a REFERENCES p ON DELETE CASCADE ON UPDATE CASCADE);
        CREATE TABLE log(id INTEGER PRIMARY KEY, t);
        CREATE TRIGGER app AFTER DELETE ON t BEGIN INSERT INTO log(t) VALUES (OLD.id); END;
        INSERT INTO p VALUES (1), (2);
        INSERT INTO t VALUES (1, 1), (2, 2))");
    file.connection.execute("PRAGMA foreign_keys = on");
    EXPECT_EQ(file.after("UPDATE p SET id = 3 WHERE id = 1"), (Entries{"1 a"}));
    EXPECT_EQ(file.after("DELETE FROM p WHERE id = 2"), (Entries{"2 touched"}));
    EXPECT_EQ(file.entries("log"), (Entries{"1 born"}));
}

TEST(Triggers, KeysOfEveryShapeAreCaptured) {
    for (const std::string options : {"", "WITHOUT ROWID", "STRICT", "STRICT, WITHOUT ROWID"}) {
        CapturedFile file(
            "CREATE TABLE t(v TEXT, k2 BLOB NOT NULL, k1 TEXT NOT NULL, PRIMARY KEY(k1, k2)) " +
            options + "; INSERT INTO t VALUES ('v', x'00ff', 'it''s')");
        EXPECT_EQ(file.after("UPDATE t SET v = 'w'"), (Entries{"'it''s',X'00FF' v"})) << options;
        EXPECT_EQ(file.after("UPDATE t SET k2 = x''"),
                  (Entries{"'it''s',X'' born", "'it''s',X'00FF' touched"}))
            << options;
        EXPECT_EQ(file.after("DELETE FROM t"), (Entries{"'it''s',X'' touched"})) << options;
    }
}

TEST(Triggers, ATableThatIsAllKeyIsCaptured) {
    CapturedFile file(
        "CREATE TABLE t(a, b, PRIMARY KEY(a, b)) WITHOUT ROWID; INSERT INTO t VALUES (1, 2)");
    EXPECT_EQ(file.after("UPDATE t SET b = 3"), (Entries{"1,2 touched", "1,3 born"}));
}

TEST(Triggers, AGeneratedColumnHasNoPlaceInTheSet) {
    CapturedFile file(
        "CREATE TABLE t(id INTEGER PRIMARY KEY, g AS (a + 1) STORED, a, h AS (a), b);"
        "INSERT INTO t VALUES (1, 1, 1)");
    EXPECT_EQ(file.after("UPDATE t SET a = 2"), (Entries{"1 a"}));
    EXPECT_EQ(file.after("UPDATE t SET b = 2"), (Entries{"1 b"}));
}

TEST(Triggers, OddNamesAndReservedWordsAreCaptured) {
    for (const std::string name :
         {"two words", "it's", "a\"b", "select", "new", "OLD", "[x]", "k1"}) {
        const std::string table = tidemark::quoted(name);
        CapturedFile file("CREATE TABLE " + table +
                          R"(("at" INTEGER PRIMARY KEY, "cols" TEXT UNIQUE, "rev ""x", "old");
            INSERT INTO )" +
                          table + " VALUES (1, 'c', 'r', 0), (2, 'd', 'r', 0)");
        EXPECT_EQ(
            file.after("UPDATE " + table + R"( SET "rev ""x" = 's', "old" = 1 WHERE "at" = 1)",
                       name),
            (Entries{"1 rev \"x,old"}));
        EXPECT_EQ(file.after("REPLACE INTO " + table + R"(("at", "cols") VALUES (3, 'd'))", name),
                  (Entries{"2 touched", "3 born"}));
    }
}

TEST(Triggers, TheSixtiethColumnAndAllAfterItShareABit) {
    for (const int columns : {70, 1500}) {
        std::string schema = "CREATE TABLE t(id INTEGER PRIMARY KEY";
        for (int i = 1; i < columns; ++i) schema += ", c" + std::to_string(i);
        CapturedFile file(schema + "); INSERT INTO t(id) VALUES (1)");
        EXPECT_EQ(file.after("UPDATE t SET c58 = 1"), (Entries{"1 c58"}));
        EXPECT_EQ(file.after("UPDATE t SET c59 = 1"), (Entries{"1 the rest"}));
        EXPECT_EQ(file.after("UPDATE t SET c1 = 1, c" + std::to_string(columns - 1) + " = 1"),
                  (Entries{"1 c1,the rest"}));
    }
}

TEST(Triggers, AProgramThatDistrustsTheSchemaCanStillWrite) {
    CapturedFile file(std::string(notes) + "; CREATE UNIQUE INDEX i ON t(a)");
    file.connection.execute("PRAGMA trusted_schema = off");
    EXPECT_EQ(file.after("INSERT INTO t(id) VALUES (3); UPDATE t SET b = 7 WHERE id = 3; DELETE "
                         "FROM t WHERE id = 3"),
              (Entries{"3 born", "3 touched", "3 b"}));
}

TEST(Triggers, TheApplicationMayDropAndRenameColumns) {
    CapturedFile file(
        "CREATE TABLE t(id INTEGER PRIMARY KEY, a, b, c); CREATE UNIQUE INDEX i ON t(b) WHERE a > "
        "0;"
        "INSERT INTO t VALUES (1, 1, 1, 1)");
    file.connection.execute("ALTER TABLE t RENAME COLUMN c TO d; UPDATE t SET d = 2");
    EXPECT_EQ(file.connection.integer("SELECT cols FROM tidemark_pending_t"), 8);
    file.connection.execute(
        "DROP INDEX i; ALTER TABLE t DROP COLUMN a; ALTER TABLE t DROP COLUMN b");
    file.connection.execute(
        "DELETE FROM tidemark_pending_t; UPDATE t SET d = 3; INSERT INTO t VALUES (2, 2)");
    // The bits are still those of the schema that the triggers were made for.
    EXPECT_EQ(file.connection.integer("SELECT cols FROM tidemark_pending_t WHERE k1 = 1"), 8);
    EXPECT_EQ(file.connection.integer("SELECT cols FROM tidemark_pending_t WHERE k1 = 2"), -1);
}

}  // namespace
}  // namespace tidemark::capture
