// A catalogue on two machines from the first run to opting out, through its command alone, with a
// file and with a real `tidemark serve` between them.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "common/database.hpp"
#include "testing/cloud.hpp"
#include "testing/device.hpp"
#include "testing/secret.hpp"

namespace sow_admin {
namespace {

using examples::Cloud;
using examples::Database;
using examples::Device;

void expect_in(const std::string& text, const std::string& part) {
    EXPECT_NE(text.find(part), std::string::npos) << "'" << part << "' is not in:\n" << text;
}

class SowLife : public testing::TestWithParam<Cloud::Kind> {
protected:
    void configure(Device& device) const {
        device.ok({"db", "init"});
        device.ok({"config", "set", "turso_database_url", cloud.url()});
        if (!cloud.token().empty()) device.environment["SOW_TURSO_AUTH_TOKEN"] = cloud.token();
    }
    static std::string database(const Device& device) {
        return device.path(".config/sow-admin/sow.db");
    }
    std::string song(const char* name) const {
        std::ofstream(folder.path() / name) << "la la " << name;
        return folder / name;
    }

    tidemark::TempFolder folder;
    Cloud cloud{GetParam(), folder / "cloud"};
    Device office{folder / "office"};
    Device home{folder / "home"};
};

TEST_P(SowLife, TwoMachinesFromTheFirstRunToOptingOut) {
    configure(office);
    office.ok({"songs", "add", "Amazing Grace", "--id", "grace"});
    office.ok({"recordings", "add", song("grace.mp3"), "--song", "grace"});
    expect_in(office.ok({"db", "sync"}), "Recordings  1       1");

    configure(home);
    expect_in(home.ok({"db", "sync"}), "Recordings  0       1");
    expect_in(home.ok({"recordings", "list"}), "grace.mp3");

    cloud.go_away();
    office.ok({"songs", "edit", "grace", "composer", "Newton"});
    office.ok({"songs", "edit", "grace", "title", "Amazing grace"});
    office.ok({"songs", "add", "Be Thou My Vision", "--id", "vision"});
    home.ok({"songs", "edit", "grace", "musical_key", "G"});
    home.ok({"songs", "edit", "grace", "title", "AMAZING GRACE"});
    home.ok({"recordings", "add", song("second.mp3"), "--song", "grace"});
    expect_in(office.fails(1, {"db", "sync"}), "Cannot connect to Turso. Check network and URL.");
    cloud.come_back();

    office.ok({"db", "sync"});
    home.ok({"db", "sync"});
    office.ok({"db", "sync"});
    const std::string songs = office.ok({"songs", "list"});
    EXPECT_EQ(songs, home.ok({"songs", "list"}));
    EXPECT_EQ(office.ok({"recordings", "list"}), home.ok({"recordings", "list"}));
    expect_in(songs, "grace   AMAZING GRACE      Newton           G");
    expect_in(songs, "vision");
    const auto lost = tidemark::run_program(
        {TIDEMARK_COMMAND, "conflicts", database(home), "--json"}, home.home());
    expect_in(lost.out, "Amazing grace");

    // Without the URL nothing is synced any more; everything stays, and can still be worked on.
    home.ok({"config", "set", "turso_database_url", ""});
    home.ok({"songs", "add", "Only at home"});
    expect_in(home.fails(1, {"db", "sync"}), "Turso sync not configured");
    expect_in(home.ok({"db", "status"}), "Turso URL   Not configured");
    expect_in(home.ok({"songs", "list"}), "vision");
    office.ok({"db", "sync"});
    EXPECT_EQ(office.ok({"songs", "list"}), songs);

    // For good: an ordinary SQLite file, which the cloud no longer knows of.
    const auto detached =
        tidemark::run_program({TIDEMARK_COMMAND, "detach", database(home), "--purge"}, home.home());
    EXPECT_EQ(detached.exit_code, 0) << detached.err;
    EXPECT_TRUE(Database(database(home))
                    .query("SELECT name FROM sqlite_schema WHERE name LIKE 'tidemark%'")
                    .empty());
    expect_in(home.ok({"songs", "list"}), "Only at home");
    EXPECT_EQ(Database(cloud.database()).query("SELECT id FROM songs").size(), 2u);

    if (cloud.token().empty()) return;
    office.ok({"db", "status"});
    office.ok({"db", "sync", "--dry-run"});
    office.ok({"config", "show"});
    const examples::Secret secret(cloud.token());
    for (const Device* device : {&office, &home}) secret.expect_hidden(*device);
    secret.expect_hidden(folder / "cloud");
}

INSTANTIATE_TEST_SUITE_P(Over, SowLife, testing::Values(Cloud::Kind::file, Cloud::Kind::server),
                         [](const auto& kind) { return Cloud::name(kind); });

TEST(SowCrash, E8InTheMiddleOfASyncLeavesNoTokenBehind) {
    const tidemark::TempFolder folder;
    Cloud cloud(Cloud::Kind::server, folder / "cloud");
    Device office(folder / "office", {{"SOW_TURSO_AUTH_TOKEN", cloud.token()}});
    office.ok({"db", "init"});
    office.ok({"config", "set", "turso_database_url", cloud.url()});
    cloud.go_away();  // the sync tries again for seconds
    examples::Secret(cloud.token()).expect_hidden_after_a_crash(office, {"db", "sync"});
}

}  // namespace
}  // namespace sow_admin
