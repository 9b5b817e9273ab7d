#include "auth/claims.hpp"

#include "auth/jwt.hpp"

namespace tidemark::auth {

Claims read_claims(std::string_view token) {
    const Jwt jwt = read_jwt(token);
    Claims found{time_in(jwt.claims, "exp"), time_in(jwt.claims, "nbf"), {}};
    const boost::json::value* subject = jwt.claims.if_contains("sub");
    if (subject && subject->is_string()) found.subject = subject->get_string();
    return found;
}

}  // namespace tidemark::auth
