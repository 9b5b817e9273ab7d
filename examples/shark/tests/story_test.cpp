// Shark on two machines, through its command alone.

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "common/database.hpp"
#include "shark/tests/machines.hpp"
#include "testing/device.hpp"

namespace shark {
namespace {

namespace fs = std::filesystem;

using examples::Database;
using examples::Device;

class SharkStory : public testing::Test {
protected:
    /// desktop has an epic, a feature and a task; both machines are connected.
    void two_machines() {
        desktop.ok({"epic", "create", "Cloud", "--key", "E13"});
        desktop.ok({"feature", "create", "Turso", "--epic", "E13", "--key", "F02"});
        create(desktop, "Add the driver");
        desktop.ok({"cloud", "login", "--url", primary});
        laptop.ok({"cloud", "login", "--url", primary});
    }
    /// Nobody reaches the primary while this lives.
    class Offline {
    public:
        explicit Offline(std::string place) : place_(std::move(place)) {
            fs::rename(place_, place_ + "-away");
        }
        ~Offline() { fs::rename(place_ + "-away", place_); }
        Offline(const Offline&) = delete;
        Offline& operator=(const Offline&) = delete;

    private:
        std::string place_;
    };

    SharkStory() { fs::create_directories(folder / "cloud"); }

    tidemark::TempFolder folder;
    std::string primary = folder / "cloud/primary.db";
    Device desktop{folder / "desktop", {{"SHARK_BACKGROUND_SYNC", "off"}}};
    Device laptop{folder / "laptop", {{"SHARK_BACKGROUND_SYNC", "off"}}};
};

TEST_F(SharkStory, A1WithoutACloudItIsAnOrdinaryTaskList) {
    desktop.ok({"epic", "create", "Cloud", "--key", "E13"});
    desktop.ok({"feature", "create", "Turso", "--epic", "E13", "--key", "F02"});
    EXPECT_EQ(create(desktop, "Add the driver"), "T-E13-F02-001\n");
    EXPECT_EQ(desktop.ok({"task", "update", "T-E13-F02-001", "--status", "in_progress"}),
              "T-E13-F02-001  in_progress  Add the driver\n");
    EXPECT_EQ(desktop.ok({"task", "complete", "t-e13-f02-1"}),
              "T-E13-F02-001  completed  Add the driver\n");
    const auto listed = desktop.json({"task", "list", "--status", "completed"});
    EXPECT_EQ(listed.at("tasks").as_array().size(), 1u);
    EXPECT_FALSE(desktop.json({"cloud", "status"}).at("connected").as_bool());
    EXPECT_NE(desktop.fails(2, {"cloud", "sync"}).find("shark cloud login"), std::string::npos);
    EXPECT_TRUE(fs::exists(desktop.path(".shark/shark.db")));
    EXPECT_FALSE(fs::exists(desktop.path(".shark/turso-replica.db")));
}

TEST_F(SharkStory, EpicsAndFeaturesMadeOnBothMachinesTakeTheirTasksAlong) {
    two_machines();
    for (const Device* device : {&desktop, &laptop}) {
        const std::string who = device == &desktop ? "desktop" : "laptop";
        device->ok({"epic", "create", "Epic of " + who});
        device->ok({"feature", "create", "Feature of " + who, "--epic", "E14"});
        EXPECT_EQ(device->ok({"task", "create", "Task of " + who, "--feature", "E14-F01"}),
                  "T-E14-F01-001\n");
    }
    desktop.ok({"cloud", "sync"});
    const std::string news = laptop.run({"cloud", "sync"}).err;
    EXPECT_EQ(news,
              "E14 \"Epic of laptop\", with all that is in it, is now E15: another machine had "
              "given out that key.\n");
    desktop.ok({"cloud", "sync"});
    expect_same(desktop, laptop);
    const std::string tasks = list(desktop);
    EXPECT_NE(tasks.find("T-E14-F01-001  todo    5         Task of desktop"), std::string::npos)
        << tasks;
    EXPECT_NE(tasks.find("T-E15-F01-001  todo    5         Task of laptop"), std::string::npos)
        << tasks;
}

TEST_F(SharkStory, A7TheEnvironmentAloneConnects) {
    desktop.environment["SHARK_DB_URL"] = primary;
    laptop.environment["SHARK_DB_URL"] = primary;
    desktop.ok({"epic", "create", "Cloud"});
    EXPECT_TRUE(desktop.json({"cloud", "status"}).at("connected").as_bool());
    desktop.ok({"cloud", "sync"});
    EXPECT_EQ(laptop.ok({"epic", "list"}), "E01  Cloud\n");
    EXPECT_NE(desktop.run({"cloud", "logout"}).err.find("unset it"), std::string::npos);
    laptop.environment["SHARK_DB_URL"] = folder / "cloud/other.db";
    EXPECT_NE(laptop.fails(2, {"epic", "list"}).find("is attached to"), std::string::npos);
}

TEST_F(SharkStory, D17AFirstSyncWithoutANetworkLeavesTheWorkToTheLocalDatabase) {
    desktop.environment["SHARK_DB_URL"] = primary;
    {
        const Offline offline(folder / "cloud");
        const auto ran = desktop.run({"epic", "create", "Cloud"});
        EXPECT_EQ(ran.exit_code, 0) << ran.err;
        EXPECT_NE(ran.err.find("until it is there"), std::string::npos) << ran.err;
    }
    EXPECT_EQ(desktop.ok({"epic", "list"}), "E01  Cloud\n");
    EXPECT_TRUE(desktop.json({"cloud", "status"}).at("connected").as_bool());
}

TEST_F(SharkStory, I7EveryReadWorksOffline) {
    two_machines();
    const Offline offline(folder / "cloud");
    for (int i = 0; i < 20; ++i) {
        list(desktop);
        desktop.json({"task", "list"});
        desktop.ok({"epic", "list"});
        desktop.ok({"feature", "list", "--epic", "E13"});
        desktop.ok({"cloud", "status"});
    }
}

TEST_F(SharkStory, B3WhatWasWrittenReachesTheOtherMachineByItself) {
    two_machines();
    desktop.environment.erase("SHARK_BACKGROUND_SYNC");
    create(desktop, "On its way");
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    std::string seen;
    while (seen.find("On its way") == std::string::npos) {
        ASSERT_LT(std::chrono::steady_clock::now(), give_up);
        laptop.ok({"cloud", "sync"});
        seen = list(laptop);
    }
    // Nothing of it still runs when the folder goes.
    while (desktop.json({"cloud", "status"}).at("pending").as_int64() > 0 ||
           fs::exists(desktop.path(".shark/turso-replica.db-tidemark-lock"))) {
        ASSERT_LT(std::chrono::steady_clock::now(), give_up);
    }
}

TEST_F(SharkStory, B7WhatWasWrittenOfflineIsSentOnceTheCloudIsBackWithoutAnotherCommand) {
    two_machines();
    desktop.environment.erase("SHARK_BACKGROUND_SYNC");
    {
        const Offline offline(folder / "cloud");
        create(desktop, "Written on the plane");
    }
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (list(laptop).find("Written on the plane") == std::string::npos) {
        ASSERT_LT(std::chrono::steady_clock::now(), give_up);
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        laptop.ok({"cloud", "sync"});
    }
}

TEST_F(SharkStory, B4AMachineThatWasAwayShowsWhatIsNewAtItsFirstCommand) {
    two_machines();
    create(desktop, "News");
    desktop.ok({"cloud", "sync"});
    laptop.environment.erase("SHARK_BACKGROUND_SYNC");
    fs::remove(laptop.path(".shark/background.pid"));  // as after a long time
    std::string seen = list(laptop);
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (seen.find("News") == std::string::npos) {  // a loaded machine may take a second look
        ASSERT_LT(std::chrono::steady_clock::now(), give_up);
        seen = list(laptop);
    }
}

TEST_F(SharkStory, F8TasksLeaveAsAnOrdinaryFile) {
    two_machines();
    const std::string file = desktop.path("tasks.db");
    desktop.ok({"cloud", "export", file});
    Database database(file);
    EXPECT_TRUE(
        database.query("SELECT name FROM sqlite_schema WHERE name LIKE 'tidemark%'").empty());
    EXPECT_EQ(database.query("SELECT key FROM numbered_tasks").at(0).text("key"), "T-E13-F02-001");
    EXPECT_NE(desktop.fails(1, {"cloud", "export", file}).find("exists already"),
              std::string::npos);
    expect_same(desktop, laptop);
}

TEST_F(SharkStory, G5StatusWarnsFromEightyPercentOfTheFreePlanAndNamesTheDashboard) {
    two_machines();
    const std::string before = desktop.ok({"cloud", "status"});
    EXPECT_NE(before.find("of 10000000"), std::string::npos) << before;
    EXPECT_NE(before.find("https://app.turso.tech"), std::string::npos) << before;
    EXPECT_EQ(before.find("Warning"), std::string::npos) << before;

    const std::string file = desktop.path(".shark/turso-sync.json");
    std::stringstream text;
    text << std::ifstream(file).rdbuf();
    boost::json::object state = boost::json::parse(text.str()).as_object();
    state.at("days").as_array().back().at("rows_written") = 8'500'000;
    std::ofstream(file) << boost::json::serialize(state);
    EXPECT_NE(desktop.ok({"cloud", "status"})
                  .find("Warning: 85 % of this month's free writes are used (8500000 of "),
              std::string::npos);
    EXPECT_EQ(desktop.json({"cloud", "status"}).at("warnings").as_array().size(), 1u);
}

TEST_F(SharkStory, E5ATokenFileThatOthersMayReadIsRefusedWithTheCommandThatNarrowsIt) {
    const std::string file = desktop.path("token");
    std::ofstream(file) << examples::some_token();
    fs::permissions(file, fs::perms(0644));
    const std::string said = desktop.fails(
        1, {"cloud", "login", "--url", "libsql://shark-ann.turso.io", "--token-file", file});
    EXPECT_NE(said.find("others may read " + file), std::string::npos) << said;
    EXPECT_NE(said.find("chmod 600 " + file), std::string::npos) << said;
    fs::permissions(file, fs::perms(0600));
    desktop.ok({"cloud", "login", "--url", primary, "--token-file", file});
    const std::string kept = desktop.path(".shark/turso-token");
    EXPECT_EQ(fs::status(kept).permissions(), fs::perms(0600));

    const std::string copied = laptop.path(".shark/turso-token");
    fs::create_directories(laptop.path(".shark"));
    fs::copy_file(kept, copied);
    fs::permissions(copied, fs::perms(0640));
    EXPECT_NE(laptop.fails(1, {"cloud", "login", "--url", "libsql://shark-ann.turso.io"})
                  .find("chmod 600 " + copied),
              std::string::npos);
}

TEST_F(SharkStory, E6TheLogIsKeptWhereItIsWanted) {
    two_machines();
    EXPECT_FALSE(fs::exists(desktop.path(".shark/sync.log")));
    desktop.environment["SHARK_SYNC_LOG"] = "1";
    desktop.ok({"cloud", "sync"});
    EXPECT_EQ(examples::files_with(desktop.home(), " sent 0, received 0, 0 conflicts, ").size(),
              1u);
}

TEST_F(SharkStory, C14DirectionsAndADryRun) {
    two_machines();
    create(desktop, "New");
    EXPECT_EQ(desktop.ok({"cloud", "sync", "--dry-run"}), "tasks: 1 to send, 0 to receive\n");
    EXPECT_EQ(desktop.json({"cloud", "sync", "--pull"}).at("sent").as_int64(), 0);
    EXPECT_EQ(desktop.json({"cloud", "sync", "--push"}).at("sent").as_int64(), 1);
    EXPECT_EQ(laptop.json({"cloud", "sync"}).at("received").as_int64(), 1);
}

TEST_F(SharkStory, WrongUseIsSaidAndSoIsHelp) {
    EXPECT_NE(desktop.ok({"--help"}).find("SHARK_DB_URL"), std::string::npos);
    EXPECT_NE(desktop.ok({"cloud", "login", "--help"}).find("--token-file"), std::string::npos);
    desktop.fails(2, {});
    desktop.fails(2, {"task", "frobnicate"});
    EXPECT_NE(desktop.fails(2, {"task", "complete", "E13"}).find("T-E13-F02-001"),
              std::string::npos);
    EXPECT_NE(desktop.fails(2, {"task", "update", "T-E13-F02-001"}).find("nothing was given"),
              std::string::npos);
    EXPECT_NE(desktop.fails(1, {"task", "complete", "T-E13-F02-001"}).find("there is no feature"),
              std::string::npos);
    EXPECT_NE(desktop.json({"task", "complete", "nonsense"}, 2).at("error").as_string().find("key"),
              std::string::npos);
    EXPECT_NE(desktop.fails(5, {"cloud", "login"}).find("SHARK_DB_URL"), std::string::npos);
}

}  // namespace
}  // namespace shark
