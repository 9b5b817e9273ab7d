#include "memorygraph/tools.hpp"

#include <boost/json/value_from.hpp>

#include "memorygraph/json_view.hpp"
#include "memorygraph/turso_backend.hpp"

namespace memorygraph {
namespace {

namespace json = boost::json;
using tidemark::Error;
using tidemark::ErrorCode;

constexpr std::int64_t most_results = 1'000;

[[noreturn]] void refuse(const std::string& name, const std::string& wanted) {
    throw Error(ErrorCode::usage, "'" + name + "' must be " + wanted);
}

/// The arguments of a call, each checked where it is asked for.
class Arguments {
public:
    explicit Arguments(const json::object& given) : given_(given) {}

    std::string required(const char* name) const {
        std::string value = text(name);
        if (value.empty()) refuse(name, "given: a text that is not empty");
        return value;
    }
    std::string text(const char* name, std::string otherwise = {}) const {
        const json::value* value = given_.if_contains(name);
        if (!value || value->is_null()) return otherwise;
        if (!value->is_string()) refuse(name, "a text");
        return std::string(value->as_string());
    }
    std::int64_t number(const char* name, std::int64_t otherwise, std::int64_t most) const {
        const json::value* value = given_.if_contains(name);
        if (!value || value->is_null()) return otherwise;
        boost::system::error_code error;
        const auto number = value->to_number<std::int64_t>(error);
        if (error || number < 1 || number > most) {
            refuse(name, "a number from 1 to " + std::to_string(most));
        }
        return number;
    }
    std::vector<std::string> texts(const char* name) const {
        std::vector<std::string> texts;
        const json::value* value = given_.if_contains(name);
        if (!value || value->is_null()) return texts;
        if (!value->is_array()) refuse(name, "a list of texts");
        for (const json::value& one : value->as_array()) {
            if (!one.is_string()) refuse(name, "a list of texts");
            texts.emplace_back(one.as_string());
        }
        return texts;
    }
    json::object object(const char* name) const {
        const json::value* value = given_.if_contains(name);
        if (!value || value->is_null()) return {};
        if (!value->is_object()) refuse(name, "an object");
        return value->as_object();
    }
    Vector vector(const char* name) const {
        const json::value* value = given_.if_contains(name);
        return value && !value->is_null() ? vector_from(*value) : Vector();
    }
    bool has(const char* name) const { return given_.contains(name); }

private:
    const json::object& given_;
};

/// The properties of a memory: the free ones, and those that have an argument of their own.
json::object properties(const Arguments& arguments) {
    json::object properties = arguments.object("properties");
    for (const char* name : {"title", "content", "summary", "type"}) {
        if (arguments.has(name)) properties[name] = arguments.text(name);
    }
    if (arguments.has("tags")) properties["tags"] = json::value_from(arguments.texts("tags"));
    return properties;
}

Reach reach(const Arguments& arguments, std::int64_t depth, std::int64_t limit) {
    Reach reach;
    const std::string direction = arguments.text("direction", "both");
    if (direction == "out") {
        reach.direction = Reach::Direction::out;
    } else if (direction == "in") {
        reach.direction = Reach::Direction::in;
    } else if (direction != "both") {
        refuse("direction", "out, in or both");
    }
    reach.types = arguments.texts("types");
    reach.depth = arguments.number("depth", depth, Reach::deepest);
    reach.limit = arguments.number("limit", limit, most_results);
    return reach;
}

json::object store_memory(Workshop& workshop, const json::object& given) {
    const Arguments arguments(given);
    arguments.required("title");
    arguments.required("content");
    return {{"id", workshop.memories.store(properties(arguments), arguments.vector("embedding"))}};
}

json::object get_memory(Workshop& workshop, const json::object& given) {
    const std::string id = Arguments(given).required("id");
    const auto node = workshop.memories.get(id);
    if (!node) throw Error(ErrorCode::failed, "there is no memory " + id);
    return to_json(*node);
}

json::object update_memory(Workshop& workshop, const json::object& given) {
    const Arguments arguments(given);
    const std::string id = arguments.required("id");
    workshop.memories.update(id, properties(arguments), arguments.vector("embedding"));
    return get_memory(workshop, given);
}

json::object delete_memory(Workshop& workshop, const json::object& given) {
    return {{"deleted", workshop.memories.remove(Arguments(given).required("id"))}};
}

json::object search_memories(Workshop& workshop, const json::object& given) {
    const Arguments arguments(given);
    const std::int64_t limit = arguments.number("limit", 10, most_results);
    if (!arguments.has("embedding")) {
        const SearchOptions options{arguments.text("label"), limit};
        return {
            {"memories", to_json(workshop.memories.search(arguments.required("query"), options))}};
    }
    const std::string metric = arguments.text("metric", "cosine");
    if (metric != "cosine" && metric != "l2") refuse("metric", "cosine or l2");
    return {{"memories", to_json(workshop.memories.nearest(
                             arguments.vector("embedding"),
                             metric == "l2" ? Metric::l2 : Metric::cosine, limit))}};
}

json::object create_relationship(Workshop& workshop, const json::object& given) {
    const Arguments arguments(given);
    const Relationship relationship{arguments.required("from"), arguments.required("type"),
                                    arguments.required("to"), arguments.object("properties")};
    workshop.memories.relate(relationship);
    return to_json(relationship);
}

json::object get_related(Workshop& workshop, const json::object& given) {
    const Arguments arguments(given);
    return to_json(workshop.memories.related(arguments.required("id"), reach(arguments, 1, 100)));
}

json::object find_paths(Workshop& workshop, const json::object& given) {
    const Arguments arguments(given);
    return {{"paths",
             to_json(workshop.memories.paths(arguments.required("from"), arguments.required("to"),
                                             reach(arguments, 4, 5)))}};
}

json::object sync(Workshop& workshop, const json::object&) {
    auto* turso = dynamic_cast<TursoBackend*>(&workshop.backend);
    const auto report = turso ? turso->sync() : std::nullopt;
    if (report) return to_json(*report);
    throw Error(ErrorCode::usage, "Turso sync is not configured",
                "Set MEMORY_BACKEND=turso, TURSO_DATABASE_URL and TURSO_AUTH_TOKEN.");
}

tidemark::Replica& replica(Workshop& workshop) {
    auto* turso = dynamic_cast<TursoBackend*>(&workshop.backend);
    if (turso && turso->replica()) return *turso->replica();
    throw Error(ErrorCode::usage, "Turso sync is not configured, so there are no conflicts");
}

json::object list_conflicts(Workshop& workshop, const json::object&) {
    return {{"conflicts", to_json(replica(workshop).conflicts())}};
}

json::object restore_conflict(Workshop& workshop, const json::object& given) {
    return to_json(replica(workshop).restore(Arguments(given).number("id", 0, INT64_MAX)));
}

json::object health_check(Workshop& workshop, const json::object&) {
    return workshop.backend.health_check();
}

constexpr Tool all[] = {
    {"store_memory", "Remember something: a decision, a solution, a fact. Returns its id.", false,
     R"({"type": "object", "required": ["title", "content"], "properties": {
        "title": {"type": "string"},
        "content": {"type": "string"},
        "summary": {"type": "string", "description": "one sentence"},
        "type": {"type": "string", "description": "such as solution, problem, decision, task"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "properties": {"type": "object", "description": "anything else worth keeping"},
        "embedding": {"type": "array", "items": {"type": "number"}}}})",
     store_memory},
    {"get_memory", "One memory by its id.", true,
     R"({"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}})",
     get_memory},
    {"update_memory", "Change a memory; what is not given stays.", false,
     R"({"type": "object", "required": ["id"], "properties": {
        "id": {"type": "string"},
        "title": {"type": "string"},
        "content": {"type": "string"},
        "summary": {"type": "string"},
        "type": {"type": "string"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "properties": {"type": "object", "description": "null removes a property"},
        "embedding": {"type": "array", "items": {"type": "number"}}}})",
     update_memory},
    {"delete_memory", "Forget a memory and its relationships.", false,
     R"({"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}})",
     delete_memory},
    {"search_memories",
     "Find memories by words in title, content and summary, or by the nearest embeddings; the best "
     "first.",
     true,
     R"({"type": "object", "properties": {
        "query": {"type": "string", "description": "words, \"a phrase\", or the begin* of one"},
        "embedding": {"type": "array", "items": {"type": "number"}},
        "metric": {"type": "string", "enum": ["cosine", "l2"], "default": "cosine"},
        "label": {"type": "string"},
        "limit": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 10}}})",
     search_memories},
    {"create_relationship", "Connect two memories.", false,
     R"({"type": "object", "required": ["from", "type", "to"], "properties": {
        "from": {"type": "string", "description": "an id"},
        "type": {"type": "string", "description": "such as SOLVES, CAUSES, DEPENDS_ON"},
        "to": {"type": "string", "description": "an id"},
        "properties": {"type": "object"}}})",
     create_relationship},
    {"get_related", "What is connected with a memory, the nearest first.", true,
     R"({"type": "object", "required": ["id"], "properties": {
        "id": {"type": "string"},
        "types": {"type": "array", "items": {"type": "string"}, "description": "empty: any"},
        "direction": {"type": "string", "enum": ["out", "in", "both"], "default": "both"},
        "depth": {"type": "integer", "minimum": 1, "maximum": 10, "default": 1},
        "limit": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100}}})",
     get_related},
    {"find_paths", "How two memories are connected, the shortest way first.", true,
     R"({"type": "object", "required": ["from", "to"], "properties": {
        "from": {"type": "string"},
        "to": {"type": "string"},
        "types": {"type": "array", "items": {"type": "string"}, "description": "empty: any"},
        "direction": {"type": "string", "enum": ["out", "in", "both"], "default": "both"},
        "depth": {"type": "integer", "minimum": 1, "maximum": 10, "default": 4},
        "limit": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 5}}})",
     find_paths},
    {"sync", "Exchange changes with the primary now.", false,
     R"({"type": "object", "properties": {}})", sync},
    {"list_conflicts", "Edits that lost against a later one of another device.", true,
     R"({"type": "object", "properties": {}})", list_conflicts},
    {"restore_conflict", "Bring an edit back that lost.", false,
     R"({"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}})",
     restore_conflict},
    {"health_check", "The state of the database and of its sync.", true,
     R"({"type": "object", "properties": {}})", health_check},
};

}  // namespace

std::span<const Tool> tools() { return all; }

}  // namespace memorygraph
