#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "auth/ed25519.hpp"

namespace tidemark::auth {

/// What a new token shall allow.
struct Grant {
    std::vector<std::string> databases{};  ///< none: every database
    bool read_only = false;
    std::string subject{};  ///< whom it is for, as a note to people; may be empty
    std::int64_t issued_s = 0;
    std::optional<std::int64_t> expires_s{};
};

/// A token that Verifier, sqld and Turso's clients understand.
std::string issue_token(const PrivateKey& key, const Grant& grant);

}  // namespace tidemark::auth
