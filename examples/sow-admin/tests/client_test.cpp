#include "sow-admin/client.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "support/temp_folder.hpp"
#include "testing/device.hpp"

namespace sow_admin {
namespace {

using tidemark::Error;
using tidemark::ErrorCode;

const std::string url = "libsql://my-db-org.turso.io";

class SowClient : public testing::Test {
protected:
    SowClient() { client.initialize_schema(); }

    static Song song(const std::string& id, const std::string& title) {
        Song out;
        out.id = id;
        out.title = title;
        return out;
    }
    static Recording recording(const std::string& hash, const std::string& song_id) {
        Recording out;
        out.content_hash = hash;
        out.hash_prefix = hash.substr(0, 12);
        out.song_id = song_id;
        out.original_filename = "a.mp3";
        out.file_size_bytes = 3;
        return out;
    }

    tidemark::TempFolder folder;
    DatabaseClient client{folder / "songs.db"};
};

TEST_F(SowClient, A1IsAPlainSqliteFileByDefault) {
    EXPECT_FALSE(client.is_turso_enabled());
    examples::Database file(client.db_path());
    EXPECT_TRUE(file.query("SELECT * FROM sqlite_schema WHERE name LIKE 'tidemark%'").empty());
}

TEST_F(SowClient, A2UrlAndTokenTogetherEnableSync) {
    EXPECT_TRUE(DatabaseClient(client.db_path(), url, "t").is_turso_enabled());
    EXPECT_FALSE(DatabaseClient(client.db_path(), url).is_turso_enabled());
    EXPECT_FALSE(DatabaseClient(client.db_path(), "", "t").is_turso_enabled());
    EXPECT_TRUE(DatabaseClient(client.db_path(), "/srv/primary.db").is_turso_enabled());
}

TEST_F(SowClient, KeepsWhatItWasConstructedWith) {
    const DatabaseClient with(client.db_path(), url, "t");
    EXPECT_EQ(with.turso_url(), url);
    EXPECT_TRUE(with.has_auth_token());
    EXPECT_EQ(with.db_path(), client.db_path());
}

TEST_F(SowClient, A4MakesTheFolderOfItsFile) {
    DatabaseClient deep(folder / "a/b/songs.db");
    deep.initialize_schema();
    EXPECT_TRUE(std::filesystem::exists(folder / "a/b/songs.db"));
}

TEST_F(SowClient, B1SyncReachesThePrimary) {
    client.add_song(song("a", "Song"));
    DatabaseClient with(client.db_path(), folder / "primary.db");
    with.sync();
    EXPECT_EQ(examples::Database(folder / "primary.db").query("SELECT * FROM songs").size(), 1u);
}

TEST_F(SowClient, G3StatsHaveEveryField) {
    client.add_song(song("a", "Song"));
    client.update_sync_metadata("last_sync_at", "2026-01-04 12:00:00");
    client.update_sync_metadata("local_device_id", "d");
    const DatabaseStats stats = client.get_stats();
    EXPECT_EQ(stats.table_counts.at("songs"), 1);
    EXPECT_EQ(stats.table_counts.at("recordings"), 0);
    EXPECT_EQ(stats.table_counts.at("sync_metadata"), 3);
    EXPECT_TRUE(stats.integrity_ok);
    EXPECT_TRUE(stats.foreign_keys_enabled);
    EXPECT_EQ(stats.last_sync_at, "2026-01-04 12:00:00");
    EXPECT_EQ(stats.sync_version, "1");
    EXPECT_EQ(stats.local_device_id, "d");
    EXPECT_FALSE(stats.turso_configured);
    EXPECT_TRUE(DatabaseClient(client.db_path(), url, "t").get_stats().turso_configured);
}

TEST_F(SowClient, UpdatesOneEntryOfTheMetadata) {
    client.update_sync_metadata("last_sync_at", "now");
    EXPECT_EQ(client.sync_metadata("last_sync_at"), "now");
    EXPECT_EQ(client.sync_metadata("sync_version"), "1");
    EXPECT_EQ(client.sync_metadata("unknown"), "");
}

TEST_F(SowClient, F1MakingTheSchemaTwiceChangesNothing) {
    client.add_song(song("a", "Song"));
    client.update_sync_metadata("local_device_id", "d");
    client.initialize_schema();
    EXPECT_EQ(client.list_songs().size(), 1u);
    EXPECT_EQ(client.sync_metadata("local_device_id"), "d");
}

TEST_F(SowClient, SongsAreAddedListedEditedAndDeleted) {
    EXPECT_EQ(client.add_song(song("", "Nameless")).id.size(), 36u);
    client.add_song(song("b", "B"));
    client.edit_song("b", "composer", "Bach");
    EXPECT_EQ(client.get_song("b").composer, "Bach");
    EXPECT_EQ(client.list_songs().size(), 2u);
    client.delete_song("b");
    EXPECT_EQ(client.list_songs().size(), 1u);
    EXPECT_THROW(client.add_song(song("c", "")), Error);
    EXPECT_THROW(client.edit_song("b", "title", "x"), Error);
    EXPECT_THROW(client.delete_song("b"), Error);
}

TEST_F(SowClient, AFieldThatDoesNotExistIsNamed) {
    client.add_song(song("a", "A"));
    try {
        client.edit_song("a", "id = 1; --", "x");
        ADD_FAILURE();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::usage);
        EXPECT_NE(error.hint().find("composer"), std::string::npos);
    }
}

TEST_F(SowClient, ASongWithRecordingsIsNotDeleted) {
    client.add_song(song("a", "A"));
    const Recording added = client.add_recording(recording("0123456789abcdef", "a"));
    EXPECT_THROW(client.delete_song("a"), Error);
    client.edit_recording(added.hash_prefix, "song_id", "");
    client.delete_song("a");
    client.delete_recording(added.hash_prefix);
    EXPECT_TRUE(client.list_recordings().empty());
    EXPECT_THROW(client.add_recording(recording("0123456789abcdef", "a")), Error);
}

TEST_F(SowClient, EditsAreDatedByTheTrigger) {
    client.add_song(song("a", "A"));
    examples::Database file(client.db_path());
    file.execute("UPDATE songs SET updated_at = '2000-01-01 00:00:00'");
    client.edit_song("a", "title", "Better");
    EXPECT_GT(client.get_song("a").updated_at, "2020");
}

}  // namespace
}  // namespace sow_admin
