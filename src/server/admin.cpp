#include "server/admin.hpp"

#include <filesystem>
#include <system_error>

#include <boost/json.hpp>

#include "auth/constant_time.hpp"
#include "base/text.hpp"
#include "server/fault.hpp"

namespace tidemark::server {
namespace {

namespace json = boost::json;

constexpr std::string_view namespaces = "/v1/namespaces";

HttpFault unknown(std::string_view name) {
    return {404, "NAMESPACE_NOT_FOUND", "There is no database '" + std::string(name) + "'"};
}

HttpFault nothing_here() { return {404, "NOT_FOUND", "There is nothing at this path"}; }

json::object body_of(const Request& request) {
    if (!request.content_type.starts_with("application/json")) {
        throw HttpFault(415, "CONTENT_TYPE", "The content type must be application/json");
    }
    boost::system::error_code error;
    json::value body = json::parse(request.body, error);
    if (error || !body.is_object()) {
        throw HttpFault(400, "BODY_INVALID", "The body must be a JSON object, such as {}");
    }
    return std::move(body.get_object());
}

}  // namespace

Admin::Admin(Databases& databases, Service& service, const Shared& shared, std::string key)
    : databases_(databases), service_(service), shared_(shared), key_(std::move(key)) {}

void Admin::check_key(const Request& request) const {
    if (key_.empty()) return;
    std::string_view given = request.authorization;
    for (const std::string_view scheme :
         {std::string_view("Basic "), std::string_view("Bearer ")}) {
        if (!starts_with_name(given, scheme)) continue;
        if (auth::equal_secrets(given.substr(scheme.size()), key_)) return;
    }
    throw HttpFault(401, "AUTH_REJECTED", "Unauthorized: the admin key is missing or wrong");
}

Task<> Admin::respond(Request& request, Reply& reply) {
    if (request.path == "/health") {
        co_await reply.send(200, "text/plain", {});
        co_return;
    }
    check_key(request);
    if (request.path == "/metrics" && request.method == Method::get) {
        std::string text = service_.metrics_text();
        co_await reply.send(200, "text/plain; version=0.0.4", std::move(text));
        co_return;
    }
    std::string body = answer(request);
    co_await reply.send(200, "application/json", std::move(body));
}

std::string Admin::answer(const Request& request) {
    std::string_view path = request.path;
    if (path == "/" && request.method == Method::get) {
        return R"({"name":"Tidemark admin","version":")" TIDEMARK_VERSION "\"}";
    }
    if (!path.starts_with(namespaces)) throw nothing_here();
    path.remove_prefix(namespaces.size());
    if (path.empty() && request.method == Method::get) {
        json::array names;
        for (const std::string& name : databases_.names()) names.emplace_back(name);
        return json::serialize(json::object{{"namespaces", std::move(names)}});
    }
    if (!path.starts_with('/')) throw nothing_here();
    path.remove_prefix(1);
    const std::string_view name = path.substr(0, path.find('/'));
    const std::string_view action =
        name.size() == path.size() ? std::string_view() : path.substr(name.size() + 1);
    return answer_for(request, name, action);
}

std::string Admin::answer_for(const Request& request, std::string_view name,
                              std::string_view action) {
    const bool post = request.method == Method::post;
    if (action.empty() && request.method == Method::del) {
        databases_.remove(name);
        shared_.log.info("database removed", {{"database", name}});
    } else if (action == "create" && post) {
        databases_.create(name, changed({}, body_of(request)));
        shared_.log.info("database created", {{"database", name}});
    } else if (action.starts_with("fork/") && post) {
        databases_.fork(name, action.substr(5));
        shared_.log.info("database forked", {{"database", name}, {"to", action.substr(5)}});
    } else if (action == "config" && request.method == Method::get) {
        return json::serialize(config(name));
    } else if (action == "config" && post) {
        configure(name, body_of(request));
        shared_.log.info("database configured", {{"database", name}});
    } else if (action == "stats" && request.method == Method::get) {
        return stats(name);
    } else if (action == "checkpoint" && post) {
        const auto database = databases_.find(name);
        if (!database) throw unknown(name);
        database->checkpoint();
    } else {
        throw nothing_here();
    }
    return "{}";
}

json::object Admin::config(std::string_view name) {
    if (!databases_.find(name)) throw unknown(name);
    return json_of(databases_.configured(name)->config);
}

/// As sqld does it: what is not said is nothing, but for the size.
void Admin::configure(std::string_view name, const json::object& body) {
    for (const char* required : {"block_reads", "block_writes"}) {
        if (body.contains(required)) continue;
        throw HttpFault(400, "OPTION_MISSING", "`" + std::string(required) + "` must be given");
    }
    DatabaseConfig before;
    before.most_bytes = databases_.configured(name)->config.most_bytes;
    databases_.configure(name, changed(before, body));
}

std::string Admin::stats(std::string_view name) {
    const auto database = databases_.find(name);
    if (!database) throw unknown(name);
    std::error_code ignored;
    return json::serialize(json::object{
        {"id", database->name()},
        {"storage_bytes_used", std::filesystem::file_size(database->path(), ignored)},
        {"commits", database->writers().counts().commits.load()},
        {"grouped_writes", database->writers().counts().writes.load()},
    });
}

void Admin::failed(const Request& request, const std::exception& what) {
    shared_.log.error("admin request failed", {{"path", request.path}, {"error", what.what()}});
}

std::string Admin::subprotocol(const Request&) { throw nothing_here(); }

Task<> Admin::serve(WebSocket&, std::string_view, const Request&) { co_return; }

}  // namespace tidemark::server
