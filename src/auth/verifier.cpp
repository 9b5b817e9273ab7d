#include "auth/verifier.hpp"

#include <openssl/sha.h>

#include <array>
#include <limits>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include <tidemark/error.hpp>

#include "auth/ed25519.hpp"
#include "auth/jwt.hpp"
#include "base/base64.hpp"
#include "base/text.hpp"

namespace tidemark::auth {
namespace {

namespace json = boost::json;

/// Clocks of servers and of those who issue tokens differ a little.
constexpr std::int64_t leeway_s = 60;

/// Tokens that are remembered: as many as a busy server has users at a time.
constexpr std::size_t max_remembered = 4'096;

const Refusal invalid{"AUTH_JWT_INVALID", "the token is invalid"};

std::string_view without_blanks(std::string_view text) {
    const auto is_blank = [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; };
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
}

/// What the words of sqld's claims stand for.
std::optional<Rights> rights_of(std::string_view word) {
    if (word == "ro") return Rights{.read = true};
    if (word == "rw") return Rights{.read = true, .write = true};
    if (word == "roa") return Rights{.read = true, .attach = true};
    if (word == "rwa") return Rights{.read = true, .write = true, .attach = true};
    if (word == "ddl") return Rights{.ddl = true};
    return std::nullopt;
}

/// The claim `p`: for each kind of right the databases in which it holds. Nothing where it is not
/// well-formed. Databases that are only given by tags are none of ours.
std::optional<Permission> read_databases(const json::value& claim) {
    const json::object* kinds = claim.if_object();
    if (kinds == nullptr) return std::nullopt;
    Permission permission;
    for (const auto& [word, scope] : *kinds) {
        const auto rights = rights_of(word);
        if (!rights || scope.is_null()) continue;
        if (!scope.is_object()) return std::nullopt;
        const json::value* names = scope.get_object().if_contains("ns");
        if (names == nullptr || names->is_null()) continue;
        if (!names->is_array()) return std::nullopt;
        for (const json::value& name : names->get_array()) {
            if (!name.is_string()) return std::nullopt;
            permission.allow(name.get_string(), *rights);
        }
    }
    return permission;
}

/// Nothing where the claims are not well-formed.
std::optional<Permission> read_permission(const json::object& claims) {
    const auto given = [&](const char* name) -> const json::value* {
        const json::value* value = claims.if_contains(name);
        return value == nullptr || value->is_null() ? nullptr : value;
    };
    if (const json::value* databases = given("p")) return read_databases(*databases);
    Rights rights{.read = true, .write = true};
    if (const json::value* access = given("a")) {
        if (!access->is_string()) return std::nullopt;
        const std::string_view word = access->get_string();
        if (word != "ro" && word != "rw" && word != "roa") return std::nullopt;
        rights = *rights_of(word);
    }
    const json::value* database = given("id");
    if (database == nullptr) return Permission(rights);
    if (!database->is_string()) return std::nullopt;
    Permission permission;
    permission.allow(database->get_string(), rights);
    return permission;
}

/// A token whose signature was right.
struct Known {
    std::shared_ptr<const Permission> permission;
    std::int64_t not_before_s = std::numeric_limits<std::int64_t>::min();
    std::int64_t expires_s = std::numeric_limits<std::int64_t>::max();
};

using Hash = std::array<unsigned char, SHA256_DIGEST_LENGTH>;

Hash hash_of(std::string_view token) {
    Hash hash;
    SHA256(reinterpret_cast<const unsigned char*>(token.data()), token.size(), hash.data());
    return hash;
}

}  // namespace

struct Verifier::State {
    std::vector<PublicKey> keys;
    std::mutex mutex;
    std::map<Hash, Known> remembered;

    std::optional<Known> read(std::string_view token) const {
        try {
            const Jwt jwt = read_jwt(token);
            const json::value* algorithm = jwt.header.if_contains("alg");
            if (algorithm == nullptr || *algorithm != "EdDSA" || !is_signed(jwt)) return {};
            auto permission = read_permission(jwt.claims);
            if (!permission) return {};
            Known known{std::make_shared<const Permission>(std::move(*permission))};
            if (const auto at = time_in(jwt.claims, "nbf")) known.not_before_s = *at;
            if (const auto at = time_in(jwt.claims, "exp")) known.expires_s = *at;
            return known;
        } catch (const Error&) {
            return {};
        }
    }

    bool is_signed(const Jwt& jwt) const {
        for (const PublicKey& key : keys) {
            if (key.verifies(jwt.signed_part, jwt.signature)) return true;
        }
        return false;
    }

    std::optional<Known> recall(const Hash& hash) {
        const std::lock_guard lock(mutex);
        const auto found = remembered.find(hash);
        if (found == remembered.end()) return {};
        return found->second;
    }

    void remember(const Hash& hash, const Known& known) {
        const std::lock_guard lock(mutex);
        if (remembered.size() >= max_remembered) remembered.clear();
        remembered.emplace(hash, known);
    }
};

Verifier::Verifier(std::string_view keys) : state_(std::make_unique<State>()) {
    const std::string_view text = without_blanks(keys);
    if (text.find("-----BEGIN") != std::string_view::npos) {
        state_->keys = PublicKey::read_pem(std::string(text));
        return;
    }
    const auto bytes = from_base64url(text);
    if (!bytes || bytes->size() != 32) {
        throw Error(ErrorCode::usage,
                    "the key for tokens is neither PEM nor 32 bytes in URL-safe base64",
                    "Give the public key that 'tidemark keys create' has written.");
    }
    state_->keys.push_back(PublicKey::from_bytes(*bytes));
}

Verifier::~Verifier() = default;
Verifier::Verifier(Verifier&&) noexcept = default;
Verifier& Verifier::operator=(Verifier&&) noexcept = default;

std::variant<std::shared_ptr<const Permission>, Refusal> Verifier::verify(
    std::string_view token, std::int64_t now_s) const {
    if (token.empty()) return Refusal{"AUTH_JWT_MISSING", "a token is needed"};
    const Hash hash = hash_of(token);
    std::optional<Known> known = state_->recall(hash);
    if (!known) {
        known = state_->read(token);
        if (!known) return invalid;
        state_->remember(hash, *known);
    }
    if (now_s - leeway_s >= known->expires_s) {
        return Refusal{"AUTH_JWT_EXPIRED", "the token has expired"};
    }
    if (now_s + leeway_s < known->not_before_s) {
        return Refusal{"AUTH_JWT_IMMATURE", "the token is not valid yet"};
    }
    return known->permission;
}

std::variant<std::string_view, Refusal> bearer_token(std::string_view header) {
    if (header.empty()) {
        return Refusal{"AUTH_HTTP_HEADER_MISSING", "the Authorization header is missing"};
    }
    const std::size_t space = header.find(' ');
    if (space == std::string_view::npos) {
        return Refusal{"AUTH_HTTP_HEADER_INVALID", "the Authorization header cannot be read"};
    }
    if (!same_name(header.substr(0, space), "bearer")) {
        return Refusal{"AUTH_HTTP_HEADER_UNSUPPORTED_SCHEME",
                       "the Authorization header is not of the form 'Bearer TOKEN'"};
    }
    return without_blanks(header.substr(space));
}

}  // namespace tidemark::auth
