#include "support/story.hpp"

namespace tidemark {
namespace {

class Schema : public Story {
protected:
    void SetUp() override {
        two_devices("CREATE TABLE note(id TEXT PRIMARY KEY, title, body); "
                    "INSERT INTO note VALUES ('n1', 'one', 'x'), ('n2', 'two', 'y')");
    }
};

TEST_F(Schema, EditsMadeWhileATriggerWasMissingAreFoundAndSent) {
    edit("a.db", "DROP TRIGGER tidemark_note_update; DROP TRIGGER tidemark_note_insert; "
                 "UPDATE note SET title = 'ONE' WHERE id = 'n1'; INSERT INTO note VALUES ('n3', 'three', 'z')");
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
    edit("a.db", "DROP TRIGGER tidemark_note_update; UPDATE note SET title = 'here' WHERE id = 'n1'");
    settle();
    EXPECT_EQ(ask("a.db", "SELECT title FROM note WHERE id = 'n1'"), Dump{"'elsewhere'"});
    ASSERT_EQ(conflicts("a.db").size(), 1u);
    EXPECT_EQ(conflicts("a.db")[0].columns, std::vector<std::string>{"title"});
}

TEST_F(Schema, ATableRebuiltByAMigrationIsCapturedAgain) {
    edit("a.db", "CREATE TABLE note_new(id TEXT PRIMARY KEY, title, body); "
                 "INSERT INTO note_new SELECT id, title, body || '!' FROM note; "
                 "DROP TABLE note; ALTER TABLE note_new RENAME TO note");
    settle();
    EXPECT_EQ(ask("b.db", "SELECT body FROM note ORDER BY id"), (Dump{"'x!'", "'y!'"}));
    edit("a.db", "UPDATE note SET body = 'after' WHERE id = 'n2'");
    settle();
    EXPECT_EQ(ask("b.db", "SELECT body FROM note WHERE id = 'n2'"), Dump{"'after'"});
}

TEST_F(Schema, AColumnThatOnlyOneSideHasIsNamedAndNoEditIsLost) {
    edit("a.db", "ALTER TABLE note ADD COLUMN tag; UPDATE note SET tag = 't', title = 'ONE' WHERE id = 'n1'");
    const Error error = expect_error(ErrorCode::failed, [&] { sync("a.db"); });
    EXPECT_NE(error.message().find("note"), std::string::npos);
    EXPECT_NE(error.message().find("tag"), std::string::npos);
    edit("b.db", "ALTER TABLE note ADD COLUMN tag");
    edit("primary.db", "ALTER TABLE note ADD COLUMN tag");
    settle();
    EXPECT_EQ(ask("b.db", "SELECT title, tag FROM note WHERE id = 'n1'"), Dump{"'ONE', 't'"});
}

TEST_F(Schema, AColumnDroppedAtThePrimaryIsSaidInAClearMessage) {
    edit("primary.db", "ALTER TABLE note DROP COLUMN body");
    edit("a.db", "UPDATE note SET title = 'ONE' WHERE id = 'n1'");
    const Error error = expect_error(ErrorCode::failed, [&] { sync("a.db"); });
    EXPECT_NE(error.message().find("no longer what this replica knows"), std::string::npos);
    EXPECT_FALSE(error.hint().empty());
    EXPECT_EQ(Replica::open(path("a.db")).status().pending, 1);
}

}  // namespace
}  // namespace tidemark
