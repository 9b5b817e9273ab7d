#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "server/access.hpp"
#include "server/databases.hpp"
#include "server/http_session.hpp"
#include "server/router.hpp"
#include "server/shared.hpp"
#include "server/streams.hpp"

namespace tidemark::server {

class Cursor;

/// What clients ask of the server: Hrana over HTTP and WebSocket, and a few services besides. Any
/// thread may call it.
class Service final : public Handler {
public:
    /// All must outlive it. `subdomains`: the first label of the host names the database.
    Service(Databases& databases, Streams& streams, const Access& access, const Shared& shared,
            bool subdomains);

    Task<> respond(Request& request, Reply& reply) override;
    void failed(const Request& request, const std::exception& what) override;
    std::string subprotocol(const Request& request) override;
    Task<> serve(WebSocket& socket, std::string_view subprotocol, const Request& request) override;

    /// The text for Prometheus.
    std::string metrics_text();

private:
    /// A database and what the caller may do there.
    struct Admitted {
        std::shared_ptr<Database> database;
        Caller caller;
    };
    Admitted admit(const Request& request, std::string_view named);
    Admitted admit(const Request& request, const auth::Permission& permission,
                   const std::string& name);
    std::string database_name(const Request& request, std::string_view named) const;

    Task<> dispatch(Request& request, const Route& route, Reply& reply);
    Task<> pipeline(const Request& request, const Route& route, Reply& reply);
    Task<> cursor(const Request& request, const Route& route, Reply& reply);
    Task<bool> portion(Cursor& cursor, std::string& out, bool protobuf, Reply& reply);
    Task<> execute(const Request& request, const Route& route, Reply& reply);
    Task<> batch(const Request& request, const Route& route, Reply& reply);
    Task<> statements(const Request& request, const Route& route, Reply& reply);
    Task<> dump(const Request& request, const Route& route, Reply& reply);
    Task<> wait(const Request& request, const Route& route, Reply& reply);
    Task<> metrics(const Request& request, Reply& reply);

    Streams::Taken stream_for(const std::optional<std::string>& baton, const Admitted& admitted);

    Databases& databases_;
    Streams& streams_;
    const Access& access_;
    Shared shared_;
    bool subdomains_;
    std::atomic<std::size_t> waiting_{0};
};

}  // namespace tidemark::server
