#include "sow-admin/schema.hpp"

namespace sow_admin {

const char* const schema = R"(
    CREATE TABLE IF NOT EXISTS songs(
        id TEXT PRIMARY KEY NOT NULL,
        title TEXT NOT NULL,
        composer TEXT,
        lyricist TEXT,
        album_name TEXT,
        musical_key TEXT,
        source_url TEXT,
        created_at TEXT DEFAULT (datetime('now')),
        updated_at TEXT DEFAULT (datetime('now'))
    );
    CREATE TABLE IF NOT EXISTS recordings(
        content_hash TEXT PRIMARY KEY NOT NULL,
        hash_prefix TEXT NOT NULL UNIQUE,
        song_id TEXT REFERENCES songs(id),
        original_filename TEXT NOT NULL,
        file_size_bytes INTEGER NOT NULL,
        imported_at TEXT NOT NULL,
        analysis_status TEXT DEFAULT 'pending',
        created_at TEXT DEFAULT (datetime('now')),
        updated_at TEXT DEFAULT (datetime('now'))
    );
    CREATE TABLE IF NOT EXISTS sync_metadata(
        key TEXT PRIMARY KEY NOT NULL,
        value TEXT NOT NULL,
        updated_at TEXT DEFAULT (datetime('now'))
    );
    CREATE INDEX IF NOT EXISTS recordings_song ON recordings(song_id);
    CREATE INDEX IF NOT EXISTS songs_album ON songs(album_name);

    CREATE TRIGGER IF NOT EXISTS songs_updated_at AFTER UPDATE ON songs
    WHEN NEW.updated_at IS OLD.updated_at BEGIN
        UPDATE songs SET updated_at = datetime('now') WHERE id = NEW.id;
    END;
    CREATE TRIGGER IF NOT EXISTS recordings_updated_at AFTER UPDATE ON recordings
    WHEN NEW.updated_at IS OLD.updated_at BEGIN
        UPDATE recordings SET updated_at = datetime('now') WHERE content_hash = NEW.content_hash;
    END;

    INSERT OR IGNORE INTO sync_metadata(key, value)
    VALUES ('last_sync_at', ''), ('sync_version', '1'), ('local_device_id', '');
)";

}  // namespace sow_admin
