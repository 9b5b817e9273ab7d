// Keeping in step without a command: after writes, at intervals, when the primary is back, and at
// the end; in the library and by `tidemark watch`.

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <mutex>
#include <thread>

#include "cli/watch_unit.hpp"
#include "support/story.hpp"
#include "support/terminal.hpp"

namespace tidemark {
namespace {

namespace fs = std::filesystem;

constexpr const char* schema = "CREATE TABLE t(id TEXT PRIMARY KEY, v)";

class Watching : public Story {
protected:
    /// Waits until it holds; how long that took, or a failure.
    std::chrono::milliseconds eventually(const std::function<bool()>& holds) {
        const auto begin = std::chrono::steady_clock::now();
        while (!holds()) {
            const auto taken = std::chrono::steady_clock::now() - begin;
            if (taken > std::chrono::seconds(30)) {
                ADD_FAILURE() << "it did not happen";
                break;
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
        return std::chrono::duration_cast<std::chrono::milliseconds>(
            std::chrono::steady_clock::now() - begin);
    }
    bool has(const std::string& file, const std::string& id) const {
        return ask(file, "SELECT 1 FROM t WHERE id = '" + id + "'").size() == 1;
    }
    std::int64_t pending(const std::string& file) {
        return Replica::open(path(file)).brief().pending;
    }
    /// Only what a test asks for.
    static WatchOptions manual() {
        WatchOptions options;
        options.timing = {false, false, 20, 0, false};
        return options;
    }
    static WatchOptions after_writes() {
        WatchOptions options = manual();
        options.timing.after_writes = true;
        return options;
    }
};

TEST_F(Watching, B3B14AnEditReachesTheOtherDeviceWithoutACommand) {
    two_devices(schema);
    Watcher a(path("a.db"), after_writes());
    Watcher b(path("b.db"), after_writes());
    a.start();
    b.start();
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    shell("a.db", "INSERT INTO t VALUES ('by the shell', 1)");
    eventually([&] { return has("b.db", "by the shell"); });
    edit("b.db", "PRAGMA journal_mode = WAL; INSERT INTO t VALUES ('in wal mode', 2)");
    eventually([&] { return has("a.db", "in wal mode"); });
    edit("primary.db", "INSERT INTO t VALUES ('at the primary', 3)");
    eventually([&] { return has("a.db", "at the primary") && has("b.db", "at the primary"); });
    a.stop();
    b.stop();
    settle();
}

TEST_F(Watching, B2TimingCanLeaveItToThePerson) {
    two_devices(schema);
    Watcher watcher(path("a.db"), manual());
    watcher.start();
    edit("a.db", "INSERT INTO t VALUES ('x', 1)");
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    EXPECT_EQ(pending("a.db"), 1);
    watcher.sync_soon();
    eventually([&] { return pending("a.db") == 0; });
    edit("a.db", "INSERT INTO t VALUES ('y', 1)");
    watcher.stop();
    EXPECT_EQ(pending("a.db"), 1);
}

TEST_F(Watching, B4ItSyncsWhenItStartsAndWhenItStops) {
    two_devices(schema);
    edit("b.db", "INSERT INTO t VALUES ('before', 1)");
    sync("b.db");
    WatchOptions options = manual();
    options.timing.at_start = true;
    options.timing.on_close = true;
    Watcher watcher(path("a.db"), options);
    watcher.start();
    eventually([&] { return has("a.db", "before"); });
    edit("a.db", "INSERT INTO t VALUES ('at last', 1)");
    watcher.stop();
    EXPECT_EQ(watcher.status().state, WatchState::stopped);
    EXPECT_EQ(watcher.status().reason, "");
    EXPECT_TRUE(has("primary.db", "at last"));
    watcher.start();  // once more
    eventually([&] { return watcher.status().state == WatchState::waiting; });
}

TEST_F(Watching, B5ItSyncsAtIntervals) {
    two_devices(schema);
    WatchOptions options = manual();
    options.timing.interval_ms = 50;
    Watcher watcher(path("a.db"), options);
    watcher.start();
    edit("b.db", "INSERT INTO t VALUES ('elsewhere', 1)");
    sync("b.db");
    eventually([&] { return has("a.db", "elsewhere"); });
}

TEST_F(Watching, B7I3OneHundredOfflineChangesArriveWhenThePrimaryIsBack) {
    two_devices(schema);
    Watcher watcher(path("a.db"), after_writes());
    watcher.start();
    fs::rename(path("primary.db"), path("away.db"));
    for (int i = 0; i < 100; ++i) {
        edit("a.db", "INSERT INTO t VALUES ('" + std::to_string(i) + "', 1)");
    }
    eventually([&] { return watcher.status().state == WatchState::offline; });
    eventually([&] { return watcher.status().pending == 100; });
    EXPECT_NE(watcher.status().reason.find("is not there"), std::string::npos);
    EXPECT_EQ(ask("a.db", "SELECT count(*) FROM t"), Dump{"100"});
    fs::rename(path("away.db"), path("primary.db"));
    const auto taken = eventually([&] { return pending("a.db") == 0; });
    RecordProperty("ms", static_cast<int>(taken.count()));
    EXPECT_LT(taken.count(), 10'000);  // 5 s, and as much again for a machine that is busy
    EXPECT_EQ(ask("primary.db", "SELECT count(*) FROM t"), Dump{"100"});
}

TEST_F(Watching, D13AFinalSyncThatFailsIsToldAndLosesNothing) {
    two_devices(schema);
    WatchOptions options = manual();
    options.timing.on_close = true;
    Watcher watcher(path("a.db"), options);
    watcher.start();
    edit("a.db", "INSERT INTO t VALUES ('x', 1)");
    fs::rename(path("primary.db"), path("away.db"));
    watcher.stop();
    EXPECT_TRUE(watcher.status().reason.starts_with("final sync failed: the primary"))
        << watcher.status().reason;
    EXPECT_EQ(pending("a.db"), 1);
}

TEST_F(Watching, OnChangeTellsOfRowsFromElsewhereAndOfNothingElse) {
    two_devices(schema);
    std::atomic<int> changes = 0;
    std::mutex mutex;
    std::vector<WatchState> states;
    WatchOptions options = after_writes();
    options.on_change = [&](const SyncReport& report) { changes += int(report.pulled); };
    options.on_status = [&](const WatchStatus& status) {
        const std::scoped_lock lock(mutex);
        states.push_back(status.state);
    };
    Watcher watcher(path("a.db"), options);
    watcher.start();
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    edit("a.db", "INSERT INTO t VALUES ('mine', 1)");
    eventually([&] { return pending("a.db") == 0; });
    EXPECT_EQ(changes, 0);
    edit("b.db", "INSERT INTO t VALUES ('theirs', 1)");
    sync("b.db");
    eventually([&] { return changes == 1; });
    watcher.stop();
    ASSERT_FALSE(states.empty());
    EXPECT_EQ(states.back(), WatchState::stopped);
}

TEST_F(Watching, AnIdleWatcherDoesNotWakeItself) {
    two_devices(schema);
    std::atomic<int> syncs = 0;
    WatchOptions options = after_writes();
    options.on_status = [&](const WatchStatus& status) {
        syncs += status.state == WatchState::syncing;
    };
    Watcher watcher(path("a.db"), options);
    watcher.start();
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    edit("a.db", "PRAGMA journal_mode = WAL; INSERT INTO t VALUES ('x', 1)");
    eventually([&] { return pending("a.db") == 0; });
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    EXPECT_LE(syncs, 2);
}

TEST_F(Watching, TheCommandTellsWhatItDoesAndEndsWhenAsked) {
    two_devices(schema);
    Terminal terminal({TIDEMARK_COMMAND, "watch", "a.db", "b.db"}, folder.path().string());
    terminal.wait_for("Watching 2 databases; Ctrl-C ends it.\n");
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    edit("a.db", "INSERT INTO t VALUES ('x', 1)");
    terminal.wait_for("a.db  Sent 1 row.");
    terminal.wait_for("b.db  Received 1 row.");
    fs::rename(path("primary.db"), path("away.db"));
    edit("a.db", "INSERT INTO t VALUES ('y', 1)");
    terminal.wait_for("a.db  Offline: the primary");
    fs::rename(path("away.db"), path("primary.db"));
    terminal.wait_for("a.db  In reach again. Sent 1 row.");
    eventually([&] { return has("b.db", "y"); });
    terminal.type("\x03");
    terminal.wait_for("a.db  Stopped.");
    EXPECT_EQ(terminal.finish(), 0);
}

TEST_F(Watching, TheUnitNamesTheDatabasesAndIsNotReplacedByAccident) {
    two_devices(schema);
    const auto run = [&](std::vector<std::string> arguments) {
        std::vector<std::string> all{"env", "XDG_CONFIG_HOME=" + path("config"), TIDEMARK_COMMAND,
                                     "watch"};
        all.insert(all.end(), arguments.begin(), arguments.end());
        return run_program(all, folder.path().string());
    };
    Ran ran = run({"--install", "a.db"});
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    EXPECT_NE(ran.out.find("systemctl --user enable --now tidemark.service"), std::string::npos);
    std::ifstream unit(path("config/systemd/user/tidemark.service"));
    const std::string text{std::istreambuf_iterator<char>(unit), {}};
    EXPECT_NE(text.find("watch -- \"" + path("a.db") + "\"\n"), std::string::npos) << text;
    EXPECT_EQ(run({"--install", "a.db"}).exit_code, 0);
    EXPECT_EQ(run({"--install", "b.db"}).exit_code, 5);
    EXPECT_EQ(run({"--install", "a.db", "b.db", "--replace"}).exit_code, 0);
    EXPECT_EQ(run({"--install", "primary.db"}).exit_code, 2);
    EXPECT_EQ(run({"--uninstall"}).exit_code, 0);
    EXPECT_FALSE(fs::exists(path("config/systemd/user/tidemark.service")));
}

TEST(WatchUnit, SpecialCharactersOfTheUnitFileAreNoneOfThePath) {
    const std::string text = cli::unit_text("/usr/bin/tidemark", {"/home/a b/100%$x\"y.db"});
    EXPECT_NE(text.find(R"(watch -- "/home/a b/100%%$$x\"y.db")"), std::string::npos) << text;
}

}  // namespace
}  // namespace tidemark
