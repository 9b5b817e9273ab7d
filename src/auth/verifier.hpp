#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "auth/permission.hpp"

namespace tidemark::auth {

/// Why somebody was not let in. `code` is one of sqld's AUTH_…; `message` says no more than an
/// attacker may know.
struct Refusal {
    std::string code;
    std::string message;
    bool operator==(const Refusal&) const = default;
};

/// The token in the value of an `Authorization` header, or why there is none. An empty view stands
/// for a missing header.
std::variant<std::string_view, Refusal> bearer_token(std::string_view header);

/// Checks tokens (JWT, EdDSA) against the public keys of a server. Any thread may call it. Tokens
/// that were found valid are remembered, by their hash, so that the signature is checked once.
class Verifier {
public:
    /// One or more PEM blocks of Ed25519 public keys, or one key as 32 bytes in URL-safe base64
    /// without padding. Throws Error{usage} where `keys` is neither.
    explicit Verifier(std::string_view keys);
    ~Verifier();
    Verifier(Verifier&&) noexcept;
    Verifier& operator=(Verifier&&) noexcept;

    /// What `token` allows at the time `now_s` (seconds since 1970), or why it is refused. An empty
    /// token is a missing one.
    std::variant<std::shared_ptr<const Permission>, Refusal> verify(std::string_view token,
                                                                    std::int64_t now_s) const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace tidemark::auth
