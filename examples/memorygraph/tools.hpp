#pragma once

#include <span>

#include <boost/json/object.hpp>

#include "memorygraph/graph_backend.hpp"
#include "memorygraph/memories.hpp"

namespace memorygraph {

/// What a tool works with.
struct Workshop {
    GraphBackend& backend;
    Memories& memories;
};

/// Something that a model may ask the MCP server to do.
struct Tool {
    const char* name;
    const char* description;
    bool reads_only;
    const char* schema;  ///< JSON Schema of the arguments
    /// Throws tidemark::Error for arguments that make no sense, and whatever the work throws.
    boost::json::object (*run)(Workshop& workshop, const boost::json::object& arguments);
};

std::span<const Tool> tools();

}  // namespace memorygraph
