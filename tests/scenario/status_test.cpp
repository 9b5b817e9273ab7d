// What a person can find out about a replica: its state, how syncs went, devices, usage.

#include <chrono>
#include <filesystem>

#include "cli/plan.hpp"
#include "sqlite/connection.hpp"
#include "support/story.hpp"

namespace tidemark {
namespace {

namespace fs = std::filesystem;

class StatusStory : public Story {
protected:
    void SetUp() override { two_devices("CREATE TABLE t(id INTEGER PRIMARY KEY, v)"); }
    std::string out(const std::vector<std::string>& arguments, int exit_code = 0) {
        const Ran ran = tidemark(arguments);
        EXPECT_EQ(ran.exit_code, exit_code) << ran.out << ran.err;
        return ran.out;
    }
    static void expect_line(const std::string& text, const std::string& part) {
        EXPECT_NE(text.find(part), std::string::npos) << "no '" << part << "' in:\n" << text;
    }
};

TEST_F(StatusStory, G6ProbeTellsWhetherThePrimaryAnswersAndWithoutItNobodyAsks) {
    edit("a.db", "INSERT INTO t(v) VALUES (1)");
    sync("a.db");
    expect_line(out({"status", "a.db", "--probe"}), "Connection  answered in ");
    fs::rename(path("primary.db"), path("away.db"));
    expect_line(out({"status", "a.db"}), "Primary");
    const std::string text = out({"status", "a.db", "--probe"}, 3);
    expect_line(text, "is not there");
    const auto object = tidemark_json({"status", "a.db", "--probe"}, 3);
    EXPECT_FALSE(object.at("connection").at("answered").as_bool());
}

TEST_F(StatusStory, B17ASyncOfflineIsNoFailureAndTheLastSuccessStays) {
    sync("a.db");
    fs::rename(path("primary.db"), path("away.db"));
    EXPECT_EQ(tidemark({"sync", "a.db"}).exit_code, 3);
    const auto object = tidemark_json({"status", "a.db"});
    EXPECT_EQ(object.at("thirty_days").at("failed").as_int64(), 0);
    EXPECT_EQ(object.at("thirty_days").at("offline").as_int64(), 1);
    EXPECT_GT(object.at("succeeded_at_ms").as_int64(), 0);
    expect_line(object.at("failure").at("error").as_string().c_str(), "is not there");
    expect_line(out({"status", "a.db"}), "1 attempt while the primary was out of reach");
}

TEST_F(StatusStory, G3CheckFindsDamage) {
    expect_line(out({"status", "a.db", "--check"}), "Integrity  sound");
    edit("a.db",
         "PRAGMA foreign_keys = OFF; CREATE TABLE c(id INTEGER PRIMARY KEY, t REFERENCES t(id)); "
         "INSERT INTO c VALUES (1, 99)");
    const Ran ran = tidemark({"status", "a.db", "--check"});
    EXPECT_EQ(ran.exit_code, 1);
    expect_line(ran.err, "1 row with a reference to no row");
}

TEST_F(StatusStory, C9OneLineForAPrompt) {
    sync("a.db");
    EXPECT_EQ(out({"status", "a.db", "--short"}), "✓\n");
    edit("a.db", "INSERT INTO t(v) VALUES (1), (2)");
    EXPECT_EQ(out({"status", "a.db", "--short"}), "↑2\n");
    sync("a.db");
    sync("b.db");
    edit("a.db", "UPDATE t SET v = 'a' WHERE id = 1");
    edit("b.db", "UPDATE t SET v = 'b' WHERE id = 1");
    sync("a.db");
    sync("b.db");
    sync("a.db");
    EXPECT_EQ(out({"status", "b.db", "--short"}), "!1\n");
    fs::rename(path("primary.db"), path("away.db"));
    tidemark({"sync", "a.db"});
    EXPECT_EQ(out({"status", "a.db", "--short"}), "✗\n");
}

TEST_F(StatusStory, SyncsThatFindNothingNewAreOneLineOfTheLog) {
    for (int i = 0; i < 5; ++i) sync("a.db");
    EXPECT_EQ(tidemark_json({"log", "a.db"}).at("syncs").as_array().size(), 1u);
    edit("a.db", "INSERT INTO t(v) VALUES (1)");
    for (int i = 0; i < 5; ++i) sync("a.db");
    const std::string text = out({"log", "a.db"});
    expect_line(text, "sent 1 row, received 0 rows");
    EXPECT_EQ(tidemark_json({"log", "a.db"}).at("syncs").as_array().size(), 3u);
    EXPECT_EQ(tidemark_json({"log", "a.db", "-n", "1"}).at("syncs").as_array().size(), 1u);
    EXPECT_EQ(tidemark({"log", "a.db", "-n", "0"}).exit_code, 2);
}

TEST_F(StatusStory, DevicesAreListedNamedAndForgotten) {
    edit("a.db", "INSERT INTO t(v) VALUES (1)");
    edit("b.db", "INSERT INTO t(v) VALUES (2)");
    sync("a.db");
    sync("b.db");
    expect_line(out({"devices", "a.db"}), "a.db (here)");
    out({"devices", "b.db", "rename", "attic"});
    expect_line(out({"devices", "a.db"}), "attic");
    EXPECT_EQ(tidemark({"devices", "a.db", "forget", "a.db"}).exit_code, 2);
    EXPECT_EQ(tidemark({"devices", "a.db", "forget", "cellar"}).exit_code, 2);
    out({"devices", "a.db", "forget", "attic"});
    EXPECT_EQ(tidemark_json({"devices", "a.db"}).at("devices").as_array().size(), 1u);
    // It comes back all the same, and nothing is lost.
    edit("a.db", "INSERT INTO t(v) VALUES (3)");
    edit("b.db", "INSERT INTO t(v) VALUES (4)");
    settle();
    EXPECT_EQ(ask("primary.db", "SELECT count(*) FROM t"), Dump{"4"});
    expect_line(out({"devices", "a.db"}), "attic");
}

TEST_F(StatusStory, G5UsageIsMeasuredAgainstAPlanAndWarnsAt80Percent) {
    const cli::Plan plan = cli::plan_named("turso-free");
    EXPECT_EQ(plan.rows_read, 500'000'000);
    EXPECT_EQ(plan.rows_written, 10'000'000);
    EXPECT_EQ(plan.storage_bytes, 5'000'000'000);
    Connection connection(path("a.db"));
    connection.execute("UPDATE tidemark_days SET rows_written = 8000000, rows_read = 399999999");
    const Ran ran = tidemark({"status", "a.db", "--plan", "turso-free"});
    expect_line(ran.out, "8,000,000 of 10,000,000 (80%)");
    expect_line(ran.err, "Rows written: 8,000,000 of 10,000,000 (80%), by this device alone.");
    expect_line(ran.err, "https://app.turso.tech");
    EXPECT_EQ(ran.err.find("Rows read"), std::string::npos) << ran.err;
    EXPECT_EQ(tidemark({"status", "a.db", "--plan", "gold"}).exit_code, 2);
}

}  // namespace
}  // namespace tidemark
