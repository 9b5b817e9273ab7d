// Saving a token, as a person does it and as a script does, and that the token never shows.

#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "base/base64.hpp"
#include "support/story.hpp"
#include "support/terminal.hpp"

namespace tidemark {
namespace {

namespace fs = std::filesystem;

const std::string secret = "c2VjcmV0c2VjcmV0c2VjcmV0";  // the signature: what must never show

std::string token_with(const std::string& claims) {
    return to_base64url(R"({"alg":"EdDSA","typ":"JWT"})") + "." + to_base64url(claims) + "." +
           secret;
}

class Login : public Story {
protected:
    void SetUp() override {
        home = path("home");
        fs::create_directories(home + "/.config");
        environment = {{"HOME", home}, {"XDG_CONFIG_HOME", home + "/.config"}};
    }
    /// tidemark ARGUMENTS… with this home and nothing else of the user's environment.
    Ran run(const std::vector<std::string>& arguments, const std::string& input = {},
            const std::vector<std::string>& variables = {}) {
        std::vector<std::string> all{"env",
                                     "-u",
                                     "TIDEMARK_AUTH_TOKEN",
                                     "-u",
                                     "TURSO_AUTH_TOKEN",
                                     "HOME=" + home,
                                     "XDG_CONFIG_HOME=" + home + "/.config"};
        all.insert(all.end(), variables.begin(), variables.end());
        all.push_back(TIDEMARK_COMMAND);
        all.insert(all.end(), arguments.begin(), arguments.end());
        const Ran ran = run_program(all, folder.path().string(), input);
        EXPECT_EQ((ran.out + ran.err).find(secret), std::string::npos) << ran.out << ran.err;
        return ran;
    }
    std::string home;
    std::map<std::string, std::string> environment;
};

TEST_F(Login, E8ATypedTokenIsSavedAndNeverShown) {
    const std::string token = token_with(R"({"sub":"ann","exp":4102444800})");
    Terminal terminal({TIDEMARK_COMMAND, "login", "--no-check", "libsql://notes-ann.turso.io"},
                      home, environment);
    terminal.wait_for("Token for libsql://notes-*****.turso.io (it is not shown): ");
    terminal.type(token + "\n");
    terminal.wait_for("It expires: in ");
    EXPECT_EQ(terminal.finish(), 0) << terminal.shown();
    EXPECT_EQ(terminal.raw().find(secret), std::string::npos);

    const Ran ran = run({"whoami"});
    EXPECT_EQ(ran.exit_code, 0);
    EXPECT_NE(ran.out.find("https://notes-*****.turso.io"), std::string::npos) << ran.out;
    EXPECT_NE(ran.out.find("ann"), std::string::npos) << ran.out;
}

TEST_F(Login, C11AScriptGivesTheTokenInAFileOrThroughItsInput) {
    const std::string token = token_with("{}");
    Ran ran =
        run({"login", "--no-check", "https://db.example.org", "--token-file", "-"}, token + "\n");
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    EXPECT_NE(ran.out.find("It expires: never."), std::string::npos) << ran.out;

    ran = run({"login", "https://db.example.org"});
    EXPECT_EQ(ran.exit_code, 5) << ran.err;
    EXPECT_NE(ran.err.find("--token-file FILE"), std::string::npos);

    std::ofstream(path("token")) << token;
    fs::permissions(path("token"), fs::perms(0644));
    ran = run({"login", "--no-check", "https://db.example.org", "--token-file", "token"});
    EXPECT_EQ(ran.exit_code, 1);
    EXPECT_NE(ran.err.find("chmod 600 token"), std::string::npos) << ran.err;
    fs::permissions(path("token"), fs::perms(0600));
    EXPECT_EQ(
        run({"login", "--no-check", "https://db.example.org", "--token-file", "token"}).exit_code,
        0);

    EXPECT_EQ(run({"logout", "https://db.example.org"}).exit_code, 0);
    EXPECT_NE(run({"whoami"}).out.find("No token is known"), std::string::npos);
}

TEST_F(Login, D9E11WhatIsNoTokenOrHasExpiredIsNotSaved) {
    Ran ran = run({"login", "--no-check", "https://db.example.org", "--token-file", "-"}, "hello");
    EXPECT_EQ(ran.exit_code, 4);
    EXPECT_NE(ran.err.find("Invalid token format"), std::string::npos) << ran.err;
    ran = run({"login", "--no-check", "https://db.example.org", "--token-file", "-"},
              token_with(R"({"exp":5})"));
    EXPECT_EQ(ran.exit_code, 4);
    EXPECT_NE(ran.err.find("expired at 1970-01-01"), std::string::npos) << ran.err;
    EXPECT_FALSE(fs::exists(home + "/.config/tidemark/credentials.json"));
}

TEST_F(Login, C3ASettingCanStandForTheUrl) {
    EXPECT_EQ(run({"config", "set", "url", "libsql://notes-ann.turso.io"}).exit_code, 0);
    EXPECT_EQ(run({"config", "get", "url"}).out, "libsql://notes-ann.turso.io\n");
    const Ran ran = run({"login", "--no-check", "--token-file", "-"}, token_with("{}"));
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    EXPECT_NE(ran.out.find("libsql://notes-*****.turso.io"), std::string::npos) << ran.out;
}

TEST_F(Login, CtrlCDuringAQuestionSaysThatNothingIsLostAndShowsTypingAgain) {
    const std::string script =
        "trap : INT; " + std::string(TIDEMARK_COMMAND) + " login https://db.example.org; stty -a";
    Terminal terminal({"sh", "-c", script}, home, environment);
    terminal.wait_for("(it is not shown): ");
    terminal.type("\x03");
    terminal.wait_for("interrupted; nothing is lost");
    const std::string rest = terminal.wait_for("echo ");
    EXPECT_EQ(rest.find("-echo "), std::string::npos) << rest;
    EXPECT_FALSE(fs::exists(home + "/.config/tidemark"));
}

TEST_F(Login, ADatabaseHasTimingOfItsOwn) {
    two_devices("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
    EXPECT_EQ(run({"config", "set", "sync.interval", "5", "--database", "a.db"}).exit_code, 0);
    EXPECT_EQ(run({"config", "get", "sync.interval", "--database", "a.db"}).out, "5\n");
    EXPECT_EQ(run({"config", "get", "sync.interval", "--database", "b.db"}).out, "30\n");
    EXPECT_EQ(run({"config", "set", "device", "x", "--database", "a.db"}).exit_code, 2);
    settle();
    EXPECT_EQ(run({"detach", "a.db"}).exit_code, 0);
    EXPECT_EQ(ask("a.db", "SELECT name FROM sqlite_schema WHERE name LIKE 'tidemark%'"), Dump{});
}

}  // namespace
}  // namespace tidemark
