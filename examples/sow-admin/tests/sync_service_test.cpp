#include "sow-admin/sync_service.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <regex>

#include "support/temp_folder.hpp"
#include "testing/device.hpp"

namespace sow_admin {
namespace {

namespace fs = std::filesystem;

using tidemark::ErrorCode;

const std::string url = "libsql://my-db-org.turso.io";

/// A real database, and a real primary where one is needed: a file in a folder of its own.
class SowSync : public testing::Test {
protected:
    SowSync() {
        fs::create_directories(folder / "cloud");
        client.initialize_schema();
    }
    DatabaseClient configured(const std::string& turso_url, const std::string& token = {}) {
        return DatabaseClient(client.db_path(), turso_url, token);
    }
    void add_song(DatabaseClient& to, const std::string& id) {
        Song song;
        song.id = id;
        song.title = "Song " + id;
        to.add_song(song);
    }

    tidemark::TempFolder folder;
    std::string primary = folder / "cloud/primary.db";
    DatabaseClient client{folder / "songs.db"};
};

// ---- get_sync_status
// -----------------------------------------------------------------------------

TEST_F(SowSync, StatusIsSafeWithoutAConfiguration) {
    const SyncStatus status = SyncService(client).get_sync_status();
    EXPECT_FALSE(status.is_configured);
    EXPECT_EQ(status.turso_url, "");
    EXPECT_FALSE(status.has_auth_token);
    EXPECT_EQ(status.last_sync_at, std::nullopt);
    EXPECT_EQ(status.sync_version, "1");
    EXPECT_EQ(status.local_device_id, std::nullopt);
}

TEST_F(SowSync, StatusShowsAConfigurationMasked) {
    DatabaseClient with = configured(url, examples::some_token());
    const SyncStatus status = SyncService(with).get_sync_status();
    EXPECT_TRUE(status.is_configured);
    EXPECT_EQ(status.turso_url, "libsql://my-*****.turso.io");
    EXPECT_TRUE(status.has_auth_token);
}

TEST_F(SowSync, StatusShowsTheLastSync) {
    client.update_sync_metadata("last_sync_at", "2026-01-04 12:00:00");
    EXPECT_EQ(SyncService(client).get_sync_status().last_sync_at, "2026-01-04 12:00:00");
}

TEST_F(SowSync, StatusCountsWhatIsHere) {
    add_song(client, "a");
    add_song(client, "b");
    const SyncStatus status = SyncService(client).get_sync_status();
    EXPECT_EQ(status.local_songs, 2);
    EXPECT_EQ(status.local_recordings, 0);
}

// ---- validate_config
// -----------------------------------------------------------------------------

TEST_F(SowSync, AConfigurationWithUrlAndTokenIsValid) {
    DatabaseClient with = configured(url, examples::some_token());
    EXPECT_NO_THROW(SyncService(with).validate_config());
}

TEST_F(SowSync, D1WithoutAUrlItSaysWhereToSetIt) {
    try {
        SyncService(client).validate_config();
        ADD_FAILURE();
    } catch (const SyncConfigError& error) {
        EXPECT_EQ(error.message(),
                  "Turso sync not configured. Set [turso] database_url in config.toml");
    }
}

TEST_F(SowSync, D2WithoutATokenItNamesTheVariable) {
    DatabaseClient with = configured(url);
    try {
        SyncService(with).validate_config();
        ADD_FAILURE();
    } catch (const SyncConfigError& error) {
        EXPECT_EQ(error.message(), "SOW_TURSO_AUTH_TOKEN environment variable not set");
    }
}

// ---- execute_sync
// --------------------------------------------------------------------------------

TEST_F(SowSync, ASyncFillsAnEmptyPrimary) {
    add_song(client, "a");
    DatabaseClient with = configured(primary);
    const SyncResult result = SyncService(with).execute_sync();
    EXPECT_TRUE(result.success);
    EXPECT_FALSE(result.sync_timestamp.empty());
    EXPECT_EQ(result.error_message, std::nullopt);
    examples::Database there(primary);
    EXPECT_EQ(there.query("SELECT title FROM songs").at(0).text("title"), "Song a");
}

TEST_F(SowSync, B15ASyncNotesWhenItWas) {
    DatabaseClient with = configured(primary);
    SyncService service(with);
    const SyncResult result = service.execute_sync();
    EXPECT_EQ(service.get_sync_status().last_sync_at, result.sync_timestamp);
}

TEST_F(SowSync, B15ASyncGivesTheDeviceAName) {
    DatabaseClient with = configured(primary);
    SyncService service(with);
    service.execute_sync();
    EXPECT_NE(service.get_sync_status().local_device_id, std::nullopt);
}

TEST_F(SowSync, B15ASyncKeepsTheDevicesName) {
    client.update_sync_metadata("local_device_id", "this one");
    DatabaseClient with = configured(primary);
    SyncService service(with);
    service.execute_sync();
    service.execute_sync();
    EXPECT_EQ(service.get_sync_status().local_device_id, "this one");
}

TEST_F(SowSync, D4APrimaryOutOfReachIsANetworkError) {
    DatabaseClient with = configured(folder / "nowhere/primary.db");
    try {
        SyncService(with).execute_sync();
        ADD_FAILURE();
    } catch (const SyncNetworkError& error) {
        EXPECT_EQ(error.message(), "Cannot connect to Turso. Check network and URL.");
        EXPECT_FALSE(error.hint().empty());
    }
    EXPECT_EQ(client.sync_metadata("last_sync_at"), "");
}

TEST_F(SowSync, D7AClientWithoutAConfigurationDoesNotSync) {
    try {
        client.sync();
        ADD_FAILURE();
    } catch (const SyncError& error) {
        EXPECT_EQ(error.message(), "Turso sync is not configured");
    }
    EXPECT_THROW(SyncService(client).execute_sync(), SyncConfigError);
}

TEST_F(SowSync, D6AnyOtherFailureSaysWhatItWas) {
    DatabaseClient with = configured(client.db_path());
    try {
        SyncService(with).execute_sync();
        ADD_FAILURE();
    } catch (const SyncNetworkError&) {
        ADD_FAILURE() << "the network is not to blame";
    } catch (const SyncError& error) {
        EXPECT_TRUE(error.message().starts_with("Sync failed: ")) << error.message();
    }
}

TEST_F(SowSync, B16ASyncReportsCountsBeforeAndAfter) {
    add_song(client, "a");
    DatabaseClient first = configured(primary);
    SyncService(first).execute_sync();

    DatabaseClient other(folder / "other.db", primary);
    other.initialize_schema();
    const SyncResult result = SyncService(other).execute_sync();
    EXPECT_EQ(result.songs_before, 0);
    EXPECT_EQ(result.songs_after, 1);
    EXPECT_EQ(result.recordings_before, 0);
    EXPECT_EQ(result.recordings_after, 0);
}

TEST_F(SowSync, TwoFullCataloguesAreMergedOnlyWhenToldTo) {
    add_song(client, "a");
    DatabaseClient first = configured(primary);
    SyncService(first).execute_sync();
    DatabaseClient other(folder / "other.db", primary);
    other.initialize_schema();
    add_song(other, "b");
    try {
        SyncService(other).execute_sync();
        ADD_FAILURE();
    } catch (const SyncError& error) {
        EXPECT_EQ(error.code(), ErrorCode::choice_needed);
        EXPECT_NE(error.hint().find("--merge"), std::string::npos);
    }
    EXPECT_EQ(SyncService(other).execute_sync(true).songs_after, 2);
    EXPECT_EQ(SyncService(first).execute_sync().songs_after, 2);
}

TEST_F(SowSync, EachDeviceKeepsItsOwnMetadata) {
    DatabaseClient first = configured(primary);
    SyncService(first).execute_sync();
    DatabaseClient other(folder / "other.db", primary);
    other.initialize_schema();
    SyncService(other).execute_sync();
    other.update_sync_metadata("sync_version", "2");
    SyncService(other).execute_sync();
    SyncService(first).execute_sync();
    EXPECT_NE(first.sync_metadata("local_device_id"), other.sync_metadata("local_device_id"));
    EXPECT_EQ(first.sync_metadata("sync_version"), "1");
    examples::Database there(primary);
    EXPECT_TRUE(there.query("SELECT * FROM sync_metadata").empty());
}

// ---- ensure_device_id, mask_url
// ------------------------------------------------------------------

TEST_F(SowSync, AMissingDeviceIdIsMadeAndKept) {
    const std::string id = SyncService(client).ensure_device_id();
    EXPECT_EQ(client.sync_metadata("local_device_id"), id);
    EXPECT_EQ(SyncService(client).ensure_device_id(), id);
}

TEST_F(SowSync, AnExistingDeviceIdIsReturned) {
    client.update_sync_metadata("local_device_id", "old");
    EXPECT_EQ(SyncService(client).ensure_device_id(), "old");
}

TEST_F(SowSync, ADeviceIdIsARandomUuid) {
    const std::regex uuid4("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
    EXPECT_TRUE(std::regex_match(SyncService(client).ensure_device_id(), uuid4));
}

TEST_F(SowSync, E8AUrlIsMaskedInTheMiddle) {
    EXPECT_EQ(SyncService::mask_url(url), "libsql://my-*****.turso.io");
}

TEST_F(SowSync, E8MaskingTakesAnything) {
    EXPECT_EQ(SyncService::mask_url(""), "");
    EXPECT_EQ(SyncService::mask_url("/srv/primary.db"), "/srv/primary.db");
    const std::string token = "libsql://my-db.turso.io?authToken=" + examples::some_token();
    EXPECT_EQ(SyncService::mask_url(token).find(examples::some_token()), std::string::npos);
}

}  // namespace
}  // namespace sow_admin
