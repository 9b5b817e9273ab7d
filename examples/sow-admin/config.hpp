#pragma once

#include <string>

namespace sow_admin {

/// What config.toml says:
///
///     [database]
///     path = "/home/ann/songs.db"
///     [turso]
///     database_url = "libsql://songs-ann.turso.io"
struct AdminConfig {
    std::string db_path;
    std::string turso_database_url;  ///< empty: no sync

    /// ~/.config/sow-admin/config.toml
    static std::string default_path();
    /// Throws Error{failed} where there is no such file or it cannot be read.
    static AdminConfig load(const std::string& path);
    /// The same, where a missing file stands for one that says nothing.
    static AdminConfig load_or_default(const std::string& path);
    void save(const std::string& path) const;

    /// `key` is turso_database_url or db_path. Throws Error{usage} for another one.
    void set(const std::string& key, const std::string& value);
};

/// A secret from the environment: "turso.auth_token" is SOW_TURSO_AUTH_TOKEN. Empty where it is not
/// set. Secrets are in no file.
std::string get_secret(const std::string& key);
std::string get_env_var_name(const std::string& key);

}  // namespace sow_admin
