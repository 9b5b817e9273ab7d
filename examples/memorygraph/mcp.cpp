#include "memorygraph/mcp.hpp"

#include <algorithm>
#include <istream>
#include <ostream>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "memorygraph/json_view.hpp"
#include "memorygraph/version.hpp"

namespace memorygraph {
namespace {

namespace json = boost::json;

/// The revisions of the protocol that this server speaks, the newest first. They differ in what
/// servers may offer besides tools.
constexpr const char* revisions[] = {"2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"};

enum Code {
    parse_error = -32700,
    invalid_request = -32600,
    no_method = -32601,
    bad_params = -32602
};

struct RpcError {
    Code code;
    std::string message;
};

json::object error_answer(const json::value& id, const RpcError& error) {
    return {{"jsonrpc", "2.0"},
            {"id", id},
            {"error", {{"code", error.code}, {"message", error.message}}}};
}

json::object initialize(const json::object& parameters) {
    const json::value* asked = parameters.if_contains("protocolVersion");
    const auto* known = std::find_if(std::begin(revisions), std::end(revisions), [&](auto* one) {
        return asked && asked->is_string() && asked->as_string() == one;
    });
    return {{"protocolVersion", known != std::end(revisions) ? *known : revisions[0]},
            {"capabilities", {{"tools", json::object()}}},
            {"serverInfo", {{"name", "memorygraph"}, {"version", version}}},
            {"instructions",
             "A memory that outlives this conversation. Search it before you answer from scratch, "
             "store what was decided or found out, and connect it with what it belongs to."}};
}

json::object list() {
    json::array listed;
    for (const Tool& tool : tools()) {
        listed.push_back({{"name", tool.name},
                          {"description", tool.description},
                          {"inputSchema", json::parse(tool.schema)},
                          {"annotations", {{"readOnlyHint", tool.reads_only}}}});
    }
    return {{"tools", std::move(listed)}};
}

json::object result_of(const json::object& content, bool is_error) {
    return {{"content", {{{"type", "text"}, {"text", json::serialize(content)}}}},
            {"structuredContent", content},
            {"isError", is_error}};
}

}  // namespace

json::object McpServer::call(const json::object& parameters) {
    const json::value* name = parameters.if_contains("name");
    const auto known = std::find_if(tools().begin(), tools().end(), [&](const Tool& tool) {
        return name && name->is_string() && name->as_string() == tool.name;
    });
    if (known == tools().end()) throw RpcError{bad_params, "there is no such tool"};
    const json::value* given = parameters.if_contains("arguments");
    if (given && !given->is_object()) throw RpcError{bad_params, "arguments must be an object"};
    try {
        return result_of(known->run(workshop_, given ? given->as_object() : json::object()), false);
    } catch (const tidemark::Error& error) {
        // The model is to read it and do better, so it is a result of the call.
        return result_of(to_json(error), true);
    }
}

json::value McpServer::respond(const json::value& message) {
    const json::object* request = message.if_object();
    const json::value* method = request ? request->if_contains("method") : nullptr;
    const json::value* id = request ? request->if_contains("id") : nullptr;
    if (!id && method) return nullptr;  // a notification
    if (!method || !method->is_string()) {
        const bool is_answer =
            request && (request->contains("result") || request->contains("error"));
        if (is_answer) return nullptr;
        return error_answer(id ? *id : nullptr, {invalid_request, "this is no request"});
    }
    const json::value* given = request->if_contains("params");
    const json::object parameters =
        given && given->is_object() ? given->as_object() : json::object();
    const std::string_view name = method->as_string();
    try {
        json::object result;
        if (name == "initialize") {
            result = initialize(parameters);
        } else if (name == "tools/list") {
            result = list();
        } else if (name == "tools/call") {
            result = call(parameters);
        } else if (name != "ping") {
            throw RpcError{no_method, "there is no method " + std::string(name)};
        }
        return json::object{{"jsonrpc", "2.0"}, {"id", *id}, {"result", std::move(result)}};
    } catch (const RpcError& error) {
        return error_answer(*id, error);
    }
}

std::string McpServer::answer(const std::string& line) {
    boost::system::error_code error;
    const json::value message = json::parse(line, error);
    if (error) {
        return json::serialize(error_answer(nullptr, {parse_error, "this is no JSON"}));
    }
    json::value answered = nullptr;
    if (const json::array* batch = message.if_array(); batch && !batch->empty()) {
        json::array answers;
        for (const json::value& one : *batch) {
            if (json::value due = respond(one); !due.is_null()) answers.push_back(std::move(due));
        }
        if (!answers.empty()) answered = std::move(answers);
    } else {
        answered = respond(message);
    }
    return answered.is_null() ? std::string() : json::serialize(answered);
}

void McpServer::serve(std::istream& in, std::ostream& out) {
    for (std::string line; std::getline(in, line);) {
        if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
        const std::string answered = answer(line);
        if (!answered.empty()) out << answered << '\n' << std::flush;
    }
}

}  // namespace memorygraph
