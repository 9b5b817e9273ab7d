// sow-admin through its command alone.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "common/database.hpp"
#include "testing/device.hpp"
#include "testing/secret.hpp"
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
    examples::Secret(examples::some_token()).expect_hidden(office);
}

TEST_F(SowCommand, D6AnyOtherFailureIsSaidWithItsReason) {
    prepare(office);
    std::ofstream(primary) << "This is no database, and it is longer than the header of one would "
                              "be, so that it cannot be taken for an empty file.";
    expect_in(office.fails(1, {"db", "sync"}), "Sync failed: ");
}

TEST_F(SowCommand, B11TwoFullCataloguesAreMergedOnlyWhereThatIsSaid) {
    for (Device* device : {&office, &home}) {
        prepare(*device);
        device->ok({"songs", "add", device == &office ? "Amazing Grace" : "Be Thou My Vision"});
    }
    office.ok({"db", "sync"});
    expect_in(home.fails(1, {"db", "sync"}), "--merge");
    expect_in(home.ok({"db", "sync", "--merge"}), "Songs       1       2");
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
    std::ofstream(file) << "# mine\n[turso]\nregion = 'fra'\ndatabase_url = ''  # none yet\n";
    office.ok({"config", "set", "turso_database_url", "libsql://my-db-org.turso.io", "-c", file});
    std::stringstream text;
    text << std::ifstream(file).rdbuf();
    expect_in(text.str(),
              "# mine\n[turso]\nregion = 'fra'\ndatabase_url = 'libsql://my-db-org.turso.io'\n");
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

}  // namespace
}  // namespace sow_admin
