// What a sync, a dry run and verify say while a schema is on its way.

#include "scenario/schema_story.hpp"

namespace tidemark {
namespace {

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

}  // namespace
}  // namespace tidemark
