#pragma once

#include <functional>
#include <string>

namespace memorygraph {

using Environment = std::function<const char*(const char* name)>;

/// What the environment says.
struct Config {
    std::string backend;              ///< MEMORY_BACKEND: "turso" or "sqlite", the default
    std::string sqlite_path;          ///< MEMORY_SQLITE_PATH
    std::string turso_path;           ///< MEMORY_TURSO_PATH
    std::string turso_database_url;   ///< TURSO_DATABASE_URL; empty: local only
    std::string turso_auth_token;     ///< TURSO_AUTH_TOKEN
    bool turso_auto_sync = true;      ///< MEMORY_TURSO_AUTO_SYNC
    int turso_sync_interval_s = 300;  ///< MEMORY_TURSO_SYNC_INTERVAL

    /// Throws tidemark::Error{usage} that names the variable whose value makes no sense.
    static Config from_environment();
    static Config from_environment(const Environment& environment);

    /// Always: without a primary it works on the local file alone.
    static bool is_turso_configured() { return true; }
};

}  // namespace memorygraph
