#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tidemark::auth {

/// What the holder of a token can read in it. Whether its signature is right only the server knows.
struct Claims {
    std::optional<std::int64_t> expires_s;     ///< seconds since 1970; nothing: it never expires
    std::optional<std::int64_t> not_before_s;  ///< not valid before
    std::string subject;                       ///< whom it was given to; often empty

    bool expired(std::int64_t now_s) const { return expires_s && *expires_s <= now_s; }
};

/// Throws Error{unauthorized} where `token` has not the form of a JWT. The message never holds any
/// part of the token.
Claims read_claims(std::string_view token);

}  // namespace tidemark::auth
