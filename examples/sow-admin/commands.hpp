#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "sow-admin/client.hpp"
#include "sow-admin/config.hpp"

namespace sow_admin {

void add_db_commands(CLI::App& app, std::string& config_path);
void add_config_commands(CLI::App& app, std::string& config_path);
void add_catalog_commands(CLI::App& app, std::string& config_path);

/// A client for the configured database. Throws Error{failed} where that has not been made yet.
DatabaseClient get_db_client(const AdminConfig& config);

}  // namespace sow_admin
