// Tables, columns, indexes and triggers that change on one side or on both.

#include "scenario/schema_story.hpp"

namespace tidemark {
namespace {

TEST_F(Schema, EditsMadeWhileATriggerWasMissingAreFoundAndSent) {
    edit("a.db",
         "DROP TRIGGER tidemark_note_update; DROP TRIGGER tidemark_note_insert; "
         "UPDATE note SET title = 'ONE' WHERE id = 'n1'; INSERT INTO note VALUES ('n3', 'three', "
         "'z')");
    EXPECT_FALSE(Replica::open(path("a.db")).status().warnings.empty());
    settle();
    EXPECT_EQ(ask("b.db", "SELECT id, title FROM note ORDER BY 1"),
              (Dump{"'n1', 'ONE'", "'n2', 'two'", "'n3', 'three'"}));
    EXPECT_TRUE(conflicts("a.db").empty());
    EXPECT_TRUE(Replica::open(path("a.db")).status().warnings.empty());
}

TEST_F(Schema, AnUncapturedEditIsOlderThanAnUnseenOneElsewhere) {
    edit("b.db", "UPDATE note SET title = 'elsewhere' WHERE id = 'n1'");
    sync("b.db");
    edit("a.db",
         "DROP TRIGGER tidemark_note_update; UPDATE note SET title = 'here' WHERE id = 'n1'");
    settle();
    EXPECT_EQ(ask("a.db", "SELECT title FROM note WHERE id = 'n1'"), Dump{"'elsewhere'"});
    ASSERT_EQ(conflicts("a.db").size(), 1u);
    EXPECT_EQ(conflicts("a.db")[0].columns, std::vector<std::string>{"title"});
}

TEST_F(Schema, ATableRebuiltByAMigrationIsCapturedAgain) {
    edit("a.db",
         "CREATE TABLE note_new(id TEXT PRIMARY KEY, title, body); "
         "INSERT INTO note_new SELECT id, title, body || '!' FROM note; "
         "DROP TABLE note; ALTER TABLE note_new RENAME TO note");
    settle();
    EXPECT_EQ(ask("b.db", "SELECT body FROM note ORDER BY id"), (Dump{"'x!'", "'y!'"}));
    edit("a.db", "UPDATE note SET body = 'after' WHERE id = 'n2'");
    settle();
    EXPECT_EQ(ask("b.db", "SELECT body FROM note WHERE id = 'n2'"), Dump{"'after'"});
}

TEST_F(Schema, ANewTableTravelsWithItsRows) {
    edit("a.db",
         "CREATE TABLE tag(id INTEGER PRIMARY KEY, name TEXT UNIQUE); "
         "INSERT INTO tag(name) VALUES ('red'), ('blue')");
    settle_all();
    EXPECT_EQ(ask("b.db", "SELECT name FROM tag ORDER BY id"), (Dump{"'red'", "'blue'"}));
    edit("b.db", "UPDATE tag SET name = 'green' WHERE id = 1");
    settle_all();
    EXPECT_EQ(ask("a.db", "SELECT name FROM tag ORDER BY id"), (Dump{"'green'", "'blue'"}));
    EXPECT_TRUE(Replica::open(path("b.db")).status().tables[1].syncs);
}

TEST_F(Schema, ANewTableWithoutAKeyTravelsWithoutItsRows) {
    edit("a.db", "CREATE TABLE log(line); INSERT INTO log VALUES ('mine')");
    sync("a.db");
    sync("b.db");
    EXPECT_EQ(ask("b.db", "SELECT * FROM log"), Dump{});
    EXPECT_EQ(dump_schema_of("a.db"), dump_schema_of("b.db"));
}

TEST_F(Schema, AnAddedColumnTravelsWhileAnotherDeviceHasEditsOfItsOwn) {
    edit("b.db", "UPDATE note SET body = 'of b' WHERE id = 'n1'; DELETE FROM note WHERE id = 'n2'");
    edit("a.db",
         "ALTER TABLE note ADD COLUMN tag TEXT DEFAULT 'none'; "
         "UPDATE note SET tag = 't', title = 'ONE' WHERE id = 'n1'");
    settle_all();
    EXPECT_EQ(ask("b.db", "SELECT title, body, tag FROM note"), Dump{"'ONE', 'of b', 't'"});
    EXPECT_EQ(sync("a.db").round_trips, 1);
    EXPECT_EQ(sync("b.db").round_trips, 1);
    edit("b.db", "UPDATE note SET tag = 'after'");
    settle_all();
    EXPECT_EQ(ask("a.db", "SELECT tag FROM note"), Dump{"'after'"});
}

TEST_F(Schema, IndexesViewsAndTriggersTravelAndGo) {
    edit(
        "a.db",
        "CREATE INDEX note_title ON note(title); CREATE VIEW titles AS SELECT title FROM note; "
        "CREATE TABLE log(id INTEGER PRIMARY KEY, what); CREATE TRIGGER noted AFTER INSERT ON note "
        "BEGIN INSERT INTO log(what) VALUES (NEW.id); END");
    settle_all();
    edit("b.db", "INSERT INTO note VALUES ('n3', 'three', 'z')");
    settle_all();
    EXPECT_EQ(ask("a.db", "SELECT what FROM log"), Dump{"'n3'"});
    edit("b.db", "DROP TRIGGER noted; DROP VIEW titles; DROP INDEX note_title; DROP TABLE log");
    settle_all();
    EXPECT_EQ(dump_schema_of("a.db").size(), 1u);
}

TEST_F(Schema, ADroppedTableGoesAndEditsOfItBecomeConflicts) {
    edit("a.db",
         "CREATE TABLE tag(id INTEGER PRIMARY KEY, name); INSERT INTO tag VALUES (1, 'x'), (2, "
         "'y')");
    settle_all();
    edit("b.db", "UPDATE tag SET name = 'edited' WHERE id = 1");
    edit("a.db", "DROP TABLE tag");
    settle_all();
    const auto kept = conflicts("b.db");
    ASSERT_EQ(kept.size(), 1u);
    EXPECT_EQ(kept[0].table, "tag");
    EXPECT_EQ(kept[0].here.at(1).second, Value{std::string("edited")});
}

TEST_F(Schema, ATableDroppedHereWhoseRowsWereEditedElsewhereIsNotLostSilently) {
    edit("b.db", "UPDATE note SET title = 'unseen' WHERE id = 'n1'");
    sync("b.db");
    edit("a.db", "DROP TABLE note");
    const Error error = expect_error(ErrorCode::failed, [&] { sync("a.db"); });
    EXPECT_NE(error.message().find("note"), std::string::npos);
    EXPECT_EQ(ask("primary.db", "SELECT count(*) FROM note"), Dump{"2"});
    edit("a.db", "CREATE TABLE note(id TEXT PRIMARY KEY, title, body)");
    settle_all();
    EXPECT_EQ(ask("a.db", "SELECT title FROM note WHERE id = 'n1'"), Dump{"'unseen'"});
}

TEST_F(Schema, ATableDroppedHereIsNotLostSilentlyUnderItsNewNameElsewhereEither) {
    edit("b.db",
         "UPDATE note SET title = 'unseen' WHERE id = 'n1'; ALTER TABLE note RENAME TO memo");
    sync("b.db");
    edit("a.db", "DROP TABLE note");
    const Error error = expect_error(ErrorCode::failed, [&] { sync("a.db"); });
    EXPECT_NE(error.message().find("note was dropped here"), std::string::npos);
    EXPECT_EQ(ask("primary.db", "SELECT title FROM memo WHERE id = 'n1'"), Dump{"'unseen'"});
}

TEST_F(Schema, ADroppedAndARenamedColumnTravelAndPendingEditsFollow) {
    edit("a.db", "ALTER TABLE note ADD COLUMN extra");
    settle_all();
    edit("b.db",
         "UPDATE note SET extra = 'e' WHERE id = 'n1'; UPDATE note SET title = 'of b' WHERE id = "
         "'n2'");
    edit("a.db", "ALTER TABLE note DROP COLUMN body; ALTER TABLE note RENAME COLUMN title TO name");
    settle_all();
    EXPECT_EQ(ask("a.db", "SELECT * FROM note ORDER BY id"),
              (Dump{"'n1', 'one', 'e'", "'n2', 'of b', NULL"}));
    EXPECT_TRUE(conflicts("a.db").empty() && conflicts("b.db").empty());
}

TEST_F(Schema, ARenamedTableTakesItsPendingEditsAlong) {
    edit("b.db", "UPDATE note SET title = 'of b' WHERE id = 'n2'");
    edit("a.db", "UPDATE note SET title = 'of a' WHERE id = 'n1'; ALTER TABLE note RENAME TO memo");
    settle_all();
    EXPECT_EQ(ask("b.db", "SELECT title FROM memo ORDER BY id"), (Dump{"'of a'", "'of b'"}));
    EXPECT_TRUE(conflicts("a.db").empty() && conflicts("b.db").empty());
    edit("b.db", "INSERT INTO memo VALUES ('n3', 'three', 'z')");
    settle_all();
}

TEST_F(Schema, AColumnThatWentAndCameBackMeanwhileIsReadAnew) {
    edit("a.db", "ALTER TABLE note DROP COLUMN body");
    sync("a.db");
    edit("a.db", "ALTER TABLE note ADD COLUMN body");
    sync("a.db");
    edit("a.db", "UPDATE note SET body = 'new' WHERE id = 'n1'");
    settle_all();
    EXPECT_EQ(ask("b.db", "SELECT body FROM note ORDER BY id"), (Dump{"'new'", "NULL"}));
}

TEST_F(Schema, EditsOfAColumnThatWasDroppedElsewhereBecomeConflicts) {
    edit("b.db", "UPDATE note SET body = 'of b', title = 'title of b' WHERE id = 'n1'");
    edit("a.db", "ALTER TABLE note DROP COLUMN body; ALTER TABLE note ADD COLUMN other");
    settle_all();
    ASSERT_EQ(conflicts("b.db").size(), 1u);
    EXPECT_EQ(conflicts("b.db")[0].columns, std::vector<std::string>{"body"});
    EXPECT_EQ(ask("a.db", "SELECT title, other FROM note ORDER BY id"),
              (Dump{"'title of b', NULL", "'two', NULL"}));
}

TEST_F(Schema, EditsOfAColumnThatWasDroppedElsewhereBecomeConflictsUnderTheTablesNewNameToo) {
    edit("b.db", "UPDATE note SET body = 'of b' WHERE id = 'n1'; ALTER TABLE note RENAME TO memo");
    edit("a.db", "ALTER TABLE note DROP COLUMN body");
    settle_all();
    ASSERT_EQ(conflicts("b.db").size(), 1u);
    EXPECT_EQ(conflicts("b.db")[0].table, "memo");
    EXPECT_EQ(conflicts("b.db")[0].columns, std::vector<std::string>{"body"});
}

TEST_F(Schema, AnEditKeepsItsTimeWhereItsColumnIsRenamedInThePrimaryItself) {
    edit("b.db", "UPDATE note SET title = 'earlier' WHERE id = 'n1'");
    edit("a.db", "UPDATE note SET title = 'later' WHERE id = 'n1'");
    sync("a.db");
    edit("primary.db", "ALTER TABLE note RENAME COLUMN title TO name");
    settle_all();
    EXPECT_EQ(ask("b.db", "SELECT name FROM note WHERE id = 'n1'"), Dump{"'later'"});
    EXPECT_EQ(conflicts("b.db").size(), 1u);
}

TEST_F(Schema, AColumnRenamedHereThatAnotherDevicesRebuildMadeAnewIsNoRenamingForAThird) {
    clone("c.db");
    edit("c.db", "INSERT INTO note VALUES ('n3', 'three', 'of c')");
    edit("a.db", rebuilt_with("SELECT * FROM note"));
    edit("a.db", "ALTER TABLE note RENAME COLUMN body TO text");
    edit("b.db", "ALTER TABLE note RENAME COLUMN body TO text");
    sync("c.db");
    sync("a.db");
    sync("b.db");
    settle({"a.db", "b.db", "c.db"});
    for (const char* replica : {"a.db", "b.db", "c.db"}) {
        EXPECT_EQ(ask(replica, "SELECT * FROM note ORDER BY id"),
                  ask("primary.db", "SELECT * FROM note ORDER BY id"))
            << replica;
    }
    ASSERT_EQ(conflicts("a.db").size(), 1u);
    EXPECT_EQ(conflicts("a.db")[0].columns, std::vector<std::string>{"body"});
}

TEST_F(Schema, ARebuildWithAColumnInTheMiddleLeavesEditsElsewhereTheirColumns) {
    edit("b.db", "UPDATE note SET body = 'of b' WHERE id = 'n1'");
    python("a.db", R"(
db.executescript("""
    CREATE TABLE _alembic_tmp_note (id TEXT NOT NULL, kind VARCHAR(10) DEFAULT 'plain' NOT NULL,
        title TEXT, body, PRIMARY KEY (id));
    INSERT INTO _alembic_tmp_note (id, title, body) SELECT note.id, note.title, note.body FROM note;
    DROP TABLE note;
    ALTER TABLE _alembic_tmp_note RENAME TO note;
    CREATE INDEX ix_note_kind ON note (kind);
    UPDATE note SET kind = 'odd' WHERE id = 'n2';
""")
)");
    edit("a.db", "UPDATE note SET title = 'of a' WHERE id = 'n1'");
    settle_all();
    EXPECT_EQ(ask("b.db", "SELECT * FROM note ORDER BY id"),
              (Dump{"'n1', 'plain', 'of a', 'of b'", "'n2', 'odd', 'two', 'y'"}));
    EXPECT_TRUE(conflicts("a.db").empty() && conflicts("b.db").empty());
}

TEST_F(Schema, TheSameMigrationRunOnEveryDeviceIsOneChange) {
    const std::string migration =
        "CREATE TABLE tag(id INTEGER PRIMARY KEY, name); INSERT INTO tag VALUES (1, 'default'); "
        "ALTER TABLE note ADD COLUMN tag INTEGER REFERENCES tag(id); UPDATE note SET tag = 1; "
        "PRAGMA user_version = 7";
    edit("a.db", migration);
    edit("b.db", "UPDATE note SET title = 'of b' WHERE id = 'n1'");
    edit("b.db", migration);
    settle_all();
    EXPECT_EQ(ask("b.db", "SELECT title, tag FROM note ORDER BY id"),
              (Dump{"'of b', 1", "'two', 1"}));
    EXPECT_EQ(ask("b.db", "SELECT * FROM tag"), Dump{"1, 'default'"});
    EXPECT_TRUE(conflicts("a.db").empty() && conflicts("b.db").empty());
}

TEST_F(Schema, ChangesOfBothSidesThatDoNotTouchEachOtherCombine) {
    edit("a.db",
         "ALTER TABLE note ADD COLUMN a_own; UPDATE note SET a_own = 'a'; CREATE INDEX ia ON "
         "note(a_own)");
    edit("b.db",
         "ALTER TABLE note ADD COLUMN b_own; UPDATE note SET b_own = 'b', title = 'of b' WHERE id "
         "= 'n1'");
    settle_all();
    EXPECT_EQ(ask("a.db", "SELECT id, title, a_own, b_own FROM note ORDER BY id"),
              (Dump{"'n1', 'of b', 'a', 'b'", "'n2', 'two', 'a', NULL"}));
}

TEST_F(Schema, TwoVersionsOfAnApplicationThatBothMadeATableEndWithTheLaterOnesTable) {
    edit("a.db",
         "CREATE TABLE tag(id TEXT PRIMARY KEY, name); INSERT INTO tag VALUES ('a', 'of a')");
    edit("b.db",
         "CREATE TABLE tag(id TEXT PRIMARY KEY, name); INSERT INTO tag VALUES ('b', 'of b');"
         "ALTER TABLE tag ADD COLUMN colour; UPDATE tag SET colour = 'red'");
    sync("a.db");
    settle();
    EXPECT_EQ(ask("a.db", "SELECT * FROM tag ORDER BY id"),
              (Dump{"'a', 'of a', NULL", "'b', 'of b', 'red'"}));
}

TEST_F(Schema, ChangesThatContradictEachOtherStopWithBothNamedAndLoseNothing) {
    edit("a.db", "ALTER TABLE note ADD COLUMN due TEXT");
    edit("b.db",
         "ALTER TABLE note ADD COLUMN due INTEGER; UPDATE note SET due = 5, title = 'of b' WHERE "
         "id = 'n1'");
    sync("a.db");
    const Error error = expect_error(ErrorCode::failed, [&] { sync("b.db"); });
    EXPECT_NE(error.message().find("note"), std::string::npos);
    EXPECT_NE(error.message().find("due"), std::string::npos);
    EXPECT_EQ(ask("b.db", "SELECT due, title FROM note WHERE id = 'n1'"), Dump{"5, 'of b'"});
    edit("b.db", "ALTER TABLE note RENAME COLUMN due TO due_day");
    settle_all();
    EXPECT_EQ(ask("a.db", "SELECT title, due, due_day FROM note WHERE id = 'n1'"),
              Dump{"'of b', NULL, 5"});
}

TEST_F(Schema, AChangeMadeInThePrimaryItselfReachesEveryDevice) {
    edit("a.db", "UPDATE note SET body = 'of a' WHERE id = 'n1'");
    edit("primary.db",
         "ALTER TABLE note ADD COLUMN tag; UPDATE note SET tag = 'direct', title = 'TWO' WHERE id "
         "= 'n2'; "
         "CREATE TABLE kind(id TEXT PRIMARY KEY, n); INSERT INTO kind VALUES ('k', 1)");
    settle_all();
    EXPECT_EQ(ask("b.db", "SELECT * FROM note ORDER BY id"),
              (Dump{"'n1', 'one', 'of a', NULL", "'n2', 'TWO', 'y', 'direct'"}));
    EXPECT_EQ(ask("a.db", "SELECT * FROM kind"), Dump{"'k', 1"});
    edit("primary.db", "UPDATE note SET tag = 'again' WHERE id = 'n1'; DELETE FROM kind");
    settle_all();
    EXPECT_EQ(ask("a.db", "SELECT tag FROM note ORDER BY id"), (Dump{"'again'", "'direct'"}));
}

TEST_F(Schema, ATableRebuiltInThePrimaryItselfIsReadAnew) {
    edit("b.db", "UPDATE note SET title = 'of b' WHERE id = 'n2'");
    edit("primary.db",
         "CREATE TABLE note_new(id TEXT PRIMARY KEY, body, title); "
         "INSERT INTO note_new SELECT id, body || '!', title FROM note WHERE id <> 'n1'; "
         "DROP TABLE note; ALTER TABLE note_new RENAME TO note");
    settle_all();
    EXPECT_EQ(ask("a.db", "SELECT * FROM note"), Dump{"'n2', 'y!', 'of b'"});
    EXPECT_TRUE(conflicts("a.db").empty() && conflicts("b.db").empty());
    edit("primary.db",
         "CREATE TABLE n2 AS SELECT * FROM note; DROP TABLE note; "
         "CREATE TABLE \"note\"(id TEXT PRIMARY KEY, body, title); "
         "INSERT INTO note SELECT id, 'again', title FROM n2; DROP TABLE n2");
    settle_all();
    EXPECT_EQ(ask("b.db", "SELECT body FROM note"), Dump{"'again'"});
}

TEST_F(Schema, AValueOfAColumnAddedInThePrimaryItselfIsKeptWhereItsRowGoesElsewhere) {
    edit("primary.db", "ALTER TABLE note ADD COLUMN tag; UPDATE note SET tag = 'direct ' || id");
    edit("a.db",
         "DELETE FROM note WHERE id = 'n1'; INSERT OR REPLACE INTO note VALUES ('n2', 'TWO', 'y')");
    settle_all();
    ASSERT_EQ(conflicts("a.db").size(), 2u);
    for (const Conflict& conflict : conflicts("a.db")) {
        EXPECT_FALSE(conflict.lost_here);
        const auto id = std::get<std::string>(conflict.key.at(0).second);
        EXPECT_EQ(conflict.there.at(3).second, Value{"direct " + id});
    }
}

TEST_F(Schema, ARowThatCameBackWhileThePrimarysTableHadNoTriggersArrives) {
    edit("a.db", "DELETE FROM note WHERE id = 'n1'");
    sync("a.db");
    edit("primary.db", rebuilt_with("SELECT * FROM note"));
    edit("primary.db", "INSERT INTO note VALUES ('n1', 'back', 'again')");
    settle_all();
    EXPECT_EQ(ask("b.db", "SELECT title FROM note ORDER BY id"), (Dump{"'back'", "'two'"}));
}

TEST_F(Schema, AColumnDroppedOrATableRenamedInThePrimaryItselfArrives) {
    edit("a.db", "UPDATE note SET title = 'ONE' WHERE id = 'n1'");
    edit("primary.db", "ALTER TABLE note DROP COLUMN body; ALTER TABLE note RENAME TO memo");
    settle_all();
    EXPECT_EQ(ask("b.db", "SELECT * FROM memo ORDER BY id"), (Dump{"'n1', 'ONE'", "'n2', 'two'"}));
}

TEST_F(Schema, AUniqueIndexTravelsAfterTheEditsThatMakeItPossible) {
    edit("a.db", "INSERT INTO note VALUES ('n3', 'one', 'z')");
    settle_all();
    edit("a.db",
         "UPDATE note SET title = 'another one' WHERE id = 'n3'; "
         "CREATE UNIQUE INDEX one_title ON note(title)");
    edit("b.db", "UPDATE note SET body = 'of b' WHERE id = 'n3'");
    sync("b.db");
    const SyncReport report = sync("a.db");
    EXPECT_EQ(report.pushed, 1);
    ASSERT_EQ(report.schema_sent.size(), 1u);
    EXPECT_EQ(report.schema_sent[0].name, "one_title");
    settle_all();
    EXPECT_EQ(ask("b.db", "SELECT title, body FROM note WHERE id = 'n3'"),
              Dump{"'another one', 'of b'"});
    EXPECT_THROW(edit("b.db", "INSERT INTO note VALUES ('n4', 'one', 'z')"), Error);
}

TEST_F(Schema, AConstraintTravelsAfterTheEditsThatMakeItPossible) {
    edit("b.db", "INSERT INTO note VALUES ('n3', NULL, -1)");
    settle_all();
    edit("a.db",
         "UPDATE note SET title = 'none' WHERE title IS NULL; "
         "UPDATE note SET body = 0 WHERE body < 0; "
         "CREATE TABLE made(id TEXT PRIMARY KEY, title NOT NULL, body CHECK (body >= 0)); "
         "INSERT INTO made SELECT * FROM note; DROP TABLE note; ALTER TABLE made RENAME TO note; "
         "UPDATE note SET title = 'TWO' WHERE id = 'n2'");
    edit("b.db", "UPDATE note SET body = 'of b' WHERE id = 'n2'");
    settle_all();
    for (const char* file : {"a.db", "b.db", "primary.db"}) {
        EXPECT_EQ(ask(file, "SELECT * FROM note ORDER BY id"),
                  (Dump{"'n1', 'one', 'x'", "'n2', 'TWO', 'of b'", "'n3', 'none', 0"}))
            << file;
        EXPECT_THROW(edit(file, "UPDATE note SET title = NULL"), Error) << file;
    }
}

TEST_F(Schema, AConstraintThatAnEditElsewhereBreaksStopsTheSyncAndKeepsTheEdit) {
    edit("a.db",
         "CREATE TABLE made(id TEXT PRIMARY KEY, title NOT NULL, body); "
         "INSERT INTO made SELECT * FROM note; DROP TABLE note; ALTER TABLE made RENAME TO note");
    sync("a.db");
    edit("b.db", "UPDATE note SET title = NULL WHERE id = 'n1'");
    const Error error = expect_error(ErrorCode::failed, [&] { sync("b.db"); });
    EXPECT_NE(error.message().find("note.title"), std::string::npos) << error.message();
    EXPECT_EQ(ask("b.db", "SELECT title FROM note WHERE id = 'n1'"), Dump{"NULL"});
    edit("b.db", "UPDATE note SET title = 'of b' WHERE id = 'n1'");
    settle_all();
    EXPECT_EQ(ask("a.db", "SELECT title FROM note WHERE id = 'n1'"), Dump{"'of b'"});
}

TEST_F(Schema, AUniqueIndexThatRowsKeptFromThisDeviceDoNotAllowIsNamedAtEachSync) {
    edit("primary.db", "INSERT INTO note VALUES ('n3', 'one', 'z')");
    edit("a.db", "CREATE UNIQUE INDEX one_title ON note(title)");
    const auto push_only = [&] {
        Replica replica = Replica::open(path("a.db"));
        SyncOptions options;
        options.direction = Direction::push;
        replica.sync(options);
    };
    for (int i = 0; i < 2; ++i) {
        const Error error = expect_error(ErrorCode::failed, push_only);
        EXPECT_NE(error.message().find("one_title"), std::string::npos) << error.message();
    }
    EXPECT_EQ(ask("primary.db", "SELECT count(*) FROM note"), Dump{"3"});
}

TEST_F(Schema, AChangeThatTheRowsOfTheOtherSideDoNotAllowChangesNeither) {
    edit("b.db", "INSERT INTO note VALUES ('n3', 'two', 'z')");
    sync("b.db");
    edit("a.db", "CREATE UNIQUE INDEX only_title ON note(title)");
    const Dump before = dump_schema_of("primary.db");
    const Error error = expect_error(ErrorCode::failed, [&] { sync("a.db"); });
    EXPECT_NE(error.message().find("title"), std::string::npos);
    EXPECT_EQ(dump_schema_of("primary.db"), before);
    edit("a.db", "DROP INDEX only_title");
    settle_all();
}

TEST_F(Schema, TheVersionNumberOfTheApplicationTravels) {
    edit("a.db", "PRAGMA user_version = 3");
    settle_all();
    EXPECT_EQ(ask("b.db", "PRAGMA user_version"), Dump{"3"});
    edit("primary.db", "PRAGMA user_version = 4; PRAGMA application_id = 99");
    settle_all();
    EXPECT_EQ(ask("a.db", "PRAGMA user_version"), Dump{"4"});
    EXPECT_EQ(ask("b.db", "PRAGMA application_id"), Dump{"99"});
}

TEST_F(Schema, FullTextStaysRightWhenItsTableIsRebuilt) {
    edit("a.db",
         "CREATE TABLE page(id INTEGER PRIMARY KEY, text); INSERT INTO page(text) VALUES "
         "('apple'), ('pear'); "
         "CREATE VIRTUAL TABLE page_text USING fts5(text, content='page', content_rowid='id'); "
         "INSERT INTO page_text(page_text) VALUES ('rebuild'); "
         "CREATE TRIGGER page_i AFTER INSERT ON page BEGIN "
         "INSERT INTO page_text(rowid, text) VALUES (new.id, new.text); END");
    settle_all();
    EXPECT_EQ(ask("b.db", "SELECT rowid FROM page_text('pear')"), Dump{"2"});
    edit("a.db", "ALTER TABLE page RENAME COLUMN text TO words");
    edit("a.db",
         "ALTER TABLE page RENAME COLUMN words TO text; CREATE TABLE p2(id INTEGER PRIMARY KEY, "
         "at, text); "
         "INSERT INTO p2(id, text) SELECT id, text FROM page; DROP TABLE page; ALTER TABLE p2 "
         "RENAME TO page");
    edit("b.db", "UPDATE page SET text = 'plum' WHERE id = 1");
    sync("a.db");
    sync("b.db");
    sync("a.db");
    EXPECT_EQ(ask("b.db", "SELECT id, at, text FROM page"),
              (Dump{"1, NULL, 'plum'", "2, NULL, 'pear'"}));
    edit("b.db", "INSERT INTO page_text(page_text) VALUES ('integrity-check')");
}

TEST_F(Schema, AnExcludedTableChangesItsShapeButKeepsItsRowsToItself) {
    make("c.db", "CREATE TABLE note(id TEXT PRIMARY KEY, title, body)");
    AttachOptions options;
    options.exclude = {"note"};
    options.first_merge = FirstMerge::merge;
    attach("c.db", options);
    edit("c.db", "INSERT INTO note VALUES ('own', 'of c', NULL)");
    edit("a.db", "ALTER TABLE note ADD COLUMN tag; UPDATE note SET tag = 'x'");
    settle_all();
    sync("c.db");
    EXPECT_EQ(ask("c.db", "SELECT * FROM note"), Dump{"'own', 'of c', NULL, NULL"});
    edit("c.db", "ALTER TABLE note ADD COLUMN from_c");
    sync("c.db");
    settle_all();
    edit("primary.db", "UPDATE note SET from_c = 'kept track of' WHERE id = 'n1'");
    settle_all();
    EXPECT_EQ(ask("a.db", "SELECT from_c FROM note WHERE id = 'n1'"), Dump{"'kept track of'"});
}

}  // namespace
}  // namespace tidemark
