#pragma once

#include <cstdint>

namespace tidemark {

/// How this process reaches servers. All its replicas share the connections.
struct NetworkOptions {
    std::int64_t connections = 10;  ///< at one time; requests past that wait for one
    /// An unused one stays open for so long: longer than the usual pause between two syncs in the
    /// background, shorter than most proxies tolerate.
    std::int64_t idle_ms = 300'000;
    std::int64_t retries = 3;  ///< of a request that may be sent again, with growing pauses
    /// No try begins that might not have its connection by then, which also bounds what a server
    /// may ask for by Retry-After. A first try is always made.
    std::int64_t patience_ms = 60'000;
    /// A server that is there answers a connection within seconds, even from afar.
    std::int64_t connect_timeout_ms = 10'000;
    /// A server may work on a large push, or wait for its own lock, without a word; longer than
    /// that, and the connection is dead. In whole seconds.
    std::int64_t silence_timeout_ms = 60'000;
    /// A page of a push or pull at the speed of a bad mobile connection.
    std::int64_t request_timeout_ms = 600'000;
};

/// For requests from now on. Throws Error{usage} for a number that makes no sense. From any thread.
void set_network_options(const NetworkOptions& options);
NetworkOptions network_options();

/// What this process has asked servers for since it began.
struct NetworkUse {
    std::int64_t requests = 0;            ///< each try counts
    std::int64_t failures = 0;            ///< requests without a response
    std::int64_t retries = 0;             ///< requests that were sent again
    std::int64_t connections_opened = 0;  ///< for as many requests
    std::int64_t connections_reused = 0;  ///< requests that needed no new one
    std::int64_t waits = 0;               ///< requests that waited for a connection to be free
    std::int64_t in_use = 0;              ///< connections, at the moment
    std::int64_t idle = 0;
};

NetworkUse network_use();

}  // namespace tidemark
