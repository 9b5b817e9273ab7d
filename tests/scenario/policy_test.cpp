// Who wins where both sides edited a value, and what a person can do about it afterwards.

#include "support/story.hpp"

namespace tidemark {
namespace {

constexpr const char* schema = R"(
    CREATE TABLE notes(id TEXT PRIMARY KEY, title TEXT, changed INTEGER);
    CREATE TABLE prices(id TEXT PRIMARY KEY, amount);
    INSERT INTO notes VALUES ('n', 'old', 0);
    INSERT INTO prices VALUES ('p', 0))";

class Policies : public Story {
protected:
    /// Both devices edit note and price, `later_one` last; a.db, whose policy it is, merges.
    void clash(const AttachOptions& options, const std::string& later_one) {
        two_devices(schema, options);
        const std::string first = later_one == "a.db" ? "b.db" : "a.db";
        for (const std::string& file : {first, later_one}) {
            edit(file, "UPDATE notes SET title = '" + file + "'; UPDATE prices SET amount = '" +
                           file + "'");
        }
        settle({"b.db", "a.db"});
    }
    std::string title() { return ask("b.db", "SELECT title FROM notes")[0]; }
    std::string amount() { return ask("b.db", "SELECT amount FROM prices")[0]; }
};

AttachOptions with_policy(const std::string& policy) {
    AttachOptions options;
    options.policy = policy;
    return options;
}

TEST_F(Policies, NewestTakesTheLaterEdit) {
    clash(with_policy("newest"), "a.db");
    EXPECT_EQ(title(), "'a.db'");
}

TEST_F(Policies, NewestTakesTheLaterEditOfTheOtherSide) {
    clash({}, "b.db");
    EXPECT_EQ(title(), "'b.db'");
}

TEST_F(Policies, PrimaryTakesWhatThePrimaryHasThoughItIsOlder) {
    clash(with_policy("primary"), "a.db");
    EXPECT_EQ(title(), "'b.db'");
    EXPECT_EQ(conflicts("a.db").size(), 2U);
}

TEST_F(Policies, ReplicaTakesWhatThisDeviceHasThoughItIsOlder) {
    clash(with_policy("replica"), "b.db");
    EXPECT_EQ(title(), "'a.db'");
    EXPECT_EQ(conflicts("a.db").size(), 2U);
}

TEST_F(Policies, ATableCanHaveAPolicyOfItsOwn) {
    AttachOptions options = with_policy("primary");
    options.table_policies = {{"PRICES", "replica"}};
    clash(options, "a.db");
    EXPECT_EQ(title(), "'b.db'");
    EXPECT_EQ(amount(), "'a.db'");
}

TEST_F(Policies, AColumnOfTheApplicationDecidesThoughTheEditIsOlder) {
    AttachOptions options;
    options.table_policies = {{"notes", "column:changed"}};
    two_devices(schema, options);
    edit("a.db", "UPDATE notes SET title = 'a', changed = 9");
    edit("b.db", "UPDATE notes SET title = 'b', changed = 8");
    settle({"b.db", "a.db"});
    EXPECT_EQ(ask("b.db", "SELECT title, changed FROM notes"), Dump{"'a', 9"});
    edit("b.db", "UPDATE notes SET title = 'b', changed = 11");
    edit("a.db", "UPDATE notes SET title = 'a', changed = 10");
    settle({"b.db", "a.db"});
    EXPECT_EQ(ask("b.db", "SELECT title, changed FROM notes"), Dump{"'b', 11"});
}

TEST_F(Policies, ADeletionTooFollowsThePolicy) {
    two_devices(schema, with_policy("replica"));
    edit("a.db", "DELETE FROM notes");
    edit("b.db", "UPDATE notes SET title = 'later'");
    settle({"b.db", "a.db"});
    EXPECT_EQ(ask("b.db", "SELECT count(*) FROM notes"), Dump{"0"});
}

TEST_F(Policies, AResolverOfTheApplicationIsAskedWithBothRowsAndObeyed) {
    two_devices(schema);
    edit("a.db", "UPDATE notes SET title = 'mine'; UPDATE prices SET amount = 1");
    edit("b.db", "UPDATE notes SET title = 'theirs'; UPDATE prices SET amount = 2");
    sync("b.db");
    std::vector<Clash> asked;
    SyncOptions options;
    options.resolver = [&](const Clash& clash) {
        asked.push_back(clash);
        return clash.table == "notes" ? Winner::here : Winner::there;
    };
    sync("a.db", options);
    settle();
    ASSERT_EQ(asked.size(), 2U);
    EXPECT_EQ(asked[0].table, "notes");
    EXPECT_EQ(asked[0].columns, std::vector<std::string>{"title"});
    EXPECT_EQ(asked[0].key, (NamedValues{{"id", std::string("n")}}));
    EXPECT_EQ(asked[0].here[1], (std::pair<std::string, Value>{"title", std::string("mine")}));
    EXPECT_EQ(asked[0].there[1], (std::pair<std::string, Value>{"title", std::string("theirs")}));
    EXPECT_LT(asked[0].here_at_ms, asked[0].there_at_ms);
    EXPECT_EQ(title(), "'mine'");
    EXPECT_EQ(amount(), "2");
}

TEST_F(Policies, TheCommandListsShowsDismissesAndRestores) {
    clash({}, "b.db");
    const auto list = tidemark_json({"conflicts", "a.db"}).at("conflicts").as_array();
    ASSERT_EQ(list.size(), 2U);
    const auto& first = list[0].as_object();
    EXPECT_EQ(first.at("state").as_string(), "open");
    EXPECT_EQ(first.at("table").as_string(), "notes");
    EXPECT_EQ(first.at("key").as_object().at("id").as_string(), "n");
    EXPECT_EQ(first.at("columns").as_array().at(0).as_string(), "title");
    EXPECT_TRUE(first.at("lost_here").as_bool());
    EXPECT_EQ(first.at("here").as_object().at("title").as_string(), "a.db");
    EXPECT_EQ(first.at("there").as_object().at("title").as_string(), "b.db");
    EXPECT_EQ(first.at("here_device").as_string(), "a.db");
    EXPECT_EQ(first.at("there_device").as_string(), "b.db");

    const Ran text = tidemark({"conflicts", "a.db"});
    EXPECT_NE(text.out.find("edited later there"), std::string::npos) << text.out;
    const Ran shown = tidemark({"conflicts", "a.db", "show", "1"});
    EXPECT_NE(shown.out.find("'a.db'"), std::string::npos) << shown.out;
    EXPECT_NE(shown.out.find("'b.db'"), std::string::npos) << shown.out;

    EXPECT_EQ(tidemark({"conflicts", "a.db", "dismiss", "2"}).exit_code, 0);
    EXPECT_EQ(tidemark({"conflicts", "a.db", "restore", "1"}).exit_code, 0);
    EXPECT_TRUE(tidemark_json({"conflicts", "a.db"}).at("conflicts").as_array().empty());
    const auto all = tidemark_json({"conflicts", "a.db", "--all"}).at("conflicts").as_array();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].at("state").as_string(), "restored");
    EXPECT_EQ(all[1].at("state").as_string(), "dismissed");
    settle();
    EXPECT_EQ(title(), "'a.db'");
    EXPECT_EQ(amount(), "'b.db'");

    EXPECT_EQ(tidemark({"conflicts", "a.db", "restore", "2"}).exit_code, 2);
    EXPECT_EQ(tidemark({"conflicts", "a.db", "show", "99"}).exit_code, 2);
}

}  // namespace
}  // namespace tidemark
