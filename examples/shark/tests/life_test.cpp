// Shark on two machines from the first run to opting out, through its command alone, with a file
// and with a real `tidemark serve` between them.

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <thread>

#include "common/database.hpp"
#include "shark/tests/machines.hpp"
#include "testing/cloud.hpp"
#include "testing/device.hpp"
#include "testing/secret.hpp"

namespace shark {
namespace {

namespace fs = std::filesystem;

using examples::Cloud;
using examples::Database;
using examples::Device;

class SharkLife : public testing::TestWithParam<Cloud::Kind> {
protected:
    /// The desktop keeps its token in a file, the laptop in its environment.
    void log_in(Device& device, const std::vector<std::string>& options = {}) {
        std::vector<std::string> words{"cloud", "login", "--url", cloud.url()};
        words.insert(words.end(), options.begin(), options.end());
        if (cloud.token().empty()) {
            device.ok(words);
        } else if (&device == &laptop) {
            device.environment["TURSO_AUTH_TOKEN"] = cloud.token();
            device.ok(words);
        } else {
            words.insert(words.end(), {"--token-file", "-"});
            device.ok(words, cloud.token() + "\n");
        }
    }
    void expect_the_token_nowhere_else() const {
        if (cloud.token().empty()) return;
        const examples::Secret secret(cloud.token());
        secret.expect_hidden(desktop, {desktop.path(".shark/turso-token")});
        secret.expect_hidden(laptop);
        secret.expect_hidden(folder / "cloud");
    }

    tidemark::TempFolder folder;
    Cloud cloud{GetParam(), folder / "cloud"};
    Device desktop{folder / "desktop", {{"SHARK_BACKGROUND_SYNC", "off"}, {"SHARK_SYNC_LOG", "1"}}};
    Device laptop{folder / "laptop", {{"SHARK_BACKGROUND_SYNC", "off"}, {"SHARK_SYNC_LOG", "1"}}};
};

TEST_P(SharkLife, TwoMachinesFromTheFirstRunToOptingOut) {
    desktop.ok({"epic", "create", "Cloud", "--key", "E13"});
    desktop.ok({"feature", "create", "Turso", "--epic", "E13", "--key", "F02"});
    create(desktop, "Add the driver");
    log_in(desktop);
    log_in(laptop);
    EXPECT_TRUE(fs::exists(desktop.path(".shark/turso-replica.db")));
    expect_same(desktop, laptop);

    cloud.go_away();
    EXPECT_EQ(create(desktop, "Write at the desk"), "T-E13-F02-002\n");
    EXPECT_EQ(create(laptop, "Write on the plane"), "T-E13-F02-002\n");
    desktop.ok({"task", "update", "T-E13-F02-001", "--priority", "9"});
    laptop.ok({"task", "update", "T-E13-F02-001", "--status", "blocked"});
    desktop.ok({"task", "update", "T-E13-F02-001", "--title", "Add a driver"});
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    laptop.ok({"task", "update", "T-E13-F02-001", "--title", "Add the best driver"});
    EXPECT_FALSE(desktop.fails(3, {"cloud", "sync"}).empty());
    EXPECT_EQ(laptop.json({"cloud", "status"}).at("pending").as_int64(), 2);
    cloud.come_back();

    desktop.ok({"cloud", "sync"});
    const auto back = laptop.run({"cloud", "sync"});
    EXPECT_EQ(back.exit_code, 0) << back.err;
    EXPECT_NE(back.err.find("T-E13-F02-002 \"Write on the plane\" is now T-E13-F02-003"),
              std::string::npos)
        << back.err;
    desktop.ok({"cloud", "sync"});
    EXPECT_EQ(list(laptop),
              "KEY            STATUS   PRIORITY  TITLE\n"
              "T-E13-F02-001  blocked  9         Add the best driver\n"
              "T-E13-F02-002  todo     5         Write at the desk\n"
              "T-E13-F02-003  todo     5         Write on the plane\n");
    expect_same(desktop, laptop);
    const std::string status = laptop.ok({"cloud", "status"});
    EXPECT_NE(status.find("title 'Add a driver' gave way to 'Add the best driver'"),
              std::string::npos)
        << status;
    EXPECT_EQ(laptop.run({"cloud", "sync"}).err, "") << "news is told once";

    EXPECT_NE(laptop.fails(5, {"cloud", "logout"}).find("--force"), std::string::npos);
    laptop.ok({"cloud", "logout", "--force"});
    EXPECT_EQ(list(laptop), list(desktop));
    EXPECT_FALSE(fs::exists(laptop.path(".shark/turso-replica.db")));
    EXPECT_TRUE(Database(laptop.path(".shark/shark.db"))
                    .query("SELECT name FROM sqlite_schema WHERE name LIKE 'tidemark%'")
                    .empty());
    create(laptop, "Stays here");
    desktop.ok({"cloud", "sync"});
    EXPECT_EQ(list(desktop).find("Stays here"), std::string::npos);

    EXPECT_NE(laptop.fails(5, {"cloud", "login", "--url", cloud.url()}).find("--merge"),
              std::string::npos);
    log_in(laptop, {"--merge", "--backup", laptop.path("before.db")});
    EXPECT_TRUE(fs::exists(laptop.path("before.db")));
    desktop.ok({"cloud", "sync"});
    expect_same(desktop, laptop);
    EXPECT_NE(list(desktop).find("Stays here"), std::string::npos);

    desktop.ok({"cloud", "export", desktop.path("copy.db")});
    desktop.ok({"cloud", "status", "--json"});
    expect_the_token_nowhere_else();
    const std::string before = list(desktop);
    desktop.ok({"cloud", "logout"});
    EXPECT_FALSE(fs::exists(desktop.path(".shark/turso-token")));
    EXPECT_EQ(list(desktop), before);
}

INSTANTIATE_TEST_SUITE_P(Over, SharkLife, testing::Values(Cloud::Kind::file, Cloud::Kind::server),
                         [](const auto& kind) { return Cloud::name(kind); });

}  // namespace
}  // namespace shark
