// jdo on two machines from the first run to opting out, through its command alone, with a file and
// with a real `tidemark serve` between them.

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include "common/database.hpp"
#include "testing/cloud.hpp"
#include "testing/device.hpp"
#include "testing/secret.hpp"

namespace jdo {
namespace {

namespace fs = std::filesystem;

using examples::Cloud;
using examples::Database;
using examples::Device;

void expect_in(const std::string& text, const std::string& part) {
    EXPECT_NE(text.find(part), std::string::npos) << "'" << part << "' is not in:\n" << text;
}

std::string content(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

class JdoLife : public testing::TestWithParam<Cloud::Kind> {
protected:
    static std::string list(const Device& device) { return device.ok({"goal", "list", "--all"}); }
    static std::string data(const Device& device, const std::string& file) {
        return device.path(".local/share/jdo/" + file);
    }
    std::string answers(const std::string& further) const {
        return cloud.url() + "\n" + (cloud.token().empty() ? "" : cloud.token() + "\n") + further;
    }

    tidemark::TempFolder folder;
    Cloud cloud{GetParam(), folder / "cloud"};
    Device desktop{folder / "desktop", {{"JDO_BACKGROUND_SYNC", "off"}}};
    Device laptop{folder / "laptop", {{"JDO_BACKGROUND_SYNC", "off"}}};
};

TEST_P(JdoLife, TwoMachinesFromTheFirstRunToOptingOut) {
    const std::string goal = desktop.ok({"goal", "add", "Be reliable"}).substr(0, 8);
    expect_in(desktop.ok({"sync", "setup"}, answers("y\nn\n")), "Sync is on");
    laptop.ok({"sync", "setup"}, answers(""));
    EXPECT_EQ(list(laptop), list(desktop));

    cloud.go_away();
    desktop.ok({"goal", "add", "At the desk"});
    laptop.ok({"goal", "add", "On the plane"});
    desktop.ok({"goal", "edit", goal, "Be more reliable"});
    laptop.ok({"goal", "done", goal});
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    laptop.ok({"goal", "edit", goal, "Be most reliable"});
    EXPECT_FALSE(desktop.fails(3, {"sync", "now"}).empty());
    expect_in(laptop.ok({"sync", "status"}), "Waiting to be sent  2");
    cloud.come_back();

    desktop.ok({"sync", "now"});
    expect_in(laptop.ok({"sync", "now"}), "lost a merge");
    desktop.ok({"sync", "now"});
    EXPECT_EQ(list(laptop), list(desktop));
    expect_in(list(desktop), "done         Be most reliable");
    expect_in(list(desktop), "At the desk");
    expect_in(list(desktop), "On the plane");
    const std::string log = content(data(laptop, "conflicts.log"));
    expect_in(log, "title 'Be more reliable' gave way to 'Be most reliable'");
    laptop.ok({"sync", "now"});
    EXPECT_EQ(content(data(laptop, "conflicts.log")), log) << "logged once";

    laptop.environment.erase("JDO_BACKGROUND_SYNC");
    laptop.ok({"goal", "add", "In the background"});
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (list(desktop).find("In the background") == std::string::npos) {
        ASSERT_LT(std::chrono::steady_clock::now(), give_up);
        desktop.ok({"sync", "now"});
    }
    while (fs::exists(data(laptop, "jdo.db-tidemark-lock"))) {
        ASSERT_LT(std::chrono::steady_clock::now(), give_up);
    }
    laptop.environment["JDO_BACKGROUND_SYNC"] = "off";

    if (!cloud.token().empty()) {
        const examples::Secret secret(cloud.token());
        for (const Device* device : {&desktop, &laptop}) {
            secret.expect_hidden(*device, {data(*device, "auth.json")});
        }
        secret.expect_hidden(folder / "cloud");
    }

    expect_in(laptop.ok({"sync", "disable"}), "Sync is off");
    EXPECT_EQ(list(laptop), list(desktop));
    laptop.ok({"goal", "add", "Stays here"});
    desktop.ok({"sync", "now"});
    EXPECT_EQ(list(desktop).find("Stays here"), std::string::npos);
    EXPECT_TRUE(Database(data(laptop, "jdo.db"))
                    .query("SELECT name FROM sqlite_schema WHERE name LIKE 'tidemark%'")
                    .empty());
    expect_in(laptop.ok({"sync", "status"}), "Sync is off");
    if (!cloud.token().empty()) examples::Secret(cloud.token()).expect_hidden(laptop);
}

INSTANTIATE_TEST_SUITE_P(Over, JdoLife, testing::Values(Cloud::Kind::file, Cloud::Kind::server),
                         [](const auto& kind) { return Cloud::name(kind); });

TEST(JdoCrash, E8InTheMiddleOfASyncLeavesNoTokenBehind) {
    const tidemark::TempFolder folder;
    Cloud cloud(Cloud::Kind::server, folder / "cloud");
    const Device desktop(folder / "desktop", {{"JDO_BACKGROUND_SYNC", "off"}});
    desktop.ok({"sync", "setup"}, cloud.url() + "\n" + cloud.token() + "\n");
    cloud.go_away();  // the sync tries again for seconds
    examples::Secret(cloud.token())
        .expect_hidden_after_a_crash(desktop, {"sync", "now"}, "",
                                     {desktop.path(".local/share/jdo/auth.json")});
}

}  // namespace
}  // namespace jdo
