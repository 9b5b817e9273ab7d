// jdo on two machines, through its command alone.

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <thread>

#include "common/database.hpp"
#include "testing/device.hpp"
#include "testing/secret.hpp"
#include "testing/server.hpp"

namespace jdo {
namespace {

namespace fs = std::filesystem;

using examples::Database;
using examples::Device;

void expect_in(const std::string& text, const std::string& part) {
    EXPECT_NE(text.find(part), std::string::npos) << "'" << part << "' is not in:\n" << text;
}

class JdoStory : public testing::Test {
protected:
    JdoStory() { fs::create_directories(folder / "cloud"); }

    static std::string id_of(const std::string& line) { return line.substr(0, 8); }
    static std::string list(const Device& device, const char* kind = "goal") {
        return device.ok({kind, "list", "--all"});
    }
    static std::string database(const Device& device) {
        return device.path(".local/share/jdo/jdo.db");
    }
    void set_up(const Device& device, const std::string& answers = {}) const {
        device.ok({"sync", "setup"}, primary + "\n" + answers);
    }
    std::vector<std::string> files(const Device& device, const std::string& part) const {
        std::vector<std::string> found;
        for (const auto& entry : fs::directory_iterator(device.path(".local/share/jdo"))) {
            const std::string file = entry.path().string();
            if (file.find(part) != std::string::npos) found.push_back(file);
        }
        return found;
    }

    tidemark::TempFolder folder;
    std::string primary = folder / "cloud/primary.db";
    Device desktop{folder / "desktop", {{"JDO_BACKGROUND_SYNC", "off"}}};
    Device laptop{folder / "laptop", {{"JDO_BACKGROUND_SYNC", "off"}}};
};

TEST_F(JdoStory, A1WithoutSyncItIsAnOrdinaryList) {
    const std::string goal = id_of(desktop.ok({"goal", "add", "Be reliable"}));
    const std::string commitment = id_of(desktop.ok(
        {"commitment", "add", "Send the report", "--goal", goal, "--due", "2026-02-01"}));
    const std::string task =
        id_of(desktop.ok({"task", "add", "Write it", "--commitment", commitment}));
    desktop.ok({"task", "done", task});
    EXPECT_EQ(desktop.ok({"task", "list"}), "");
    expect_in(list(desktop, "task"), "done");
    expect_in(list(desktop, "commitment"), "2026-02-01  Send the report");
    expect_in(desktop.ok({"sync", "status"}), "Sync is off");
    expect_in(desktop.fails(2, {"sync", "now"}), "jdo sync setup");
    expect_in(desktop.ok({"sync", "disable"}), "Sync is off already.");
    desktop.ok({"commitment", "delete", commitment});
    EXPECT_EQ(list(desktop, "task"), "");
}

TEST_F(JdoStory, F3ExistingDataIsUploadedWhereTheUserSaysSo) {
    desktop.ok({"goal", "add", "Here before"});
    const auto ran = desktop.run({"sync", "setup"}, primary + "\n\n\n");
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    expect_in(ran.err, "turso db create");
    expect_in(ran.err, "Upload existing data to cloud? [Y/n]");
    expect_in(ran.err, "Back up the database first? [Y/n]");
    expect_in(ran.out, "Your data is in the cloud now.");
    EXPECT_EQ(files(desktop, "jdo.db-backup-").size(), 1u);
    EXPECT_EQ(Database(primary).query("SELECT title FROM goals").at(0).text("title"),
              "Here before");
    expect_in(desktop.fails(2, {"sync", "setup"}), "sync is set up already");
}

TEST_F(JdoStory, F3AFreshStartKeepsTheLocalDataApart) {
    desktop.ok({"goal", "add", "In the cloud"});
    set_up(desktop, "y\nn\n");
    laptop.ok({"goal", "add", "Private"});
    expect_in(laptop.ok({"sync", "setup"}, primary + "\nn\n"), "Your local data is kept in ");
    expect_in(list(laptop), "In the cloud");
    EXPECT_EQ(list(laptop).find("Private"), std::string::npos);
    const auto kept = files(laptop, "jdo-local-");
    ASSERT_EQ(kept.size(), 1u);
    EXPECT_EQ(Database(kept[0]).query("SELECT title FROM goals").at(0).text("title"), "Private");
    desktop.ok({"sync", "now"});
    EXPECT_EQ(list(desktop).find("Private"), std::string::npos);
}

TEST_F(JdoStory, B11DataOnBothSidesIsMergedOnlyAfterAWarning) {
    desktop.ok({"goal", "add", "Of the desktop"});
    set_up(desktop, "y\nn\n");
    laptop.ok({"goal", "add", "Of the laptop"});
    const auto refused = laptop.run({"sync", "setup"}, primary + "\ny\nn\nn\n");
    EXPECT_EQ(refused.exit_code, 5) << refused.err;
    expect_in(refused.err, "Warning: ");
    expect_in(laptop.ok({"sync", "status"}), "Sync is off");
    EXPECT_EQ(list(laptop).find("Of the desktop"), std::string::npos);
    expect_in(laptop.ok({"sync", "setup"}, primary + "\ny\nn\ny\n"), "together now");
    desktop.ok({"sync", "now"});
    EXPECT_EQ(list(desktop), list(laptop));
    expect_in(list(desktop), "Of the laptop");
}

TEST_F(JdoStory, C5AConnectionThatFailsSavesNothingAndCanBeTriedAgain) {
    const auto ran =
        desktop.run({"sync", "setup"}, folder / "nowhere/p.db" + ("\ny\n" + primary) + "\n");
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    expect_in(ran.err, "Nothing was saved.");
    expect_in(ran.err, "Try again? [Y/n]");
    expect_in(ran.out, "Sync is on");
    EXPECT_EQ(
        laptop.run({"sync", "setup"}, folder / "nowhere/p.db" + std::string("\nn\n")).exit_code, 3);
    expect_in(laptop.ok({"sync", "status"}), "Sync is off");
    EXPECT_FALSE(fs::exists(laptop.path(".config/jdo/settings.toml")));
}

TEST_F(JdoStory, E4ATokenThatIsRefusedIsNotKept) {
    const examples::Server server(folder / "server");
    desktop.ok({"goal", "add", "Served"});
    const auto refused = desktop.run({"sync", "setup"},
                                     server.url() + "\n" + examples::some_token() + "\ny\nn\nn\n");
    EXPECT_EQ(refused.exit_code, 4) << refused.err;
    EXPECT_FALSE(fs::exists(desktop.path(".local/share/jdo/auth.json")));
    examples::Secret(examples::some_token()).expect_hidden(desktop);
}

TEST_F(JdoStory, A13WhatIsOutOfReachHindersNothing) {
    set_up(desktop);
    desktop.environment.erase("JDO_BACKGROUND_SYNC");
    fs::rename(folder / "cloud", folder / "away");
    for (int i = 0; i < 5; ++i) {
        desktop.ok({"goal", "add", "Offline"});
        list(desktop);
    }
    expect_in(desktop.ok({"sync", "status"}), "Waiting to be sent  5");
    fs::rename(folder / "away", folder / "cloud");
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (desktop.ok({"sync", "status"}).find("Waiting to be sent  0") == std::string::npos) {
        ASSERT_LT(std::chrono::steady_clock::now(), give_up);
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
}

TEST_F(JdoStory, B3WhatWasWrittenReachesTheOtherMachineByItself) {
    set_up(desktop);
    set_up(laptop);
    desktop.environment.erase("JDO_BACKGROUND_SYNC");
    desktop.ok({"goal", "add", "On its way"});
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (list(laptop).find("On its way") == std::string::npos) {
        ASSERT_LT(std::chrono::steady_clock::now(), give_up);
        laptop.ok({"sync", "now"});
    }
}

TEST_F(JdoStory, C9ThePromptShowsTheStateOfTheSync) {
    set_up(desktop);
    desktop.environment.erase("JDO_BACKGROUND_SYNC");
    tidemark::Terminal terminal(desktop.words({}), desktop.home());
    terminal.wait_for("> ");
    terminal.type("goal add 'Said at the prompt'\n");
    terminal.wait_for("Said at the prompt\n");
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (terminal.shown().find("jdo ☁> ") == std::string::npos) {
        ASSERT_LT(std::chrono::steady_clock::now(), give_up);
        terminal.type("goal list\n");
        terminal.wait_for("> ");
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    terminal.type("nonsense\n");
    terminal.type("quit\n");
    EXPECT_EQ(terminal.finish(), 0) << terminal.shown();
    EXPECT_EQ(Database(primary).query("SELECT title FROM goals").size(), 1u);
}

TEST_F(JdoStory, C10ALargeFirstSyncShowsHowFarItIs) {
    desktop.ok({"goal", "add", "One of many"});
    Database(database(desktop)).execute(R"(
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000)
        INSERT INTO goals(id, title, created_at, updated_at)
        SELECT printf('%032d', i), 'Goal ' || i, datetime('now'), datetime('now') FROM n)");
    for (const Device* device : {&desktop, &laptop}) {
        tidemark::Terminal terminal(device->words({"sync", "setup"}), device->home());
        terminal.wait_for("URL of the database: ");
        terminal.type(primary + "\n");
        if (device == &desktop) {
            terminal.wait_for("Upload existing data to cloud? [Y/n]");
            terminal.type("y\n");
            terminal.wait_for("Back up the database first? [Y/n]");
            terminal.type("n\n");
        }
        EXPECT_EQ(terminal.finish(), 0) << terminal.shown();
        if (device == &desktop) {
            expect_in(terminal.shown(), "uploading goals [###");
            expect_in(terminal.shown(), "] 100 %");
        } else {
            expect_in(terminal.shown(), "goals: 60001 rows");
        }
    }
    EXPECT_EQ(Database(database(laptop)).query("SELECT id FROM goals").size(), 60'001u);
}

TEST_F(JdoStory, AScriptMayGiveCommandsToo) {
    expect_in(desktop.ok({}, "goal add \"Two words\"\ngoal list\nquit\n"), "Two words");
}

TEST_F(JdoStory, HelpAndWrongUse) {
    expect_in(desktop.ok({"--help"}), "JDO_BACKGROUND_SYNC");
    desktop.fails(2, {"goal"});
    desktop.fails(2, {"frobnicate"});
    desktop.fails(2, {"goal", "add", " "});
    expect_in(desktop.fails(1, {"goal", "done", "abcd"}), "there is no goal abcd");
    expect_in(desktop.fails(5, {"sync", "setup"}, "\n"), "no database was named");
}

}  // namespace
}  // namespace jdo
