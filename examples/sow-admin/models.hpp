#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace sow_admin {

struct Song {
    std::string id;
    std::string title;
    std::string composer;
    std::string lyricist;
    std::string album_name;
    std::string musical_key;
    std::string source_url;
    std::string created_at;
    std::string updated_at;
};

/// A file of audio, known by what it contains.
struct Recording {
    std::string content_hash;  ///< SHA-256
    std::string hash_prefix;   ///< its first 12 digits: what a person types
    std::string song_id;       ///< empty: not known yet
    std::string original_filename;
    std::int64_t file_size_bytes = 0;
    std::string imported_at;
    std::string analysis_status;
    std::string created_at;
    std::string updated_at;
};

struct DatabaseStats {
    std::map<std::string, std::int64_t> table_counts;
    bool integrity_ok = true;
    bool foreign_keys_enabled = false;
    std::optional<std::string> last_sync_at;
    std::optional<std::string> sync_version;
    std::optional<std::string> local_device_id;
    bool turso_configured = false;
};

struct SyncStatus {
    bool is_configured = false;
    std::string turso_url;  ///< masked
    bool has_auth_token = false;
    std::optional<std::string> last_sync_at;
    std::optional<std::string> sync_version;
    std::optional<std::string> local_device_id;
    std::int64_t local_songs = 0;
    std::int64_t local_recordings = 0;
};

struct SyncResult {
    bool success = false;
    std::string sync_timestamp;
    std::optional<std::string> error_message;
    std::int64_t songs_before = 0;
    std::int64_t recordings_before = 0;
    std::int64_t songs_after = 0;
    std::int64_t recordings_after = 0;
};

}  // namespace sow_admin
