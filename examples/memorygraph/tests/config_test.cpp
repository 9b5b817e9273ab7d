#include "memorygraph/config.hpp"

#include <gtest/gtest.h>

#include <map>

#include <tidemark/error.hpp>

namespace memorygraph {
namespace {

Config read(std::map<std::string, std::string> variables) {
    variables.emplace("HOME", "/home/ada");
    return Config::from_environment([&](const char* name) {
        const auto found = variables.find(name);
        return found == variables.end() ? nullptr : found->second.c_str();
    });
}

TEST(Configuration, IsLocalWhereNothingIsSet) {
    const Config config = read({});
    EXPECT_EQ(config.backend, "sqlite");
    EXPECT_EQ(config.sqlite_path, "/home/ada/.memorygraph/memory.db");
    EXPECT_EQ(config.turso_path, "/home/ada/.memorygraph/memory.db");
    EXPECT_EQ(config.turso_database_url, "");
    EXPECT_TRUE(config.turso_auto_sync);
    EXPECT_EQ(config.turso_sync_interval_s, 300);
}

TEST(Configuration, IsWhatTheEnvironmentSays) {
    const Config config = read({{"MEMORY_BACKEND", "turso"},
                                {"MEMORY_TURSO_PATH", "~/memory.db"},
                                {"TURSO_DATABASE_URL", "libsql://db-ada.turso.io"},
                                {"TURSO_AUTH_TOKEN", "token"},
                                {"MEMORY_TURSO_AUTO_SYNC", "False"},
                                {"MEMORY_TURSO_SYNC_INTERVAL", "30"}});
    EXPECT_EQ(config.backend, "turso");
    EXPECT_EQ(config.turso_path, "/home/ada/memory.db");
    EXPECT_EQ(config.turso_database_url, "libsql://db-ada.turso.io");
    EXPECT_EQ(config.turso_auth_token, "token");
    EXPECT_FALSE(config.turso_auto_sync);
    EXPECT_EQ(config.turso_sync_interval_s, 30);
}

TEST(Configuration, NamesTheVariableThatMakesNoSense) {
    const auto message_for = [](const char* name, const char* value) {
        try {
            read({{name, value}});
        } catch (const tidemark::Error& error) {
            EXPECT_FALSE(error.hint().empty());
            return error.message();
        }
        return std::string();
    };
    EXPECT_EQ(message_for("MEMORY_TURSO_AUTO_SYNC", "perhaps"),
              "MEMORY_TURSO_AUTO_SYNC is 'perhaps'");
    for (const char* value : {"0", "-3", "5m", "9999999999"}) {
        EXPECT_EQ(message_for("MEMORY_TURSO_SYNC_INTERVAL", value),
                  std::string("MEMORY_TURSO_SYNC_INTERVAL is '") + value + "'");
    }
}

}  // namespace
}  // namespace memorygraph
