// Whatever is sent as a token, as the claims of a token that is rightly signed, or as an
// Authorization header is taken or refused.

#include "auth/claims.hpp"
#include "auth/ed25519.hpp"
#include "auth/verifier.hpp"
#include "base/base64.hpp"
#include "fuzz/fuzz.hpp"

namespace tidemark::auth {
namespace {

struct Server {
    PrivateKey key = PrivateKey::generate();
    Verifier verifier{key.public_pem()};
};

std::string signed_by(const PrivateKey& key, std::string_view claims) {
    const std::string text = to_base64url(R"({"alg":"EdDSA"})") + '.' + to_base64url(claims);
    return text + '.' + to_base64url(key.sign(text));
}

}  // namespace

void fuzz_one(std::string_view bytes) {
    static const Server server;
    constexpr std::int64_t now_s = 1'800'000'000;
    // Nobody can guess a signature.
    if (std::holds_alternative<std::shared_ptr<const Permission>>(
            server.verifier.verify(bytes, now_s))) {
        std::abort();
    }
    const std::string token = signed_by(server.key, bytes);
    const auto first = server.verifier.verify(token, now_s);
    const auto again = server.verifier.verify(token, now_s);
    if (first != again) std::abort();
    if (const auto* permission = std::get_if<std::shared_ptr<const Permission>>(&first)) {
        (*permission)->in("notes");
    }
    bearer_token(bytes);
    try {
        read_claims(bytes).expired(now_s);
    } catch (const Error&) {
        // It has not the form of a token.
    }
}

}  // namespace tidemark::auth

TIDEMARK_FUZZ(tidemark::auth::fuzz_one)
