#include "auth/claims.hpp"

#include <array>
#include <cmath>
#include <limits>

#include <boost/json/parse.hpp>
#include <tidemark/error.hpp>

#include "base/base64.hpp"

namespace tidemark::auth {
namespace {

namespace json = boost::json;

constexpr const char* where_from =
    "A token is three parts with dots between, as your server's 'token' command or 'turso db "
    "tokens "
    "create' prints it, all on one line.";

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

/// JWT allows fractions of a second.
std::optional<std::int64_t> time_in(const json::object& claims, const char* name) {
    const json::value* value = claims.if_contains(name);
    if (value == nullptr || value->is_null()) return std::nullopt;
    if (!value->is_number()) throw malformed("its times are no numbers");
    const double seconds = value->to_number<double>();
    constexpr double most = 1e15;
    if (!(std::abs(seconds) < most)) throw malformed("its times make no sense");
    return static_cast<std::int64_t>(std::floor(seconds));
}

}  // namespace

Claims read_claims(std::string_view token) {
    const auto [header, payload, signature] = parts_of(token);
    object_in(header, "its first part is not what a JWT begins with");
    if (signature.empty() || !from_base64url(signature))
        throw malformed("its signature is cut off");
    const json::object claims = object_in(payload, "its second part cannot be read");
    Claims found{time_in(claims, "exp"), time_in(claims, "nbf"), {}};
    if (const json::value* subject = claims.if_contains("sub"); subject && subject->is_string()) {
        found.subject = subject->get_string();
    }
    return found;
}

}  // namespace tidemark::auth
