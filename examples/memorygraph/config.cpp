#include "memorygraph/config.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include <tidemark/error.hpp>

namespace memorygraph {
namespace {

using tidemark::Error;
using tidemark::ErrorCode;

class Reader {
public:
    explicit Reader(const Environment& environment) : environment_(environment) {}

    std::string text(const char* name, std::string otherwise = {}) const {
        const char* value = environment_(name);
        return value && *value ? value : otherwise;
    }

    /// A path; those who write a configuration file have no shell that reads "~".
    std::string path(const char* name) const {
        const std::string path = text(name, "~/.memorygraph/memory.db");
        return path.starts_with("~/") ? text("HOME", ".") + path.substr(1) : path;
    }

    bool flag(const char* name) const {
        std::string value = text(name, "true");
        std::transform(value.begin(), value.end(), value.begin(),
                       [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        if (value != "true" && value != "false") refuse(name, "true or false");
        return value == "true";
    }

    int seconds(const char* name) const {
        const std::string value = text(name, "300");
        int number = 0;
        const auto [end, error] =
            std::from_chars(value.data(), value.data() + value.size(), number);
        if (error != std::errc() || *end != 0 || number < 1) {
            refuse(name, "a number of seconds from 1 on");
        }
        return number;
    }

private:
    [[noreturn]] void refuse(const char* name, const char* wanted) const {
        throw Error(ErrorCode::usage, std::string(name) + " is '" + text(name) + "'",
                    std::string("Set it to ") + wanted + ", or unset it.");
    }

    const Environment& environment_;
};

}  // namespace

Config Config::from_environment() {
    return from_environment([](const char* name) { return std::getenv(name); });
}

Config Config::from_environment(const Environment& environment) {
    const Reader reader(environment);
    Config config;
    config.backend = reader.text("MEMORY_BACKEND", "sqlite");
    config.sqlite_path = reader.path("MEMORY_SQLITE_PATH");
    config.turso_path = reader.path("MEMORY_TURSO_PATH");
    config.turso_database_url = reader.text("TURSO_DATABASE_URL");
    config.turso_auth_token = reader.text("TURSO_AUTH_TOKEN");
    config.turso_auto_sync = reader.flag("MEMORY_TURSO_AUTO_SYNC");
    config.turso_sync_interval_s = reader.seconds("MEMORY_TURSO_SYNC_INTERVAL");
    return config;
}

}  // namespace memorygraph
