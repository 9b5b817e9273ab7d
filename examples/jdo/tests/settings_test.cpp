#include "jdo/settings.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include <tidemark/error.hpp>

#include "support/temp_folder.hpp"

namespace jdo {
namespace {

namespace fs = std::filesystem;

TEST(JdoSettings, E3AreKept) {
    const tidemark::TempFolder folder;
    const std::string file = folder / "deep/settings.toml";
    EXPECT_FALSE(Settings::load(file).turso_enabled);
    Settings{true, "libsql://jdo-ann.turso.io"}.save(file);
    EXPECT_TRUE(Settings::load(file).turso_enabled);
    EXPECT_EQ(Settings::load(file).turso_db_url, "libsql://jdo-ann.turso.io");

    std::ofstream(file)
        << "# mine\ncolour = 'red'  # of the prompt\n\n[other]\nturso_enabled = 7\n";
    Settings{true, "libsql://jdo-ann.turso.io"}.save(file);
    Settings{false, "libsql://jdo-ann.turso.io"}.save(file);
    std::stringstream text;
    text << std::ifstream(file).rdbuf();
    EXPECT_EQ(text.str(),
              "# mine\ncolour = 'red'  # of the prompt\nturso_enabled = false\n"
              "turso_db_url = 'libsql://jdo-ann.turso.io'\n\n[other]\nturso_enabled = 7\n");

    std::ofstream(file) << "turso_enabled = maybe\n";
    EXPECT_THROW(Settings::load(file), tidemark::Error);
}

TEST(JdoAuthStore, E4IsForItsOwnerAlone) {
    const tidemark::TempFolder folder;
    const std::string file = folder / "jdo/auth.json";
    const AuthStore store(file);
    EXPECT_EQ(store.token(turso), std::nullopt);
    store.save(turso, "secret");
    EXPECT_EQ(fs::status(file).permissions(), fs::perms(0600));
    EXPECT_EQ(store.token(turso), "secret");
    fs::permissions(file, fs::perms(0644));
    EXPECT_THROW(store.token(turso), tidemark::Error);
}

TEST(JdoAuthStore, LeavesOtherProvidersAlone) {
    const tidemark::TempFolder folder;
    const AuthStore store(folder / "auth.json");
    store.save("another", "one");
    store.save(turso, "secret");
    store.remove(turso);
    store.remove(turso);
    EXPECT_EQ(store.token(turso), std::nullopt);
    EXPECT_EQ(store.token("another"), "one");
    std::ofstream(folder / "auth.json") << "nonsense";
    EXPECT_THROW(store.token(turso), tidemark::Error);
}

}  // namespace
}  // namespace jdo
