#include "net/failure.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <charconv>
#include <iterator>

#include "base/text.hpp"

namespace tidemark::net {
namespace {

using Kind = TransportFailure::Kind;

constexpr const char* kept = "Everything pending is kept and goes with the next sync.";

struct Words {
    Kind kind;
    const char* before;  ///< the place stands between the two
    const char* after;
    const char* hint;
};

constexpr Words transport_words[] = {
    {Kind::no_such_host, "the primary ", " cannot be reached: its host name is not known",
     "Check the name and this device's network. "},
    {Kind::refused, "the primary ", " cannot be reached: nothing answers there",
     "Check that the server runs, and its address and port. "},
    {Kind::connect_timeout, "the primary ", " cannot be reached: connecting took too long",
     "Check this device's network and firewall, and that the server runs. "},
    {Kind::tls, "the connection to the primary ", " is not safe, so nothing was sent",
     "Where the server has a certificate of its own, name its authority by SSL_CERT_FILE. In a "
     "public network, sign in to it first. "},
    {Kind::silence, "the primary ", " stopped answering",
     "Try again in a moment; what it may have taken is found out then. "},
    {Kind::cut, "the connection to the primary ", " broke off",
     "Try again in a moment; what it may have taken is found out then. "},
    {Kind::too_large, "the primary ", " answered with more than this device takes at once",
     "Check that it is a database server. "},
    {Kind::not_http, "what answers at ", " does not speak HTTP",
     "Check the port, and http:// against https:// (libsql:// means TLS; add ?tls=0 for none). "},
};

struct Refusal {
    int first, last;
    ErrorCode code;
    const char* before;
    const char* after;
    const char* hint;
};

constexpr Refusal refusals[] = {
    {401, 401, ErrorCode::unauthorized, "the primary ", " does not accept this device's token",
     "Give a valid one: 'tidemark login', TIDEMARK_AUTH_TOKEN or --token-file. "},
    {403, 403, ErrorCode::unauthorized, "the primary ", " does not allow this to the token given",
     "Ask its owner for a token that may read and write this database. "},
    {404, 404, ErrorCode::failed, "there is no such database at ", "",
     "Check the URL; the server is there, but it does not know that name. "},
    {407, 407, ErrorCode::unauthorized, "the HTTP proxy on the way to ", " asks for a password",
     "Give it in HTTPS_PROXY, or name the host in NO_PROXY. "},
    {402, 402, ErrorCode::failed, "the plan of the primary ", " is used up",
     "Its owner has to extend it. "},
    {413, 413, ErrorCode::failed, "the primary ", " refuses a request as too large",
     "Raise its limit for request bodies. "},
    {429, 429, ErrorCode::failed, "the primary ", " is asked too often by this account",
     "Sync less often, or extend the plan. "},
    {300, 399, ErrorCode::failed, "the primary ", " has moved to another address",
     "Ask for the new URL, and attach to that. "},
    {404, 405, ErrorCode::failed, "the server at ",
     " speaks no version of Hrana that Tidemark does",
     "Update the server; Tidemark needs Hrana 2 over HTTP. "},
    {502, 504, ErrorCode::unreachable, "the primary ", " is not available at the moment",
     "Try again in a moment. "},
    {500, 599, ErrorCode::failed, "the primary ", " reports an error of its own",
     "Look into the server's log, and try again. "},
    {400, 499, ErrorCode::failed, "the primary ", " refuses the request", "Check its version. "},
};

std::string one_line(std::string text) {
    constexpr std::size_t shown = 300;
    std::replace_if(
        text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; }, ' ');
    if (text.size() > shown) text = as_utf8(text.substr(0, shown)) + "…";
    return text;
}

}  // namespace

Error error_of(const TransportFailure& failure, const std::string& place) {
    const auto* words = std::find_if(std::begin(transport_words), std::end(transport_words),
                                     [&](const Words& one) { return one.kind == failure.kind(); });
    return Error(ErrorCode::unreachable,
                 words->before + place + words->after + " (" + one_line(failure.what()) + ")",
                 std::string(words->hint) + kept);
}

Error error_of(const HttpResponse& response, const std::string& place, const std::string& said) {
    const std::string status = " (HTTP " + std::to_string(response.status) +
                               (said.empty() ? "" : ": " + one_line(said)) + ")";
    const bool refused = response.status == 401 || response.status == 403;
    if (is_page(response) && !refused && response.status != 407) {
        return Error(ErrorCode::unreachable,
                     "what answers at " + place + " is a web page and not the database" + status,
                     std::string("A proxy or a network's sign-in page may be in the way; open the "
                                 "address in a browser to see it. ") +
                         kept);
    }
    // A server that knows the path says in JSON that it has no such database.
    const bool knows_path = !said.empty();
    const auto* words =
        std::find_if(std::begin(refusals), std::end(refusals), [&](const Refusal& one) {
            const bool unknown_name = one.first == 404 && one.last == 404;
            return response.status >= one.first && response.status <= one.last &&
                   (!unknown_name || knows_path);
        });
    if (words == std::end(refusals)) {
        return Error(ErrorCode::failed,
                     "the primary " + place + " gives no sensible answer" + status,
                     std::string("Check that the URL is that of a database. ") + kept);
    }
    return Error(words->code, words->before + place + words->after + status,
                 std::string(words->hint) + kept);
}

bool is_page(const HttpResponse& response) {
    const std::string type = lower(response.header("content-type"));
    if (type.find("html") != std::string::npos) return true;
    const std::size_t first = response.body.find_first_not_of(" \t\r\n");
    return first != std::string::npos && response.body[first] == '<';
}

std::optional<std::int64_t> retry_after_ms(const HttpResponse& response, std::int64_t now_ms) {
    const std::string text = response.header("retry-after");
    if (text.empty()) return std::nullopt;
    std::int64_t seconds = 0;
    const auto [last, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (error == std::errc() && last == text.data() + text.size()) {
        return std::clamp<std::int64_t>(seconds, 0, 1'000'000) * 1000;
    }
    const time_t at = curl_getdate(text.c_str(), nullptr);
    if (at < 0) return std::nullopt;
    return std::max<std::int64_t>(0, static_cast<std::int64_t>(at) * 1000 - now_ms);
}

}  // namespace tidemark::net
