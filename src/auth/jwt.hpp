#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>

namespace tidemark::auth {

/// The parts of a token. Whether the signature is right is another question.
struct Jwt {
    boost::json::object header;
    boost::json::object claims;
    std::string signature;
    std::string_view signed_part;  ///< in the text that was read
};

/// Throws Error{unauthorized} where `token` has not the form of a JWT. The message never holds any
/// part of the token.
Jwt read_jwt(std::string_view token);

/// Seconds since 1970 in the claim `name`, without a fraction. Throws as read_jwt does.
std::optional<std::int64_t> time_in(const boost::json::object& claims, const char* name);

}  // namespace tidemark::auth
