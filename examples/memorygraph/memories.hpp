#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "memorygraph/graph_backend.hpp"
#include "memorygraph/vectors.hpp"

namespace memorygraph {

struct Node {
    std::string id;
    std::string label;
    boost::json::object properties;  ///< title, content, summary are searched; others are kept
    std::string created_at;
    std::string updated_at;
};

struct Relationship {
    std::string from;
    std::string type;
    std::string to;
    boost::json::object properties;
};

/// What a search found, the best first.
struct Found {
    Node node;
    double score = 0;     ///< of words: larger is better; of vectors: the cosine or the distance
    std::string snippet;  ///< where the words are; empty for vectors
};

struct SearchOptions {
    std::string label;  ///< empty: any
    std::int64_t limit = 10;
};

/// Along which relationships a question about the graph goes.
struct Reach {
    enum class Direction { out, in, both };
    /// Farther away, everything is connected with everything.
    static constexpr std::int64_t deepest = 10;

    Direction direction = Direction::both;
    std::vector<std::string> types;  ///< empty: any
    std::int64_t depth = 1;
    std::int64_t limit = 100;
};

struct Surroundings {
    struct Place {
        Node node;
        std::int64_t depth = 0;  ///< relationships from the start
    };
    std::vector<Place> places;                ///< the nearest first
    std::vector<Relationship> relationships;  ///< between any two of them and the start
};

using Path = std::vector<Relationship>;

/// The same out of a row of nodes or relationships.
Node node_of(const Record& record);
Relationship relationship_of(const Record& record);

/// Memories and what connects them, in any GraphBackend, which must outlive it; same thread rule.
/// Throws what the backend throws, and tidemark::Error{usage} for what makes no sense.
class Memories {
public:
    explicit Memories(GraphBackend& backend) : backend_(backend) {}

    /// Returns the id of the new node.
    std::string store(const boost::json::object& properties, const Vector& embedding = {},
                      const std::string& label = "Memory");
    std::optional<Node> get(const std::string& id);
    /// Sets the given properties; null removes one. An empty embedding leaves the old one.
    void update(const std::string& id, const boost::json::object& changes,
                const Vector& embedding = {});
    /// Removes the node and its relationships. Returns whether there was one.
    bool remove(const std::string& id);
    /// The newest first.
    std::vector<Node> list(const SearchOptions& options = {});

    /// Connects two nodes; the same connection again only sets its properties, also where two
    /// devices made it.
    void relate(const Relationship& relationship);
    bool unrelate(const std::string& from, const std::string& type, const std::string& to);

    /// Nodes that have all the words, or, where none has, any of them. "in quotes" is a phrase,
    /// word* is a beginning.
    std::vector<Found> search(const std::string& words, const SearchOptions& options = {});
    /// Nodes whose embeddings, of this length, are nearest.
    std::vector<Found> nearest(const Vector& embedding, Metric metric, std::int64_t limit = 10);

    Surroundings related(const std::string& id, const Reach& reach = {});
    /// Ways from one node to another of at most reach.depth relationships, the shortest first.
    std::vector<Path> paths(const std::string& from, const std::string& to, const Reach& reach);

private:
    using Version = std::pair<std::int64_t, std::int64_t>;

    void require(const std::string& id);
    std::vector<Found> match(const std::string& expression, const SearchOptions& options);
    std::vector<Found> match_without_index(const std::string& words, const SearchOptions& options);
    /// Runs a write transaction in which only `id` changes, and keeps the vectors up to date.
    void write(const std::string& id, const Vector* embedding, const std::function<void()>& work);
    VectorIndex& vectors(std::size_t dimensions);

    GraphBackend& backend_;
    std::map<std::size_t, VectorIndex> vectors_;  ///< by length
    std::optional<Version> vectors_version_;
};

}  // namespace memorygraph
