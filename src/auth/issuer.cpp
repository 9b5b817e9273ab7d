#include "auth/issuer.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "base/base64.hpp"

namespace tidemark::auth {
namespace {

namespace json = boost::json;

json::object claims_of(const Grant& grant) {
    json::object claims{{"iat", grant.issued_s}};
    if (grant.expires_s) claims["exp"] = *grant.expires_s;
    if (!grant.subject.empty()) claims["sub"] = grant.subject;
    const char* access = grant.read_only ? "ro" : "rw";
    if (grant.databases.size() > 1) {
        const json::array names(grant.databases.begin(), grant.databases.end());
        claims["p"] = {{access, {{"ns", names}}}};
        return claims;
    }
    // Older servers know these two only.
    claims["a"] = access;
    if (!grant.databases.empty()) claims["id"] = grant.databases.front();
    return claims;
}

}  // namespace

std::string issue_token(const PrivateKey& key, const Grant& grant) {
    const json::object header{{"alg", "EdDSA"}, {"typ", "JWT"}};
    std::string token = to_base64url(json::serialize(header)) + '.' +
                        to_base64url(json::serialize(claims_of(grant)));
    const std::string signature = key.sign(token);
    return token + '.' + to_base64url(signature);
}

}  // namespace tidemark::auth
