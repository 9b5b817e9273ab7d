#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "server/limits.hpp"
#include "server/log.hpp"

namespace tidemark::server {

/// Where to listen.
struct Address {
    std::string host = "127.0.0.1";
    std::uint16_t port = 8080;  ///< 0: any that is free

    /// "127.0.0.1:8080", "[::1]:8080", ":8080". Throws Error{usage}.
    static Address parse(const std::string& text);
    std::string text() const;
    bool is_loopback() const;
};

/// Everything that a person can say about a server. The options of `tidemark serve` are these, and
/// so are the keys of its configuration file.
struct Options {
    std::string path;  ///< one database, or a folder of them
    Address listen;
    std::string admin_listen;       ///< as Address; empty: no admin listener
    std::string auth_jwt_key_file;  ///< public keys; empty: no token is asked for
    std::string auth_jwt_key;       ///< the same as text, from the environment
    std::string admin_key_file;     ///< what the admin listener asks for; empty: nothing
    std::string admin_key;          ///< the same as text, from the environment
    std::string tls_cert;           ///< PEM, with the chain; empty: no TLS
    std::string tls_key;
    std::string default_database = "default";  ///< of a folder; empty: none
    bool subdomains = true;
    bool read_only = false;
    bool insecure = false;                   ///< listen beyond loopback without asking for tokens
    std::size_t threads = 0;                 ///< event loops; 0: one for each core
    std::int64_t sync_interval_ms = 10'000;  ///< of a served replica; 0: never
    Log::Level log_level = Log::Level::info;
    bool log_json = false;
    Limits limits;
};

}  // namespace tidemark::server
