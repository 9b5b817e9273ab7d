#pragma once

#include <string>

namespace tidemark::net {

/// The address of a primary on a server: libsql://, https://, http://, wss:// or ws://. All of them
/// are spoken to by HTTP; libsql and wss mean TLS, and `?tls=0` takes it away from libsql.
struct Url {
    bool tls = true;
    std::string host;   ///< in lower case; an IPv6 address without its brackets
    int port = 0;       ///< 0: the scheme's own
    std::string path;   ///< "/dev/notes", or empty; never ends in a slash
    std::string token;  ///< what `?authToken=` gave; goes into nothing that is shown or stored

    /// Throws Error{usage} where `text` is no such URL, or holds a user name or a password.
    static Url parse(const std::string& text);

    /// Whether the path of a primary is such a URL rather than a file.
    static bool is_one(const std::string& text);

    /// What is stored: everything but the token.
    std::string text() const;
    /// Where HTTP requests go, such as "https://db.example.org" + "/v2/pipeline".
    std::string http(const std::string& resource) const;
    /// This machine itself, where nobody listens on the way.
    bool is_loopback() const;
    /// "host" or "host:port", for a person.
    std::string place() const;
};

}  // namespace tidemark::net
