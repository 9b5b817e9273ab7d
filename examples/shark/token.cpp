#include "shark/token.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>

#include <tidemark/error.hpp>

#include "common/private_file.hpp"

namespace shark {
namespace {

using tidemark::Error;
using tidemark::ErrorCode;

std::string trimmed(const std::string& text) {
    constexpr const char* blanks = " \t\r\n";
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == std::string::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

void require_token(const Token& token) {
    if (is_token(token.value)) return;
    throw Error(ErrorCode::unauthorized, "Invalid token format in " + token.source,
                "A token has three parts with dots between them; copy it whole, as "
                "'turso db tokens create' or 'tidemark token' printed it.");
}

}  // namespace

bool is_token(std::string_view text) {
    int parts = 0;
    while (true) {
        const std::string_view part = text.substr(0, text.find('.'));
        const bool plain = std::all_of(part.begin(), part.end(), [](unsigned char c) {
            return std::isalnum(c) || c == '-' || c == '_';
        });
        if (part.empty() || !plain) return false;
        ++parts;
        if (part.size() == text.size()) return parts == 3;
        text.remove_prefix(part.size() + 1);
    }
}

Token find_token(const Places& places, const Environment& environment) {
    Token token;
    const char* given = environment("TURSO_AUTH_TOKEN");
    if (given && *given) {
        token = {trimmed(given), "TURSO_AUTH_TOKEN"};
    } else if (const auto kept = examples::read_private(places.token)) {
        token = {trimmed(*kept), places.token};
    } else {
        throw Error(ErrorCode::unauthorized, "no token is known",
                    "Run 'shark cloud login' to authenticate");
    }
    require_token(token);
    return token;
}

Token find_token(const Places& places) {
    return find_token(places, [](const char* name) { return std::getenv(name); });
}

bool knows_token(const Places& places) {
    const char* given = std::getenv("TURSO_AUTH_TOKEN");
    return (given && *given) || std::filesystem::exists(places.token);
}

void save_token(const Places& places, const std::string& token) {
    const Token given{trimmed(token), "what was given"};
    require_token(given);
    examples::write_private(places.token, given.value + "\n");
}

}  // namespace shark
