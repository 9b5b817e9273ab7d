// A replica that its triggers could not watch: verify finds what differs, and repairs it.

#include <sqlite3.h>

#include "sqlite/connection.hpp"
#include "support/story.hpp"

namespace tidemark {
namespace {

constexpr const char* notes = R"(
    CREATE TABLE notes(id TEXT PRIMARY KEY, title TEXT NOT NULL, body TEXT);
    INSERT INTO notes VALUES ('milk', 'Milk', 'Two bottles'), ('bike', 'Bicycle', 'Mend'),
        ('trip', 'Trip', 'Train'))";

class Verifying : public Story {
protected:
    VerifyReport verify(const std::string& file, bool repair = false) {
        VerifyOptions options;
        options.repair = repair;
        return Replica::open(path(file)).verify(options);
    }
    TableVerification look(const std::string& file) {
        const VerifyReport report = verify(file);
        EXPECT_EQ(report.found.size(), 1U);
        return report.found.at(0);
    }
    /// Edits with triggers off, as some import tools do.
    void edit_unseen(const std::string& file, const std::string& sql) {
        Connection connection(path(file));
        sqlite3_db_config(connection.handle(), SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
        connection.execute(sql);
    }
    void repair(const std::string& file) {
        const VerifyReport report = verify(file, true);
        EXPECT_TRUE(report.repaired);
        EXPECT_TRUE(report.equal());
        expect_same(file, "primary.db");
        EXPECT_TRUE(verify(file).equal());
    }
};

TEST_F(Verifying, EqualIsSaidWhereAllIsEqual) {
    two_devices(notes);
    const TableVerification found = look("b.db");
    EXPECT_TRUE(found.equal());
    EXPECT_EQ(found.same, 3);
    EXPECT_TRUE(found.keys.empty());
    const auto json = tidemark_json({"verify", "b.db"});
    EXPECT_TRUE(json.at("equal").as_bool());
    EXPECT_EQ(json.at("tables").at(0).at("same").as_int64(), 3);
    EXPECT_TRUE(json.at("after").is_null());
    EXPECT_EQ(tidemark({"verify", "b.db"}).exit_code, 0);
}

TEST_F(Verifying, WhatWaitsToBeSentOrReceivedIsNoDifference) {
    two_devices(notes);
    edit("a.db",
         "UPDATE notes SET title = 'Oats' WHERE id = 'milk'; DELETE FROM notes WHERE id = 'trip'");
    edit("a.db", "INSERT INTO notes VALUES ('call', 'Call', NULL)");
    sync("a.db");
    shell("primary.db", "INSERT INTO notes VALUES ('direct', 'Written there', NULL)");
    edit("b.db",
         "UPDATE notes SET body = 'Oil' WHERE id = 'bike'; INSERT INTO notes VALUES ('new', 'New', "
         "1)");
    const TableVerification found = look("b.db");
    EXPECT_TRUE(found.equal());
    EXPECT_EQ(found.pending, 2);
    EXPECT_EQ(found.incoming, 4);
    EXPECT_EQ(found.same, 0);
    settle();
    EXPECT_EQ(look("b.db").same, 5);
}

TEST_F(Verifying, EditsMadeWithTriggersOffAreFoundAndMergedWithoutLoss) {
    two_devices(notes);
    edit_unseen("b.db",
                "UPDATE notes SET body = 'Three' WHERE id = 'milk'; DELETE FROM notes WHERE "
                "id = 'bike'; INSERT INTO notes VALUES ('call', 'Call', NULL)");
    EXPECT_EQ(sync("b.db").pushed, 0) << "no sync can know";
    const TableVerification found = look("b.db");
    EXPECT_FALSE(found.equal());
    EXPECT_EQ(found.same, 1);
    EXPECT_EQ(found.different, 1);
    EXPECT_EQ(found.only_here, 1);
    EXPECT_EQ(found.only_there, 1);
    ASSERT_EQ(found.keys.size(), 3U);
    EXPECT_EQ(found.keys[0][0].second, Value{std::string("milk")});
    const Ran ran = tidemark({"verify", "b.db"});
    EXPECT_EQ(ran.exit_code, 1);
    EXPECT_NE(ran.out.find("3 rows differ"), std::string::npos) << ran.out;
    tidemark_json({"verify", "b.db"}, 1);

    repair("b.db");
    EXPECT_EQ(ask("b.db", "SELECT id, body FROM notes ORDER BY id"),
              (Dump{"'bike', 'Mend'", "'call', NULL", "'milk', 'Three'", "'trip', 'Train'"}));
    const auto lost = conflicts("b.db");
    ASSERT_EQ(lost.size(), 1U);
    EXPECT_FALSE(lost[0].lost_here);
    EXPECT_EQ(lost[0].there[2].second, Value{std::string("Two bottles")});
    settle();
}

TEST_F(Verifying, WhatThePrimaryChangedSinceWinsOverWhatNoTriggerSawAndBothAreKept) {
    two_devices(notes);
    edit_unseen("b.db", "UPDATE notes SET body = 'unseen'");
    edit("a.db", "UPDATE notes SET body = 'seen' WHERE id = 'milk'");
    sync("a.db");
    EXPECT_EQ(look("b.db").incoming, 1);
    EXPECT_EQ(look("b.db").different, 2);
    repair("b.db");
    EXPECT_EQ(ask("b.db", "SELECT id, body FROM notes ORDER BY 1"),
              (Dump{"'bike', 'unseen'", "'milk', 'seen'", "'trip', 'unseen'"}));
    EXPECT_EQ(conflicts("b.db").size(), 3U);
    settle();
}

TEST_F(Verifying, AnUnseenEditOfARowThatIsIncomingIsADifferenceAndIsNotLost) {
    two_devices(notes);
    edit_unseen("b.db", "UPDATE notes SET body = 'unseen' WHERE id = 'milk'");
    edit_unseen("b.db", "DELETE FROM notes WHERE id = 'bike'");
    edit("a.db", "UPDATE notes SET title = 'seen'");
    sync("a.db");
    const TableVerification found = look("b.db");
    EXPECT_EQ(found.different, 1);
    EXPECT_EQ(found.only_there, 1);
    EXPECT_EQ(found.incoming, 1);
    EXPECT_EQ(found.keys.size(), 2U);
    repair("b.db");
    EXPECT_EQ(ask("b.db", "SELECT title, body FROM notes WHERE id = 'milk'"),
              Dump{"'seen', 'unseen'"});
    EXPECT_EQ(ask("b.db", "SELECT title FROM notes WHERE id = 'bike'"), Dump{"'seen'"});
    settle();
}

TEST_F(Verifying, TriggersThatWereDroppedAreNamedAndPutBack) {
    two_devices(notes);
    shell("b.db",
          "DROP TRIGGER tidemark_notes_update; UPDATE notes SET title = 'x' WHERE id = 'trip'");
    const TableVerification found = look("b.db");
    EXPECT_FALSE(found.captured);
    EXPECT_EQ(found.different, 1);
    const Ran ran = tidemark({"verify", "b.db"});
    EXPECT_EQ(ran.exit_code, 1);
    EXPECT_NE(ran.err.find("triggers of notes"), std::string::npos) << ran.err;
    repair("b.db");
    EXPECT_EQ(ask("primary.db", "SELECT title FROM notes WHERE id = 'trip'"), Dump{"'x'"});
    EXPECT_EQ(conflicts("b.db").size(), 1U) << "the primary's value is kept";
    edit("b.db", "UPDATE notes SET title = 'y' WHERE id = 'trip'");
    settle();
    EXPECT_EQ(ask("a.db", "SELECT title FROM notes WHERE id = 'trip'"), Dump{"'y'"});
}

TEST_F(Verifying, TriggersThatAreMissingAreReasonEnoughToRepair) {
    two_devices(notes);
    shell("b.db", "DROP TRIGGER tidemark_notes_delete");
    EXPECT_EQ(tidemark({"verify", "b.db"}).exit_code, 1);
    EXPECT_EQ(tidemark({"verify", "b.db", "--repair"}).exit_code, 0);
    EXPECT_EQ(tidemark({"verify", "b.db"}).exit_code, 0);
}

TEST_F(Verifying, AReplaceThroughAnIndexOnAnExpressionIsFoundAndMerged) {
    two_devices(
        "CREATE TABLE tags(id INTEGER PRIMARY KEY, name TEXT, n);"
        "CREATE UNIQUE INDEX tags_name ON tags(lower(name));"
        "CREATE TABLE uses(id INTEGER PRIMARY KEY, tag INTEGER REFERENCES tags(id));"
        "INSERT INTO tags VALUES (1, 'Urgent', 'old'), (2, 'Home', 'old');"
        "INSERT INTO uses VALUES (1, 2)");
    shell("b.db", "INSERT OR REPLACE INTO tags VALUES (10, 'URGENT', 'new')");
    EXPECT_EQ(ask("b.db", "SELECT count(*) FROM tags"), Dump{"2"});
    const Error error = expect_error(ErrorCode::failed, [&] { sync("b.db"); });
    EXPECT_NE(error.hint().find("verify"), std::string::npos) << error.hint();
    const VerifyReport report = verify("b.db");
    EXPECT_EQ(report.found.at(0).only_there, 1);
    EXPECT_EQ(report.found.at(0).pending, 1);
    repair("b.db");
    EXPECT_EQ(ask("primary.db", "SELECT name, n FROM tags ORDER BY 1"),
              (Dump{"'Home', 'old'", "'URGENT', 'new'"}));
    settle();
}

TEST_F(Verifying, RowsWithoutAKeyAreReportedAndNoDifference) {
    two_devices(notes);
    edit("b.db", "INSERT INTO notes VALUES (NULL, 'no key', 1)");
    const TableVerification found = look("b.db");
    EXPECT_EQ(found.null_keys, 1);
    EXPECT_TRUE(found.equal());
    const Ran ran = tidemark({"verify", "b.db"});
    EXPECT_EQ(ran.exit_code, 0);
    EXPECT_NE(ran.err.find("1 row of notes is left out"), std::string::npos) << ran.err;
}

TEST_F(Verifying, ADifferenceInStorageClassOrKeySpellingCounts) {
    two_devices(
        "CREATE TABLE t(id TEXT PRIMARY KEY COLLATE NOCASE, x BLOB);"
        "INSERT INTO t VALUES ('a', 1), ('b', 'x')");
    edit_unseen("b.db",
                "UPDATE t SET x = 1.0 WHERE id = 'a'; UPDATE t SET id = 'B' WHERE id = 'b'");
    EXPECT_EQ(look("b.db").different, 2);
    repair("b.db");
    EXPECT_EQ(ask("primary.db", "SELECT id, typeof(x) FROM t ORDER BY 1"),
              (Dump{"'a', 'real'", "'B', 'text'"}));
}

}  // namespace
}  // namespace tidemark
