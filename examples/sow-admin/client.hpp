#pragma once

#include <memory>
#include <string>
#include <vector>

#include <tidemark/tidemark.hpp>

#include "common/database.hpp"
#include "sow-admin/models.hpp"

namespace sow_admin {

/// Something that a sync needs and that is not there, in the words that the user sees.
class SyncError : public tidemark::Error {
    using Error::Error;
};

/// The songs and recordings in one SQLite file. With a URL and a token it can also be synced;
/// without them it is a plain SQLite file and nothing else.
class DatabaseClient {
public:
    explicit DatabaseClient(std::string db_path, std::string turso_url = {},
                            std::string turso_token = {});

    const std::string& db_path() const { return db_path_; }
    const std::string& turso_url() const { return turso_url_; }
    bool has_auth_token() const { return !turso_token_.empty(); }
    /// Whether URL and token are known. A file as the primary asks for no token.
    bool is_turso_enabled() const;
    static bool needs_token(const std::string& url);

    void initialize_schema();
    DatabaseStats get_stats();
    /// Empty where the key is missing or has no value.
    std::string sync_metadata(const std::string& key);
    void update_sync_metadata(const std::string& key, const std::string& value);

    /// Exchanges changes in both directions. The first time, the file becomes a replica: it fills
    /// an empty primary, or is filled from one. Where both have songs, `merge` has to say that both
    /// are wanted. Throws SyncError where no sync is configured.
    tidemark::SyncReport sync(bool merge = false);

    Song add_song(Song song);
    std::vector<Song> list_songs();
    Song get_song(const std::string& id);
    void edit_song(const std::string& id, const std::string& field, const std::string& value);
    void delete_song(const std::string& id);

    Recording add_recording(Recording recording);
    std::vector<Recording> list_recordings();
    Recording get_recording(const std::string& hash_prefix);
    void edit_recording(const std::string& hash_prefix, const std::string& field,
                        const std::string& value);
    void delete_recording(const std::string& hash_prefix);

private:
    examples::Database& connection();

    std::string db_path_;
    std::string turso_url_;
    std::string turso_token_;
    std::unique_ptr<examples::Database> connection_;  ///< opened when it is needed
};

}  // namespace sow_admin
