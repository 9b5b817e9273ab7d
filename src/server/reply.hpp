#pragma once

#include <string>
#include <string_view>

#include "server/fault.hpp"
#include "server/peer.hpp"
#include "server/request.hpp"

namespace tidemark::server {

/// The answer to one request: send(), or begin() and then write()… and end().
class Reply {
public:
    Reply(Peer& peer, const Request& request, std::string& head)
        : peer_(peer), request_(request), head_(head) {}

    /// Another header, "name: value". Before send() or begin().
    void header(std::string_view name, std::string_view value);

    Task<> send(int status, std::string_view type, std::string body);
    Task<> send(const HttpFault& fault);

    /// An answer whose length is not known yet. What is written waits until the peer has read.
    Task<> begin(int status, std::string_view type);
    /// False where the peer is gone: what follows is for nobody.
    Task<bool> write(std::string_view part);
    Task<> end();

    bool begun() const { return begun_; }
    int status() const { return status_; }
    /// Whether another request may follow on the connection.
    bool keeps_alive() const { return keep_alive_; }
    void close_after() { keep_alive_ = false; }

private:
    void write_head(int status, std::string_view type, std::string_view length);

    Peer& peer_;
    const Request& request_;
    std::string& head_;
    std::string extra_;
    bool begun_ = false;
    bool chunked_ = false;
    bool keep_alive_ = true;
    int status_ = 0;
};

/// "Bad Request" for 400.
std::string_view reason_of(int status);

}  // namespace tidemark::server
