// Rows that a REPLACE removes through a unique index: no delete trigger fires for them.

#include <gtest/gtest.h>
#include <sqlite3.h>

#include "capture/captured_file.hpp"

namespace tidemark::capture {
namespace {

using Entries = CapturedFile::Entries;

constexpr const char* users =
    "CREATE TABLE t(id INTEGER PRIMARY KEY, email TEXT UNIQUE COLLATE NOCASE, a, b, UNIQUE(a, b));"
    "INSERT INTO t VALUES (1, 'one', 1, 1), (2, 'two', 2, 2), (3, NULL, NULL, 3)";

TEST(Replace, ReplaceThroughAUniqueColumnMarksTheRowItRemoved) {
    CapturedFile file(users);
    EXPECT_EQ(file.after("REPLACE INTO t(id, email) VALUES (9, 'ONE')"),
              (Entries{"1 touched", "9 born"}));
    EXPECT_EQ(file.after("UPDATE OR REPLACE t SET email = 'two' WHERE id = 9"),
              (Entries{"2 touched", "9 email"}));
}

TEST(Replace, OneReplaceCanRemoveSeveralRows) {
    CapturedFile file(users);
    EXPECT_EQ(file.after("REPLACE INTO t VALUES (9, 'one', 2, 2)"),
              (Entries{"1 touched", "2 touched", "9 born"}));
    EXPECT_EQ(file.connection.integer("SELECT count(*) FROM t"), 2);
}

TEST(Replace, ARowThatHoldsOnlyAPartOfTheValuesIsNotMarked) {
    CapturedFile file(users);
    EXPECT_EQ(file.after("REPLACE INTO t VALUES (9, 'x', 1, 2)"), (Entries{"9 born"}));
}

TEST(Replace, ANullReplacesNothing) {
    CapturedFile file(users);
    EXPECT_EQ(file.after("REPLACE INTO t VALUES (9, NULL, NULL, 3)"), (Entries{"9 born"}));
}

TEST(Replace, AKeyThatSqliteHandsOutIsNoReasonToOverlookRowMinusOne) {
    CapturedFile file(std::string(users) + "; INSERT INTO t(id, email) VALUES (-1, 'minus')");
    EXPECT_EQ(file.after("REPLACE INTO t(email) VALUES ('minus')"),
              (Entries{"-1 touched", "4 born"}));
}

TEST(Replace, AnUpsertOfTheSameKeyTouchesNothingElse) {
    CapturedFile file(users);
    EXPECT_EQ(file.after(
                  "INSERT INTO t(id, email) VALUES (1, 'one') ON CONFLICT(id) DO UPDATE SET a = 7"),
              (Entries{"1 a"}));
}

TEST(Replace, AnUpdateThatReplacesNothingMarksNothing) {
    CapturedFile file(users);
    EXPECT_EQ(file.after("UPDATE t SET email = upper(email), a = a"),
              (Entries{"1 email", "2 email"}));
}

TEST(Replace, APartialIndexIsMarkedAsFarAsItReaches) {
    CapturedFile file(R"(
        CREATE TABLE t(id INTEGER PRIMARY KEY, email, gone);
        INSERT INTO t VALUES (1, 'one', 'yes'), (2, 'two', NULL), (3, 'two', 'yes');
        CREATE UNIQUE INDEX [live (where)] ON t(email) WHERE t.gone IS NULL -- not yet)");
    EXPECT_EQ(file.after("REPLACE INTO t(id, email) VALUES (4, 'one')"), (Entries{"4 born"}));
    EXPECT_EQ(file.after("REPLACE INTO t(id, email) VALUES (5, 'two')"),
              (Entries{"2 touched", "5 born"}));
    // The row enters the index by another column than the one it indexes.
    EXPECT_EQ(file.after("UPDATE OR REPLACE t SET gone = NULL WHERE id = 3"),
              (Entries{"3 gone", "5 touched"}));
    EXPECT_EQ(file.connection.integer("SELECT count(*) FROM t WHERE email = 'two'"), 1);
}

TEST(Replace, AKeyReplacedByItsOtherSpellingIsMarked) {
    CapturedFile file(
        "CREATE TABLE t(k TEXT COLLATE NOCASE PRIMARY KEY, a); INSERT INTO t VALUES ('x', 1)");
    EXPECT_EQ(file.after("REPLACE INTO t VALUES ('X', 2)"), (Entries{"'X' born", "'x' touched"}));
}

TEST(Replace, ARowWithoutAKeyIsLeftOutAndNotRefused) {
    CapturedFile file(
        "CREATE TABLE t(k TEXT, l INT, u UNIQUE, PRIMARY KEY(k, l)); INSERT INTO t VALUES (NULL, "
        "1, 1)");
    EXPECT_EQ(file.after("REPLACE INTO t VALUES ('x', 2, 1)"), (Entries{"'x',2 born"}));
    EXPECT_EQ(file.after("REPLACE INTO t VALUES ('y', 2, 1)"),
              (Entries{"'x',2 touched", "'y',2 born"}));
}

TEST(Replace, TheSearchGoesByTheIndexWhateverTheSizeOfTheTable) {
    for (const std::string where : {"", " WHERE b > 0"}) {
        CapturedFile file(
            "CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT COLLATE NOCASE, b);"
            "CREATE UNIQUE INDEX i ON t(a)" +
            where);
        file.connection.execute(
            "WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)"
            "INSERT INTO t(a, b) SELECT i, i FROM n");
        for (const char* sql : {"REPLACE INTO t(a, b) VALUES ('7', 1)",
                                "UPDATE OR REPLACE t SET a = '8', b = 2 WHERE id = 300"}) {
            sqlite3_stmt* statement = nullptr;
            sqlite3_prepare_v2(file.connection.handle(), sql, -1, &statement, nullptr);
            EXPECT_EQ(sqlite3_step(statement), SQLITE_DONE);
            const int scanned = sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_FULLSCAN_STEP, 0);
            EXPECT_LT(scanned, 10) << sql << where;
            sqlite3_finalize(statement);
        }
        EXPECT_EQ(file.connection.integer("SELECT count(*) FROM t"), 499);
    }
}

}  // namespace
}  // namespace tidemark::capture
