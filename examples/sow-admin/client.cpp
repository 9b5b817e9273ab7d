#include "sow-admin/client.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "common/text.hpp"
#include "sow-admin/schema.hpp"

namespace sow_admin {
namespace {

using examples::Database;
using examples::Record;
using examples::Value;
using tidemark::Error;
using tidemark::ErrorCode;
using tidemark::FirstMerge;
using tidemark::Replica;

Value text_or_null(const std::string& text) { return text.empty() ? Value() : Value(text); }

std::optional<std::string> optional_text(const std::string& text) {
    return text.empty() ? std::nullopt : std::optional(text);
}

Song song_of(const Record& row) {
    return {row.text("id"),         row.text("title"),      row.text("composer"),
            row.text("lyricist"),   row.text("album_name"), row.text("musical_key"),
            row.text("source_url"), row.text("created_at"), row.text("updated_at")};
}

Recording recording_of(const Record& row) {
    return {row.text("content_hash"),      row.text("hash_prefix"),        row.text("song_id"),
            row.text("original_filename"), row.integer("file_size_bytes"), row.text("imported_at"),
            row.text("analysis_status"),   row.text("created_at"),         row.text("updated_at")};
}

template <std::size_t n>
void require_field(const std::array<const char*, n>& fields, const std::string& field) {
    if (std::find(fields.begin(), fields.end(), field) != fields.end()) return;
    std::string known;
    for (const char* name : fields) known += (known.empty() ? "" : ", ") + std::string(name);
    throw Error(ErrorCode::usage, "there is no field " + field, "There are " + known + ".");
}

constexpr std::array song_fields{"title",      "composer",    "lyricist",
                                 "album_name", "musical_key", "source_url"};
constexpr std::array recording_fields{"song_id", "original_filename", "analysis_status"};

}  // namespace

DatabaseClient::DatabaseClient(std::string db_path, std::string turso_url, std::string turso_token)
    : db_path_(std::move(db_path)),
      turso_url_(std::move(turso_url)),
      turso_token_(std::move(turso_token)) {}

bool DatabaseClient::needs_token(const std::string& url) {
    return url.find("://") != std::string::npos && !url.starts_with("file:");
}

bool DatabaseClient::is_turso_enabled() const {
    return !turso_url_.empty() && (has_auth_token() || !needs_token(turso_url_));
}

Database& DatabaseClient::connection() {
    if (!connection_) connection_ = std::make_unique<Database>(db_path_);
    return *connection_;
}

void DatabaseClient::initialize_schema() { connection().execute(schema); }

DatabaseStats DatabaseClient::get_stats() {
    DatabaseStats stats;
    for (const char* table : {"songs", "recordings", "sync_metadata"}) {
        stats.table_counts[table] = connection()
                                        .query(fmt::format("SELECT count(*) AS n FROM {}", table))
                                        .at(0)
                                        .integer("n");
    }
    stats.integrity_ok =
        connection().query("PRAGMA integrity_check").at(0).text("integrity_check") == "ok";
    stats.foreign_keys_enabled =
        connection().query("PRAGMA foreign_keys").at(0).integer("foreign_keys") == 1;
    stats.last_sync_at = optional_text(sync_metadata("last_sync_at"));
    stats.sync_version = optional_text(sync_metadata("sync_version"));
    stats.local_device_id = optional_text(sync_metadata("local_device_id"));
    stats.turso_configured = is_turso_enabled();
    return stats;
}

std::string DatabaseClient::sync_metadata(const std::string& key) {
    const auto found = connection().query("SELECT value FROM sync_metadata WHERE key = ?", {key});
    return found.empty() ? "" : found[0].text("value");
}

void DatabaseClient::update_sync_metadata(const std::string& key, const std::string& value) {
    connection().query(
        "UPDATE sync_metadata SET value = ?, updated_at = datetime('now') WHERE key = ?",
        {value, key});
}

tidemark::SyncReport DatabaseClient::sync(bool merge) {
    if (!is_turso_enabled()) {
        throw SyncError(ErrorCode::usage, "Turso sync is not configured",
                        "Run 'sow-admin config set turso_database_url URL'.");
    }
    tidemark::AttachOptions options;
    options.token = [this](const std::string&) { return turso_token_; };
    options.exclude = {"sync_metadata"};  // each device has its own
    options.first_merge = merge ? FirstMerge::merge : FirstMerge::refuse;
    // Of a file that is attached already this is an ordinary sync; an interrupted first one goes
    // on.
    return Replica::attach(db_path_, turso_url_, options).sync;
}

// ---- Songs
// ---------------------------------------------------------------------------------------

Song DatabaseClient::add_song(Song song) {
    if (song.title.empty())
        throw Error(ErrorCode::usage, "the title is empty", "Give the song one.");
    if (song.id.empty()) song.id = examples::new_uuid();
    if (!connection().query("SELECT 1 FROM songs WHERE id = ?", {song.id}).empty()) {
        throw Error(ErrorCode::failed, "there is a song " + song.id + " already",
                    "Give another --id, or edit that one.");
    }
    connection().query(
        "INSERT INTO songs(id, title, composer, lyricist, album_name, musical_key, source_url) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        {song.id, song.title, text_or_null(song.composer), text_or_null(song.lyricist),
         text_or_null(song.album_name), text_or_null(song.musical_key),
         text_or_null(song.source_url)});
    return get_song(song.id);
}

std::vector<Song> DatabaseClient::list_songs() {
    std::vector<Song> songs;
    for (const Record& row : connection().query("SELECT * FROM songs ORDER BY title, id")) {
        songs.push_back(song_of(row));
    }
    return songs;
}

Song DatabaseClient::get_song(const std::string& id) {
    const auto found = connection().query("SELECT * FROM songs WHERE id = ?", {id});
    if (!found.empty()) return song_of(found[0]);
    throw Error(ErrorCode::failed, "there is no song " + id,
                "'sow-admin songs list' shows what there is.");
}

void DatabaseClient::edit_song(const std::string& id, const std::string& field,
                               const std::string& value) {
    require_field(song_fields, field);
    get_song(id);
    connection().query(fmt::format("UPDATE songs SET {} = ? WHERE id = ?", field),
                       {text_or_null(value), id});
}

void DatabaseClient::delete_song(const std::string& id) {
    get_song(id);
    const std::int64_t recordings =
        connection()
            .query("SELECT count(*) AS n FROM recordings WHERE song_id = ?", {id})
            .at(0)
            .integer("n");
    if (recordings > 0) {
        throw Error(ErrorCode::failed, fmt::format("{} recordings belong to this song", recordings),
                    "Delete them first, or give them another song_id.");
    }
    connection().query("DELETE FROM songs WHERE id = ?", {id});
}

// ---- Recordings
// ----------------------------------------------------------------------------------

Recording DatabaseClient::add_recording(Recording recording) {
    if (!recording.song_id.empty()) get_song(recording.song_id);
    const auto same = connection().query("SELECT 1 FROM recordings WHERE content_hash = ?",
                                         {recording.content_hash});
    if (!same.empty()) {
        throw Error(ErrorCode::failed, "this recording is there already: " + recording.hash_prefix,
                    "Edit that one.");
    }
    connection().query(
        "INSERT INTO recordings(content_hash, hash_prefix, song_id, original_filename, "
        "file_size_bytes, imported_at) VALUES (?, ?, ?, ?, ?, ?)",
        {recording.content_hash, recording.hash_prefix, text_or_null(recording.song_id),
         recording.original_filename, recording.file_size_bytes, examples::now_utc()});
    return get_recording(recording.hash_prefix);
}

std::vector<Recording> DatabaseClient::list_recordings() {
    std::vector<Recording> recordings;
    const auto rows =
        connection().query("SELECT * FROM recordings ORDER BY original_filename, content_hash");
    for (const Record& row : rows) recordings.push_back(recording_of(row));
    return recordings;
}

Recording DatabaseClient::get_recording(const std::string& hash_prefix) {
    const auto found =
        connection().query("SELECT * FROM recordings WHERE hash_prefix = ?", {hash_prefix});
    if (!found.empty()) return recording_of(found[0]);
    throw Error(ErrorCode::failed, "there is no recording " + hash_prefix,
                "'sow-admin recordings list' shows what there is.");
}

void DatabaseClient::edit_recording(const std::string& hash_prefix, const std::string& field,
                                    const std::string& value) {
    require_field(recording_fields, field);
    get_recording(hash_prefix);
    if (field == "song_id" && !value.empty()) get_song(value);
    connection().query(fmt::format("UPDATE recordings SET {} = ? WHERE hash_prefix = ?", field),
                       {text_or_null(value), hash_prefix});
}

void DatabaseClient::delete_recording(const std::string& hash_prefix) {
    get_recording(hash_prefix);
    connection().query("DELETE FROM recordings WHERE hash_prefix = ?", {hash_prefix});
}

}  // namespace sow_admin
