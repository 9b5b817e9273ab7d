// Rows that a migration leaves out, makes, or gives other keys.

#include "scenario/schema_story.hpp"

namespace tidemark {
namespace {

TEST_F(Schema, RowsThatAMigrationLeavesOutAreDeletedEverywhere) {
    edit("a.db", rebuilt_with("SELECT * FROM note WHERE id <> 'n2'"));
    settle_all();
    EXPECT_EQ(ask("b.db", "SELECT id FROM note"), Dump{"'n1'"});
    EXPECT_TRUE(conflicts("a.db").empty() && conflicts("b.db").empty());
}

TEST_F(Schema, RowsThatAMigrationGivesOtherKeysKeepThemAlone) {
    edit("a.db", rebuilt_with("SELECT 'note-' || id, title, body FROM note"));
    settle_all();
    EXPECT_EQ(ask("b.db", "SELECT * FROM note ORDER BY id"),
              (Dump{"'note-n1', 'one', 'x'", "'note-n2', 'two', 'y'"}));
}

TEST_F(Schema, ARowMadeElsewhereMeanwhileIsNoneThatAMigrationLeftOut) {
    edit("b.db", "INSERT INTO note VALUES ('n3', 'of b', 'z')");
    sync("b.db");
    edit("primary.db", "INSERT INTO note VALUES ('n4', 'of the primary', 'z')");
    edit("a.db", rebuilt_with("SELECT * FROM note WHERE id <> 'n2'"));
    settle_all();
    EXPECT_EQ(ask("a.db", "SELECT id FROM note ORDER BY 1"), (Dump{"'n1'", "'n3'", "'n4'"}));
}

TEST_F(Schema, AnEditPendingElsewhereBringsBackARowThatAMigrationLeftOut) {
    edit("a.db", rebuilt_with("SELECT * FROM note WHERE id <> 'n2'"));
    edit("b.db", "UPDATE note SET title = 'of b' WHERE id = 'n2'");
    settle_all();
    EXPECT_EQ(ask("a.db", "SELECT * FROM note WHERE id = 'n2'"), Dump{"'n2', 'of b', 'y'"});
    ASSERT_EQ(conflicts("b.db").size(), 1u) << "the deletion is kept";
    EXPECT_TRUE(conflicts("b.db")[0].columns.empty());
}

TEST_F(Schema, AnEditAlreadyAtThePrimaryBringsBackARowThatAMigrationLeftOut) {
    edit("b.db", "UPDATE note SET title = 'of b' WHERE id = 'n2'");
    sync("b.db");
    edit("a.db", rebuilt_with("SELECT * FROM note WHERE id <> 'n2'"));
    settle_all();
    EXPECT_EQ(ask("a.db", "SELECT * FROM note WHERE id = 'n2'"), Dump{"'n2', 'of b', 'y'"});
    ASSERT_EQ(conflicts("a.db").size(), 1u);
    Replica::open(path("a.db")).restore(conflicts("a.db")[0].id);
    settle_all();
    EXPECT_EQ(ask("b.db", "SELECT count(*) FROM note WHERE id = 'n2'"), Dump{"0"});
}

TEST_F(Schema, ARowDeletedElsewhereDoesNotComeBackWithAMigrationHere) {
    edit("a.db", "CREATE TABLE task(id INTEGER PRIMARY KEY, what)");
    edit("a.db", "INSERT INTO task(what) VALUES ('one'), ('two')");
    settle_all();
    edit("b.db", "DELETE FROM task WHERE id = 1; DELETE FROM note WHERE id = 'n1'");
    sync("b.db");
    edit("a.db", rebuilt_with("SELECT * FROM note"));
    edit("a.db",
         "CREATE TABLE t2(id INTEGER PRIMARY KEY, what); INSERT INTO t2 SELECT * FROM task; "
         "DROP TABLE task; ALTER TABLE t2 RENAME TO task");
    settle_all();
    EXPECT_EQ(ask("a.db", "SELECT id FROM task"), Dump{"2"});
    EXPECT_EQ(ask("a.db", "SELECT id FROM note"), Dump{"'n2'"});
    EXPECT_EQ(conflicts("a.db").size(), 2u) << "whether the migration changed them is not known";
}

TEST_F(Schema, AThirdDevicesPendingRowsSurviveWhatTwoMigrationsLeftOut) {
    clone("c.db");
    edit("a.db", rebuilt_with("SELECT * FROM note WHERE id <> 'n1'"));
    edit("b.db", rebuilt_with("SELECT * FROM note WHERE id <> 'n2'"));
    edit("c.db",
         "UPDATE note SET body = 'of c' WHERE id = 'n1'; "
         "INSERT INTO note VALUES ('n5', 'new of c', 'z')");
    sync("a.db");
    sync("b.db");
    sync("c.db");
    settle({"a.db", "b.db", "c.db"});
    EXPECT_EQ(ask("b.db", "SELECT id, body FROM note ORDER BY 1"),
              (Dump{"'n1', 'of c'", "'n5', 'z'"}));
}

TEST_F(Schema, ATableMadeOnTwoDevicesKeepsTheRowsOfBothWithTheirChildren) {
    for (const std::string who : {"a", "b"}) {
        edit(who + ".db",
             "CREATE TABLE task(id INTEGER PRIMARY KEY, what, parent INTEGER REFERENCES task(id)); "
             "CREATE TABLE step(id INTEGER PRIMARY KEY, task INTEGER REFERENCES task(id), n); "
             "CREATE TABLE mark(task INTEGER REFERENCES task(id), name, PRIMARY KEY(task, name)); "
             "INSERT INTO task VALUES (1, 'default', NULL), (2, 'task of " +
                 who +
                 "', 1), (3, 'below it', 2); "
                 "INSERT INTO step VALUES (1, 2, 'first'), (2, 2, 'second'); "
                 "INSERT INTO mark VALUES (2, 'urgent')");
    }
    settle_all();
    EXPECT_EQ(ask("a.db", "SELECT what FROM task ORDER BY 1"),
              (Dump{"'below it'", "'below it'", "'default'", "'task of a'", "'task of b'"}));
    EXPECT_EQ(ask("b.db",
                  "SELECT t.what, count(DISTINCT s.id), count(DISTINCT m.name), "
                  "count(DISTINCT c.id) FROM task t "
                  "JOIN step s ON s.task = t.id JOIN mark m ON m.task = t.id "
                  "JOIN task c ON c.parent = t.id GROUP BY t.id ORDER BY 1"),
              (Dump{"'task of a', 2, 1, 1", "'task of b', 2, 1, 1"}));
}

TEST_F(Schema, NumbersGivenOutByAMigrationAndElsewhereAreTwoRows) {
    edit("a.db", "CREATE TABLE task(id INTEGER PRIMARY KEY, what)");
    edit("a.db", "INSERT INTO task(what) VALUES ('one')");
    settle_all();
    edit("b.db", "INSERT INTO task(what) VALUES ('of b')");
    sync("b.db");
    edit("a.db",
         "CREATE TABLE t2(id INTEGER PRIMARY KEY, what); INSERT INTO t2 SELECT * FROM task; "
         "INSERT INTO t2(what) VALUES ('of the migration'); "
         "DROP TABLE task; ALTER TABLE t2 RENAME TO task");
    settle_all();
    EXPECT_EQ(ask("b.db", "SELECT what FROM task ORDER BY 1"),
              (Dump{"'of b'", "'of the migration'", "'one'"}));
}

TEST_F(Schema, AnEditPendingHereBringsBackARowThatWasLostWhenThePrimaryWasRebuilt) {
    edit("a.db", "CREATE TABLE child(id TEXT PRIMARY KEY, note TEXT REFERENCES note(id))");
    settle_all();
    edit("b.db", "UPDATE note SET title = 'of b' WHERE id = 'n1'");
    edit("a.db", "INSERT INTO child VALUES ('c', 'n2')");
    edit("primary.db",
         "PRAGMA foreign_keys = OFF; CREATE TABLE note_new(id TEXT PRIMARY KEY, title, body); "
         "DROP TABLE note; ALTER TABLE note_new RENAME TO note");
    settle_all();
    EXPECT_EQ(ask("a.db", "SELECT id, title, body FROM note ORDER BY 1"),
              (Dump{"'n1', 'of b', 'x'", "'n2', 'two', 'y'"}));
}

TEST_F(Schema, KeysOfAnotherTypeReplaceTheOldOnesAndEditsElsewhereAreKept) {
    edit("a.db",
         "CREATE TABLE task(id INTEGER PRIMARY KEY, what); "
         "CREATE TABLE step(id TEXT PRIMARY KEY, task REFERENCES task(id)); "
         "INSERT INTO task VALUES (1, 'one'), (2, 'two'), (3, 'three'); "
         "INSERT INTO step VALUES ('s', 1)");
    settle_all();
    edit("b.db", "INSERT INTO task VALUES (4, 'new of b')");
    sync("b.db");
    edit("b.db", "UPDATE task SET what = 'edited' WHERE id = 3; DELETE FROM task WHERE id = 2");
    edit("a.db",
         "PRAGMA foreign_keys = OFF; CREATE TABLE t2(id TEXT PRIMARY KEY, what); "
         "INSERT INTO t2 SELECT 'task-' || id, what FROM task; DROP TABLE task; "
         "ALTER TABLE t2 RENAME TO task; UPDATE step SET task = 'task-' || task");
    settle_all();
    EXPECT_EQ(ask("b.db", "SELECT id, what FROM task ORDER BY 1"),
              (Dump{"'3', 'edited'", "'4', 'new of b'", "'task-1', 'one'", "'task-2', 'two'",
                    "'task-3', 'three'"}));
    EXPECT_EQ(ask("b.db", "SELECT what FROM step JOIN task ON task.id = task"), Dump{"'one'"});
    edit("b.db", "UPDATE task SET what = 'after' WHERE id = 'task-1'");
    settle_all();
    EXPECT_EQ(ask("a.db", "SELECT what FROM task WHERE id = 'task-1'"), Dump{"'after'"});
}

TEST_F(Schema, AnotherColumnBecomesTheKey) {
    edit("a.db",
         "CREATE TABLE person(id INTEGER PRIMARY KEY, mail TEXT NOT NULL, name); "
         "INSERT INTO person VALUES (1, 'a@x', 'Ada'), (2, 'b@x', 'Bob'), (3, 'c@x', 'Cy')");
    settle_all();
    edit("a.db", "UPDATE person SET name = 'Eve' WHERE id = 1");
    settle_all();
    edit("b.db", "UPDATE person SET name = 'Ben' WHERE id = 2");
    edit("a.db",
         "CREATE TABLE p2(mail TEXT PRIMARY KEY NOT NULL, name); "
         "INSERT INTO p2 SELECT mail, name FROM person WHERE id < 3; "
         "DROP TABLE person; ALTER TABLE p2 RENAME TO person");
    sync("a.db");
    sync("b.db");
    settle({"a.db", "b.db"});
    EXPECT_EQ(ask("a.db", "SELECT mail, name FROM person ORDER BY 1"),
              (Dump{"'a@x', 'Eve'", "'b@x', 'Ben'"}));
}

TEST_F(Schema, AnotherColumnBecomesTheKeyOfATableThatIsRenamedElsewhere) {
    edit("a.db",
         "CREATE TABLE person(id INTEGER PRIMARY KEY, mail TEXT NOT NULL, name); "
         "INSERT INTO person VALUES (1, 'a@x', 'Ada'), (2, 'b@x', 'Bob')");
    settle_all();
    edit("b.db",
         "UPDATE person SET name = 'Ben' WHERE id = 2; ALTER TABLE person RENAME TO people");
    edit("a.db",
         "CREATE TABLE p2(mail TEXT PRIMARY KEY NOT NULL, name); "
         "INSERT INTO p2 SELECT mail, name FROM person; "
         "DROP TABLE person; ALTER TABLE p2 RENAME TO person");
    settle_all();
    EXPECT_EQ(ask("a.db", "SELECT mail, name FROM people ORDER BY 1"),
              (Dump{"'a@x', 'Ada'", "'b@x', 'Ben'"}));
}

TEST_F(Schema, AKeyThatOnlyOneDeviceHasValuesForIsRefusedAndNothingIsLost) {
    edit("a.db",
         "CREATE TABLE n2(uid TEXT PRIMARY KEY, id TEXT, title, body); "
         "INSERT INTO n2 SELECT hex(randomblob(8)), id, title, body FROM note; "
         "DROP TABLE note; ALTER TABLE n2 RENAME TO note");
    const Dump before = dump_everything(path("primary.db"));
    const Error error = expect_error(ErrorCode::failed, [&] { sync("a.db"); });
    EXPECT_NE(error.message().find("note has a new key"), std::string::npos) << error.message();
    EXPECT_EQ(difference(before, dump_everything(path("primary.db"))), "");
    // As the advice has it: the column first, then the key.
    edit("a.db",
         "CREATE TABLE n2(id TEXT PRIMARY KEY, title, body, uid TEXT); "
         "INSERT INTO n2 SELECT id, title, body, uid FROM note; "
         "DROP TABLE note; ALTER TABLE n2 RENAME TO note");
    settle_all();
    edit("a.db",
         "CREATE TABLE n2(uid TEXT PRIMARY KEY, id TEXT, title, body); "
         "INSERT INTO n2 SELECT uid, id, title, body FROM note; "
         "DROP TABLE note; ALTER TABLE n2 RENAME TO note");
    edit("b.db", "UPDATE note SET title = 'of b' WHERE id = 'n1'");
    sync("a.db");
    sync("b.db");
    settle();
    EXPECT_EQ(ask("a.db", "SELECT id, title FROM note ORDER BY 1"),
              (Dump{"'n1', 'of b'", "'n2', 'two'"}));
}

}  // namespace
}  // namespace tidemark
