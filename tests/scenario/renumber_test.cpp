// Unique columns that number different things: --unique TABLE.COLUMN=renumber.

#include "support/story.hpp"

namespace tidemark {
namespace {

class Renumbering : public Story {
protected:
    void devices(const std::string& schema, std::vector<ColumnName> renumbered,
                 const std::vector<std::string>& clones = {"b.db"}) {
        make("a.db", schema);
        AttachOptions options;
        options.renumbered = renumbered;
        attach("a.db", options);
        for (const std::string& file : clones) {
            CloneOptions same;
            same.device = file;
            same.renumbered = renumbered;
            Replica::clone(location("primary.db"), path(file), same);
        }
    }
    std::vector<std::string> reasons(const std::string& file) {
        std::vector<std::string> out;
        for (const Conflict& conflict : conflicts(file)) out.push_back(conflict.reason);
        return out;
    }
};

constexpr const char* keyed =
    "CREATE TABLE tasks(id TEXT PRIMARY KEY, key TEXT NOT NULL UNIQUE, title TEXT);"
    "INSERT INTO tasks VALUES ('x', 'T-007', 'old')";

TEST_F(Renumbering, RowsWithTheSameNumberBothStayAndTheLaterTakesTheNextFreeOne) {
    devices(keyed, {{"Tasks", "KEY"}});
    edit("a.db", "INSERT INTO tasks VALUES ('a1', 'T-008', 'a eight'), ('a2', 'T-009', 'a nine')");
    edit("b.db",
         "INSERT INTO tasks VALUES ('b1', 'T-008', 'b eight'), ('b2', 'T-009', 'b nine'), "
         "('b3', 'T-010', 'b ten')");
    settle();
    EXPECT_EQ(ask("a.db", "SELECT key, title FROM tasks ORDER BY 1"),
              (Dump{"'T-007', 'old'", "'T-008', 'a eight'", "'T-009', 'a nine'", "'T-010', 'b ten'",
                    "'T-011', 'b eight'", "'T-012', 'b nine'"}));
    EXPECT_EQ(reasons("b.db"),
              (std::vector<std::string>{
                  "renumbered from T-008 to T-011: another device gave out the same value",
                  "renumbered from T-009 to T-012: another device gave out the same value"}));
    EXPECT_TRUE(conflicts("a.db").empty());
    const Conflict first = conflicts("b.db").front();
    EXPECT_TRUE(first.lost_here);
    EXPECT_EQ(first.columns, std::vector<std::string>{"key"});
    EXPECT_EQ(first.here[1].second, Value{std::string("T-008")});
}

TEST_F(Renumbering, ANewNumberIsFreeAmongTheRowsThatArriveToo) {
    devices(keyed, {{"tasks", "key"}});
    edit("a.db", "INSERT INTO tasks VALUES ('m', 'T-008', 'a eight'), ('z', 'T-009', 'a nine')");
    edit("b.db", "INSERT INTO tasks VALUES ('b', 'T-008', 'b eight')");
    settle();
    EXPECT_EQ(ask("b.db", "SELECT key, title FROM tasks WHERE id IN ('b', 'z') ORDER BY 1"),
              (Dump{"'T-009', 'a nine'", "'T-010', 'b eight'"}));
}

TEST_F(Renumbering, AThirdDeviceTakesItsTurn) {
    devices(keyed, {{"tasks", "key"}}, {"b.db", "c.db"});
    for (const std::string file : {"a.db", "b.db", "c.db"}) {
        edit(file, "INSERT INTO tasks VALUES ('new of " + file + "', 'T-008', '" + file + "')");
    }
    settle({"a.db", "b.db", "c.db"});
    EXPECT_EQ(ask("a.db", "SELECT key, title FROM tasks WHERE key > 'T-007' ORDER BY 1"),
              (Dump{"'T-008', 'a.db'", "'T-009', 'b.db'", "'T-010', 'c.db'"}));
}

TEST_F(Renumbering, NumbersCountWithinTheirGroup) {
    devices(
        "CREATE TABLE issues(id INTEGER PRIMARY KEY, project TEXT, number INTEGER, title TEXT, "
        "UNIQUE(project, number))",
        {{"issues", "number"}});
    edit("a.db",
         "INSERT INTO issues(project, number, title) VALUES ('p', 1, 'a'), ('q', 1, 'aq'), ('q', "
         "2, 'aq2')");
    edit("b.db", "INSERT INTO issues(project, number, title) VALUES ('p', 1, 'b'), ('q', 1, 'bq')");
    settle();
    EXPECT_EQ(
        ask("b.db", "SELECT project, number, title FROM issues ORDER BY 1, 2"),
        (Dump{"'p', 1, 'a'", "'p', 2, 'b'", "'q', 1, 'aq'", "'q', 2, 'aq2'", "'q', 3, 'bq'"}));
}

TEST_F(Renumbering, ReferencesToTheNumberFollowItsRow) {
    devices(
        "CREATE TABLE tasks(id INTEGER PRIMARY KEY, key TEXT UNIQUE, title);"
        "CREATE TABLE docs(id INTEGER PRIMARY KEY, task TEXT REFERENCES tasks(key), text);"
        "CREATE TABLE zettel(id TEXT PRIMARY KEY, task TEXT REFERENCES tasks(key))",
        {{"tasks", "key"}});
    for (const std::string who : {"a", "b"}) {
        edit(who + ".db", "INSERT INTO tasks(key, title) VALUES ('T-1', '" + who +
                              "');"
                              "INSERT INTO docs(task, text) VALUES ('T-1', '" +
                              who +
                              " doc');"
                              "INSERT INTO zettel VALUES ('" +
                              who + "', 'T-1')");
    }
    settle();
    EXPECT_EQ(ask("a.db",
                  "SELECT key, title, text, zettel.id FROM tasks JOIN docs ON docs.task = key "
                  "JOIN zettel ON zettel.task = key ORDER BY 1"),
              (Dump{"'T-1', 'a', 'a doc', 'a'", "'T-2', 'b', 'b doc', 'b'"}));
}

TEST_F(Renumbering, RowsThatHaveTheNumberForTheirKeyFollowToo) {
    devices(
        "CREATE TABLE tasks(id TEXT PRIMARY KEY, key TEXT UNIQUE);"
        "CREATE TABLE detail(task TEXT PRIMARY KEY REFERENCES tasks(key), text);"
        "CREATE TABLE vote(task TEXT REFERENCES tasks(key), who TEXT, PRIMARY KEY (task, who))",
        {{"tasks", "key"}});
    for (const std::string who : {"a", "b"}) {
        edit(who + ".db", "INSERT INTO tasks VALUES ('of " + who +
                              "', 'T-1'); INSERT INTO detail VALUES ('T-1', '" + who +
                              "'); INSERT INTO vote VALUES ('T-1', 'me')");
    }
    settle();
    for (const char* file : {"a.db", "b.db"}) {
        EXPECT_EQ(ask(file,
                      "SELECT tasks.id, key, text, who FROM tasks JOIN detail ON detail.task = key "
                      "JOIN vote ON vote.task = key ORDER BY key"),
                  (Dump{"'of a', 'T-1', 'a', 'me'", "'of b', 'T-2', 'b', 'me'"}));
    }
    EXPECT_EQ(conflicts("b.db").size(), 1U);
}

TEST_F(Renumbering, ANumberThatADeletedRowHadIsNotTaken) {
    devices(keyed, {{"tasks", "key"}});
    edit("a.db", "UPDATE tasks SET title = 'edited' WHERE id = 'x'");
    edit("b.db", "DELETE FROM tasks WHERE id = 'x'; INSERT INTO tasks VALUES ('y', 'T-007', 'y')");
    sync("a.db");
    settle();
    EXPECT_EQ(ask("a.db", "SELECT id, key FROM tasks"), (Dump{"'y', 'T-007'"}));
}

TEST_F(Renumbering, TheSameThingMadeTwiceWithTheSameNumberIsOneRowAndKeepsIt) {
    devices("CREATE TABLE tasks(id TEXT PRIMARY KEY, key TEXT UNIQUE, title TEXT UNIQUE)",
            {{"tasks", "key"}});
    for (const std::string who : {"a", "b"}) {
        edit(who + ".db", "INSERT INTO tasks VALUES ('of " + who + "', 'T-1', 'the same')");
    }
    settle();
    EXPECT_EQ(ask("a.db", "SELECT key, title FROM tasks"), (Dump{"'T-1', 'the same'"}));
}

TEST_F(Renumbering, AKeyOfTextCanBeANumberToo) {
    devices(
        "CREATE TABLE tasks(key TEXT PRIMARY KEY, title);"
        "CREATE TABLE docs(id INTEGER PRIMARY KEY, task TEXT REFERENCES tasks(key), text)",
        {{"tasks", "key"}});
    for (const std::string who : {"a", "b"}) {
        edit(who + ".db", "INSERT INTO tasks VALUES ('T-001', '" + who + "'), ('T-002', '" + who +
                              "2');"
                              "INSERT INTO docs(task, text) VALUES ('T-001', '" +
                              who + " doc')");
    }
    settle();
    EXPECT_EQ(
        ask("a.db", "SELECT key, title, text FROM tasks LEFT JOIN docs ON task = key ORDER BY 1"),
        (Dump{"'T-001', 'a', 'a doc'", "'T-002', 'a2', NULL", "'T-003', 'b', 'b doc'",
              "'T-004', 'b2', NULL"}));
}

TEST_F(Renumbering, ARowThatWasOnlyEditedGivesWayAsEver) {
    devices(keyed, {{"tasks", "key"}});
    edit("a.db", "INSERT INTO tasks VALUES ('a1', 'T-008', 'a eight')");
    edit("b.db", "UPDATE tasks SET key = 'T-008' WHERE id = 'x'");
    settle();
    EXPECT_EQ(ask("b.db", "SELECT key, title FROM tasks ORDER BY 1"),
              (Dump{"'T-007', 'old'", "'T-008', 'a eight'"}));
    EXPECT_EQ(reasons("b.db"), std::vector<std::string>{"it would break a constraint"});
}

TEST_F(Renumbering, WithoutTheOptionTheyAreOneRow) {
    devices(keyed, {});
    edit("a.db", "INSERT INTO tasks VALUES ('a1', 'T-008', 'a eight')");
    edit("b.db", "INSERT INTO tasks VALUES ('b1', 'T-008', 'b eight')");
    settle();
    EXPECT_EQ(ask("a.db", "SELECT count(*) FROM tasks"), Dump{"2"});
}

TEST_F(Renumbering, AnOldNumberIsRestoredOnlyWhileItIsFree) {
    devices(keyed, {{"tasks", "key"}});
    edit("a.db", "INSERT INTO tasks VALUES ('a1', 'T-008', 'a eight')");
    edit("b.db", "INSERT INTO tasks VALUES ('b1', 'T-008', 'b eight')");
    settle();
    const std::int64_t id = conflicts("b.db").at(0).id;
    const Error error =
        expect_error(ErrorCode::failed, [&] { Replica::open(path("b.db")).restore(id); });
    EXPECT_NE(error.message().find("no longer fit"), std::string::npos) << error.message();
    EXPECT_EQ(conflicts("b.db").size(), 1U);
    edit("a.db", "UPDATE tasks SET key = 'T-100' WHERE id = 'a1'");
    settle();
    later();
    Replica::open(path("b.db")).restore(id);
    settle();
    EXPECT_EQ(ask("a.db", "SELECT key FROM tasks WHERE id = 'b1'"), Dump{"'T-008'"});
}

TEST_F(Renumbering, WhatCannotBeRenumberedIsRefused) {
    make("c.db", keyed);
    const auto refused = [&](const std::string& given, const std::string& why) {
        const Ran ran = tidemark({"attach", "c.db", "other.db", "--unique", given});
        EXPECT_EQ(ran.exit_code, 2) << given;
        EXPECT_NE(ran.err.find(why), std::string::npos) << ran.err;
    };
    refused("tasks.title=renumber", "no UNIQUE constraint");
    refused("tasks.nothing=renumber", "no column 'nothing'");
    refused("jobs.key=renumber", "no table 'jobs'");
    refused("tasks.key=double", "=renumber");
    refused("tasks.key", "TABLE.COLUMN=renumber");
    EXPECT_EQ(tidemark({"attach", "c.db", "other.db", "--unique", "tasks.key=renumber"}).exit_code,
              0);
}
}  // namespace
}  // namespace tidemark
