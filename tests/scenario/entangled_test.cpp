// Rows that hang together by more than one constraint. Each of these was found by a random history
// (tests/sim).

#include <set>

#include "support/story.hpp"

namespace tidemark {
namespace {

class Entangled : public Story {};

TEST_F(Entangled, RowsThatSwapPlacesInAPartialIndexArrive) {
    two_devices(
        "CREATE TABLE t(id TEXT PRIMARY KEY, n TEXT, live INTEGER);"
        "CREATE UNIQUE INDEX u ON t(n) WHERE live;"
        "INSERT INTO t VALUES ('a', 'x', 0), ('b', 'x', 1)");
    edit("b.db", "UPDATE t SET live = 0 WHERE id = 'b'; UPDATE t SET live = 1 WHERE id = 'a'");
    settle();
    EXPECT_EQ(ask("a.db", "SELECT id, live FROM t ORDER BY 1"), (Dump{"'a', 1", "'b', 0"}));
}

TEST_F(Entangled, ARowOutsideAPartialIndexPushesNoOtherOut) {
    two_devices(
        "CREATE TABLE t(id TEXT PRIMARY KEY, n TEXT, q TEXT UNIQUE, live INTEGER);"
        "CREATE UNIQUE INDEX u ON t(n) WHERE live;"
        "INSERT INTO t VALUES ('kept', 'x', '1', 1)");
    edit("a.db", "INSERT INTO t VALUES ('of a', 'x', '2', 0)");
    edit("b.db", "INSERT INTO t VALUES ('of b', 'y', '2', 0)");
    sync("a.db");
    settle();
    EXPECT_EQ(ask("b.db", "SELECT id FROM t WHERE id = 'kept'"), (Dump{"'kept'"}));
}

TEST_F(Entangled, ARowThatIsTheSameAsTwoOthersBecomesOneWithOneOfThem) {
    two_devices("CREATE TABLE t(k TEXT PRIMARY KEY, n TEXT UNIQUE, q TEXT UNIQUE, d TEXT)");
    edit("a.db", "INSERT INTO t VALUES ('1', 'n1', 'q2', 'one'), ('2', 'n2', 'q3', 'two')");
    edit("b.db", "INSERT INTO t VALUES ('x', 'n2', 'q2', 'both')");
    sync("a.db");
    settle();
    EXPECT_EQ(ask("b.db", "SELECT k, n, q FROM t ORDER BY 1"),
              (Dump{"'1', 'n1', 'q2'", "'2', 'n2', 'q3'"}));
    EXPECT_FALSE(conflicts("b.db").empty());
}

TEST_F(Entangled, RowsThatBothHaveToGiveWayDoSoUnderAnExpressionToo) {
    two_devices(
        "CREATE TABLE plain(id TEXT PRIMARY KEY, n TEXT UNIQUE);"
        "CREATE TABLE term(id TEXT PRIMARY KEY, n TEXT);"
        "CREATE UNIQUE INDEX u ON term(lower(n));"
        "INSERT INTO plain VALUES ('1', '1'), ('2', '2'); INSERT INTO term SELECT * FROM plain");
    edit("a.db",
         "UPDATE plain SET n = 'taken' WHERE id = '1'; UPDATE term SET n = 'taken' WHERE id = '1'");
    edit("b.db",
         "UPDATE plain SET n = 'taken' WHERE id = '2'; UPDATE term SET n = 'TAKEN' WHERE id = '2'");
    sync("a.db");
    settle();
    EXPECT_EQ(ask("b.db", "SELECT id, n FROM term UNION ALL SELECT id, n FROM plain ORDER BY 1"),
              (Dump{"'1', 'taken'", "'1', 'taken'", "'2', '2'", "'2', '2'"}));
    EXPECT_EQ(conflicts("b.db").size(), 2U);
}

TEST_F(Entangled, WhatARowBringsAlongThatBecomesOneWithAnotherPushesNoThirdOut) {
    two_devices(
        "CREATE TABLE t(id TEXT PRIMARY KEY, n TEXT UNIQUE, q, r, UNIQUE (q, r));"
        "INSERT INTO t VALUES ('0', 'n0', 0, 0)");
    edit("a.db", "INSERT INTO t VALUES ('2', 'n2', 2, 9)");
    sync("a.db");
    edit("b.db", "INSERT INTO t VALUES ('x', 'n2', 0, 1)");
    edit("a.db", "UPDATE t SET r = 0 WHERE id = '2'");
    sync("a.db");
    settle();  // q of b and r of a are the later ones
    EXPECT_EQ(ask("b.db", "SELECT * FROM t ORDER BY 1"),
              (Dump{"'0', 'n0', 0, 0", "'2', 'n2', 2, 0"}));
    EXPECT_FALSE(conflicts("b.db").empty());
}

TEST_F(Entangled, AReferenceFollowsARowOfItsOwnTableThatGivesWay) {
    two_devices(
        "CREATE TABLE t(id INTEGER PRIMARY KEY, n TEXT UNIQUE, d TEXT, parent REFERENCES t(id));"
        "INSERT INTO t VALUES (1, 'a', 'one', NULL), (2, 'b', 'two', NULL)");
    edit("b.db", "UPDATE t SET parent = 1 WHERE id = 2");
    edit("a.db",
         "DELETE FROM t WHERE id = 1; INSERT INTO t VALUES (3, 'a', 'new', NULL);"
         "UPDATE t SET d = 'edited' WHERE id = 2");
    sync("a.db");
    settle();
    EXPECT_EQ(ask("a.db", "SELECT p.n, c.d FROM t c JOIN t p ON p.id = c.parent"),
              (Dump{"'a', 'edited'"}));
}

TEST_F(Entangled, ATriggerThatRefusesAtThePrimaryStopsNoSync) {
    two_devices(
        "CREATE TABLE t(id TEXT PRIMARY KEY, s INTEGER);"
        "CREATE TRIGGER r BEFORE UPDATE OF s ON t WHEN new.s = 3 "
        "BEGIN SELECT RAISE(ABORT, 'not three'); END;"
        "INSERT INTO t VALUES ('x', 1)");
    edit("b.db", "INSERT OR REPLACE INTO t VALUES ('x', 3)");
    settle();
    EXPECT_EQ(ask("a.db", "SELECT s FROM t"), (Dump{"3"}));
}

TEST_F(Entangled, FullTextStaysRightWhereAnotherTriggerRefusesTheRow) {
    two_devices(
        "CREATE TABLE t(id INTEGER PRIMARY KEY, d TEXT, s INTEGER);"
        "CREATE VIRTUAL TABLE local_text USING fts5(d, content = 't');"
        "CREATE TRIGGER i AFTER INSERT ON t BEGIN INSERT INTO local_text(rowid, d) "
        "VALUES (new.rowid, new.d); END;"
        "CREATE TRIGGER d AFTER DELETE ON t BEGIN INSERT INTO local_text(local_text, rowid, d) "
        "VALUES ('delete', old.rowid, old.d); END;"
        "CREATE TRIGGER u AFTER UPDATE ON t BEGIN INSERT INTO local_text(local_text, rowid, d) "
        "VALUES ('delete', old.rowid, old.d); "
        "INSERT INTO local_text(rowid, d) VALUES (new.rowid, new.d); END;"
        "CREATE TRIGGER r BEFORE UPDATE OF s ON t WHEN new.s = 3 "
        "BEGIN SELECT RAISE(ABORT, 'not three'); END;"
        "INSERT INTO t VALUES (1, 'one', 1)");
    edit("b.db", "DELETE FROM t; INSERT INTO t VALUES (1, 'three', 3)");
    settle();
    for (const char* file : {"a.db", "primary.db"}) {
        EXPECT_EQ(ask(file, "SELECT d FROM t"), (Dump{"'three'"}));
        edit(file, "INSERT INTO local_text(local_text, rank) VALUES ('integrity-check', 1)");
    }
}

TEST_F(Entangled, ATriggerThatRefusesADeletionMadeElsewhereStopsNoSync) {
    two_devices(
        "CREATE TABLE t(id TEXT PRIMARY KEY, n TEXT UNIQUE, kept INTEGER);"
        "CREATE TRIGGER r BEFORE DELETE ON t WHEN old.kept "
        "BEGIN SELECT RAISE(ABORT, 'it is to be kept'); END;"
        "INSERT INTO t VALUES ('x', 'x', 0), ('y', 'y', 1)");
    edit("b.db", "UPDATE t SET kept = 1 WHERE id = 'x'; UPDATE t SET n = 'z' WHERE id = 'y'");
    edit("a.db", "DELETE FROM t WHERE id = 'x'; UPDATE t SET n = 'a' WHERE id = 'y'");
    sync("a.db");
    settle();
    EXPECT_EQ(ask("b.db", "SELECT id, n FROM t"), (Dump{"'y', 'a'"}));
    EXPECT_NE(ask("b.db", "SELECT sql FROM sqlite_schema WHERE name = 'r'"), Dump{});
}

TEST_F(Entangled, TwoHalvesOfACompositeReferenceThatMeanNothingTogetherLeaveThePrimarys) {
    two_devices(
        "CREATE TABLE p(k1 INTEGER, k2 INTEGER, PRIMARY KEY(k1, k2)); INSERT INTO p VALUES (1, 1);"
        "CREATE TABLE c(id TEXT PRIMARY KEY, r1, r2, FOREIGN KEY(r1, r2) REFERENCES p(k1, k2));"
        "INSERT INTO c VALUES ('c', 1, NULL)");
    edit("a.db", "UPDATE c SET r1 = 2");
    edit("b.db", "UPDATE c SET r2 = 1");
    sync("a.db");
    settle();
    EXPECT_EQ(ask("b.db", "SELECT r1, r2 FROM c"), (Dump{"2, NULL"}));
    EXPECT_FALSE(conflicts("b.db").empty());
}

TEST_F(Entangled, ARowThatRefersToItselfStillDoesWhenItBecomesOneWithAnother) {
    two_devices(
        "CREATE TABLE t(id INTEGER PRIMARY KEY, n TEXT UNIQUE, parent REFERENCES t(id));"
        "INSERT INTO t VALUES (1, 'root', NULL)");
    edit("a.db", "INSERT INTO t VALUES (5, 'same', NULL)");
    edit("b.db", "INSERT INTO t VALUES (7, 'same', 7)");
    sync("a.db");
    settle();
    EXPECT_EQ(ask("a.db", "SELECT id, parent FROM t WHERE n = 'same'"), (Dump{"5, 5"}));
}

TEST_F(Entangled, ValuesOfADroppedColumnThatWereNotSeenHereBecomeConflicts) {
    two_devices(
        "CREATE TABLE t(id TEXT PRIMARY KEY, d TEXT, e TEXT); INSERT INTO t VALUES ('x', 'd', "
        "'e')");
    edit("b.db", "UPDATE t SET d = 'news'");
    sync("b.db");
    edit("a.db", "ALTER TABLE t DROP COLUMN d");
    settle();
    const std::vector<Conflict> kept = conflicts("a.db");
    ASSERT_EQ(kept.size(), 1U);
    EXPECT_EQ(kept[0].reason, "the column was dropped here");
    EXPECT_EQ(kept[0].there[1].second, Value{std::string("news")});
}

TEST_F(Entangled, WhatAnotherProgramWroteAtThePrimaryBeforeAMigrationIsNotForgotten) {
    two_devices("CREATE TABLE t(id TEXT PRIMARY KEY, d TEXT); INSERT INTO t VALUES ('x', 'old')");
    edit("primary.db", "UPDATE t SET d = 'outside'");
    edit("b.db", "UPDATE t SET d = 'later'");
    edit("a.db", "ALTER TABLE t RENAME TO renamed");
    settle();
    EXPECT_EQ(ask("a.db", "SELECT d FROM renamed"), (Dump{"'later'"}));
    const std::vector<Conflict> kept = conflicts("b.db");
    ASSERT_EQ(kept.size(), 1U);
    EXPECT_EQ(kept[0].there[1].second, Value{std::string("outside")});
}

TEST_F(Entangled, ARowOfAnotherProgramInATableThatItThenMadeAnewIsNotTakenForAnotherDevices) {
    two_devices("CREATE TABLE t(id INTEGER PRIMARY KEY, d TEXT); INSERT INTO t(d) VALUES ('old')");
    edit("b.db", "INSERT INTO t(d) VALUES ('of b')");
    edit("primary.db",
         "INSERT INTO t(d) VALUES ('outside');"
         "CREATE TABLE made(e TEXT, id INTEGER PRIMARY KEY, d TEXT);"
         "INSERT INTO made(id, d) SELECT id, d FROM t; DROP TABLE t;"
         "ALTER TABLE made RENAME TO t");
    settle();
    EXPECT_EQ(ask("a.db", "SELECT d FROM t ORDER BY d"), (Dump{"'of b'", "'old'", "'outside'"}));
}

TEST_F(Entangled, ValuesOfADroppedColumnThatCameAfterAPrimaryWasRestoredBecomeConflicts) {
    two_devices(
        "CREATE TABLE t(id TEXT PRIMARY KEY, d TEXT, e TEXT); INSERT INTO t VALUES ('x', 'd', "
        "'e')");
    copy("primary.db", "backup.db");
    edit("a.db", "UPDATE t SET e = 'forgotten'");
    settle();
    copy("backup.db", "primary.db");
    edit("b.db", "UPDATE t SET d = 'news'");
    sync("b.db");
    edit("a.db", "ALTER TABLE t DROP COLUMN d");
    settle();
    const std::vector<Conflict> kept = conflicts("a.db");
    ASSERT_EQ(kept.size(), 1U);
    EXPECT_EQ(kept[0].there[1].second, Value{std::string("news")});
}

TEST_F(Entangled, AnIndexAndAViewFollowATableThatTheOtherSideRenamed) {
    for (const bool renamed_first : {true, false}) {
        const std::string t = renamed_first ? "one" : "two";
        if (renamed_first) {
            two_devices(
                "CREATE TABLE one(id TEXT PRIMARY KEY, d TEXT); INSERT INTO one VALUES ('x', 'd');"
                "CREATE TABLE two(id TEXT PRIMARY KEY, d TEXT); INSERT INTO two VALUES ('x', 'd')");
        }
        edit("b.db", "ALTER TABLE " + t + " RENAME TO renamed_" + t);
        edit("a.db", "CREATE INDEX i_" + t + " ON " + t + "(d); CREATE VIEW v_" + t +
                         " AS SELECT d FROM " + t);
        const char* first = renamed_first ? "b.db" : "a.db";
        for (const char* file : {first, renamed_first ? "a.db" : "b.db", first}) sync(file);
        settle();
        for (const char* file : {"a.db", "b.db"}) {
            EXPECT_EQ(ask(file, "SELECT tbl_name FROM sqlite_schema WHERE name = 'i_" + t + "'"),
                      (Dump{"'renamed_" + t + "'"}))
                << file;
            EXPECT_EQ(ask(file, "SELECT d FROM v_" + t), (Dump{"'d'"})) << file;
        }
    }
}

TEST_F(Entangled, APrimaryThatForgotARenamingGetsItAgain) {
    two_devices(
        "CREATE TABLE t(id TEXT PRIMARY KEY, d TEXT); INSERT INTO t VALUES ('x', 'd');"
        "CREATE TABLE c(id TEXT PRIMARY KEY, r TEXT REFERENCES t(id));"
        "INSERT INTO c VALUES ('c', 'x')");
    copy("primary.db", "backup.db");
    edit("a.db", "ALTER TABLE t RENAME TO renamed; ALTER TABLE renamed RENAME COLUMN d TO e");
    settle();
    copy("backup.db", "primary.db");
    edit("b.db", "INSERT INTO renamed VALUES ('y', 'of b'); INSERT INTO c VALUES ('of b', 'y')");
    settle({"b.db", "a.db"});
    EXPECT_EQ(ask("a.db", "SELECT * FROM renamed ORDER BY id"), (Dump{"'x', 'd'", "'y', 'of b'"}));
    EXPECT_EQ(ask("a.db", "SELECT name FROM pragma_table_info('renamed')"), (Dump{"'id'", "'e'"}));
    EXPECT_EQ(ask("a.db",
                  "SELECT name FROM sqlite_schema WHERE type = 'table' AND "
                  "name NOT GLOB 'tidemark_*' ORDER BY 1"),
              (Dump{"'c'", "'renamed'"}));
}

TEST_F(Entangled, AColumnThatOneSideRenamedInATableThatTheOtherOneRenamedKeepsItsValues) {
    two_devices("CREATE TABLE t(id TEXT PRIMARY KEY, d TEXT); INSERT INTO t VALUES ('x', 'kept')");
    edit("b.db", "ALTER TABLE t RENAME COLUMN d TO e");
    sync("b.db");
    edit("a.db", "ALTER TABLE t RENAME TO renamed");
    settle();
    EXPECT_EQ(ask("b.db", "SELECT e FROM renamed"), (Dump{"'kept'"}));
}

TEST_F(Entangled, ARowThatGivesWayDoesSoWhereATriggerRefusesAnotherOneToo) {
    two_devices(
        "CREATE TABLE t(id TEXT PRIMARY KEY, n TEXT UNIQUE); INSERT INTO t VALUES ('x', 'x');"
        "CREATE TABLE u(id TEXT PRIMARY KEY, s INTEGER); INSERT INTO u VALUES ('u', 1);"
        "CREATE TRIGGER r BEFORE UPDATE OF s ON u WHEN new.s = 3 "
        "BEGIN SELECT RAISE(ABORT, 'not three'); END");
    edit("a.db",
         "INSERT INTO t VALUES ('of a', 'wanted'); DELETE FROM u; INSERT INTO u VALUES ('u', 3)");
    edit("b.db", "UPDATE t SET n = 'wanted' WHERE id = 'x'");
    sync("a.db");
    settle();
    EXPECT_EQ(ask("b.db", "SELECT id, n FROM t ORDER BY 1"),
              (Dump{"'of a', 'wanted'", "'x', 'x'"}));
    EXPECT_EQ(ask("b.db", "SELECT s FROM u"), (Dump{"3"}));
    EXPECT_EQ(conflicts("b.db").size(), 1U);
}

TEST_F(Entangled, WhatRefersToARowThatBecomesOneWithAnotherMeetsWhatRefersToThatOne) {
    two_devices(
        "CREATE TABLE tag(id INTEGER PRIMARY KEY, name TEXT UNIQUE);"
        "CREATE TABLE used(id TEXT PRIMARY KEY, note TEXT, tag INTEGER REFERENCES tag(id), "
        "UNIQUE(note, tag));"
        "CREATE TABLE remark(id TEXT PRIMARY KEY, used TEXT REFERENCES used(id));"
        "INSERT INTO tag VALUES (1, 'old'); INSERT INTO used VALUES ('first', 'milk', 1)");
    edit("a.db", "UPDATE tag SET name = 'urgent'");
    edit("b.db",
         "INSERT INTO tag VALUES (2, 'urgent'); "
         "INSERT INTO used VALUES ('second', 'milk', 2), ('third', 'bike', 2);"
         "INSERT INTO remark VALUES ('r', 'second')");
    sync("a.db");
    settle();
    EXPECT_EQ(
        ask("a.db", "SELECT used.id, note, name FROM used JOIN tag ON tag.id = tag ORDER BY 1"),
        (Dump{"'first', 'milk', 'urgent'", "'third', 'bike', 'urgent'"}));
    EXPECT_EQ(ask("a.db", "SELECT used FROM remark"), (Dump{"'first'"}));
    ASSERT_EQ(conflicts("b.db").size(), 1U);
    EXPECT_EQ(conflicts("b.db")[0].here[0].second, Value{std::string("second")});
}

TEST_F(Entangled, ARowThatCannotReferToWhatItsParentBecameGoesBackToWhatThePrimaryHas) {
    two_devices(
        "CREATE TABLE tag(id INTEGER PRIMARY KEY, name TEXT UNIQUE);"
        "CREATE TABLE pinned(id TEXT PRIMARY KEY, note TEXT, tag INTEGER REFERENCES tag(id), "
        "UNIQUE(note, tag));"
        "CREATE TABLE used(id TEXT PRIMARY KEY, note TEXT, tag INTEGER REFERENCES tag(id));"
        "CREATE UNIQUE INDEX u ON used(lower(note), tag);"
        "INSERT INTO tag VALUES (1, 'old'), (9, 'other');"
        "INSERT INTO pinned VALUES ('first', 'milk', 1), ('second', 'milk', 9);"
        "INSERT INTO used SELECT id, note, tag FROM pinned");
    edit("a.db", "UPDATE tag SET name = 'urgent' WHERE id = 1");
    edit("b.db",
         "INSERT INTO tag VALUES (2, 'urgent'); "
         "UPDATE pinned SET tag = 2 WHERE id = 'second';"
         "UPDATE used SET tag = 2 WHERE id = 'second'");
    sync("a.db");
    settle();
    for (const std::string table : {"pinned", "used"}) {
        EXPECT_EQ(ask("a.db", "SELECT id, tag FROM " + table + " ORDER BY 1"),
                  (Dump{"'first', 1", "'second', 9"}));
    }
    EXPECT_EQ(conflicts("b.db").size(), 2U);
}

TEST_F(Entangled, WhatBecameOneWithARowThatIsPendingIsNamedInAConflictWhereItDoesNotFit) {
    two_devices(
        "CREATE TABLE t(id TEXT PRIMARY KEY, n TEXT UNIQUE, q, r, d, UNIQUE (q, r));"
        "INSERT INTO t VALUES ('0', 'n0', 0, 0, 'd')");
    edit("a.db", "INSERT INTO t VALUES ('2', 'old', 2, 9, 'd')");
    settle();
    edit("b.db",
         "UPDATE t SET d = 'edited' WHERE id = '2'; INSERT INTO t VALUES ('x', 'new', 0, 1, 'x')");
    edit("a.db", "UPDATE t SET n = 'new', r = 0 WHERE id = '2'");
    sync("a.db");
    settle();  // q and d of b and r of a are the later ones
    EXPECT_EQ(ask("b.db", "SELECT * FROM t ORDER BY 1"),
              (Dump{"'0', 'n0', 0, 0, 'd'", "'2', 'new', 2, 0, 'd'"}));
    std::set<std::string> lost;
    for (const Conflict& conflict : conflicts("b.db")) {
        if (conflict.lost_here && conflict.here[0].second == Value{std::string("x")}) {
            lost.insert(conflict.columns.begin(), conflict.columns.end());
        }
    }
    EXPECT_EQ(lost, (std::set<std::string>{"d", "q", "r"}));
}

TEST_F(Entangled, ALongRowOfRowsThatEachTakeTheValueOfTheNextGivesWay) {
    two_devices(
        "CREATE TABLE t(id INTEGER PRIMARY KEY, n INTEGER UNIQUE);"
        "WITH RECURSIVE i(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM i WHERE n < 80) "
        "INSERT INTO t SELECT n, n FROM i");
    edit("a.db", "UPDATE t SET n = 1000 WHERE id = 80; INSERT INTO t VALUES (81, 80)");
    edit("b.db", "UPDATE t SET n = -n; UPDATE t SET n = 1 - n");
    sync("a.db");
    EXPECT_EQ(sync("b.db").pulled, 2);
    settle();
    EXPECT_EQ(ask("b.db", "SELECT count(*) FROM t WHERE n = id"), Dump{"79"});
}

TEST_F(Entangled, ALinkBetweenTwoThingsThatBecomeOneGoesWhereItMayNotLinkOneWithItself) {
    two_devices(
        "CREATE TABLE node(id INTEGER PRIMARY KEY, name TEXT UNIQUE);"
        "CREATE TABLE edge(a INTEGER REFERENCES node(id), b INTEGER REFERENCES node(id), "
        "PRIMARY KEY (a, b), CHECK (a <> b));"
        "CREATE TABLE link(id TEXT PRIMARY KEY, a INTEGER REFERENCES node(id), "
        "b INTEGER REFERENCES node(id), CHECK (a <> b));"
        "CREATE TABLE remark(id TEXT PRIMARY KEY, link TEXT REFERENCES link(id), "
        "node INTEGER REFERENCES node(id));"
        "INSERT INTO node VALUES (1, 'old'), (9, 'other');"
        "INSERT INTO link VALUES ('kept', 1, 9)");
    edit("a.db", "UPDATE node SET name = 'new' WHERE id = 1");
    edit("b.db",
         "INSERT INTO node VALUES (2, 'new'); INSERT INTO edge VALUES (1, 2), (2, 9);"
         "INSERT INTO link VALUES ('looped', 2, 1), ('fine', 2, 9);"
         "UPDATE link SET b = 2 WHERE id = 'kept';"
         "INSERT INTO remark VALUES ('of looped', 'looped', 2), ('of fine', 'fine', 2)");
    sync("a.db");
    settle();
    EXPECT_EQ(ask("a.db", "SELECT * FROM edge"), (Dump{"1, 9"}));
    EXPECT_EQ(ask("a.db", "SELECT * FROM link ORDER BY id"),
              (Dump{"'fine', 1, 9", "'kept', 1, 9"}));
    EXPECT_EQ(ask("a.db", "SELECT * FROM remark"), (Dump{"'of fine', 'fine', 1"}));
    std::set<std::string> lost;
    for (const Conflict& conflict : conflicts("b.db")) lost.insert(conflict.table);
    EXPECT_EQ(lost, (std::set<std::string>{"edge", "link", "remark"}));
}

}  // namespace
}  // namespace tidemark
