#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tidemark::server {

enum class Method : std::uint8_t { get, head, post, del, options, other };

/// One HTTP request, as far as anybody here looks at it. The views live as long as the request is
/// answered.
struct Request {
    Method method = Method::other;
    std::string_view path;   ///< without the query
    std::string_view query;  ///< without the question mark
    std::string body;

    std::string_view host;
    std::string_view authorization;
    std::string_view content_type;
    std::string_view content_encoding;
    std::string_view accept_encoding;
    std::string_view database;          ///< x-namespace
    std::string_view database_base64;   ///< x-namespace-bin
    std::string_view role;              ///< tidemark-role
    bool quiet = false;                 ///< tidemark-quiet
    std::string_view socket_protocols;  ///< sec-websocket-protocol
    bool upgrade = false;               ///< asks for a WebSocket
    bool keep_alive = true;
    bool chunks = true;  ///< HTTP/1.1: understands an answer in chunks

    /// The value of `name` in the query, decoded; empty where there is none.
    std::string parameter(std::string_view name) const;
};

/// Text with its %XX escapes replaced; `+` stays what it is.
std::string percent_decoded(std::string_view text);

}  // namespace tidemark::server
