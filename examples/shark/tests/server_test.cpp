// Shark against a real `tidemark serve` that asks for tokens, and what becomes of the token.

#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "testing/device.hpp"
#include "testing/server.hpp"

namespace shark {
namespace {

namespace fs = std::filesystem;

using examples::Device;
using examples::files_with;
using examples::Server;

class SharkServer : public testing::Test {
protected:
    void expect_no_token_but_in_its_file(const Device& device) const {
        std::vector<std::string> allowed;
        const std::string kept = device.path(".shark/turso-token");
        if (fs::exists(kept)) allowed.push_back(kept);
        EXPECT_EQ(files_with(device.home(), secret), allowed);
        EXPECT_TRUE(files_with(folder / "server", secret).empty());
    }
    /// The command prints no token whatever it does.
    std::string quiet(const Device& device, const std::vector<std::string>& arguments,
                      int exit_code = 0, const std::string& input = {}) const {
        const auto ran = device.run(arguments, input);
        EXPECT_EQ(ran.exit_code, exit_code) << testing::PrintToString(arguments) << ran.err;
        EXPECT_EQ((ran.out + ran.err).find(secret), std::string::npos) << ran.out << ran.err;
        return ran.out + ran.err;
    }

    tidemark::TempFolder folder;
    Server server{folder / "server"};
    std::string secret = server.token().substr(server.token().rfind('.') + 1);
    Device desktop{folder / "desktop", {{"SHARK_BACKGROUND_SYNC", "off"}, {"SHARK_SYNC_LOG", "1"}}};
    Device laptop{folder / "laptop", {{"SHARK_BACKGROUND_SYNC", "off"}, {"SHARK_SYNC_LOG", "1"}}};
};

TEST_F(SharkServer, E8TwoMachinesAndNowhereTheToken) {
    desktop.environment["SHARK_DB_URL"] = server.url();
    quiet(desktop, {"cloud", "login", "--token-file", "-"}, 0, server.token() + "\n");
    laptop.environment["TURSO_AUTH_TOKEN"] = server.token();
    quiet(laptop, {"cloud", "login", "--url", server.url()});

    quiet(desktop, {"epic", "create", "Cloud"});
    quiet(desktop, {"feature", "create", "--epic", "E01", "Turso"});
    quiet(desktop, {"cloud", "sync"});
    quiet(laptop, {"cloud", "sync"});
    server.stop();
    quiet(desktop, {"task", "create", "--feature", "E01-F01", "At the desk"});
    quiet(laptop, {"task", "create", "--feature", "E01-F01", "On the plane"});
    quiet(laptop, {"task", "list"});
    quiet(laptop, {"cloud", "sync"}, 3);
    server.start();
    quiet(desktop, {"cloud", "sync"});
    EXPECT_NE(quiet(laptop, {"cloud", "sync"}).find("is now T-E01-F01-002"), std::string::npos);
    quiet(desktop, {"cloud", "sync"});
    EXPECT_EQ(quiet(desktop, {"task", "list"}), quiet(laptop, {"task", "list"}));
    quiet(desktop, {"cloud", "status"});
    quiet(desktop, {"cloud", "status", "--json"});
    quiet(desktop, {"cloud", "export", desktop.path("copy.db")});
    expect_no_token_but_in_its_file(desktop);
    expect_no_token_but_in_its_file(laptop);
    EXPECT_NE(quiet(desktop, {"cloud", "logout"}).find("unset it"), std::string::npos);
    desktop.environment.erase("SHARK_DB_URL");
    EXPECT_TRUE(files_with(desktop.home(), secret).empty());
    EXPECT_NE(quiet(desktop, {"task", "list"}).find("At the desk"), std::string::npos);
}

TEST_F(SharkServer, D5AWrongTokenIsToldFromAMissingNetwork) {
    desktop.environment["TURSO_AUTH_TOKEN"] = examples::some_token();
    const std::string said = quiet(desktop, {"cloud", "login", "--url", server.url()}, 4);
    EXPECT_NE(said.find("Authentication failed. Check token validity"), std::string::npos) << said;
    desktop.environment["TURSO_AUTH_TOKEN"] = "nonsense";
    EXPECT_NE(
        quiet(desktop, {"cloud", "login", "--url", server.url()}, 4).find("Invalid token format"),
        std::string::npos);
    desktop.environment.erase("TURSO_AUTH_TOKEN");
    EXPECT_NE(quiet(desktop, {"cloud", "login", "--url", "libsql://shark-ann.turso.io"}, 4)
                  .find("Run 'shark cloud login' to authenticate"),
              std::string::npos);
    EXPECT_FALSE(fs::exists(desktop.path(".shark/turso-replica.db")));
}

/// A crash in the middle of a login: the token is in the program's memory, and where this machine
/// writes core files, one of another program shows that it would be found.
TEST_F(SharkServer, E8ACrashLeavesNoTokenBehind) {
    server.stop();  // login tries again for seconds, with the token in its hands
    desktop.environment["TURSO_AUTH_TOKEN"] = server.token();
    const auto crash = [&](std::vector<std::string> words) {
        std::string line = "ulimit -c unlimited; ";
        for (const std::string& word : words) line += "'" + word + "' ";
        line += "& sleep 0.5; kill -ABRT $!; wait $!";
        return tidemark::run_program({"sh", "-c", line}, desktop.home());
    };
    const auto ran = crash(desktop.words({"cloud", "login", "--url", server.url()}));
    EXPECT_EQ(ran.exit_code, 128 + SIGABRT) << ran.err;
    EXPECT_TRUE(files_with(desktop.home(), secret).empty());

    crash({"env", "TOKEN=" + server.token(), "sleep", "5"});
    if (files_with(desktop.home(), secret).empty()) {
        GTEST_SKIP() << "this machine writes no core files into the working folder";
    }
}

}  // namespace
}  // namespace shark
