#include "memorygraph/memories.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "common/text.hpp"
#include "memorygraph/match.hpp"

namespace memorygraph {
namespace {

namespace json = boost::json;
using tidemark::Error;
using tidemark::ErrorCode;

constexpr std::int64_t most_ranked = 2'000;
constexpr std::int64_t vectors_per_page = 10'000;

/// Properties that another program wrote and that are no JSON object are shown as nothing else.
json::object parsed(const std::string& properties) {
    boost::system::error_code error;
    json::value value = json::parse(properties, error);
    return !error && value.is_object() ? std::move(value.as_object())
                                       : json::object{{"properties", properties}};
}

void require_embedding(const Vector& embedding) {
    const bool finite = std::all_of(embedding.begin(), embedding.end(),
                                    [](float number) { return std::isfinite(number); });
    if (!finite) throw Error(ErrorCode::usage, "an embedding must consist of finite numbers");
}

std::string joined(const std::vector<std::string>& terms, const char* between) {
    return fmt::format("{}", fmt::join(terms, between));
}

}  // namespace

Node node_of(const Record& record) {
    return {record.text("id"), record.text("label"), parsed(record.text("properties")),
            record.text("created_at"), record.text("updated_at")};
}

Relationship relationship_of(const Record& record) {
    return {record.text("from_id"), record.text("rel_type"), record.text("to_id"),
            parsed(record.text("properties"))};
}

void Memories::require(const std::string& id) {
    if (get(id)) return;
    throw Error(ErrorCode::failed, "there is no memory " + id,
                "Search for it, or list the newest ones.");
}

std::string Memories::store(const json::object& properties, const Vector& embedding,
                            const std::string& label) {
    require_embedding(embedding);
    const std::string id = examples::new_uuid();
    write(id, &embedding, [&] {
        backend_.execute_query("INSERT INTO nodes(id, label, properties) VALUES (?, ?, ?)",
                               Row{id, label, json::serialize(properties)}, true);
    });
    return id;
}

std::optional<Node> Memories::get(const std::string& id) {
    const Records found = backend_.execute_query("SELECT * FROM nodes WHERE id = ?", Row{id});
    if (found.empty()) return std::nullopt;
    return node_of(found[0]);
}

void Memories::update(const std::string& id, const json::object& changes, const Vector& embedding) {
    require_embedding(embedding);
    write(id, &embedding, [&] {
        require(id);
        backend_.execute_query(
            R"(
            UPDATE nodes SET properties = json_patch(properties, :changes),
                updated_at = CURRENT_TIMESTAMP
            WHERE id = :id)",
            NamedValues{{"changes", json::serialize(changes)}, {"id", id}}, true);
    });
}

bool Memories::remove(const std::string& id) {
    bool was_there = false;
    write(id, nullptr, [&] {
        was_there = get(id).has_value();
        backend_.execute_query("DELETE FROM nodes WHERE id = ?", Row{id}, true);
    });
    return was_there;
}

std::vector<Node> Memories::list(const SearchOptions& options) {
    const Records found = backend_.execute_query(
        R"(
        SELECT * FROM nodes WHERE :label = '' OR label = :label
        ORDER BY created_at DESC, rowid DESC LIMIT :limit)",
        NamedValues{{"label", options.label}, {"limit", options.limit}});
    std::vector<Node> nodes;
    for (const Record& record : found) nodes.push_back(node_of(record));
    return nodes;
}

void Memories::relate(const Relationship& relationship) {
    require(relationship.from);
    require(relationship.to);
    // The key is what it connects, so that two devices that make the same connection make one.
    const std::string id =
        json::serialize(json::array{relationship.from, relationship.type, relationship.to});
    backend_.execute_query(
        R"(
        INSERT INTO relationships(id, from_id, to_id, rel_type, properties)
        VALUES (?, ?, ?, ?, ?)
        ON CONFLICT(id) DO UPDATE SET properties = excluded.properties)",
        Row{id, relationship.from, relationship.to, relationship.type,
            json::serialize(relationship.properties)},
        true);
}

bool Memories::unrelate(const std::string& from, const std::string& type, const std::string& to) {
    const Records removed = backend_.execute_query(
        "DELETE FROM relationships WHERE from_id = ? AND rel_type = ? AND to_id = ? RETURNING id",
        Row{from, type, to}, true);
    return !removed.empty();
}

std::vector<Found> Memories::search(const std::string& words, const SearchOptions& options) {
    const std::vector<std::string> terms = search_terms(words);
    if (terms.empty()) return {};
    if (!backend_.supports_fulltext_search()) return match_without_index(words, options);
    std::vector<Found> found = match(joined(terms, " "), options);
    if (found.empty() && terms.size() > 1) found = match(joined(terms, " OR "), options);
    return found;
}

std::vector<Found> Memories::match(const std::string& expression, const SearchOptions& options) {
    // A word in the title counts most. A word that is nearly everywhere tells little apart, so only
    // the last `most_ranked` rows with it are ranked.
    const Records records = backend_.execute_query(
        R"(
        SELECT nodes.*, -rank AS score, snippet(nodes_fts, -1, '[', ']', '…', 12) AS snippet
        FROM nodes_fts JOIN nodes ON nodes.rowid = nodes_fts.rowid
        WHERE nodes_fts MATCH :expression AND rank MATCH 'bm25(0.0, 5.0, 1.0, 2.0)'
            AND nodes_fts.rowid >= (
                SELECT min(rowid) FROM (
                    SELECT rowid FROM nodes_fts WHERE nodes_fts MATCH :expression
                    ORDER BY rowid DESC LIMIT :most_ranked))
            AND (:label = '' OR label = :label)
        ORDER BY rank LIMIT :limit)",
        NamedValues{{"expression", expression},
                    {"label", options.label},
                    {"limit", options.limit},
                    {"most_ranked", most_ranked}});
    std::vector<Found> found;
    for (const Record& record : records) {
        found.push_back({node_of(record), record.real("score"), record.text("snippet")});
    }
    return found;
}

/// For a SQLite without FTS5.
std::vector<Found> Memories::match_without_index(const std::string& words,
                                                 const SearchOptions& options) {
    const Records records = backend_.execute_query(
        R"(
        SELECT * FROM nodes
        WHERE instr(lower(properties), lower(:words)) > 0 AND (:label = '' OR label = :label)
        ORDER BY created_at DESC LIMIT :limit)",
        NamedValues{{"words", words}, {"label", options.label}, {"limit", options.limit}});
    std::vector<Found> found;
    for (const Record& record : records) found.push_back({node_of(record), 0, {}});
    return found;
}

std::vector<Found> Memories::nearest(const Vector& embedding, Metric metric, std::int64_t limit) {
    require_embedding(embedding);
    if (embedding.empty()) throw Error(ErrorCode::usage, "an embedding must not be empty");
    std::vector<Found> found;
    const auto count = static_cast<std::size_t>(std::max<std::int64_t>(limit, 0));
    for (const Neighbour& near : vectors(embedding.size()).nearest(embedding, count, metric)) {
        if (auto node = get(near.id)) found.push_back({std::move(*node), near.value, {}});
    }
    return found;
}

void Memories::write(const std::string& id, const Vector* embedding,
                     const std::function<void()>& work) {
    Version after;
    bool were_current = false;
    backend_.transaction([&] {
        were_current = vectors_version_ == backend_.version();
        work();
        if (embedding && !embedding->empty()) {
            backend_.execute_query(
                R"(
                INSERT INTO embeddings(node_id, vector) VALUES (?, ?)
                ON CONFLICT(node_id) DO UPDATE SET vector = excluded.vector)",
                Row{id, to_blob(*embedding)}, true);
        }
        after = backend_.version();
    });
    if (!were_current) return;
    if (!embedding || !embedding->empty()) {
        for (auto& [length, index] : vectors_) index.remove(id);
    }
    if (embedding && !embedding->empty()) {
        const std::size_t length = embedding->size();
        vectors_.try_emplace(length, length).first->second.put(id, *embedding);
    }
    vectors_version_ = after;
}

VectorIndex& Memories::vectors(std::size_t dimensions) {
    const Version version = backend_.version();
    if (vectors_version_ != version) {
        vectors_.clear();
        std::int64_t last = 0;
        for (Records page; last == 0 || !page.empty();) {
            page = backend_.execute_query(
                "SELECT rowid AS row, node_id, vector FROM embeddings WHERE rowid > ? "
                "ORDER BY rowid LIMIT ?",
                Row{last, vectors_per_page});
            for (const Record& record : page) {
                last = record.integer("row");
                const auto* blob = std::get_if<Blob>(&record["vector"]);
                const Vector vector = blob ? from_blob(*blob) : Vector();
                if (vector.empty()) continue;
                vectors_.try_emplace(vector.size(), vector.size())
                    .first->second.put(record.text("node_id"), vector);
            }
            if (page.empty()) break;
        }
        vectors_version_ = version;
    }
    return vectors_.try_emplace(dimensions, dimensions).first->second;
}

}  // namespace memorygraph
