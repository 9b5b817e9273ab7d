#pragma once

#include <string>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <tidemark/conflict.hpp>
#include <tidemark/error.hpp>
#include <tidemark/report.hpp>

#include "memorygraph/memories.hpp"
#include "memorygraph/migration.hpp"

/// Everything that the command and the MCP server give out, as JSON.
namespace memorygraph {

boost::json::object to_json(const Node& node);
boost::json::object to_json(const Found& found);
boost::json::object to_json(const Relationship& relationship);
boost::json::object to_json(const Surroundings& surroundings);
boost::json::object to_json(const NamedValues& values);
boost::json::object to_json(const Record& record);
boost::json::object to_json(const tidemark::SyncReport& report);
boost::json::object to_json(const tidemark::Conflict& conflict);
boost::json::object to_json(const Migration& migration);
/// {"error": {"code", "message", "hint"}}
boost::json::object to_json(const tidemark::Error& error);

template <class Thing>
boost::json::array to_json(const std::vector<Thing>& things) {
    boost::json::array array;
    for (const Thing& thing : things) array.push_back(to_json(thing));
    return array;
}
inline boost::json::array to_json(const Path& path) { return to_json<Relationship>(path); }

/// A JSON array of numbers. Throws tidemark::Error{usage} for anything else.
Vector vector_from(const boost::json::value& value);

}  // namespace memorygraph
