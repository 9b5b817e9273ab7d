#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tidemark::server {

/// Compresses `body` in place with the best that `accepted` (an Accept-Encoding) offers, zstd or
/// gzip, and returns its name; empty where nothing fits, and `body` as it was.
std::string_view compress(std::string& body, std::string_view accepted);

/// What decompress() takes, as an Accept-Encoding.
inline constexpr std::string_view decompressed_codings = "zstd, gzip";

/// Undoes the Content-Encoding of a request. Throws HttpFault: 415 for an unknown one, 413 where
/// the content is larger than `most_bytes`, 400 where it is damaged.
std::string decompress(std::string_view body, std::string_view encoding, std::size_t most_bytes);

}  // namespace tidemark::server
