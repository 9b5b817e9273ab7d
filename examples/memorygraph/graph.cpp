// Questions about the graph, each one recursive query.

#include <fmt/format.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_from.hpp>

#include "memorygraph/memories.hpp"

namespace memorygraph {
namespace {

namespace json = boost::json;
using Direction = Reach::Direction;
using tidemark::Error;
using tidemark::ErrorCode;

void check(const Reach& reach) {
    if (reach.depth >= 1 && reach.depth <= Reach::deepest) return;
    throw Error(ErrorCode::usage, fmt::format("the depth cannot be {}", reach.depth),
                fmt::format("Ask for 1 to {}.", Reach::deepest));
}

/// JSON that a query compares the type with; null: any type will do.
Value types(const Reach& reach) {
    if (reach.types.empty()) return {};
    return json::serialize(json::value_from(reach.types));
}

/// One recursive arm for each direction in which a relationship may be followed.
std::string arms(std::string_view arm, Direction direction, const char* united) {
    std::string sql;
    if (direction != Direction::in) {
        sql +=
            fmt::format(fmt::runtime(arm), fmt::arg("here", "from_id"), fmt::arg("there", "to_id"));
    }
    if (direction == Direction::both) sql += united;
    if (direction != Direction::out) {
        sql +=
            fmt::format(fmt::runtime(arm), fmt::arg("here", "to_id"), fmt::arg("there", "from_id"));
    }
    return sql;
}

Direction reversed(Direction direction) {
    switch (direction) {
        case Direction::out: return Direction::in;
        case Direction::in: return Direction::out;
        default: return Direction::both;
    }
}

constexpr std::string_view wanted_type =
    "(:types IS NULL OR rel_type IN (SELECT value FROM json_each(:types)))";

}  // namespace

Surroundings Memories::related(const std::string& id, const Reach& reach) {
    check(reach);
    require(id);
    const std::string step = fmt::format(
        R"(
            SELECT {{there}}, depth + 1 FROM reached JOIN relationships ON {{here}} = reached.id
            WHERE depth < :depth AND {})",
        wanted_type);
    const std::string query = fmt::format(
        R"(
        WITH RECURSIVE reached(id, depth) AS (
            SELECT :start, 0 UNION {}
        )
        SELECT nodes.*, min(depth) AS depth FROM reached JOIN nodes USING (id)
        WHERE id <> :start GROUP BY id ORDER BY depth, created_at, id LIMIT :limit)",
        arms(step, reach.direction, " UNION "));
    const Records found = backend_.execute_query(query, NamedValues{{"start", id},
                                                                    {"depth", reach.depth},
                                                                    {"types", types(reach)},
                                                                    {"limit", reach.limit}});
    Surroundings surroundings;
    json::array ids{id};
    for (const Record& record : found) {
        ids.emplace_back(record.text("id"));
        surroundings.places.push_back({node_of(record), record.integer("depth")});
    }
    const Records between =
        backend_.execute_query(fmt::format(R"(
        SELECT * FROM relationships
        WHERE from_id IN (SELECT value FROM json_each(:ids))
            AND to_id IN (SELECT value FROM json_each(:ids)) AND {}
        ORDER BY created_at, id)",
                                           wanted_type),
                               NamedValues{{"ids", json::serialize(ids)}, {"types", types(reach)}});
    for (const Record& record : between) {
        surroundings.relationships.push_back(relationship_of(record));
    }
    return surroundings;
}

std::vector<Path> Memories::paths(const std::string& from, const std::string& to,
                                  const Reach& reach) {
    check(reach);
    require(from);
    require(to);
    // First how far every node is from the goal, walking back from it; then the walk from the
    // start, which enters only nodes from which the goal is still in reach and always goes on with
    // the way that promises to be the shortest.
    const std::string back = fmt::format(
        R"(
            SELECT {{there}}, distance + 1 FROM backwards
            JOIN relationships ON {{here}} = backwards.id
            WHERE distance < :depth AND {})",
        wanted_type);
    const std::string forth = fmt::format(
        R"(
            SELECT {{there}}, steps + 1, json_insert(trail, '$[#]', relationships.id),
                json_insert(seen, '$[#]', {{there}}), steps + 1 + distance
            FROM walk JOIN relationships ON {{here}} = walk.id JOIN goal ON goal.id = {{there}}
            WHERE walk.id <> :to AND steps + 1 + distance <= :depth AND {}
                AND {{there}} NOT IN (SELECT value FROM json_each(seen)))",
        wanted_type);
    const std::string query = fmt::format(
        R"(
        WITH RECURSIVE backwards(id, distance) AS (
            SELECT :to, 0 UNION {}
        ),
        goal(id, distance) AS MATERIALIZED (
            SELECT id, min(distance) FROM backwards GROUP BY id
        ),
        walk(id, steps, trail, seen, length) AS (
            SELECT id, 0, '[]', json_array(id), distance FROM goal WHERE id = :from
            UNION ALL {} ORDER BY 5, 2 DESC
        )
        SELECT trail FROM walk WHERE id = :to AND steps > 0 LIMIT :limit)",
        arms(back, reversed(reach.direction), " UNION "),
        arms(forth, reach.direction, " UNION ALL "));
    const Records found = backend_.execute_query(query, NamedValues{{"from", from},
                                                                    {"to", to},
                                                                    {"depth", reach.depth},
                                                                    {"types", types(reach)},
                                                                    {"limit", reach.limit}});
    std::vector<Path> paths;
    for (const Record& record : found) {
        Path& path = paths.emplace_back();
        const json::value trail = json::parse(record.text("trail"));
        for (const json::value& id : trail.as_array()) {
            const Records hop = backend_.execute_query("SELECT * FROM relationships WHERE id = ?",
                                                       Row{std::string(id.as_string())});
            path.push_back(relationship_of(hop.at(0)));
        }
    }
    return paths;
}

}  // namespace memorygraph
