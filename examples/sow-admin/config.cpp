#include "sow-admin/config.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>

#include <tidemark/error.hpp>

#include "common/settings_file.hpp"
#include "common/text.hpp"

namespace sow_admin {
namespace {

namespace fs = std::filesystem;

using tidemark::Error;
using tidemark::ErrorCode;

std::string folder() { return examples::home_folder() + "/.config/sow-admin"; }

}  // namespace

std::string AdminConfig::default_path() { return folder() + "/config.toml"; }

AdminConfig AdminConfig::load(const std::string& path) {
    if (fs::exists(path)) return load_or_default(path);
    throw Error(ErrorCode::failed, "Config file not found: " + path,
                "Run 'sow-admin db init' to make one.");
}

AdminConfig AdminConfig::load_or_default(const std::string& path) {
    AdminConfig config;
    config.db_path = folder() + "/sow.db";
    if (!fs::exists(path)) return config;
    try {
        const toml::table file = toml::parse_file(path);
        config.db_path = file["database"]["path"].value_or(config.db_path);
        config.turso_database_url = file["turso"]["database_url"].value_or(std::string());
    } catch (const toml::parse_error& error) {
        throw Error(ErrorCode::failed,
                    path + " cannot be read: " + std::string(error.description()) + " in line " +
                        std::to_string(error.source().begin.line),
                    "Correct that line.");
    }
    return config;
}

void AdminConfig::save(const std::string& path) const {
    examples::save_settings(
        path, {{"database", "path", db_path}, {"turso", "database_url", turso_database_url}});
}

void AdminConfig::set(const std::string& key, const std::string& value) {
    if (key == "turso_database_url") {
        turso_database_url = value;
    } else if (key == "db_path") {
        db_path = fs::absolute(value).string();
    } else {
        throw Error(ErrorCode::usage, "there is no setting " + key,
                    "There are turso_database_url and db_path.");
    }
}

std::string get_env_var_name(const std::string& key) {
    std::string name = "SOW_" + key;
    std::replace(name.begin(), name.end(), '.', '_');
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return name;
}

std::string get_secret(const std::string& key) {
    const char* value = std::getenv(get_env_var_name(key).c_str());
    return value ? value : "";
}

}  // namespace sow_admin
