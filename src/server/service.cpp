#include "server/service.hpp"

#include <algorithm>
#include <cctype>
#include <chrono>
#include <utility>

#include "base/base64.hpp"
#include "base/text.hpp"
#include "server/conversation.hpp"
#include "server/fault.hpp"

namespace tidemark::server {
namespace {

bool is_address(std::string_view host) {
    return std::all_of(host.begin(), host.end(), [](char c) {
        return std::isdigit(static_cast<unsigned char>(c)) || c == '.';
    });
}

/// "notes" of "notes.example.com:8080"; empty of an address, or a name without a dot.
std::string_view first_label(std::string_view host) {
    if (host.starts_with('[')) return {};
    host = host.substr(0, host.find(':'));
    const std::size_t dot = host.find('.');
    if (dot == std::string_view::npos || is_address(host)) return {};
    return host.substr(0, dot);
}

const char* method_name(Method method) {
    switch (method) {
        case Method::get: return "GET";
        case Method::head: return "HEAD";
        case Method::post: return "POST";
        case Method::del: return "DELETE";
        case Method::options: return "OPTIONS";
        case Method::other: break;
    }
    return "other";
}

}  // namespace

Service::Service(Databases& databases, Streams& streams, const Access& access, const Shared& shared,
                 bool subdomains)
    : databases_(databases),
      streams_(streams),
      access_(access),
      shared_(shared),
      subdomains_(subdomains && databases.is_folder()) {}

// ---- Who asks for what
// ---------------------------------------------------------------------------

std::string Service::database_name(const Request& request, std::string_view named) const {
    if (!named.empty()) return std::string(named);
    if (!request.database_base64.empty()) {
        const auto name = from_base64(request.database_base64);
        if (!name) throw HttpFault(400, "NAMESPACE_INVALID", "x-namespace-bin is not base64");
        return *name;
    }
    if (!request.database.empty()) return std::string(request.database);
    if (subdomains_) {
        const std::string_view label = first_label(request.host);
        if (!label.empty()) return std::string(label);
    }
    return databases_.default_name();
}

Service::Admitted Service::admit(const Request& request, std::string_view named) {
    const std::string name = database_name(request, named);
    const auto configured = databases_.configured(name);
    return admit(request, *access_.of_header(request.authorization, configured->verifier), name);
}

Service::Admitted Service::admit(const Request& request, const auth::Permission& permission,
                                 const std::string& name) {
    const auth::Rights rights = access_.in(permission, name);
    Admitted admitted{databases_.find(name), {}};
    if (!admitted.database) {
        throw HttpFault(404, "NAMESPACE_NOT_FOUND", "There is no database '" + name + "'");
    }
    admitted.caller.may_write = rights.write;
    if (same_name(request.role, "replica")) admitted.caller.role = Role::replica;
    admitted.caller.quiet = request.quiet;
    return admitted;
}

Task<> Service::respond(Request& request, Reply& reply) {
    const auto began = std::chrono::steady_clock::now();
    const Route route = route_of(request);
    int status = 500;
    try {
        co_await dispatch(request, route, reply);
        status = reply.status();
    } catch (const HttpFault& fault) {
        shared_.metrics.count_request(fault.status, std::chrono::steady_clock::now() - began);
        throw;
    } catch (...) {
        shared_.metrics.count_request(status, std::chrono::steady_clock::now() - began);
        throw;
    }
    const auto took = std::chrono::steady_clock::now() - began;
    shared_.metrics.count_request(status, took);
    if (shared_.log.wants(Log::Level::debug)) {
        const auto us = std::chrono::duration_cast<std::chrono::microseconds>(took).count();
        shared_.log.debug("request", {{"method", method_name(request.method)},
                                      {"path", request.path},
                                      {"status", std::int64_t{status}},
                                      {"us", std::int64_t{us}}});
    }
}

void Service::failed(const Request& request, const std::exception& what) {
    shared_.log.error(
        "request failed",
        {{"method", method_name(request.method)}, {"path", request.path}, {"error", what.what()}});
}

Task<> Service::dispatch(Request& request, const Route& route, Reply& reply) {
    constexpr std::string_view text = "text/plain";
    switch (route.endpoint) {
        case Endpoint::pipeline: return pipeline(request, route, reply);
        case Endpoint::cursor: return cursor(request, route, reply);
        case Endpoint::execute: return execute(request, route, reply);
        case Endpoint::batch: return batch(request, route, reply);
        case Endpoint::statements: return statements(request, route, reply);
        case Endpoint::dump: return dump(request, route, reply);
        case Endpoint::wait: return wait(request, route, reply);
        case Endpoint::metrics: return metrics(request, reply);
        case Endpoint::health: return reply.send(200, text, {});
        case Endpoint::version: return reply.send(200, text, "tidemark " TIDEMARK_VERSION "\n");
        case Endpoint::greeting:
            return reply.send(200, text, "Tidemark " TIDEMARK_VERSION " speaks Hrana over HTTP\n");
        case Endpoint::options:
            reply.header("access-control-allow-methods", "GET, POST, OPTIONS");
            reply.header("access-control-allow-headers", "*, authorization");
            reply.header("access-control-max-age", "86400");
            return reply.send(204, {}, {});
        case Endpoint::wrong_method:
            throw HttpFault(405, "METHOD_NOT_ALLOWED", "This path has no such method");
        case Endpoint::unknown: break;
    }
    throw HttpFault(404, "NOT_FOUND", "There is nothing at this path");
}

Task<> Service::metrics(const Request& request, Reply& reply) {
    if (!access_.of_header(request.authorization)->everywhere().read) {
        throw HttpFault(403, "AUTH_FORBIDDEN",
                        "Authorization forbidden: metrics tell of every database");
    }
    co_await reply.send(200, "text/plain; version=0.0.4", metrics_text());
}

std::string Service::metrics_text() {
    using Kind = Exposition::Kind;
    Exposition out;
    out.add(shared_.metrics);
    out.add("streams", Kind::gauge, "HTTP streams that wait for their next request.",
            double(streams_.count()));
    out.add("waiters", Kind::gauge, "Requests that wait for news.", double(waiting_));
    const auto open = databases_.open();
    out.add("databases", Kind::gauge, "Databases that are open.", double(open.size()));
    out.describe("commits_total", "counter", "Commits of writes outside transactions.");
    for (const auto& database : open) {
        out.add_labelled("commits_total", "database=\"" + database->name() + "\"",
                         double(database->writers().counts().commits));
    }
    out.describe("grouped_writes_total", "counter", "Writes in these commits.");
    for (const auto& database : open) {
        out.add_labelled("grouped_writes_total", "database=\"" + database->name() + "\"",
                         double(database->writers().counts().writes));
    }
    return std::move(out).text();
}

// ---- WebSockets
// ----------------------------------------------------------------------------------

std::string Service::subprotocol(const Request& request) {
    if (request.socket_protocols.empty()) return {};
    if (const Subprotocol* chosen = Subprotocol::choose(request.socket_protocols)) {
        return std::string(chosen->name);
    }
    throw HttpFault(400, "SUBPROTOCOL_UNKNOWN",
                    "None of the WebSocket subprotocols offered is known here: hrana3-protobuf, "
                    "hrana3, hrana2 and hrana1 are",
                    true);
}

Task<> Service::serve(WebSocket& socket, std::string_view name, const Request& request) {
    ++shared_.metrics.sockets;
    const std::string_view named = route_of(request).database;
    const Subprotocol* protocol = name.empty() ? &Subprotocol::oldest() : Subprotocol::choose(name);
    Conversation conversation(socket, *protocol, shared_, [&](std::string_view token) {
        const std::string database = database_name(request, named);
        const auto configured = databases_.configured(database);
        Admitted admitted =
            admit(request, *access_.of_token(token, configured->verifier), database);
        return std::pair(std::move(admitted.database), admitted.caller);
    });
    co_await conversation.run();
}

// ---- News
// ----------------------------------------------------------------------------------------

namespace {

constexpr std::int64_t longest_wait_ms = 60'000;

std::int64_t number_of(const std::string& text, std::int64_t otherwise) {
    if (text.empty()) return otherwise;
    std::int64_t number = 0;
    for (const char c : text) {
        if (c < '0' || c > '9' || number > INT64_MAX / 100) {
            throw HttpFault(400, "QUERY_INVALID", "'" + text + "' is not a number");
        }
        number = number * 10 + (c - '0');
    }
    return number;
}

/// Where a primary stands: its seq, and whether clients have written what has none yet.
struct Standing {
    std::int64_t seq = 0;
    bool foreign = false;
};

Standing standing_of(SqlConnection& connection) {
    Connection& sql = connection.connection();
    const auto exists = [&](const std::string& name) {
        return sql.integer("SELECT count(*) FROM sqlite_schema WHERE name = ?1 COLLATE NOCASE",
                           {name}) != 0;
    };
    Standing standing;
    if (!exists("tidemark_meta") || !exists("tidemark_tables")) return standing;
    standing.seq = sql.integer("SELECT seq FROM tidemark_meta");
    std::vector<std::string> tables;
    Statement names(sql, "SELECT name FROM tidemark_tables");
    while (names.step()) tables.push_back("tidemark_pending_" + names.text(0));
    standing.foreign = std::any_of(tables.begin(), tables.end(), [&](const std::string& table) {
        return exists(table) &&
               sql.integer("SELECT EXISTS (SELECT 1 FROM " + quoted(table) + ")") != 0;
    });
    return standing;
}

}  // namespace

Task<> Service::wait(const Request& request, const Route& route, Reply& reply) {
    const Admitted admitted = admit(request, route.database);
    const std::int64_t after = number_of(request.parameter("after"), -1);
    const std::int64_t timeout =
        std::min(number_of(request.parameter("timeout_ms"), longest_wait_ms / 2), longest_wait_ms);
    if (waiting_ >= shared_.limits.waiters) {
        throw HttpFault(429, "WAITER_LIMIT", "Too many requests wait for news already");
    }
    struct Counted {
        std::atomic<std::size_t>& count;
        explicit Counted(std::atomic<std::size_t>& of) : count(of) { ++count; }
        ~Counted() { --count; }
    } const counted(waiting_);

    News& news = admitted.database->news();
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout);
    Standing standing;
    while (true) {
        admitted.database->require();
        const std::uint64_t state = news.state();
        auto connection = admitted.database->lease(Role::client);
        standing = standing_of(*connection);
        admitted.database->give_back(std::move(connection));
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            until - std::chrono::steady_clock::now());
        if (standing.seq != after || standing.foreign || left.count() <= 0) break;
        if (news.closed()) break;
        co_await news.wait(state, left.count());
    }
    co_await reply.send(200, "application/json",
                        "{\"seq\":" + std::to_string(standing.seq) +
                            ",\"foreign\":" + (standing.foreign ? "true" : "false") + "}");
}

}  // namespace tidemark::server
