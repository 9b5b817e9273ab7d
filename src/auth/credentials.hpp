#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "auth/claims.hpp"

/// The tokens of this user. A token goes nowhere but to its server: never into a database, a log, a
/// message or an argument list.
namespace tidemark::auth {

struct Token {
    std::string value;
    std::string source;  ///< where it was found, for a person: "TURSO_AUTH_TOKEN", a path
    Claims claims;
};

/// The file that `tidemark login` fills, and nothing but that file. It is 0600 and its folder 0700;
/// wider permissions are refused (Error{failed}) with the command that narrows them.
class Credentials {
public:
    explicit Credentials(std::string path) : path_(std::move(path)) {}
    /// "credentials.json" in the user's configuration folder.
    static Credentials of_user();

    struct Entry {
        std::string url;  ///< as normalized() writes it
        std::string token;
        std::int64_t saved_ms = 0;
    };

    std::vector<Entry> entries() const;
    /// The entry for `url`, or for the longest part of it: a token for a server holds for all of
    /// its databases.
    std::optional<Entry> find(const std::string& url) const;
    void save(const std::string& url, const std::string& token, std::int64_t now_ms);
    /// Returns whether there was one.
    bool forget(const std::string& url);

    const std::string& path() const { return path_; }

private:
    void write(const std::vector<Entry>& entries) const;

    std::string path_;
};

/// One spelling for URLs that lead to the same place: the scheme that is spoken, the host in lower
/// case, no user, no query, no slash at the end.
std::string normalized(const std::string& url);

/// What a token file holds, without the blanks around it; "-" is the standard input. Throws
/// Error{failed} where there is none, it is empty, or others may read it.
std::string read_token_file(const std::string& path);

using Environment = std::function<const char*(const char* name)>;

/// The token for a primary: what the caller `given`, else TIDEMARK_AUTH_TOKEN, else
/// TURSO_AUTH_TOKEN, else what the credentials file has. Nothing where none is known: a server may
/// ask for none. Throws Error{unauthorized} where it has not the form of a token or has expired, so
/// that this is said before the network is asked.
std::optional<Token> token_for(const std::string& url, const std::string& given = {});
std::optional<Token> token_for(const std::string& url, const std::string& given,
                               const Environment& environment, const Credentials& credentials,
                               std::int64_t now_s);

/// A sentence for a person where the token expires within tuning::token_notice_ms; otherwise empty.
std::string expiry_notice(const Token& token, const std::string& url, std::int64_t now_s);

/// Throws Error{unauthorized} where the token has expired or is not valid yet.
void require_valid(const Token& token, const std::string& url, std::int64_t now_s);

}  // namespace tidemark::auth
