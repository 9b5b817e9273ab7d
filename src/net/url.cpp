#include "net/url.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <tidemark/error.hpp>

#include "base/text.hpp"

namespace tidemark::net {
namespace {

struct Scheme {
    std::string_view name;
    bool tls;
};

constexpr std::array schemes = {
    Scheme{"libsql", true}, Scheme{"https", true}, Scheme{"http", false},
    Scheme{"wss", true},    Scheme{"ws", false},
};

const Scheme* scheme_of(const std::string& text) {
    const std::size_t end = text.find("://");
    if (end == std::string::npos) return nullptr;
    const auto* found = std::find_if(schemes.begin(), schemes.end(), [&](const Scheme& scheme) {
        return same_name(scheme.name, std::string_view(text).substr(0, end));
    });
    return found == schemes.end() ? nullptr : found;
}

/// The message must not repeat the URL: it may hold a credential.
[[noreturn]] void refuse(const std::string& why, const std::string& hint) {
    throw Error(ErrorCode::usage, "the URL of the primary " + why, hint);
}

constexpr const char* form = "Write it as libsql://HOST or http://HOST:PORT.";

std::string percent_decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        unsigned byte = 0;
        const char* digits = text.data() + i + 1;
        if (text[i] == '%' && i + 2 < text.size() &&
            std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2) {
            out += static_cast<char>(byte);
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

void read_query(Url& url, std::string_view query, bool can_drop_tls) {
    while (!query.empty()) {
        const std::string_view pair = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(query.size(), pair.size() + 1));
        const std::size_t equals = std::min(pair.find('='), pair.size());
        const std::string_view name = pair.substr(0, equals);
        const std::string value = percent_decoded(pair.substr(std::min(equals + 1, pair.size())));
        if (name == "authToken" || name == "jwt") {
            url.token = value;
        } else if (name == "tls") {
            if (value != "0" && value != "1") refuse("has tls=" + value, "tls is 0 or 1.");
            if (value == "0" && can_drop_tls) url.tls = false;
        } else {
            refuse("has a parameter '" + std::string(name) + "' that Tidemark does not know",
                   "It knows tls and authToken.");
        }
    }
}

void read_authority(Url& url, std::string_view authority) {
    if (authority.find('@') != authority.npos) {
        refuse("holds a user name or a password",
               "Take it out; a token is given by --token-file, TIDEMARK_AUTH_TOKEN or 'tidemark "
               "login'.");
    }
    std::size_t end = authority.find(':');
    if (authority.starts_with('[')) {
        const std::size_t bracket = authority.find(']');
        if (bracket == authority.npos) refuse("has a '[' without a ']'", form);
        url.host = lower(authority.substr(1, bracket - 1));
        end = bracket + 1;
    } else {
        end = std::min(end, authority.size());
        url.host = lower(authority.substr(0, end));
    }
    const bool odd = std::any_of(url.host.begin(), url.host.end(), [](char c) {
        return static_cast<unsigned char>(c) <= ' ' ||
               std::string_view("\"<>\\^`{|}").find(c) != std::string_view::npos;
    });
    if (url.host.empty() || odd) refuse("names no host", form);
    std::string_view port = authority.substr(end);
    if (port.empty()) return;
    port.remove_prefix(1);
    const auto [last, error] = std::from_chars(port.data(), port.data() + port.size(), url.port);
    if (error != std::errc() || last != port.data() + port.size() || url.port < 1 ||
        url.port > 65535) {
        refuse("has no valid port", "A port is a number from 1 to 65535.");
    }
}

}  // namespace

bool Url::is_one(const std::string& text) { return scheme_of(text) != nullptr; }

Url Url::parse(const std::string& text) {
    const Scheme* scheme = scheme_of(text);
    if (!scheme) {
        const std::size_t end = text.find("://");
        refuse(end == std::string::npos
                   ? "has no scheme"
                   : "begins with " + text.substr(0, end) + "://, which Tidemark does not speak",
               "It speaks libsql://, https://, http://, wss:// and ws://.");
    }
    Url url;
    url.tls = scheme->tls;
    std::string_view rest = std::string_view(text).substr(scheme->name.size() + 3);
    rest = rest.substr(0, rest.find('#'));
    const std::size_t query = std::min(rest.find('?'), rest.size());
    const std::size_t path = std::min(rest.find('/'), query);
    read_authority(url, rest.substr(0, path));
    url.path = rest.substr(path, query - path);
    while (url.path.ends_with('/')) url.path.pop_back();
    if (query < rest.size()) read_query(url, rest.substr(query + 1), scheme->name == "libsql");
    if (url.port == (url.tls ? 443 : 80)) url.port = 0;
    return url;
}

std::string Url::place() const {
    const std::string name = host.find(':') == std::string::npos ? host : "[" + host + "]";
    return port == 0 ? name : name + ":" + std::to_string(port);
}

std::string Url::text() const { return (tls ? "libsql://" : "http://") + place() + path; }

std::string Url::http(const std::string& resource) const {
    return (tls ? "https://" : "http://") + place() + path + resource;
}

bool Url::is_loopback() const {
    return host == "localhost" || host.ends_with(".localhost") || host == "::1" ||
           (host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string::npos);
}

}  // namespace tidemark::net
