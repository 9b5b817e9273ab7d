#pragma once

#include <optional>
#include <string>

namespace jdo {

/// Where this user's files lie.
struct Places {
    std::string settings;   ///< ~/.config/jdo/settings.toml
    std::string auth;       ///< ~/.local/share/jdo/auth.json, 0600
    std::string database;   ///< ~/.local/share/jdo/jdo.db
    std::string conflicts;  ///< ~/.local/share/jdo/conflicts.log
    std::string turn;       ///< ~/.local/share/jdo/background.pid: who syncs in the background

    static Places of_user();
};

/// What settings.toml says.
struct Settings {
    bool turso_enabled = false;
    std::string turso_db_url;

    /// A missing file stands for one that says nothing. Throws Error{failed} for one that cannot be
    /// read.
    static Settings load(const std::string& path);
    void save(const std::string& path) const;
};

/// The tokens of services, by provider: a JSON file that only its owner may read.
class AuthStore {
public:
    explicit AuthStore(std::string path) : path_(std::move(path)) {}

    std::optional<std::string> token(const std::string& provider) const;
    void save(const std::string& provider, const std::string& token) const;
    void remove(const std::string& provider) const;

private:
    std::string path_;
};

/// The provider of the sync's token.
inline constexpr const char* turso = "turso";

}  // namespace jdo
