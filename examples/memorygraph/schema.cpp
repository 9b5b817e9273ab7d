#include "memorygraph/schema.hpp"

#include <fmt/format.h>

#include <tidemark/error.hpp>

namespace memorygraph {
namespace {

constexpr const char* tables = R"(
    CREATE TABLE IF NOT EXISTS nodes (
        id TEXT PRIMARY KEY,
        label TEXT NOT NULL,
        properties TEXT NOT NULL,
        created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
        updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
    );
    CREATE TABLE IF NOT EXISTS relationships (
        id TEXT PRIMARY KEY,
        from_id TEXT NOT NULL,
        to_id TEXT NOT NULL,
        rel_type TEXT NOT NULL,
        properties TEXT NOT NULL,
        created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
        FOREIGN KEY (from_id) REFERENCES nodes(id) ON DELETE CASCADE,
        FOREIGN KEY (to_id) REFERENCES nodes(id) ON DELETE CASCADE
    );
    CREATE TABLE IF NOT EXISTS embeddings (
        node_id TEXT PRIMARY KEY REFERENCES nodes(id) ON DELETE CASCADE,
        vector BLOB NOT NULL -- 32-bit floats, little-endian
    );
    CREATE INDEX IF NOT EXISTS idx_nodes_label ON nodes(label);
    CREATE INDEX IF NOT EXISTS idx_nodes_created ON nodes(created_at);
    CREATE INDEX IF NOT EXISTS idx_rel_from ON relationships(from_id);
    CREATE INDEX IF NOT EXISTS idx_rel_to ON relationships(to_id);
    CREATE INDEX IF NOT EXISTS idx_rel_type ON relationships(rel_type);)";

/// The searchable columns of a row of nodes; `row` is a prefix such as "new.".
std::string searchable(std::string_view row) {
    // Properties that are not JSON must not make a program's write fail.
    constexpr std::string_view field =
        "json_extract(CASE WHEN json_valid({0}properties) THEN {0}properties END, '$.{1}')";
    return fmt::format("{}id, {}, {}, {}", row, fmt::format(field, row, "title"),
                       fmt::format(field, row, "content"), fmt::format(field, row, "summary"));
}

/// The full-text index refers to a view that takes title, content and summary out of the
/// properties, so it holds no second copy of them and can always be rebuilt.
std::string fulltext() {
    return fmt::format(
        R"(
    CREATE VIEW nodes_text(node, id, title, content, summary) AS
        SELECT rowid, {nodes} FROM nodes;
    CREATE VIRTUAL TABLE nodes_fts USING fts5(
        id UNINDEXED,
        title,
        content,
        summary,
        content='nodes_text',
        content_rowid='node',
        tokenize='porter unicode61 remove_diacritics 2'
    );
    CREATE TRIGGER nodes_fts_insert AFTER INSERT ON nodes BEGIN
        INSERT INTO nodes_fts(rowid, id, title, content, summary)
        SELECT new.rowid, {added};
    END;
    CREATE TRIGGER nodes_fts_delete AFTER DELETE ON nodes BEGIN
        INSERT INTO nodes_fts(nodes_fts, rowid, id, title, content, summary)
        SELECT 'delete', old.rowid, {removed};
    END;
    CREATE TRIGGER nodes_fts_update AFTER UPDATE OF id, properties ON nodes BEGIN
        INSERT INTO nodes_fts(nodes_fts, rowid, id, title, content, summary)
        SELECT 'delete', old.rowid, {removed};
        INSERT INTO nodes_fts(rowid, id, title, content, summary)
        SELECT new.rowid, {added};
    END;
    INSERT INTO nodes_fts(nodes_fts) VALUES ('rebuild');)",
        fmt::arg("nodes", searchable("")), fmt::arg("added", searchable("new.")),
        fmt::arg("removed", searchable("old.")));
}

bool has(Database& database, const tidemark::Row& type_and_name) {
    return !database.query("SELECT 1 FROM sqlite_master WHERE type = ? AND name = ?", type_and_name)
                .empty();
}

}  // namespace

void create_schema(Database& database, const Log& log) {
    database.execute(tables);
    if (has(database, {"view", "nodes_text"})) return;
    database.execute("SAVEPOINT fulltext");
    try {
        // Earlier versions of MemoryGraph made one over columns that nodes does not have.
        database.execute("DROP TABLE IF EXISTS nodes_fts");
        database.execute(fulltext());
    } catch (const tidemark::Error& error) {
        database.execute("ROLLBACK TO fulltext");
        log(Level::warning, "Could not create FTS5 table: " + error.message());
    }
    database.execute("RELEASE fulltext");
}

bool has_fulltext(Database& database) { return has(database, {"table", "nodes_fts"}); }

}  // namespace memorygraph
