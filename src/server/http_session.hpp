#pragma once

#include <atomic>
#include <exception>
#include <memory>
#include <string>
#include <string_view>

#include "server/limits.hpp"
#include "server/peer.hpp"
#include "server/reply.hpp"
#include "server/request.hpp"

namespace tidemark::server {

/// Answers requests; one object for all connections of a listener, in any thread.
class Handler {
public:
    virtual ~Handler() = default;

    /// Must answer; what it throws becomes the answer.
    virtual Task<> respond(Request& request, Reply& reply) = 0;
    /// It threw what it should not.
    virtual void failed(const Request& request, const std::exception& what) = 0;

    /// The subprotocol to speak on a WebSocket that the request asks for; empty: none of them, and
    /// none is said. Throws HttpFault where there shall be no WebSocket.
    virtual std::string subprotocol(const Request& request) = 0;
    virtual Task<> serve(WebSocket& socket, std::string_view subprotocol,
                         const Request& request) = 0;
};

/// Reads the requests of one connection, one after the other, and has them answered, until the peer
/// goes, takes too long, breaks the rules, or the server stops.
Task<> serve_http(std::unique_ptr<Peer> peer, Handler& handler, const Limits& limits,
                  const std::atomic<bool>& stopping);

}  // namespace tidemark::server
