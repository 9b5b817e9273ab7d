#include "cli/settings.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "support/story.hpp"
#include "support/temp_folder.hpp"

namespace tidemark::cli {
namespace {

class SettingsTest : public testing::Test {
protected:
    TempFolder folder;
    SettingsFile file{folder / "tidemark/config.toml"};

    void write(const std::string& text) {
        const std::string parent = std::filesystem::path(file.path()).parent_path();
        std::filesystem::create_directories(parent);
        std::filesystem::permissions(parent, std::filesystem::perms(0700));
        std::ofstream(file.path()) << text;
    }
    std::string read() {
        std::ifstream in(file.path());
        return {std::istreambuf_iterator<char>(in), {}};
    }
    void set(const char* name, const char* value) { file.set(setting_named(name), value); }
};

TEST_F(SettingsTest, E1WhatIsSetIsFoundAgain) {
    EXPECT_EQ(file.get("url"), std::nullopt);
    set("sync.interval", "5");
    set("url", "libsql://notes-ann.turso.io");
    set("sync.after_writes", "no");
    EXPECT_EQ(file.get("url"), "libsql://notes-ann.turso.io");
    EXPECT_EQ(file.get("sync.interval"), "5");
    EXPECT_EQ(file.get("sync.after_writes"), "false");
    EXPECT_EQ(read(), R"(url = 'libsql://notes-ann.turso.io'

[sync]
interval = 5
after_writes = false
)");
    EXPECT_TRUE(file.unset(setting_named("sync.interval")));
    EXPECT_FALSE(file.unset(setting_named("sync.interval")));
    EXPECT_EQ(file.get("sync.interval"), std::nullopt);
}

TEST_F(SettingsTest, CommentsAndOrderStayAsTheUserWroteThem) {
    write(
        "# mine: größer\n"
        "policy='primary'   # because\n"
        "\n"
        "[sync] # timing\n"
        "  interval = 60 # seconds\n"
        "[usage]\n"
        "plan = \"turso-free\"");
    set("sync.interval", "7");
    set("policy", "newest");
    set("device", "größer");
    set("sync.on_close", "false");
    set("usage.rows_read", "5");
    EXPECT_EQ(read(),
              "# mine: größer\n"
              "policy='newest'   # because\n"
              "device = 'größer'\n"
              "\n"
              "[sync] # timing\n"
              "  interval = 7 # seconds\n"
              "on_close = false\n"
              "[usage]\n"
              "plan = \"turso-free\"\n"
              "rows_read = 5\n");
}

TEST_F(SettingsTest, AnUnknownNameIsRefusedWithTheNearestOne) {
    Error error = expect_error(ErrorCode::usage, [] { setting_named("sync.intervall"); });
    EXPECT_NE(error.hint().find("Did you mean 'sync.interval'?"), std::string::npos);
    write("[sync]\ninterval = 3\nafter_write = true\n");
    error = expect_error(ErrorCode::usage, [&] { file.get("sync.interval"); });
    EXPECT_NE(error.message().find("line 3"), std::string::npos) << error.message();
    EXPECT_NE(error.hint().find("sync.after_writes"), std::string::npos);
}

TEST_F(SettingsTest, WhatMakesNoSenseIsRefusedAndChangesNothing) {
    for (const auto& [name, value] : {std::pair{"sync.interval", "-1"},
                                      {"sync.interval", "soon"},
                                      {"sync.interval", "100000"},
                                      {"sync.after_writes", "maybe"}}) {
        expect_error(ErrorCode::usage, [&, n = name, v = value] { set(n, v); });
    }
    EXPECT_EQ(read(), "");
    write("url = \n");
    expect_error(ErrorCode::usage, [&] { set("url", "x"); });
    EXPECT_EQ(read(), "url = \n");
}

TEST_F(SettingsTest, E7TheEnvironmentBeatsTheDatabaseWhichBeatsTheFile) {
    const Setting& interval = setting_named("sync.interval");
    const auto database = [](const std::string&) { return std::optional<std::string>("20"); };
    EXPECT_EQ(find_setting(interval, file).value, "30");
    set("sync.interval", "10");
    EXPECT_EQ(find_setting(interval, file).source, file.path());
    EXPECT_EQ(find_setting(interval, file, database).value, "20");
    ::setenv("TIDEMARK_SYNC_INTERVAL", "40", 1);
    const Found found = find_setting(interval, file, database);
    ::unsetenv("TIDEMARK_SYNC_INTERVAL");
    EXPECT_EQ(found.value, "40");
    EXPECT_EQ(found.source, "TIDEMARK_SYNC_INTERVAL");
    ::setenv("TURSO_DATABASE_URL", "libsql://x.turso.io", 1);
    EXPECT_EQ(find_setting(setting_named("url"), file).value, "libsql://x.turso.io");
    ::unsetenv("TURSO_DATABASE_URL");
}

}  // namespace
}  // namespace tidemark::cli
