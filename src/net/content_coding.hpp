#pragma once

#include <string>
#include <string_view>

/// How the body of a message is packed (Content-Encoding).
namespace tidemark::net {

/// Whether a list such as "gzip;q=0.8, zstd" (Accept-Encoding) has the coding `name`.
bool accepts_coding(std::string_view accepted, std::string_view name);

/// `body` as zstd; empty where that cannot be done.
std::string zstd_of(std::string_view body);

}  // namespace tidemark::net
