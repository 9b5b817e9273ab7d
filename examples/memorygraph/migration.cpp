#include "memorygraph/migration.hpp"

#include <filesystem>

namespace memorygraph {
namespace {

using tidemark::Error;
using tidemark::ErrorCode;

/// The source, under the name `source` beside the target, while this lives.
class Attached {
public:
    Attached(const std::string& path, GraphBackend& target) : target_(target) {
        if (!std::filesystem::exists(path)) {
            throw Error(ErrorCode::failed, "there is no database at " + path,
                        "Check MEMORY_SQLITE_PATH and MEMORY_TURSO_PATH.");
        }
        target_.execute_query("ATTACH DATABASE ? AS source", Row{path}, true);
    }
    ~Attached() {
        try {
            target_.execute_query("DETACH DATABASE source", {}, true);
        } catch (const Error&) {  // closing the connection detaches it too
        }
    }
    Attached(const Attached&) = delete;
    Attached& operator=(const Attached&) = delete;

    bool has(const std::string& table) const {
        const Records found = target_.execute_query(
            "SELECT 1 FROM source.sqlite_master WHERE type = 'table' AND name = ?", Row{table});
        return !found.empty();
    }

private:
    GraphBackend& target_;
};

}  // namespace

Migration migrate(const std::string& source, GraphBackend& target) {
    const Attached attached(source, target);
    if (!attached.has("nodes") || !attached.has("relationships")) {
        throw Error(ErrorCode::failed, source + " holds no memories",
                    "It has no tables nodes and relationships.");
    }
    const auto count = [&](const char* query) {
        return target.execute_query(query).at(0).integer("n");
    };
    const auto copy = [&](const char* statement) {
        return static_cast<std::int64_t>(target.execute_query(statement, {}, true).size());
    };
    Migration migration;
    target.transaction([&] {
        migration.nodes = copy(R"(
            INSERT INTO main.nodes(id, label, properties, created_at, updated_at)
            SELECT id, label, properties, created_at, updated_at FROM source.nodes
            WHERE id IS NOT NULL
            ON CONFLICT(id) DO UPDATE SET label = excluded.label,
                properties = excluded.properties, updated_at = excluded.updated_at
            WHERE excluded.updated_at > nodes.updated_at
            RETURNING 1)");
        migration.already_there = count("SELECT count(*) AS n FROM source.nodes") - migration.nodes;
        migration.relationships = copy(R"(
            INSERT INTO main.relationships(id, from_id, to_id, rel_type, properties, created_at)
            SELECT id, from_id, to_id, rel_type, properties, created_at FROM source.relationships
            WHERE from_id IN (SELECT id FROM main.nodes) AND to_id IN (SELECT id FROM main.nodes)
                AND id NOT IN (SELECT id FROM main.relationships)
            RETURNING 1)");
        migration.orphans = count(R"(
            SELECT count(*) AS n FROM source.relationships
            WHERE from_id NOT IN (SELECT id FROM main.nodes)
                OR to_id NOT IN (SELECT id FROM main.nodes))");
        if (!attached.has("embeddings")) return;
        migration.embeddings = copy(R"(
            INSERT INTO main.embeddings(node_id, vector)
            SELECT node_id, vector FROM source.embeddings
            WHERE node_id IN (SELECT id FROM main.nodes)
                AND node_id NOT IN (SELECT node_id FROM main.embeddings)
            RETURNING 1)");
    });
    return migration;
}

}  // namespace memorygraph
