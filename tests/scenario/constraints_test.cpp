// A merge ends in a database that satisfies its constraints, whatever each side did by itself.

#include "support/story.hpp"

namespace tidemark {
namespace {

class Constraints : public Story {
protected:
    void three_devices(const std::string& schema) {
        two_devices(schema);
        clone("c.db");
    }
    std::size_t lost() { return conflicts("a.db").size() + conflicts("b.db").size(); }
};

constexpr const char* seats =
    "CREATE TABLE seats(id INTEGER PRIMARY KEY, who TEXT NOT NULL UNIQUE, note); "
    "INSERT INTO seats VALUES (1, 'a', 0), (2, 'b', 0), (3, 'c', 0), (4, 'd', 0)";

std::string rotate(const std::string& first, const std::string& order) {
    std::string sql = "UPDATE seats SET who = who || '?';";
    for (int i = 0; i < 4; ++i) {
        sql += "UPDATE seats SET who = '" + order.substr(static_cast<std::size_t>(i), 1) +
               "', note = '" + first + "' WHERE id = " + std::to_string(i + 1) + ";";
    }
    return sql;
}

TEST_F(Constraints, TwoDevicesThatSeatEverybodyAnewEndWithEverybodySeatedOnce) {
    two_devices(seats);
    edit("a.db", rotate("by a", "bcda"));
    edit("b.db", rotate("by b", "dcba"));
    settle();
    EXPECT_EQ(ask("a.db", "SELECT count(DISTINCT who), count(*) FROM seats WHERE length(who) = 1"),
              Dump{"4, 4"});
    EXPECT_GT(lost(), 0u);
}

TEST_F(Constraints, SwapsOfTwoDevicesThatDoNotMeetBothHappen) {
    two_devices(seats);
    const auto swap = [](int one, int other) {
        const std::string i = std::to_string(one), j = std::to_string(other);
        return "UPDATE seats SET who = 'x' || who WHERE id IN (" + i + ", " + j +
               "); UPDATE seats SET who = char(96 + " + j + ") WHERE id = " + i +
               "; UPDATE seats SET who = char(96 + " + i + ") WHERE id = " + j;
    };
    edit("a.db", swap(1, 2));
    edit("b.db", swap(3, 4));
    settle();
    EXPECT_EQ(ask("b.db", "SELECT who FROM seats ORDER BY id"), (Dump{"'b'", "'a'", "'d'", "'c'"}));
    EXPECT_EQ(lost(), 0u);
}

TEST_F(Constraints, AChainOfThreeDevicesThatEachTakeTheNextOnesValueEndsSound) {
    three_devices(seats);
    edit("a.db",
         "UPDATE seats SET who = 'free' WHERE id = 2; UPDATE seats SET who = 'b' WHERE id = 1");
    edit("b.db",
         "UPDATE seats SET who = 'gone' WHERE id = 3; UPDATE seats SET who = 'c' WHERE id = 2");
    edit("c.db",
         "UPDATE seats SET who = 'away' WHERE id = 1; UPDATE seats SET who = 'a' WHERE id = 3");
    settle({"a.db", "b.db", "c.db"});
    EXPECT_EQ(ask("c.db", "SELECT count(*), count(DISTINCT who) FROM seats"), Dump{"4, 4"});
}

TEST_F(Constraints, TheSameThingUnderACompositeUniqueMadeOnThreeDevicesIsOneWithAllChildren) {
    three_devices(
        "CREATE TABLE label(id INTEGER PRIMARY KEY, project TEXT NOT NULL, name TEXT NOT NULL, "
        "UNIQUE(project, name)); "
        "CREATE TABLE used(id TEXT PRIMARY KEY, label INTEGER NOT NULL REFERENCES label(id))");
    for (const std::string who : {"a", "b", "c"}) {
        edit(who + ".db", "INSERT INTO label(project, name) VALUES ('own of " + who +
                              "', 'x'), ('shared', 'urgent'); INSERT INTO used SELECT '" + who +
                              "', id FROM label WHERE name = 'urgent'");
    }
    settle({"a.db", "b.db", "c.db"});
    EXPECT_EQ(ask("b.db", "SELECT count(*) FROM label"), Dump{"4"});
    EXPECT_EQ(ask("b.db", "SELECT u.id, name FROM used u JOIN label l ON l.id = label ORDER BY 1"),
              (Dump{"'a', 'urgent'", "'b', 'urgent'", "'c', 'urgent'"}));
}

TEST_F(Constraints, TheSameThingUnderAPartialUniqueIndexIsOneOnlyWhereTheIndexReaches) {
    two_devices(
        "CREATE TABLE account(id INTEGER PRIMARY KEY, mail TEXT, closed INTEGER DEFAULT 0, note); "
        "CREATE UNIQUE INDEX one_open ON account(mail) WHERE closed = 0; "
        "CREATE TABLE login(id TEXT PRIMARY KEY, account INTEGER REFERENCES account(id))");
    edit("a.db",
         "INSERT INTO account(id, mail, note) VALUES (1, 'm@x', 'a'); INSERT INTO account VALUES "
         "(2, "
         "'old@x', 1, 'a'); INSERT INTO login VALUES ('a', 1)");
    edit("b.db",
         "INSERT INTO account(id, mail, note) VALUES (7, 'm@x', 'b'); INSERT INTO account VALUES "
         "(8, "
         "'old@x', 1, 'b'); INSERT INTO login VALUES ('b', 7)");
    settle();
    EXPECT_EQ(ask("a.db", "SELECT mail, count(*) FROM account GROUP BY 1 ORDER BY 1"),
              (Dump{"'m@x', 1", "'old@x', 2"}));
    EXPECT_EQ(ask("a.db", "SELECT count(DISTINCT account), count(*) FROM login"), Dump{"1, 2"});
}

TEST_F(Constraints, TheSameThingUnderAUniqueExpressionIsOneAndItsChildrenFollow) {
    two_devices(
        "CREATE TABLE tag(id INTEGER PRIMARY KEY, name TEXT); "
        "CREATE UNIQUE INDEX tag_name ON tag(lower(trim(name))); "
        "CREATE TABLE used(id TEXT PRIMARY KEY, tag INTEGER REFERENCES tag(id))");
    edit("a.db", "INSERT INTO tag VALUES (1, 'Urgent'); INSERT INTO used VALUES ('a', 1)");
    edit("b.db",
         "INSERT INTO tag VALUES (1, 'other'), (2, ' urgent '); "
         "INSERT INTO used VALUES ('b', 2), ('bo', 1)");
    settle();
    EXPECT_EQ(ask("a.db",
                  "SELECT u.id, lower(trim(name)) FROM used u JOIN tag t ON t.id = u.tag "
                  "ORDER BY 1"),
              (Dump{"'a', 'urgent'", "'b', 'urgent'", "'bo', 'other'"}));
    EXPECT_EQ(ask("b.db", "SELECT count(*) FROM tag"), Dump{"2"});
}

TEST_F(Constraints, EditsThatTogetherBreakACheckLeaveThePrimarysRowAndAConflict) {
    two_devices(
        "CREATE TABLE span(id TEXT PRIMARY KEY, low INTEGER NOT NULL, high INTEGER NOT NULL, note, "
        "CHECK (low <= high)); INSERT INTO span VALUES ('s', 1, 10, '')");
    edit("a.db", "UPDATE span SET low = 9");
    edit("b.db", "UPDATE span SET high = 5, note = 'of b'");
    settle();
    EXPECT_EQ(ask("b.db", "SELECT low, high FROM span"), Dump{"9, 10"});
    ASSERT_EQ(conflicts("b.db").size(), 1u);
    EXPECT_EQ(conflicts("b.db")[0].columns, (std::vector<std::string>{"high", "note"}));
}

TEST_F(Constraints, DeferredReferencesOfOneTransactionArriveTogether) {
    two_devices(
        "CREATE TABLE head(id INTEGER PRIMARY KEY, first INTEGER NOT NULL "
        "REFERENCES item(id) DEFERRABLE INITIALLY DEFERRED); "
        "CREATE TABLE item(id INTEGER PRIMARY KEY, head INTEGER NOT NULL "
        "REFERENCES head(id) DEFERRABLE INITIALLY DEFERRED, what)");
    for (const std::string who : {"a", "b"}) {
        edit(who + ".db",
             "BEGIN; INSERT INTO head VALUES (1, 1); INSERT INTO item VALUES (1, 1, '" + who +
                 "'), (2, 1, '" + who + "'); COMMIT");
    }
    settle();
    EXPECT_EQ(ask("a.db",
                  "SELECT f.what, count(*) FROM head h JOIN item f ON f.id = h.first "
                  "JOIN item i ON i.head = h.id AND i.what = f.what GROUP BY h.id ORDER BY 1"),
              (Dump{"'a', 2", "'b', 2"}));
}

TEST_F(Constraints, CascadesOnBothSidesMeet) {
    const char* schema =
        "CREATE TABLE list(id INTEGER PRIMARY KEY, name); "
        "CREATE TABLE task(id INTEGER PRIMARY KEY, list INTEGER NOT NULL REFERENCES list(id) "
        "ON DELETE CASCADE ON UPDATE CASCADE, what); "
        "CREATE TABLE step(id INTEGER PRIMARY KEY, task INTEGER REFERENCES task(id) "
        "ON DELETE SET NULL, n); "
        "INSERT INTO list VALUES (1, 'one'), (2, 'two'); "
        "INSERT INTO task VALUES (1, 1, 'x'), (2, 1, 'y'), (3, 2, 'z'); "
        "INSERT INTO step VALUES (1, 1, 1), (2, 2, 2), (3, 3, 3)";
    for (const auto& order : {std::vector<std::string>{"a.db", "b.db"}, {"b.db", "a.db"}}) {
        for (const std::string file : {"a.db", "b.db", "primary.db"}) remove(file);
        two_devices(schema);
        edit("a.db", "DELETE FROM list WHERE id = 1");
        edit("b.db", "DELETE FROM list WHERE id = 1; UPDATE list SET id = 20 WHERE id = 2");
        settle(order);
        EXPECT_EQ(ask("a.db", "SELECT id FROM list"), Dump{"20"});
        EXPECT_EQ(ask("a.db", "SELECT id, list FROM task"), Dump{"3, 20"});
        EXPECT_EQ(ask("a.db", "SELECT id, task FROM step ORDER BY 1"),
                  (Dump{"1, NULL", "2, NULL", "3, 3"}));
        EXPECT_EQ(lost(), 0u);
    }
}

TEST_F(Constraints, ACascadeElsewhereDoesNotTakeATaskEditedLaterHere) {
    two_devices(
        "CREATE TABLE list(id INTEGER PRIMARY KEY, name); "
        "CREATE TABLE task(id INTEGER PRIMARY KEY, list INTEGER NOT NULL REFERENCES list(id) "
        "ON DELETE CASCADE, what); "
        "INSERT INTO list VALUES (1, 'one'); INSERT INTO task VALUES (1, 1, 'x'), (2, 1, 'y')");
    edit("a.db", "DELETE FROM list WHERE id = 1");
    edit("b.db", "UPDATE task SET what = 'edited' WHERE id = 2");
    settle();
    EXPECT_EQ(ask("a.db", "SELECT t.id, what, name FROM task t JOIN list l ON l.id = t.list"),
              Dump{"2, 'edited', 'one'"});
}

TEST_F(Constraints, AParentOfAParentComesBackForAChildMadeOnAThirdDevice) {
    three_devices(
        "CREATE TABLE a(id TEXT PRIMARY KEY); CREATE TABLE b(id TEXT PRIMARY KEY, a REFERENCES a); "
        "CREATE TABLE c(id TEXT PRIMARY KEY, b NOT NULL REFERENCES b); "
        "INSERT INTO a VALUES ('a1'); INSERT INTO b VALUES ('b1', 'a1')");
    edit("a.db", "DELETE FROM b; DELETE FROM a");
    edit("b.db", "DELETE FROM b; DELETE FROM a");
    edit("c.db", "INSERT INTO c VALUES ('c1', 'b1')");
    settle({"a.db", "b.db", "c.db"});
    EXPECT_EQ(
        ask("b.db", "SELECT c.id, b.id, a.id FROM c JOIN b ON b.id = c.b JOIN a ON a.id = b.a"),
        Dump{"'c1', 'b1', 'a1'"});
}

TEST_F(Constraints, ARowThatBreaksACheckFromBeforeIsNotOursToFailOn) {
    make("a.db",
         "CREATE TABLE t(id INTEGER PRIMARY KEY, n CHECK (n > 0), v); PRAGMA "
         "ignore_check_constraints "
         "= ON; INSERT INTO t VALUES (1, -1, 'x'), (2, 2, 'y')");
    attach("a.db");
    clone("b.db");
    edit("a.db", "UPDATE t SET v = 'z' WHERE id = 2");
    sync("a.db");
    sync("b.db");
    expect_same("b.db", "primary.db");
    edit("b.db", "PRAGMA ignore_check_constraints = ON; UPDATE t SET v = 'edited' WHERE id = 1");
    sync("b.db");
    sync("a.db");
    EXPECT_EQ(ask("a.db", "SELECT n, v FROM t ORDER BY id"), (Dump{"-1, 'edited'", "2, 'z'"}));
}

}  // namespace
}  // namespace tidemark
