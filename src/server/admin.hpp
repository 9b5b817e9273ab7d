#pragma once

#include <string>

#include <boost/json/object.hpp>

#include "server/databases.hpp"
#include "server/http_session.hpp"
#include "server/service.hpp"
#include "server/shared.hpp"

namespace tidemark::server {

/// What those ask for who make, copy and delete databases, at an address of its own. Any thread may
/// call it.
class Admin final : public Handler {
public:
    /// `key`: what requests must bring; empty: nothing. All must outlive it.
    Admin(Databases& databases, Service& service, const Shared& shared, std::string key);

    Task<> respond(Request& request, Reply& reply) override;
    void failed(const Request& request, const std::exception& what) override;
    std::string subprotocol(const Request& request) override;
    Task<> serve(WebSocket& socket, std::string_view subprotocol, const Request& request) override;

private:
    /// The body of the answer. Throws HttpFault.
    std::string answer(const Request& request);
    std::string answer_for(const Request& request, std::string_view name, std::string_view action);
    boost::json::object config(std::string_view name);
    void configure(std::string_view name, const boost::json::object& body);
    std::string stats(std::string_view name);
    void check_key(const Request& request) const;

    Databases& databases_;
    Service& service_;
    Shared shared_;
    std::string key_;
};

}  // namespace tidemark::server
