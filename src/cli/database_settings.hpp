#pragma once

#include <string>

#include <tidemark/replica.hpp>

#include "cli/session.hpp"
#include "cli/settings.hpp"
#include "sqlite/connection.hpp"
#include "sync/preferences.hpp"

namespace tidemark::cli {

/// The settings that hold for one replica: its own count for more than those of the user.
class DatabaseSettings {
public:
    explicit DatabaseSettings(const std::string& path)
        : connection_(path), preferences_(connection_), file_(SettingsFile::of_user()) {}

    std::string get(const std::string& name);
    BatchSize batch();

private:
    Connection connection_;
    Preferences preferences_;
    SettingsFile file_;
};

/// How a command opens a replica that it is about to sync.
OpenOptions open_options(const std::string& path, const Session& session);

/// For a database that is no replica yet.
BatchSize batch_of_user();

}  // namespace tidemark::cli
