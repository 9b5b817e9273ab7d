#include "memorygraph/json_view.hpp"

#include <boost/json/array.hpp>
#include <boost/json/value_from.hpp>

namespace memorygraph {
namespace {

namespace json = boost::json;
using tidemark::Error;
using tidemark::ErrorCode;

json::value json_of(const Value& value) {
    struct Convert {
        json::value operator()(std::monostate) const { return nullptr; }
        json::value operator()(std::int64_t number) const { return number; }
        json::value operator()(double number) const { return number; }
        json::value operator()(const std::string& text) const { return json::string(text); }
        json::value operator()(const Blob& blob) const {
            std::string hex;
            for (const char c : blob.bytes) {
                constexpr const char* digits = "0123456789abcdef";
                hex += digits[(c >> 4) & 15];
                hex += digits[c & 15];
            }
            return json::object{{"blob", hex}};
        }
    };
    return std::visit(Convert{}, value);
}

const char* name_of(tidemark::ConflictState state) {
    switch (state) {
        case tidemark::ConflictState::restored: return "restored";
        case tidemark::ConflictState::dismissed: return "dismissed";
        default: return "open";
    }
}

const char* name_of(ErrorCode code) {
    switch (code) {
        case ErrorCode::usage: return "usage";
        case ErrorCode::unreachable: return "unreachable";
        case ErrorCode::unauthorized: return "unauthorized";
        case ErrorCode::choice_needed: return "choice_needed";
        default: return "failed";
    }
}

}  // namespace

json::object to_json(const Node& node) {
    return {{"id", node.id},
            {"label", node.label},
            {"properties", node.properties},
            {"created_at", node.created_at},
            {"updated_at", node.updated_at}};
}

json::object to_json(const Found& found) {
    json::object object = to_json(found.node);
    object["score"] = found.score;
    if (!found.snippet.empty()) object["snippet"] = found.snippet;
    return object;
}

json::object to_json(const Relationship& relationship) {
    return {{"from", relationship.from},
            {"type", relationship.type},
            {"to", relationship.to},
            {"properties", relationship.properties}};
}

json::object to_json(const Surroundings& surroundings) {
    json::array nodes;
    for (const auto& [node, depth] : surroundings.places) {
        json::object object = to_json(node);
        object["depth"] = depth;
        nodes.push_back(std::move(object));
    }
    return {{"nodes", std::move(nodes)}, {"relationships", to_json(surroundings.relationships)}};
}

json::object to_json(const NamedValues& values) {
    json::object object;
    for (const auto& [name, value] : values) object[name] = json_of(value);
    return object;
}

json::object to_json(const Record& record) { return to_json(record.values); }

json::object to_json(const tidemark::SyncReport& report) {
    return {{"pushed", report.pushed},
            {"pulled", report.pulled},
            {"conflicts", report.conflicts},
            {"pending", report.pending},
            {"duration_ms", report.duration_ms}};
}

json::object to_json(const tidemark::Conflict& conflict) {
    return {{"id", conflict.id},
            {"state", name_of(conflict.state)},
            {"table", conflict.table},
            {"key", to_json(conflict.key)},
            {"reason", conflict.reason},
            {"lost_here", conflict.lost_here},
            {"columns", json::value_from(conflict.columns)},
            {"here", to_json(conflict.here)},
            {"there", to_json(conflict.there)},
            {"here_device", conflict.here_device},
            {"there_device", conflict.there_device}};
}

json::object to_json(const Migration& migration) {
    return {{"nodes", migration.nodes},
            {"relationships", migration.relationships},
            {"embeddings", migration.embeddings},
            {"already_there", migration.already_there},
            {"orphans", migration.orphans}};
}

json::object to_json(const Error& error) {
    return {
        {"error",
         {{"code", name_of(error.code())}, {"message", error.message()}, {"hint", error.hint()}}}};
}

Vector vector_from(const json::value& value) {
    const json::array* array = value.if_array();
    if (!array) throw Error(ErrorCode::usage, "an embedding is an array of numbers");
    Vector vector;
    for (const json::value& number : *array) {
        boost::system::error_code error;
        vector.push_back(static_cast<float>(number.to_number<double>(error)));
        if (error) throw Error(ErrorCode::usage, "an embedding is an array of numbers");
    }
    return vector;
}

}  // namespace memorygraph
