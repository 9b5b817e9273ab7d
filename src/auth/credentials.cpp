#include "auth/credentials.hpp"

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <iostream>
#include <iterator>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <tidemark/error.hpp>

#include "auth/masking.hpp"
#include "base/clock.hpp"
#include "base/private_file.hpp"
#include "base/text.hpp"
#include "base/tuning.hpp"
#include "base/user_folder.hpp"

namespace tidemark::auth {
namespace {

namespace json = boost::json;

constexpr std::string_view blanks = " \t\r\n";

std::string trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == text.npos) return {};
    return std::string(text.substr(first, text.find_last_not_of(blanks) - first + 1));
}

std::string day_of(std::int64_t seconds) {
    const std::time_t time = seconds;
    std::tm parts{};
    char text[32];
    if (gmtime_r(&time, &parts) == nullptr) return std::to_string(seconds);
    return {text, std::strftime(text, sizeof text, "%Y-%m-%d %H:%M UTC", &parts)};
}

std::string new_token_hint() {
    return "Get a new one where the old one came from, and save it with 'tidemark login'.";
}

/// Whether a token for `holder` is one for `url` too: the same place, or a part of it.
bool covers(std::string_view holder, std::string_view url) {
    return url.starts_with(holder) && (url.size() == holder.size() || url[holder.size()] == '/');
}

}  // namespace

std::string normalized(const std::string& url) {
    const std::size_t scheme_end = url.find("://");
    if (scheme_end == std::string::npos) return url;
    std::string scheme = lower(std::string_view(url).substr(0, scheme_end));
    std::string_view rest = std::string_view(url).substr(scheme_end + 3);
    const std::size_t query = rest.find_first_of("?#");
    const bool plain = query != rest.npos && rest.substr(query).find("tls=0") != rest.npos;
    rest = rest.substr(0, query);
    const std::size_t path = std::min(rest.find('/'), rest.size());
    std::string_view authority = rest.substr(0, path);
    if (const std::size_t at = authority.rfind('@'); at != authority.npos) {
        authority.remove_prefix(at + 1);
    }
    if (scheme == "libsql") scheme = plain ? "http" : "https";
    if (scheme == "wss") scheme = "https";
    if (scheme == "ws") scheme = "http";
    std::string host = lower(authority);
    for (const auto& [of, port] : {std::pair{"https", ":443"}, std::pair{"http", ":80"}}) {
        if (scheme == of && host.ends_with(port))
            host.resize(host.size() - std::string_view(port).size());
    }
    std::string out = scheme + "://" + host + std::string(rest.substr(path));
    while (out.ends_with('/')) out.pop_back();
    return out;
}

Credentials Credentials::of_user() { return Credentials(config_folder() + "/credentials.json"); }

std::vector<Credentials::Entry> Credentials::entries() const {
    const std::optional<std::string> text = read_private(path_);
    if (!text) return {};
    require_private_folder(path_.substr(0, path_.rfind('/')));
    std::vector<Entry> entries;
    try {
        const json::value content = json::parse(*text);
        for (const auto& [url, entry] : content.as_object().at("tokens").as_object()) {
            entries.push_back({std::string(url), std::string(entry.at("token").as_string()),
                               entry.at("saved_ms").to_number<std::int64_t>()});
        }
    } catch (const std::exception&) {  // whose message might hold a part of a token
        throw Error(ErrorCode::failed, path_ + " cannot be understood",
                    "Remove it, and save the tokens anew with 'tidemark login'.");
    }
    return entries;
}

std::optional<Credentials::Entry> Credentials::find(const std::string& url) const {
    const std::string wanted = normalized(url);
    std::optional<Entry> best;
    for (Entry& entry : entries()) {
        if (!covers(entry.url, wanted)) continue;
        if (!best || entry.url.size() > best->url.size()) best = std::move(entry);
    }
    return best;
}

void Credentials::save(const std::string& url, const std::string& token, std::int64_t now_ms) {
    std::vector<Entry> all = entries();
    const std::string place = normalized(url);
    std::erase_if(all, [&](const Entry& entry) { return entry.url == place; });
    all.push_back({place, token, now_ms});
    write(all);
}

bool Credentials::forget(const std::string& url) {
    std::vector<Entry> all = entries();
    const std::string place = normalized(url);
    const bool known =
        std::erase_if(all, [&](const Entry& entry) { return entry.url == place; }) > 0;
    if (known) write(all);
    return known;
}

void Credentials::write(const std::vector<Entry>& entries) const {
    json::object tokens;
    for (const Entry& entry : entries) {
        tokens[entry.url] = {{"token", entry.token}, {"saved_ms", entry.saved_ms}};
    }
    write_private(path_, json::serialize(json::object{{"format", 1}, {"tokens", tokens}}) + "\n");
}

std::string read_token_file(const std::string& path) {
    std::optional<std::string> text;
    if (path == "-") {
        text = std::string(std::istreambuf_iterator<char>(std::cin), {});
    } else {
        text = read_private(path);
    }
    if (!text) {
        throw Error(ErrorCode::failed, "there is no token file " + path,
                    "Check the path; the file holds the token and nothing else.");
    }
    std::string token = trimmed(*text);
    if (token.empty()) {
        throw Error(ErrorCode::failed,
                    path == "-" ? "the standard input holds no token" : path + " holds no token",
                    "It has to hold the token and nothing else.");
    }
    return token;
}

std::optional<Token> token_for(const std::string& url, const std::string& given) {
    return token_for(
        url, given, [](const char* name) { return std::getenv(name); }, Credentials::of_user(),
        system_clock().now_ms() / 1000);
}

std::optional<Token> token_for(const std::string& url, const std::string& given,
                               const Environment& environment, const Credentials& credentials,
                               std::int64_t now_s) {
    const auto checked = [&](const std::string& value, const std::string& source) {
        Token token{value, source, {}};
        try {
            token.claims = read_claims(value);
        } catch (const Error& error) {
            throw Error(error.code(), error.message() + " (it comes from " + source + ")",
                        error.hint());
        }
        require_valid(token, url, now_s);
        return token;
    };
    if (!given.empty()) return checked(trimmed(given), "--token-file");
    for (const char* variable : {"TIDEMARK_AUTH_TOKEN", "TURSO_AUTH_TOKEN"}) {
        const char* value = environment(variable);
        if (value != nullptr && *value != '\0') return checked(trimmed(value), variable);
    }
    if (const auto entry = credentials.find(url)) return checked(entry->token, credentials.path());
    return std::nullopt;
}

std::string expiry_notice(const Token& token, const std::string& url, std::int64_t now_s) {
    if (!token.claims.expires_s) return {};
    const std::int64_t left_s = *token.claims.expires_s - now_s;
    if (left_s > tuning::token_notice_ms / 1000) return {};
    constexpr std::int64_t hour_s = 3'600, day_s = 24 * hour_s;
    const std::string left = left_s >= day_s    ? "in " + count_of(left_s / day_s, "day")
                             : left_s >= hour_s ? "in " + count_of(left_s / hour_s, "hour")
                                                : "within the hour";
    return "The token for " + masked(url) + " from " + token.source + " expires " + left + ", at " +
           day_of(*token.claims.expires_s) + ". " + new_token_hint();
}

void require_valid(const Token& token, const std::string& url, std::int64_t now_s) {
    const auto refuse = [&](const std::string& why) {
        return Error(ErrorCode::unauthorized,
                     "the token for " + masked(url) + " from " + token.source + " " + why,
                     new_token_hint());
    };
    if (token.claims.expired(now_s)) throw refuse("expired at " + day_of(*token.claims.expires_s));
    constexpr std::int64_t skew_s = 60;
    if (token.claims.not_before_s && *token.claims.not_before_s > now_s + skew_s) {
        throw refuse("is not valid before " + day_of(*token.claims.not_before_s));
    }
}

}  // namespace tidemark::auth
