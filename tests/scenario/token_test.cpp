#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>

#include <boost/json/parse.hpp>

#include "auth/verifier.hpp"
#include "base/clock.hpp"
#include "support/process.hpp"
#include "support/temp_folder.hpp"

namespace tidemark {
namespace {

/// A folder in which somebody who runs a server makes keys and tokens.
class ServerTokens : public testing::Test {
protected:
    Ran run(const std::vector<std::string>& arguments) const {
        return run_tidemark(arguments, folder.path());
    }

    std::string file(const std::string& name) const { return folder / name; }

    std::string content(const std::string& name) const {
        std::ifstream in(file(name), std::ios::binary);
        return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    }

    mode_t mode(const std::string& name) const {
        struct stat status {};
        stat(file(name).c_str(), &status);
        return status.st_mode & 0777;
    }

    /// What the server that has server.key.pub lets the holder of `token` do.
    auth::Permission opened(const std::string& token, std::int64_t later_s = 0) const {
        const auth::Verifier server(content("server.key.pub"));
        const auto result = server.verify(token, system_clock().now_ms() / 1'000 + later_s);
        const auto* permission = std::get_if<0>(&result);
        return permission ? **permission : auth::Permission();
    }

    TempFolder folder;
};

TEST_F(ServerTokens, ATokenOpensTheServerWhoseKeySignedIt) {
    ASSERT_EQ(run({"keys", "create", "server.key"}).exit_code, 0);
    const Ran ran = run({"token", "create", "--key", "server.key"});
    ASSERT_EQ(ran.exit_code, 0) << ran.err;
    const std::string token = ran.out.substr(0, ran.out.find('\n'));
    EXPECT_EQ(ran.out, token + "\n");
    EXPECT_TRUE(opened(token).in("anything").write);
    EXPECT_TRUE(opened(token, 10 * 365 * 86'400).in("anything").write) << "it never expires";
    ASSERT_EQ(run({"keys", "create", "other.key"}).exit_code, 0);
    const Ran other = run({"token", "create", "--key", "other.key"});
    EXPECT_TRUE(opened(other.out.substr(0, other.out.find('\n'))).in("anything").none());
}

TEST_F(ServerTokens, ATokenIsHeldToItsDatabasesItsAccessAndItsTime) {
    ASSERT_EQ(run({"keys", "create", "server.key"}).exit_code, 0);
    const Ran ran = run({"token", "create", "--key", "server.key", "--database", "notes",
                         "--database", "tasks", "--read-only", "--expires", "1h", "--json"});
    ASSERT_EQ(ran.exit_code, 0) << ran.err;
    const auto object = boost::json::parse(ran.out).as_object();
    const std::string token(object.at("token").as_string());
    EXPECT_NEAR(object.at("expires_ms").to_number<double>(),
                static_cast<double>(system_clock().now_ms() + 3'600'000), 60'000);
    EXPECT_EQ(opened(token).in("notes"), auth::Rights{.read = true});
    EXPECT_EQ(opened(token).in("tasks"), auth::Rights{.read = true});
    EXPECT_TRUE(opened(token).in("others").none());
    EXPECT_TRUE(opened(token, 2 * 3'600).in("notes").none());
}

TEST_F(ServerTokens, ThePrivateKeyIsForItsOwnerAlone) {
    ASSERT_EQ(run({"keys", "create", "server.key"}).exit_code, 0);
    EXPECT_EQ(mode("server.key"), 0600u);
    chmod(file("server.key").c_str(), 0644);
    const Ran ran = run({"token", "create", "--key", "server.key"});
    EXPECT_EQ(ran.exit_code, 1);
    EXPECT_NE(ran.err.find("chmod 600"), std::string::npos) << ran.err;
    EXPECT_EQ(ran.out, "");
}

TEST_F(ServerTokens, KeysAreNeverOverwritten) {
    ASSERT_EQ(run({"keys", "create", "server.key"}).exit_code, 0);
    const std::string before = content("server.key");
    EXPECT_EQ(run({"keys", "create", "server.key"}).exit_code, 1);
    unlink(file("server.key").c_str());
    const Ran ran = run({"keys", "create", "server.key"});
    EXPECT_EQ(ran.exit_code, 1);
    EXPECT_NE(ran.err.find("server.key.pub exists already"), std::string::npos) << ran.err;
    EXPECT_EQ(content("server.key"), "") << "no private key without its public one";
    EXPECT_NE(before, "");
}

TEST_F(ServerTokens, BadRequestsSayWhatToDo) {
    ASSERT_EQ(run({"keys", "create", "server.key"}).exit_code, 0);
    const auto said = [&](const std::vector<std::string>& arguments, int exit_code) {
        const Ran ran = run(arguments);
        EXPECT_EQ(ran.exit_code, exit_code) << ran.err;
        return ran.err;
    };
    for (const char* time : {"soon", "30", "0d", "30 d", "999999999999999999999d"}) {
        EXPECT_NE(said({"token", "create", "--key", "server.key", "--expires", time}, 2)
                      .find("such as 12h, 30d or 1y"),
                  std::string::npos)
            << time;
    }
    EXPECT_NE(said({"token", "create", "--key", "none.key"}, 1).find("keys create"),
              std::string::npos);
    EXPECT_NE(said({"token", "create"}, 2).find("--key"), std::string::npos);
    EXPECT_NE(said({"keys", "frob", "x"}, 2).find("It can create"), std::string::npos);
    EXPECT_NE(said({"keys", "create", "no/such/folder/x"}, 1).find("cannot be made"),
              std::string::npos);
    chmod(file("server.key.pub").c_str(), 0600);
    EXPECT_NE(said({"token", "create", "--key", "server.key.pub"}, 2).find("no private key"),
              std::string::npos);
}

}  // namespace
}  // namespace tidemark
