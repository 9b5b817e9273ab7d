#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "server/deadlines.hpp"
#include "server/limits.hpp"
#include "server/task.hpp"

namespace tidemark::server {

/// The other end of a WebSocket. One read and one write at a time.
class WebSocket {
public:
    virtual ~WebSocket() = default;

    enum class Kind { text, binary, closed };
    /// The next message, in place of what `message` held.
    virtual Task<Kind> read(std::string& message) = 0;
    /// False where it can no longer be reached.
    virtual Task<bool> write(std::string_view message, Kind kind) = 0;
    virtual Task<> close(int code, std::string_view reason) = 0;
};

/// The other end of a connection, plain or TLS. Ends when it is destroyed.
class Peer {
public:
    virtual ~Peer() = default;

    /// False where the connection cannot be used (TLS only).
    virtual Task<bool> begin() = 0;
    /// At least one byte; 0 where there are no more.
    virtual Task<std::size_t> read(char* into, std::size_t size) = 0;
    /// Both, one after the other. False where it can no longer be reached.
    virtual Task<bool> write(std::string_view head, std::string_view body) = 0;
    virtual Task<> close() = 0;

    /// Answers a request for a WebSocket, whose header is given as it came. `protocol`: the
    /// subprotocol to say; empty: none. Null where that fails.
    virtual Task<std::unique_ptr<WebSocket>> upgrade(std::string header,
                                                     std::string_view protocol) = 0;

    Deadlines::Watch& deadline() { return *deadline_; }

protected:
    std::unique_ptr<Deadlines::Watch> deadline_;
};

}  // namespace tidemark::server
