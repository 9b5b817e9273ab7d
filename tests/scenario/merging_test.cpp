// Two devices edit while apart, then meet: nothing is lost, and all end equal.

#include "support/story.hpp"

namespace tidemark {
namespace {

constexpr const char* notes = R"(
    CREATE TABLE notes(id TEXT PRIMARY KEY, title TEXT NOT NULL, body TEXT, done INTEGER DEFAULT 0);
    INSERT INTO notes VALUES ('milk', 'Milk', 'Two bottles', 0), ('bike', 'Bicycle', 'Mend', 0),
        ('trip', 'Trip', 'Train', 0))";

class Merging : public Story {
protected:
    /// The one open conflict on the device.
    Conflict only_conflict(const std::string& file) {
        const auto found = conflicts(file);
        EXPECT_EQ(found.size(), 1U) << file;
        return found.empty() ? Conflict{} : found.front();
    }
    void restore(const std::string& file) {
        later();
        Replica::open(path(file)).restore(only_conflict(file).id);
    }
};

TEST_F(Merging, EditsOfDifferentColumnsOfOneRowCombine) {
    two_devices(notes);
    edit("a.db", "UPDATE notes SET title = 'Oat milk' WHERE id = 'milk'");
    edit("b.db", "UPDATE notes SET done = 1 WHERE id = 'milk'");
    settle();
    EXPECT_EQ(ask("a.db", "SELECT title, body, done FROM notes WHERE id = 'milk'"),
              Dump{"'Oat milk', 'Two bottles', 1"});
    EXPECT_TRUE(conflicts("a.db").empty());
    EXPECT_TRUE(conflicts("b.db").empty());
}

TEST_F(Merging, EditsDeletionsAndNewRowsOfBothDevicesAllArrive) {
    two_devices(notes);
    edit("a.db",
         "UPDATE notes SET body = 'Oil' WHERE id = 'bike'; DELETE FROM notes WHERE id = 'trip'");
    edit("b.db",
         "INSERT INTO notes VALUES ('call', 'Call', NULL, 0); "
         "UPDATE notes SET done = 1 WHERE id = 'milk'");
    settle();
    EXPECT_EQ(ask("b.db", "SELECT id, body, done FROM notes ORDER BY id"),
              (Dump{"'bike', 'Oil', 0", "'call', NULL, 0", "'milk', 'Two bottles', 1"}));
    EXPECT_TRUE(conflicts("a.db").empty());
    EXPECT_TRUE(conflicts("b.db").empty());
}

TEST_F(Merging, TheLaterEditOfOneValueWinsWhereverItWasMade) {
    two_devices(notes);
    edit("a.db", "UPDATE notes SET title = 'earlier' WHERE id = 'milk'");
    edit("b.db", "UPDATE notes SET title = 'later' WHERE id = 'milk'");
    settle({"a.db", "b.db"});
    EXPECT_EQ(ask("a.db", "SELECT title FROM notes WHERE id = 'milk'"), Dump{"'later'"});
    const Conflict lost_there = only_conflict("b.db");
    EXPECT_FALSE(lost_there.lost_here);
    EXPECT_EQ(lost_there.columns, std::vector<std::string>{"title"});
    EXPECT_EQ(lost_there.there_device, "a.db");

    edit("a.db", "UPDATE notes SET title = 'earlier' WHERE id = 'bike'");
    edit("b.db", "UPDATE notes SET title = 'later' WHERE id = 'bike'");
    settle({"b.db", "a.db"});
    EXPECT_EQ(ask("a.db", "SELECT title FROM notes WHERE id = 'bike'"), Dump{"'later'"});
    const Conflict lost_here = only_conflict("a.db");
    EXPECT_TRUE(lost_here.lost_here);
    EXPECT_LT(lost_here.here_at_ms, lost_here.there_at_ms);
}

TEST_F(Merging, AValueThatLostComesBackWithRestoreAndTravels) {
    two_devices(notes);
    edit("a.db", "UPDATE notes SET title = 'first thought' WHERE id = 'milk'");
    edit("b.db", "UPDATE notes SET title = 'second', body = 'kept' WHERE id = 'milk'");
    settle({"b.db", "a.db"});
    restore("a.db");
    settle();
    EXPECT_EQ(ask("b.db", "SELECT title, body FROM notes WHERE id = 'milk'"),
              Dump{"'first thought', 'kept'"});
    EXPECT_TRUE(conflicts("a.db").empty());
    EXPECT_TRUE(conflicts("b.db").empty()) << "a restore is an edit that had seen the other";
}

TEST_F(Merging, AnEditMadeOfflineSurvivesADeleteMadeEarlierElsewhere) {
    for (const auto& order : {std::vector<std::string>{"a.db", "b.db"}, {"b.db", "a.db"}}) {
        const std::string id = order[0] == "a.db" ? "milk" : "bike";
        if (order[0] == "a.db") two_devices(notes);
        edit("a.db", "DELETE FROM notes WHERE id = '" + id + "'");
        edit("b.db", "UPDATE notes SET body = 'wanted' WHERE id = '" + id + "'");
        settle(order);
        EXPECT_EQ(ask("a.db", "SELECT body, done FROM notes WHERE id = '" + id + "'"),
                  Dump{"'wanted', 0"});
    }
}

TEST_F(Merging, ADeleteMadeAfterAnEditElsewhereWinsAndTheEditIsKept) {
    two_devices(notes);
    edit("b.db", "UPDATE notes SET body = 'wanted' WHERE id = 'milk'");
    edit("a.db", "DELETE FROM notes WHERE id = 'milk'");
    settle({"a.db", "b.db"});
    EXPECT_EQ(ask("b.db", "SELECT * FROM notes WHERE id = 'milk'"), Dump{});
    restore("b.db");
    settle();
    EXPECT_EQ(ask("a.db", "SELECT title, body FROM notes WHERE id = 'milk'"),
              Dump{"'Milk', 'wanted'"});

    edit("b.db", "UPDATE notes SET body = 'wanted too' WHERE id = 'bike'");
    edit("a.db", "DELETE FROM notes WHERE id = 'bike'");
    settle({"b.db", "a.db"});
    EXPECT_EQ(ask("b.db", "SELECT * FROM notes WHERE id = 'bike'"), Dump{});
    const Conflict lost = only_conflict("a.db");
    EXPECT_FALSE(lost.lost_here);
    restore("a.db");
    settle();
    EXPECT_EQ(ask("b.db", "SELECT title, body FROM notes WHERE id = 'bike'"),
              Dump{"'Bicycle', 'wanted too'"});
}

TEST_F(Merging, ADeletionThatLostIsDoneAgainByRestore) {
    two_devices(notes);
    edit("a.db", "DELETE FROM notes WHERE id = 'milk'");
    edit("b.db", "UPDATE notes SET body = 'later' WHERE id = 'milk'");
    settle({"b.db", "a.db"});
    EXPECT_EQ(ask("a.db", "SELECT count(*) FROM notes WHERE id = 'milk'"), Dump{"1"});
    restore("a.db");
    settle();
    EXPECT_EQ(ask("b.db", "SELECT count(*) FROM notes WHERE id = 'milk'"), Dump{"0"});
}

TEST_F(Merging, ARowDeletedOnBothDevicesIsGoneWithoutAQuestion) {
    two_devices(notes);
    edit("a.db", "DELETE FROM notes WHERE id = 'milk'");
    edit("b.db", "DELETE FROM notes WHERE id = 'milk'");
    settle();
    EXPECT_EQ(ask("a.db", "SELECT count(*) FROM notes"), Dump{"2"});
    EXPECT_TRUE(conflicts("a.db").empty());
    EXPECT_TRUE(conflicts("b.db").empty());
}

TEST_F(Merging, TheSameEditOnBothDevicesIsNoConflict) {
    two_devices(notes);
    edit("a.db", "UPDATE notes SET title = 'Oats' WHERE id = 'milk'");
    edit("b.db", "UPDATE notes SET title = 'Oats' WHERE id = 'milk'");
    settle();
    EXPECT_TRUE(conflicts("a.db").empty());
    EXPECT_TRUE(conflicts("b.db").empty());
}

TEST_F(Merging, ARowDeletedAndMadeAgainElsewhereIsTheNewOne) {
    two_devices(notes);
    edit("a.db", "DELETE FROM notes WHERE id = 'milk'");
    edit("a.db", "INSERT INTO notes VALUES ('milk', 'Soy', NULL, 0)");
    settle();
    EXPECT_EQ(ask("b.db", "SELECT title, body FROM notes WHERE id = 'milk'"), Dump{"'Soy', NULL"});
}

TEST_F(Merging, ANaturalKeyMadeOnBothDevicesBecomesOneRowAndTheLoserIsKept) {
    two_devices(notes);
    edit("a.db", "INSERT INTO notes VALUES ('call', 'Call Ada', 'About the talk', 0)");
    edit("b.db", "INSERT INTO notes VALUES ('call', 'Call Bob', 'About the talk', 0)");
    settle({"b.db", "a.db"});
    EXPECT_EQ(ask("a.db", "SELECT title, body FROM notes WHERE id = 'call'"),
              Dump{"'Call Bob', 'About the talk'"});
    EXPECT_EQ(only_conflict("a.db").columns, std::vector<std::string>{"title"});
    restore("a.db");
    settle();
    EXPECT_EQ(ask("b.db", "SELECT title FROM notes WHERE id = 'call'"), Dump{"'Call Ada'"});
}

constexpr const char* shop = R"(
    CREATE TABLE customers(id INTEGER PRIMARY KEY, name TEXT, parent INTEGER REFERENCES customers(id));
    CREATE TABLE orders(id INTEGER PRIMARY KEY, customer INTEGER NOT NULL REFERENCES customers(id), what);
    CREATE TABLE items(id INTEGER PRIMARY KEY, "order" INTEGER NOT NULL REFERENCES orders(id), what,
        after INTEGER REFERENCES items(id));
    CREATE TABLE tags(customer INTEGER REFERENCES customers(id), tag TEXT, PRIMARY KEY(customer, tag));
    INSERT INTO customers VALUES (1, 'old', NULL))";

std::string one_order(const std::string& who) {
    return "INSERT INTO customers(name) VALUES ('" + who +
           "'); "
           "INSERT INTO customers(name, parent) VALUES ('child of " +
           who +
           "', last_insert_rowid()); "
           "INSERT INTO orders(customer, what) VALUES (3, '" +
           who +
           " buys'); "
           "INSERT INTO items(\"order\", what) VALUES (1, '" +
           who +
           " one'); "
           "INSERT INTO items(\"order\", what, after) VALUES (1, '" +
           who +
           " two', 1); "
           "INSERT INTO tags VALUES (2, 'vip'), (3, '" +
           who + "')";
}

TEST_F(Merging, NumbersHandedOutTwiceBecomeTwoRowsAndTheirChildrenFollow) {
    two_devices(shop);
    edit("a.db", one_order("Ada"));
    edit("b.db", one_order("Bob"));
    settle();
    const char* const families = R"(
        SELECT p.name, c.name, o.what, i.what, j.what
        FROM customers c JOIN customers p ON p.id = c.parent JOIN orders o ON o.customer = c.id
        JOIN items i ON i."order" = o.id AND i.after IS NULL
        JOIN items j ON j."order" = o.id AND j.after = i.id ORDER BY 1)";
    EXPECT_EQ(ask("a.db", families),
              (Dump{"'Ada', 'child of Ada', 'Ada buys', 'Ada one', 'Ada two'",
                    "'Bob', 'child of Bob', 'Bob buys', 'Bob one', 'Bob two'"}));
    EXPECT_EQ(
        ask("b.db",
            "SELECT name, group_concat(tag) FROM customers JOIN tags ON customer = id "
            "GROUP BY id ORDER BY 1"),
        (Dump{"'Ada', 'vip'", "'Bob', 'vip'", "'child of Ada', 'Ada'", "'child of Bob', 'Bob'"}));
    EXPECT_EQ(ask("a.db", "SELECT count(*) FROM customers"), Dump{"5"});
    for (const Conflict& conflict : conflicts("b.db")) {
        EXPECT_EQ(conflict.columns, std::vector<std::string>{"id"})
            << conflict.table << conflict.reason;
    }
}

TEST_F(Merging, AnAutoincrementNumberIsNeverHandedOutAgain) {
    two_devices(
        "CREATE TABLE log(id INTEGER PRIMARY KEY AUTOINCREMENT, what); "
        "INSERT INTO log(what) VALUES ('one')");
    edit("a.db", "INSERT INTO log(what) VALUES ('a')");
    edit("b.db",
         "INSERT INTO log(what) VALUES ('b'); INSERT INTO log(what) VALUES ('b2'); "
         "DELETE FROM log WHERE id = 3");
    settle();
    EXPECT_EQ(ask("a.db", "SELECT what FROM log ORDER BY what"), (Dump{"'a'", "'b'", "'one'"}));
}

TEST_F(Merging, AThirdDeviceGetsWhatTheOthersAgreedOn) {
    two_devices(notes);
    clone("c.db");
    edit("a.db", "UPDATE notes SET title = 'A' WHERE id = 'milk'");
    edit("b.db", "UPDATE notes SET body = 'B' WHERE id = 'milk'");
    edit("c.db",
         "UPDATE notes SET done = 7 WHERE id = 'milk'; DELETE FROM notes WHERE id = 'bike'");
    settle({"a.db", "b.db", "c.db"});
    EXPECT_EQ(ask("b.db", "SELECT * FROM notes"),
              (Dump{"'milk', 'A', 'B', 7", "'trip', 'Trip', 'Train', 0"}));
}

TEST_F(Merging, AnEditMadeWhileOthersSyncedTwiceStillFindsItsRow) {
    two_devices(notes);
    edit("b.db", "UPDATE notes SET body = 'offline' WHERE id = 'milk'");
    for (int i = 0; i < 3; ++i) {
        edit("a.db", "UPDATE notes SET done = done + 1 WHERE id = 'milk'");
        sync("a.db");
    }
    settle();
    EXPECT_EQ(ask("a.db", "SELECT body, done FROM notes WHERE id = 'milk'"), Dump{"'offline', 3"});
}

TEST_F(Merging, ARowThatGotAnotherKeyWithAnEditElsewhereKeepsTheEdit) {
    two_devices(notes);
    edit("b.db", "UPDATE notes SET body = 'wanted' WHERE id = 'milk'");
    edit("a.db", "UPDATE notes SET id = 'oat' WHERE id = 'milk'");
    settle({"a.db", "b.db"});
    EXPECT_EQ(ask("a.db", "SELECT id FROM notes ORDER BY 1"), (Dump{"'bike'", "'oat'", "'trip'"}));
    EXPECT_EQ(only_conflict("b.db").columns, std::vector<std::string>{"body"});
}

}  // namespace
}  // namespace tidemark
