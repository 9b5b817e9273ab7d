// Shark against a real `tidemark serve` that asks for tokens, and what becomes of the token.

#include <gtest/gtest.h>

#include <filesystem>

#include "testing/device.hpp"
#include "testing/secret.hpp"
#include "testing/server.hpp"

namespace shark {
namespace {

namespace fs = std::filesystem;

using examples::Device;
using examples::Server;

class SharkServer : public testing::Test {
protected:
    tidemark::TempFolder folder;
    Server server{folder / "server"};
    Device desktop{folder / "desktop", {{"SHARK_BACKGROUND_SYNC", "off"}, {"SHARK_SYNC_LOG", "1"}}};
};

TEST_F(SharkServer, D5AWrongTokenIsToldFromAMissingNetwork) {
    desktop.environment["TURSO_AUTH_TOKEN"] = examples::some_token();
    const std::string said = desktop.fails(4, {"cloud", "login", "--url", server.url()});
    EXPECT_NE(said.find("Authentication failed. Check token validity"), std::string::npos) << said;
    desktop.environment["TURSO_AUTH_TOKEN"] = "nonsense";
    EXPECT_NE(
        desktop.fails(4, {"cloud", "login", "--url", server.url()}).find("Invalid token format"),
        std::string::npos);
    desktop.environment.erase("TURSO_AUTH_TOKEN");
    EXPECT_NE(desktop.fails(4, {"cloud", "login", "--url", "libsql://shark-ann.turso.io"})
                  .find("Run 'shark cloud login' to authenticate"),
              std::string::npos);
    EXPECT_FALSE(fs::exists(desktop.path(".shark/turso-replica.db")));
    examples::Secret(examples::some_token()).expect_hidden(desktop);
}

TEST_F(SharkServer, E8ACrashInTheMiddleOfALoginLeavesNoTokenBehind) {
    server.stop();  // login tries again for seconds
    desktop.environment["TURSO_AUTH_TOKEN"] = server.token();
    examples::Secret(server.token())
        .expect_hidden_after_a_crash(desktop, {"cloud", "login", "--url", server.url()});
}

}  // namespace
}  // namespace shark
