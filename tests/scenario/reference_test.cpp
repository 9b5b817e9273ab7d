// References that the schema does not declare: --ref.

#include "support/story.hpp"

namespace tidemark {
namespace {

constexpr const char* schema = R"(
    CREATE TABLE tasks(id INTEGER PRIMARY KEY, title TEXT UNIQUE);
    CREATE TABLE notes(id INTEGER PRIMARY KEY, task INTEGER, text TEXT);
    CREATE TABLE pairs(a TEXT, b TEXT, PRIMARY KEY(a, b));
    CREATE TABLE log(id INTEGER PRIMARY KEY, task INTEGER))";

class Referring : public Story {
protected:
    void SetUp() override {
        make("a.db", schema);
        AttachOptions options;
        options.references = {{"notes", "task", "tasks"}, {"LOG", "Task", "TASKS"}};
        options.exclude = {"log"};
        attach("a.db", options);
        CloneOptions same;
        same.device = "b.db";
        same.references = {{"notes", "task", "tasks"}};
        Replica::clone(location("primary.db"), path("b.db"), same);
    }
    std::string a_task(const std::string& title) {
        return "INSERT INTO tasks(title) VALUES ('" + title +
               "'); "
               "INSERT INTO notes(task, text) VALUES (last_insert_rowid(), 'of " +
               title + "')";
    }
    static constexpr const char* pairs =
        "SELECT title, text FROM tasks LEFT JOIN notes ON task = tasks.id ORDER BY 1, 2";
};

TEST_F(Referring, ChildrenFollowARowThatTakesAFreshNumber) {
    edit("a.db", a_task("A") + "; INSERT INTO log(task) VALUES (1)");
    edit("b.db", a_task("B"));
    for (const char* file : {"b.db", "a.db", "b.db"}) sync(file);
    const Dump expected{"'A', 'of A'", "'B', 'of B'"};
    EXPECT_EQ(ask("a.db", pairs), expected);
    EXPECT_EQ(ask("b.db", pairs), expected);
    EXPECT_EQ(ask("a.db", "SELECT title FROM log JOIN tasks ON task = tasks.id"), Dump{"'A'"})
        << "in a table that stays on this device too";
}

TEST_F(Referring, ChildrenOfATwinFollowTheRowThatStays) {
    edit("a.db", "INSERT INTO tasks VALUES (1, 'own of a'); " + a_task("same"));
    edit("b.db", a_task("same"));
    settle();
    EXPECT_EQ(ask("a.db", pairs),
              (Dump{"'own of a', NULL", "'same', 'of same'", "'same', 'of same'"}));
}

TEST_F(Referring, AParentThatALocalChildNeedsStays) {
    edit("a.db", "INSERT INTO tasks VALUES (7, 'wanted')");
    settle();
    edit("a.db", "DELETE FROM tasks WHERE id = 7");
    edit("b.db", "INSERT INTO notes(task, text) VALUES (7, 'late')");
    settle();
    EXPECT_EQ(ask("a.db", pairs), Dump{"'wanted', 'late'"});
}

TEST_F(Referring, UnknownNamesAreRefusedWithTheKnownOnes) {
    make("c.db", schema);
    const auto refused = [&](const std::string& given, const std::string& why) {
        const Ran ran = tidemark({"attach", "c.db", "other.db", "--ref", given});
        EXPECT_EQ(ran.exit_code, 2) << given;
        EXPECT_NE(ran.err.find(why), std::string::npos) << ran.err;
    };
    refused("note.task=tasks", "log, notes, pairs, tasks");
    refused("notes.tusk=tasks", "id, task, text");
    refused("notes.task=jobs", "no table 'jobs'");
    refused("notes.task=pairs", "no key of one column");
    refused("notes=tasks", "TABLE.COLUMN=PARENT");
    const Ran clone = tidemark({"clone", "primary.db", "d.db", "--ref", "notes.tusk=tasks"});
    EXPECT_EQ(clone.exit_code, 2) << clone.err;
    EXPECT_EQ(tidemark({"clone", "primary.db", "d.db", "--ref", "notes.task=tasks"}).exit_code, 0);
}

TEST_F(Referring, ADetachedFileKeepsNothingOfIt) {
    Replica::open(path("a.db")).detach();
    EXPECT_EQ(ask("a.db", "SELECT name FROM sqlite_schema WHERE name LIKE 'tidemark%'"), Dump{});
}

}  // namespace
}  // namespace tidemark
