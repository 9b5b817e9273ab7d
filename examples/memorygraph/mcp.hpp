#pragma once

#include <iosfwd>
#include <string>

#include <boost/json/value.hpp>

#include "memorygraph/tools.hpp"

namespace memorygraph {

/// A Model Context Protocol server: JSON-RPC 2.0, a message on each line. Use it from one thread.
class McpServer {
public:
    explicit McpServer(Workshop workshop) : workshop_(workshop) {}

    /// The answer to one line, without a line end; empty where none is due. Never throws for what
    /// the line holds.
    std::string answer(const std::string& line);

    /// Answers until the input ends.
    void serve(std::istream& in, std::ostream& out);

private:
    boost::json::value respond(const boost::json::value& message);
    boost::json::object call(const boost::json::object& parameters);

    Workshop workshop_;
};

}  // namespace memorygraph
