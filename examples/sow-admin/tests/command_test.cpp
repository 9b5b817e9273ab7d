// sow-admin through its command alone.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "common/database.hpp"
#include "testing/device.hpp"
#include "testing/server.hpp"

namespace sow_admin {
namespace {

namespace fs = std::filesystem;

using examples::Database;
using examples::Device;

void expect_in(const std::string& text, const std::string& part) {
    EXPECT_NE(text.find(part), std::string::npos) << "'" << part << "' is not in:\n" << text;
}

class SowCommand : public testing::Test {
protected:
    SowCommand() { fs::create_directories(folder / "cloud"); }
    void prepare(const Device& device) {
        device.ok({"db", "init"});
        device.ok({"config", "set", "turso_database_url", primary});
    }
    static std::string database(const Device& device) {
        return device.path(".config/sow-admin/sow.db");
    }

    tidemark::TempFolder folder;
    std::string primary = folder / "cloud/primary.db";
    Device office{folder / "office"};
    Device home{folder / "home"};
};

// ---- db sync
// -------------------------------------------------------------------------------------

TEST_F(SowCommand, D1SyncWithoutAUrlSaysWhatToSet) {
    office.ok({"db", "init"});
    expect_in(office.fails(1, {"db", "sync"}),
              "Turso sync not configured. Set [turso] database_url in config.toml");
}

TEST_F(SowCommand, D2SyncWithoutATokenNamesTheVariable) {
    office.ok({"db", "init"});
    office.ok({"config", "set", "turso_database_url", "libsql://my-db-org.turso.io"});
    expect_in(office.fails(1, {"db", "sync"}), "SOW_TURSO_AUTH_TOKEN environment variable not set");
}

TEST_F(SowCommand, C1ADryRunWorksWithoutAConfiguration) {
    office.ok({"db", "init"});
    const std::string out = office.ok({"db", "sync", "--dry-run"});
    expect_in(out, "Configured    No");
    expect_in(out, "Turso URL     Not configured");
    expect_in(out, "Auth Token    Not Set");
    expect_in(out, "Last Sync     Never");
}

TEST_F(SowCommand, C1ADryRunShowsEverythingAndSyncsNothing) {
    prepare(office);
    office.ok({"songs", "add", "Amazing Grace"});
    const std::string out = office.ok({"db", "sync", "--dry-run"});
    expect_in(out, "Configured    Yes");
    expect_in(out, "Songs         1");
    EXPECT_FALSE(fs::exists(primary));
}

TEST_F(SowCommand, C1ASyncShowsWhatItCameTo) {
    prepare(office);
    office.ok({"songs", "add", "Amazing Grace"});
    const std::string out = office.ok({"db", "sync"});
    expect_in(out, "Synced at ");
    expect_in(out, "Songs       1       1");
}

TEST_F(SowCommand, D4ANetworkErrorIsSaidWithWhatToDo) {
    prepare(office);
    office.ok({"db", "sync"});
    fs::rename(folder / "cloud", folder / "away");
    const std::string err = office.fails(1, {"db", "sync"});
    expect_in(err, "Cannot connect to Turso. Check network and URL.");
    expect_in(err, "run 'sow-admin db sync' again");
}

TEST_F(SowCommand, D5AWrongTokenIsAnAuthenticationError) {
    const examples::Server server(folder / "server");
    office.ok({"db", "init"});
    office.ok({"config", "set", "turso_database_url", server.url()});
    office.environment["SOW_TURSO_AUTH_TOKEN"] = examples::some_token();
    expect_in(office.fails(1, {"db", "sync"}),
              "Authentication failed. Check SOW_TURSO_AUTH_TOKEN.");
    office.environment["SOW_TURSO_AUTH_TOKEN"] = server.token();
    office.ok({"songs", "add", "Amazing Grace"});
    office.ok({"db", "sync"});
    home.ok({"db", "init"});
    home.ok({"config", "set", "turso_database_url", server.url()});
    home.environment["SOW_TURSO_AUTH_TOKEN"] = server.token();
    expect_in(home.ok({"db", "sync"}), "Songs       0       1");
    expect_in(home.ok({"songs", "list"}), "Amazing Grace");
    const std::string secret = server.token().substr(server.token().rfind('.') + 1);
    EXPECT_TRUE(examples::files_with(folder.path().string(), secret).empty());
}

TEST_F(SowCommand, C2StatusShowsTheSyncThatWas) {
    prepare(office);
    office.ok({"db", "sync"});
    const std::string out = office.ok({"db", "status"});
    EXPECT_EQ(out.find("Never"), std::string::npos) << out;
}

TEST_F(SowCommand, SyncWithoutADatabaseFailsCleanly) {
    office.ok({"config", "set", "turso_database_url", primary});
    expect_in(office.fails(1, {"db", "sync"}), "Database not found");
}

TEST_F(SowCommand, SyncWithoutAConfigFileFailsCleanly) {
    expect_in(office.fails(1, {"db", "sync"}), "Config file not found");
    expect_in(office.fails(1, {"db", "sync", "--config", folder / "none.toml"}), "none.toml");
}

TEST_F(SowCommand, D3NothingHasToBeInstalledForSync) {
    prepare(office);
    EXPECT_EQ(office.run({"db", "sync"}).err, "");
}

// ---- db status
// -----------------------------------------------------------------------------------

TEST_F(SowCommand, C2StatusSaysWhereNothingIsConfigured) {
    office.ok({"db", "init"});
    expect_in(office.ok({"db", "status"}), "Turso URL   Not configured");
}

TEST_F(SowCommand, C2StatusMasksTheUrl) {
    office.ok({"db", "init"});
    office.ok({"config", "set", "turso_database_url", "libsql://my-db-org.turso.io"});
    const std::string out = office.ok({"db", "status"});
    expect_in(out, "Turso URL   libsql://my-*****.turso.io");
    EXPECT_EQ(out.find("db-org"), std::string::npos);
}

TEST_F(SowCommand, C2StatusSaysWhetherATokenIsSet) {
    office.ok({"db", "init"});
    expect_in(office.ok({"db", "status"}), "Auth Token  Not Set");
    office.environment["SOW_TURSO_AUTH_TOKEN"] = examples::some_token();
    const std::string out = office.ok({"db", "status"});
    expect_in(out, "Auth Token  Set");
    EXPECT_EQ(out.find(examples::some_token()), std::string::npos);
}

TEST_F(SowCommand, C2StatusShowsWhenTheLastSyncWas) {
    office.ok({"db", "init"});
    Database(database(office))
        .execute(
            "UPDATE sync_metadata SET value = '2026-01-04 12:00:00' "
            "WHERE key = 'last_sync_at'");
    expect_in(office.ok({"db", "status"}), "Last Sync   2026-01-04 12:00:00");
}

TEST_F(SowCommand, C2StatusShowsTheDevice) {
    prepare(office);
    expect_in(office.ok({"db", "status"}), "Device ID   Not generated");
    office.ok({"db", "sync"});
    const std::string id = Database(database(office))
                               .query(
                                   "SELECT value FROM sync_metadata WHERE key = "
                                   "'local_device_id'")
                               .at(0)
                               .text("value");
    expect_in(office.ok({"db", "status"}), "Device ID   " + id);
}

// ---- init, reset, config, the rest
// ---------------------------------------------------------------

TEST_F(SowCommand, C4InitMakesTheDatabaseAndCanBeRepeated) {
    office.ok({"db", "init"});
    office.ok({"songs", "add", "Amazing Grace", "--id", "grace"});
    office.ok({"db", "init"});
    expect_in(office.ok({"songs", "list"}), "grace");
}

TEST_F(SowCommand, C4ResetAsksAndEmptiesThisMachineAlone) {
    prepare(office);
    office.ok({"songs", "add", "Amazing Grace", "--id", "grace"});
    office.ok({"db", "sync"});
    office.ok({"db", "reset"}, "n\n");
    expect_in(office.ok({"songs", "list"}), "grace");
    office.ok({"db", "reset", "--confirm"});
    EXPECT_EQ(office.ok({"songs", "list"}), "");
    office.ok({"db", "sync"});
    expect_in(office.ok({"songs", "list"}), "grace");
}

TEST_F(SowCommand, C3ASettingGoesToTheFileThatIsNamed) {
    const std::string file = folder / "other.toml";
    office.ok({"config", "set", "turso_database_url", "libsql://my-db-org.turso.io", "-c", file});
    expect_in(office.ok({"config", "show", "--config", file}), "libsql://my-*****.turso.io");
    EXPECT_FALSE(fs::exists(office.path(".config/sow-admin/config.toml")));
    expect_in(office.fails(1, {"config", "set", "colour", "red"}), "turso_database_url");
    std::ofstream(file) << "[turso\n";
    expect_in(office.fails(1, {"config", "show", "-c", file}), "line 1");
}

TEST_F(SowCommand, J6TheSmokeCommandsOfTheDocument) {
    const std::string file = folder / "test.toml";
    office.ok({"db", "init", "--config", file});
    office.ok({"db", "status", "--config", file});
    expect_in(office.fails(1, {"db", "sync", "--config", file}), "not configured");
    office.ok({"db", "sync", "--dry-run", "--config", file});
}

TEST_F(SowCommand, HelpAndWrongUse) {
    expect_in(office.ok({"--help"}), "SOW_TURSO_AUTH_TOKEN");
    expect_in(office.ok({"db", "sync", "--help"}), "--dry-run");
    office.fails(2, {});
    office.fails(2, {"db", "frobnicate"});
    office.fails(2, {"songs", "add"});
}

TEST_F(SowCommand, TheWholeLifeOnTwoMachines) {
    prepare(office);
    std::ofstream(folder / "grace.mp3") << "la la";
    office.ok({"songs", "add", "Amazing Grace", "--id", "grace"});
    office.ok({"recordings", "add", folder / "grace.mp3", "--song", "grace"});
    office.ok({"db", "sync"});

    prepare(home);
    expect_in(home.ok({"db", "sync"}), "Recordings  0       1");
    expect_in(home.ok({"recordings", "list"}), "grace.mp3");

    fs::rename(folder / "cloud", folder / "away");
    office.ok({"songs", "edit", "grace", "composer", "Newton"});
    office.ok({"songs", "edit", "grace", "title", "Amazing grace"});
    office.ok({"songs", "add", "Be Thou My Vision", "--id", "vision"});
    home.ok({"songs", "edit", "grace", "musical_key", "G"});
    home.ok({"songs", "edit", "grace", "title", "AMAZING GRACE"});
    std::ofstream(folder / "second.mp3") << "la la la";
    home.ok({"recordings", "add", folder / "second.mp3", "--song", "grace"});
    office.fails(1, {"db", "sync"});
    fs::rename(folder / "away", folder / "cloud");

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

    home.ok({"config", "set", "turso_database_url", ""});
    home.ok({"songs", "add", "Only at home"});
    expect_in(home.fails(1, {"db", "sync"}), "Turso sync not configured");
    expect_in(home.ok({"songs", "list"}), "vision");
}

}  // namespace
}  // namespace sow_admin
