#include "support/story.hpp"

namespace tidemark {
namespace {

class Schema : public Story {
protected:
    void SetUp() override {
        two_devices(
            "CREATE TABLE note(id TEXT PRIMARY KEY, title, body); "
            "INSERT INTO note VALUES ('n1', 'one', 'x'), ('n2', 'two', 'y')");
    }
    Dump dump_schema_of(const std::string& file) const { return dump_schema(path(file)); }
    /// Until nothing moves; then the schemas are the same too, but for how they are written.
    void settle_all() {
        sync("a.db");
        sync("b.db");
        settle();
        for (const char* file : {"a.db", "b.db"}) {
            EXPECT_EQ(columns(file), columns("primary.db")) << file;
            EXPECT_TRUE(Replica::open(path(file)).status().warnings.empty());
        }
    }
    Dump columns(const std::string& file) const {
        return ask(file,
                   "SELECT s.type, s.name, s.tbl_name, x.name, x.type, x.pk FROM sqlite_schema s "
                   "LEFT JOIN pragma_table_xinfo(s.name) x WHERE s.name NOT GLOB 'sqlite_*' "
                   "AND s.name NOT GLOB 'tidemark_*' ORDER BY s.type, s.name, x.cid");
    }
};

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

TEST_F(Schema, AColumnDroppedOrATableRenamedInThePrimaryItselfArrives) {
    edit("a.db", "UPDATE note SET title = 'ONE' WHERE id = 'n1'");
    edit("primary.db", "ALTER TABLE note DROP COLUMN body; ALTER TABLE note RENAME TO memo");
    settle_all();
    EXPECT_EQ(ask("b.db", "SELECT * FROM memo ORDER BY id"), (Dump{"'n1', 'ONE'", "'n2', 'two'"}));
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

/// What plain sqlite3 and Alembic do where ALTER TABLE is not enough: create, copy some, drop,
/// rename.
std::string rebuilt_with(const std::string& copy) {
    return "CREATE TABLE note_new(id TEXT PRIMARY KEY, title, body); INSERT INTO note_new " + copy +
           "; DROP TABLE note; ALTER TABLE note_new RENAME TO note";
}

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

TEST_F(Schema, ASyncOfTheSchemaAloneSaysWhatItDid) {
    edit("a.db", "ALTER TABLE note ADD COLUMN tag; CREATE INDEX by_tag ON note(tag)");
    const std::string out = tidemark({"sync", "a.db", "-v"}).out;
    EXPECT_TRUE(
        out.starts_with("Sent 2 schema changes.\n"
                        "Sent: table note changed (column tag made)\n"
                        "Sent: index by_tag made\n"))
        << out;
    const auto received = tidemark_json({"sync", "b.db"}).at("schema_received").as_array();
    ASSERT_EQ(received.size(), 2u);
    EXPECT_EQ(received[0].at("change").as_string(), "changed");
    EXPECT_EQ(received[0].at("kind").as_string(), "table");
    EXPECT_EQ(received[0].at("name").as_string(), "note");
    EXPECT_EQ(received[0].at("detail").as_string(), "column tag made");
    EXPECT_TRUE(received[1].at("detail").is_null());
    EXPECT_TRUE(sync("b.db").schema_received.empty());
}

TEST_F(Schema, ADryRunTellsTheSchemaChangesAndRowsOfBothSidesAndChangesNeither) {
    edit("b.db",
         "CREATE TABLE tag(id TEXT PRIMARY KEY); INSERT INTO tag VALUES ('t'); "
         "UPDATE note SET title = 'of b' WHERE id = 'n1'");
    sync("b.db");
    edit("a.db",
         "ALTER TABLE note RENAME COLUMN body TO text; ALTER TABLE note DROP COLUMN title; "
         "UPDATE note SET text = 'of a'; PRAGMA user_version = 3");
    const Dump here = dump_everything(path("a.db"));
    const Dump there = dump_everything(path("primary.db"));
    EXPECT_EQ(
        tidemark({"sync", "a.db", "--dry-run"}).out,
        "Would send 2 rows and 2 schema changes and receive 2 rows and 1 schema change; 1 row "
        "was changed on both sides.\n"
        "\n"
        "Send     table note changed (column body renamed to text, column title dropped)\n"
        "Send     user_version changed to 3\n"
        "Receive  table tag made\n"
        "\n"
        "Table  Send  Receive  Both sides\n"
        "note      2        1           1\n"
        "tag       0        1           0\n");
    EXPECT_EQ(difference(here, dump_everything(path("a.db"))), "");
    EXPECT_EQ(difference(there, dump_everything(path("primary.db"))), "");
    const auto plan = tidemark_json({"sync", "a.db", "--dry-run"});
    EXPECT_EQ(plan.at("schema_push").as_array().size(), 2u);
    EXPECT_EQ(plan.at("schema_pull").as_array().size(), 1u);
    const SyncReport report = sync("a.db");
    EXPECT_EQ(report.pushed, 2);
    EXPECT_EQ(report.pulled, 2);
    EXPECT_EQ(report.schema_sent.size(), 2u);
    EXPECT_EQ(report.schema_received.size(), 1u);
}

TEST_F(Schema, ADryRunCountsTheRowsThatAMigrationChangedUnseen) {
    edit("a.db", rebuilt_with("SELECT id, upper(title), body FROM note WHERE id = 'n1'"));
    edit("b.db", "INSERT INTO note VALUES ('n3', 'of b', 'z')");
    sync("b.db");
    const Dump here = dump_everything(path("a.db"));
    const Dump there = dump_everything(path("primary.db"));
    const SyncPlan plan = Replica::open(path("a.db")).plan();
    ASSERT_EQ(plan.tables.size(), 1u);
    EXPECT_EQ(plan.tables[0].push, 2) << "an edit and a deletion";
    EXPECT_EQ(difference(here, dump_everything(path("a.db"))), "");
    EXPECT_EQ(difference(there, dump_everything(path("primary.db"))), "");
    EXPECT_EQ(sync("a.db").pushed, 2);
}

TEST_F(Schema, ADryRunNamesAContradictionAndVerifyDoesToo) {
    edit("a.db", "ALTER TABLE note ADD COLUMN due TEXT");
    edit("b.db", "ALTER TABLE note ADD COLUMN due INTEGER");
    sync("a.db");
    for (const char* option : {"sync", "verify"}) {
        std::vector<std::string> command{option, "b.db"};
        if (command[0] == "sync") command.push_back("--dry-run");
        const Ran ran = tidemark(command);
        EXPECT_EQ(ran.exit_code, 1);
        EXPECT_NE(ran.err.find("due"), std::string::npos) << ran.err;
    }
}

TEST_F(Schema, VerifyLooksThroughASchemaThatIsOnItsWay) {
    edit("b.db", "ALTER TABLE note ADD COLUMN tag; UPDATE note SET tag = 'b' WHERE id = 'n1'");
    edit("a.db", "CREATE TABLE kind(id TEXT PRIMARY KEY); INSERT INTO kind VALUES ('k')");
    sync("b.db");
    const Dump here = dump_everything(path("a.db"));
    const Dump there = dump_everything(path("primary.db"));
    const VerifyReport report = Replica::open(path("a.db")).verify();
    EXPECT_TRUE(report.equal());
    EXPECT_EQ(report.schema_pending.size(), 1u);
    EXPECT_EQ(report.schema_incoming.size(), 1u);
    ASSERT_EQ(report.found.size(), 2u);
    EXPECT_EQ(report.found[0].pending, 1);
    EXPECT_EQ(report.found[0].only_here, 0) << "its row waits to be sent";
    EXPECT_EQ(report.found[1].incoming, 1);
    EXPECT_EQ(report.found[1].same, 1);
    EXPECT_EQ(difference(here, dump_everything(path("a.db"))), "");
    EXPECT_EQ(difference(there, dump_everything(path("primary.db"))), "");
    EXPECT_NE(tidemark({"verify", "a.db"}).out.find("Waits to be received: table note changed"),
              std::string::npos);
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

TEST_F(Schema, ARepairCarriesTheSchemaOverToo) {
    edit("a.db", rebuilt_with("SELECT id, upper(title), body FROM note"));
    edit("b.db", "ALTER TABLE note ADD COLUMN tag; UPDATE note SET tag = 'b'");
    sync("b.db");
    VerifyOptions options;
    options.repair = true;
    const VerifyReport report = Replica::open(path("a.db")).verify(options);
    EXPECT_FALSE(report.found.at(0).captured);
    EXPECT_TRUE(report.repaired);
    EXPECT_TRUE(report.equal());
    settle_all();
    EXPECT_EQ(ask("b.db", "SELECT id, title, tag FROM note ORDER BY 1"),
              (Dump{"'n1', 'ONE', 'b'", "'n2', 'TWO', 'b'"}));
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
