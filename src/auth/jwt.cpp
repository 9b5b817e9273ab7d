#include "auth/jwt.hpp"

#include <array>
#include <cmath>

#include <boost/json/parse.hpp>
#include <tidemark/error.hpp>

#include "base/base64.hpp"

namespace tidemark::auth {
namespace {

namespace json = boost::json;

constexpr const char* where_from =
    "A token is three parts with dots between, as 'tidemark token create' or 'turso db tokens "
    "create' prints it, all on one line.";

/// Real tokens have a few hundred bytes; the rest is somebody who tries what happens.
constexpr std::size_t max_token_bytes = 16'384;

Error malformed(const char* why) {
    return {ErrorCode::unauthorized, std::string("Invalid token format: ") + why, where_from};
}

std::array<std::string_view, 3> parts_of(std::string_view token) {
    const std::size_t first = token.find('.');
    const std::size_t second = first == token.npos ? token.npos : token.find('.', first + 1);
    if (second == token.npos || token.find('.', second + 1) != token.npos) {
        throw malformed("it is no JWT");
    }
    return {token.substr(0, first), token.substr(first + 1, second - first - 1),
            token.substr(second + 1)};
}

json::object object_in(std::string_view part, const char* why) {
    const auto text = from_base64url(part);
    boost::system::error_code error;
    const json::value value = text ? json::parse(*text, error) : json::value();
    if (!text || error || !value.is_object()) throw malformed(why);
    return value.get_object();
}

}  // namespace

Jwt read_jwt(std::string_view token) {
    if (token.size() > max_token_bytes) throw malformed("it is too long");
    const auto [header, payload, signature] = parts_of(token);
    Jwt jwt;
    jwt.header = object_in(header, "its first part is not what a JWT begins with");
    const auto bytes = from_base64url(signature);
    if (!bytes || bytes->empty()) throw malformed("its signature is cut off");
    jwt.signature = *bytes;
    jwt.claims = object_in(payload, "its second part cannot be read");
    jwt.signed_part = token.substr(0, header.size() + 1 + payload.size());
    return jwt;
}

std::optional<std::int64_t> time_in(const json::object& claims, const char* name) {
    const json::value* value = claims.if_contains(name);
    if (value == nullptr || value->is_null()) return std::nullopt;
    if (!value->is_number()) throw malformed("its times are no numbers");
    const double seconds = value->to_number<double>();
    constexpr double most = 1e15;
    if (!(std::abs(seconds) < most)) throw malformed("its times make no sense");
    return static_cast<std::int64_t>(std::floor(seconds));
}

}  // namespace tidemark::auth
