// Every program writes its SQLite file as it always did, the primary's too, and constraints hold.

#include "support/story.hpp"

namespace tidemark {
namespace {

class Writers : public Story {};

constexpr const char* people = R"(
    CREATE TABLE people(id INTEGER PRIMARY KEY, email TEXT UNIQUE, name TEXT, place INTEGER);
    INSERT INTO people VALUES (1, 'a@x', 'Ada', 1), (2, 'b@x', 'Bob', 2), (3, 'c@x', 'Cy', 3))";

TEST_F(Writers, TheShellAndPythonWriteReplicasAndThePrimaryAndAllOfItArrives) {
    two_devices(people);
    clone("c.db");
    shell("a.db", "UPDATE people SET name = 'shell on a' WHERE id = 1;");
    python("b.db",
           "db.execute(\"UPDATE people SET place = 20 WHERE id = 1\")\n"
           "db.executemany('INSERT INTO people(email, name) VALUES (?, ?)', [('p@x', 'Pia'), "
           "('q@x', None)])");
    shell("primary.db",
          "UPDATE people SET email = 'new@x' WHERE id = 1; DELETE FROM people WHERE id = 3;"
          "INSERT INTO people VALUES (50, 's@x', 'Sue', NULL);");
    python("primary.db", "db.execute(\"UPDATE people SET name = 'python' WHERE id = 2\")");
    settle({"a.db", "b.db", "c.db"});
    EXPECT_EQ(ask("c.db", "SELECT email, name, place FROM people ORDER BY email"),
              (Dump{"'b@x', 'python', 2", "'new@x', 'shell on a', 20", "'p@x', 'Pia', NULL",
                    "'q@x', NULL, NULL", "'s@x', 'Sue', NULL"}));
    EXPECT_TRUE(conflicts("a.db").empty() && conflicts("c.db").empty());
}

TEST_F(Writers, ALaterEditInThePrimaryItselfWinsAndAnEarlierOneLoses) {
    two_devices(people);
    edit("primary.db", "UPDATE people SET name = 'direct, earlier' WHERE id = 1");
    edit("a.db", "UPDATE people SET name = 'device' WHERE id IN (1, 2)");
    edit("primary.db", "UPDATE people SET name = 'direct, later' WHERE id = 2");
    settle();
    EXPECT_EQ(ask("b.db", "SELECT name FROM people ORDER BY id"),
              (Dump{"'device'", "'direct, later'", "'Cy'"}));
    EXPECT_EQ(conflicts("a.db").size(), 2U);
}

TEST_F(Writers, NumbersGivenOutByThePrimaryItselfAndByADeviceAreTwoRows) {
    two_devices(people);
    edit("primary.db", "INSERT INTO people(name) VALUES ('direct')");
    edit("a.db", "INSERT INTO people(name) VALUES ('device')");
    settle();
    EXPECT_EQ(ask("b.db", "SELECT count(*) FROM people WHERE name IN ('direct', 'device')"),
              Dump{"2"});
}

TEST_F(Writers, TwoRowsSwapTheirUniqueValues) {
    two_devices(people);
    edit(
        "a.db",
        "UPDATE people SET email = '-' WHERE id = 1; UPDATE people SET email = 'a@x' WHERE id = 2; "
        "UPDATE people SET email = 'b@x' WHERE id = 1");
    edit("b.db", "UPDATE people SET place = 9 WHERE id IN (1, 2)");
    settle();
    EXPECT_EQ(ask("b.db", "SELECT email, name, place FROM people ORDER BY id"),
              (Dump{"'b@x', 'Ada', 9", "'a@x', 'Bob', 9", "'c@x', 'Cy', 3"}));
    EXPECT_TRUE(conflicts("a.db").empty() && conflicts("b.db").empty());
}

TEST_F(Writers, UniqueValuesMoveAlongAChainAndAround) {
    two_devices(
        "CREATE TABLE seats(id INTEGER PRIMARY KEY, who TEXT UNIQUE); "
        "INSERT INTO seats VALUES (1, 'a'), (2, 'b'), (3, 'c'), (4, 'd'), (5, NULL)");
    edit("a.db",
         "UPDATE seats SET who = NULL WHERE id = 4; UPDATE seats SET who = 'd' WHERE id = 5; "
         "UPDATE seats SET who = NULL WHERE id = 3; UPDATE seats SET who = 'c' WHERE id = 4; "
         "UPDATE seats SET who = NULL WHERE id = 2; UPDATE seats SET who = 'b' WHERE id = 3; "
         "UPDATE seats SET who = 'new' WHERE id = 1; UPDATE seats SET who = 'a' WHERE id = 2");
    settle();
    EXPECT_EQ(ask("b.db", "SELECT who FROM seats ORDER BY id"),
              (Dump{"'new'", "'a'", "'b'", "'c'", "'d'"}));
    edit("b.db",
         "UPDATE seats SET who = who || '!'; UPDATE seats SET who = "
         "CASE id WHEN 1 THEN 'a' WHEN 2 THEN 'b' WHEN 3 THEN 'c' WHEN 4 THEN 'd' ELSE 'new' END");
    settle();
    EXPECT_EQ(ask("a.db", "SELECT who FROM seats ORDER BY id"),
              (Dump{"'a'", "'b'", "'c'", "'d'", "'new'"}));
}

TEST_F(Writers, ARowThatTakesTheValueOfADeletedOneArrives) {
    two_devices(people);
    edit("a.db",
         "DELETE FROM people WHERE id = 1; UPDATE people SET email = 'a@x' WHERE id = 2; "
         "INSERT INTO people VALUES (7, 'b@x', 'New', 1)");
    settle();
    EXPECT_EQ(ask("b.db", "SELECT id, email FROM people ORDER BY 1"),
              (Dump{"2, 'a@x'", "3, 'c@x'", "7, 'b@x'"}));
}

TEST_F(Writers, ARowReinsertedUnderAnotherNumberArrives) {
    two_devices(people);
    edit("a.db", "UPDATE people SET id = id + 1000");
    edit("b.db", "UPDATE people SET name = 'Eve' WHERE id = 2");
    settle({"a.db", "b.db"});
    EXPECT_EQ(ask("b.db", "SELECT count(*) FROM people WHERE email = 'a@x'"), Dump{"1"});
}

TEST_F(Writers, TheSameThingMadeTwiceUnderUniqueIsOneAndItsChildrenFollow) {
    two_devices(R"(
        CREATE TABLE tags(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE COLLATE NOCASE, color);
        CREATE TABLE notes(id TEXT PRIMARY KEY, tag INTEGER REFERENCES tags(id));
        CREATE TABLE tagged(note TEXT, tag INTEGER REFERENCES tags, PRIMARY KEY(note, tag)) WITHOUT ROWID;
        INSERT INTO tags VALUES (1, 'home', 'blue'))");
    edit("a.db",
         "INSERT INTO tags VALUES (2, 'work', 'grey'), (3, 'urgent', 'red'); "
         "INSERT INTO notes VALUES ('a', 3), ('aw', 2); INSERT INTO tagged VALUES ('a', 3)");
    edit("b.db",
         "INSERT INTO tags VALUES (2, 'Urgent', 'pink'); INSERT INTO notes VALUES ('b', 2); "
         "INSERT INTO tagged VALUES ('b', 2)");
    settle();
    const Dump joined{"'a', 'urgent'", "'aw', 'work'", "'b', 'urgent'"};
    EXPECT_EQ(
        ask("a.db", "SELECT n.id, lower(name) FROM notes n JOIN tags t ON t.id = tag ORDER BY 1"),
        joined);
    EXPECT_EQ(ask("a.db", "SELECT note, lower(name) FROM tagged JOIN tags ON id = tag ORDER BY 1"),
              (Dump{"'a', 'urgent'", "'b', 'urgent'"}));
    EXPECT_EQ(ask("b.db", "SELECT count(*) FROM tags"), Dump{"3"});
    EXPECT_EQ(ask("a.db", "SELECT color FROM tags WHERE name = 'urgent'"), Dump{"'pink'"})
        << "later";
}

TEST_F(Writers, TheSameThingMadeTwiceUnderSeveralUniquesIsOne) {
    two_devices(
        "CREATE TABLE u(id INTEGER PRIMARY KEY, a TEXT, b TEXT UNIQUE, c UNIQUE, UNIQUE(a, b)); "
        "CREATE UNIQUE INDEX some ON u(a) WHERE c > 10");
    edit("a.db", "INSERT INTO u VALUES (1, 'a', 'b', 11)");
    edit("b.db", "INSERT INTO u VALUES (1, 'x', 'y', 12), (2, 'a', 'b', 13)");
    settle();
    EXPECT_EQ(ask("a.db", "SELECT count(*), count(DISTINCT b), count(DISTINCT a) FROM u"),
              Dump{"2, 2, 2"});
}

TEST_F(Writers, AnEditThatTakesAValueWhichAnotherDeviceTookIsKeptAsAConflict) {
    two_devices(people);
    edit("a.db", "UPDATE people SET email = 'star@x' WHERE id = 1");
    edit("b.db", "UPDATE people SET email = 'star@x', place = 5 WHERE id = 2");
    settle();
    EXPECT_EQ(ask("a.db", "SELECT count(*) FROM people WHERE email = 'star@x'"), Dump{"1"});
    EXPECT_EQ(ask("a.db", "SELECT count(*) FROM people"), Dump{"3"});
    EXPECT_EQ(conflicts("a.db").size() + conflicts("b.db").size(), 1U);
}

constexpr const char* family = R"(
    CREATE TABLE parents(id INTEGER PRIMARY KEY, name);
    CREATE TABLE children(id TEXT PRIMARY KEY, parent INTEGER NOT NULL REFERENCES parents(id));
    INSERT INTO parents VALUES (1, 'one'), (2, 'two'))";

TEST_F(Writers, AParentDeletedWhileAnotherDeviceGaveItAChildStays) {
    for (const auto& order : {std::vector<std::string>{"a.db", "b.db"}, {"b.db", "a.db"}}) {
        for (const std::string file : {"a.db", "b.db", "primary.db"}) remove(file);
        two_devices(family);
        edit("a.db", "DELETE FROM parents WHERE id = 1");
        edit("b.db", "INSERT INTO children VALUES ('fresh', 1)");
        settle(order);
        EXPECT_EQ(ask("a.db", "SELECT name FROM parents JOIN children ON parent = parents.id"),
                  Dump{"'one'"});
        EXPECT_EQ(conflicts(order[1]).size(), 1U) << "the deletion lost";
    }
}

TEST_F(Writers, AParentDeletedInCascadeWhileAnotherDeviceGaveItAChildStays) {
    for (const auto& order : {std::vector<std::string>{"a.db", "b.db"}, {"b.db", "a.db"}}) {
        for (const std::string file : {"a.db", "b.db", "primary.db"}) remove(file);
        two_devices(R"(
            CREATE TABLE lists(id INTEGER PRIMARY KEY, name, above INTEGER REFERENCES lists ON DELETE CASCADE);
            CREATE TABLE tasks(id TEXT PRIMARY KEY, list INTEGER NOT NULL REFERENCES lists ON DELETE CASCADE, what);
            INSERT INTO lists VALUES (1, 'top', NULL), (2, 'below', 1), (3, 'lowest', 2);
            INSERT INTO tasks VALUES ('old', 3, 'x'))");
        edit("b.db", "INSERT INTO tasks VALUES ('fresh', 3, 'y')");
        edit("a.db", "DELETE FROM lists WHERE id = 1");
        settle(order);
        EXPECT_EQ(ask("a.db", "SELECT id FROM tasks WHERE id = 'fresh'"), Dump{"'fresh'"});
        EXPECT_EQ(ask("a.db", "SELECT id FROM lists ORDER BY id"), (Dump{"1", "2", "3"}));
    }
}

TEST_F(Writers, AChildMovedToAParentThatWasDeletedElsewhereKeepsIt) {
    two_devices(std::string(family) + "; INSERT INTO children VALUES ('c', 2)");
    edit("b.db", "UPDATE children SET parent = 1");
    edit("a.db", "DELETE FROM parents WHERE id = 1");
    settle({"a.db", "b.db"});
    EXPECT_EQ(ask("a.db", "SELECT name FROM parents JOIN children ON parent = parents.id"),
              Dump{"'one'"});
}

TEST_F(Writers, ForeignKeyViolationsFromBeforeAreLeftAlone) {
    make("a.db", std::string(family) + "; INSERT INTO children VALUES ('orphan', 77), ('fine', 1)");
    attach("a.db");
    clone("b.db");
    edit("a.db", "UPDATE parents SET name = 'uno' WHERE id = 1");
    shell("b.db",
          "INSERT INTO children VALUES ('second orphan', 78); UPDATE children SET parent = 79 "
          "WHERE id = 'orphan';");
    for (int i = 0; i < 2; ++i) {
        sync("b.db");
        sync("a.db");
    }
    expect_same("a.db", "primary.db");
    expect_same("b.db", "primary.db");
    EXPECT_EQ(ask("a.db", "SELECT * FROM children ORDER BY id"),
              (Dump{"'fine', 1", "'orphan', 79", "'second orphan', 78"}));
    EXPECT_TRUE(conflicts("a.db").empty() && conflicts("b.db").empty());
}

TEST_F(Writers, ManyRowsOfManyTablesInOneTransactionArriveTogether) {
    two_devices(
        "CREATE TABLE x(id INTEGER PRIMARY KEY, v); CREATE TABLE y(id TEXT PRIMARY KEY, x "
        "REFERENCES x)");
    edit("a.db",
         "WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) "
         "INSERT INTO x SELECT i, hex(randomblob(150)) FROM n");
    edit("a.db", "INSERT INTO y SELECT 'y' || id, id FROM x");
    EXPECT_EQ(sync("a.db").pushed, 10000);
    EXPECT_EQ(sync("b.db").pulled, 10000);
    edit("b.db", "UPDATE x SET v = 'short' WHERE id % 2; DELETE FROM y WHERE x % 3 = 0");
    settle();
}

TEST_F(Writers, AnEditMadeWhileASyncIsUnderWayGoesWithTheNext) {
    two_devices(people);
    edit("a.db", "UPDATE people SET name = 'one' WHERE id = 1");
    edit("b.db",
         "UPDATE people SET name = 'other' WHERE id = 1; UPDATE people SET place = 7 WHERE id = 2");
    sync("b.db");
    SyncOptions options;
    bool once = false;
    options.resolver = [&](const Clash&) {
        once = true;
        return Winner::here;
    };
    sync("a.db", options);
    EXPECT_TRUE(once);
    edit("a.db", "UPDATE people SET name = 'two' WHERE id = 1");
    settle();
    EXPECT_EQ(ask("b.db", "SELECT name, place FROM people WHERE id < 3 ORDER BY id"),
              (Dump{"'two', 1", "'Bob', 7"}));
}

}  // namespace
}  // namespace tidemark
