#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <boost/json/object.hpp>

#include "auth/verifier.hpp"

namespace tidemark::server {

/// What an administrator has said about one database. It lies beside the database, so that it goes
/// along where the folder goes.
struct DatabaseConfig {
    bool block_reads = false;
    bool block_writes = false;
    std::string block_reason;
    std::string jwt_key;             ///< asked for instead of the server's; empty: the server's
    std::int64_t most_bytes = 0;     ///< that the file may have; 0: no limit
    std::int64_t write_idle_ms = 0;  ///< of a write transaction; 0: as the server's limits say

    bool operator==(const DatabaseConfig&) const = default;
};

/// It with what follows from it.
struct ConfiguredDatabase {
    /// Throws Error{usage} where the key is none.
    explicit ConfiguredDatabase(DatabaseConfig with);

    DatabaseConfig config;
    std::optional<auth::Verifier> verifier;
};

/// The form of sqld's admin API, every key of it.
boost::json::object json_of(const DatabaseConfig& config);
/// `config` after what `body` says, in that form. Throws HttpFault{400} for what is wrong, or is
/// not done here.
DatabaseConfig changed(DatabaseConfig config, const boost::json::object& body);

/// Where the configuration of the database at `path` lies.
std::string config_path(const std::string& path);
/// The default where there is no such file. Throws Error where it cannot be read.
DatabaseConfig read_database_config(const std::string& file);
/// In one step: a crash leaves the old or the new one. Throws Error.
void write_database_config(const std::string& file, const DatabaseConfig& config);

}  // namespace tidemark::server
