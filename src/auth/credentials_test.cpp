#include "auth/credentials.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "auth/masking.hpp"
#include "base/base64.hpp"
#include "support/story.hpp"
#include "support/temp_folder.hpp"

namespace tidemark::auth {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t now_s = 1'800'000'000;

std::string token_with(const std::string& claims) {
    return to_base64url(R"({"alg":"EdDSA","typ":"JWT"})") + "." + to_base64url(claims) + "." +
           to_base64url(std::string(64, 's'));
}

class CredentialsTest : public testing::Test {
protected:
    TempFolder folder;
    Credentials credentials{folder / "config/tidemark/credentials.json"};
    std::map<std::string, std::string> variables;

    std::optional<Token> token(const std::string& url, const std::string& given = {}) {
        const Environment environment = [this](const char* name) -> const char* {
            const auto found = variables.find(name);
            return found == variables.end() ? nullptr : found->second.c_str();
        };
        return token_for(url, given, environment, credentials, now_s);
    }
    mode_t mode_of(const std::string& path) {
        struct stat status {};
        EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
        return status.st_mode & 0777;
    }
};

TEST_F(CredentialsTest, E4E9ASavedTokenIsFoundAgainAndOnlyItsOwnerMayReadIt) {
    const std::string saved = token_with(R"({"a":"rw"})");
    credentials.save("libsql://notes-ann.turso.io", saved, 5);
    EXPECT_EQ(mode_of(credentials.path()), 0600);
    EXPECT_EQ(mode_of(fs::path(credentials.path()).parent_path()), 0700);
    EXPECT_EQ(token("https://Notes-Ann.turso.io/")->value, saved);
    EXPECT_FALSE(token("libsql://other-ann.turso.io"));
    EXPECT_EQ(credentials.entries().size(), 1u);
    EXPECT_TRUE(credentials.forget("libsql://notes-ann.turso.io"));
    EXPECT_FALSE(credentials.forget("libsql://notes-ann.turso.io"));
    EXPECT_FALSE(token("libsql://notes-ann.turso.io"));
}

TEST_F(CredentialsTest, ATokenForAServerHoldsForItsDatabasesUntilOneHasItsOwn) {
    const std::string server = token_with(R"({"n":1})");
    const std::string database = token_with(R"({"n":2})");
    credentials.save("http://127.0.0.1:8080", server, 0);
    EXPECT_EQ(token("http://127.0.0.1:8080/dev/notes")->value, server);
    EXPECT_FALSE(token("http://127.0.0.1:80801/dev/notes"));
    credentials.save("http://127.0.0.1:8080/dev/notes", database, 0);
    EXPECT_EQ(token("http://127.0.0.1:8080/dev/notes")->value, database);
    EXPECT_EQ(token("http://127.0.0.1:8080/dev/notes2")->value, server);
}

TEST_F(CredentialsTest, E5E14TheFlagComesFirstThenTheEnvironmentThenTheFile) {
    const std::string url = "libsql://notes-ann.turso.io";
    const auto numbered = [](int n) { return token_with("{\"n\":" + std::to_string(n) + "}"); };
    EXPECT_FALSE(token(url));
    credentials.save(url, numbered(1), 0);
    EXPECT_EQ(token(url)->source, credentials.path());
    variables["TURSO_AUTH_TOKEN"] = numbered(2);
    EXPECT_EQ(token(url)->value, numbered(2));
    variables["TIDEMARK_AUTH_TOKEN"] = numbered(3) + "\n";
    EXPECT_EQ(token(url)->value, numbered(3));
    EXPECT_EQ(token(url, numbered(4))->value, numbered(4));
    variables["TIDEMARK_AUTH_TOKEN"] = "";
    EXPECT_EQ(token(url)->source, "TURSO_AUTH_TOKEN");
}

TEST_F(CredentialsTest, E4PermissionsThatAreTooWideAreRefusedWithTheCommandThatNarrowsThem) {
    const std::string url = "https://db.example.org";
    credentials.save(url, token_with("{}"), 0);
    fs::permissions(credentials.path(), fs::perms(0644));
    Error error = expect_error(ErrorCode::failed, [&] { token(url); });
    EXPECT_EQ(error.hint(), "Run: chmod 600 " + credentials.path());
    expect_error(ErrorCode::failed, [&] { credentials.save(url, token_with("{}"), 0); });
    fs::permissions(credentials.path(), fs::perms(0600));
    const std::string parent = fs::path(credentials.path()).parent_path();
    fs::permissions(parent, fs::perms(0755));
    error = expect_error(ErrorCode::failed, [&] { token(url); });
    EXPECT_EQ(error.hint(), "Run: chmod 700 " + parent);
    expect_error(ErrorCode::failed, [&] { credentials.save(url, token_with("{}"), 0); });

    std::ofstream(folder / "token") << token_with("{}");
    fs::permissions(folder / "token", fs::perms(0640));
    error = expect_error(ErrorCode::failed, [&] { read_token_file(folder / "token"); });
    EXPECT_EQ(error.hint(), "Run: chmod 600 " + folder / "token");
}

TEST_F(CredentialsTest, D9WhatIsNoTokenIsSaidToBeNoneWithoutShowingIt) {
    const std::string good = token_with("{}");
    const std::vector<std::string> bad = {
        "secret",
        "secret.secret",
        "secret.secret.secret",
        good + ".secret",
        good.substr(0, good.rfind('.') + 1),
        to_base64url(R"(["secret"])") + "." + to_base64url("{}") + ".AAAA",
        token_with("secret"),
        token_with(R"({"exp":"secret"})"),
        token_with(R"({"exp":1e300})"),
        token_with("{") + "\nsecret",
    };
    for (const std::string& value : bad) {
        variables["TURSO_AUTH_TOKEN"] = value;
        const Error error =
            expect_error(ErrorCode::unauthorized, [&] { token("https://db.example.org"); });
        EXPECT_TRUE(error.message().starts_with("Invalid token format: ")) << error.message();
        EXPECT_NE(error.message().find("TURSO_AUTH_TOKEN"), std::string::npos);
        EXPECT_EQ((error.message() + error.hint()).find("secret"), std::string::npos);
    }
}

TEST_F(CredentialsTest, E11AnExpiredTokenIsRefusedBeforeTheNetworkIsAsked) {
    variables["TURSO_AUTH_TOKEN"] = token_with(R"({"exp":1799999999,"sub":"ann"})");
    const Error error =
        expect_error(ErrorCode::unauthorized, [&] { token("libsql://notes-ann.turso.io"); });
    EXPECT_EQ(error.message(),
              "the token for libsql://notes-*****.turso.io from TURSO_AUTH_TOKEN expired at "
              "2027-01-15 07:59 UTC");
    variables["TURSO_AUTH_TOKEN"] = token_with(R"({"exp":1800000001.5,"nbf":1799999999})");
    EXPECT_EQ(token("libsql://notes-ann.turso.io")->claims.expires_s, 1'800'000'001);
    variables["TURSO_AUTH_TOKEN"] = token_with(R"({"nbf":1800000600})");
    expect_error(ErrorCode::unauthorized, [&] { token("libsql://notes-ann.turso.io"); });
}

TEST_F(CredentialsTest, AFileThatWasSpoiledSaysSoWithoutShowingWhatItHolds) {
    fs::create_directories(fs::path(credentials.path()).parent_path());
    fs::permissions(fs::path(credentials.path()).parent_path(), fs::perms(0700));
    std::ofstream(credentials.path()) << R"({"tokens":{"https://x":{"token":"secret)";
    fs::permissions(credentials.path(), fs::perms(0600));
    const Error error = expect_error(ErrorCode::failed, [&] { token("https://x"); });
    EXPECT_EQ(error.message().find("secret"), std::string::npos);
}

TEST(Masked, E8WhatTellsOneDatabaseFromAnotherIsHidden) {
    EXPECT_EQ(masked("libsql://my-database.turso.io"), "libsql://my-*****.turso.io");
    EXPECT_EQ(masked("libsql://my-database-org.aws-eu-west-1.turso.io"),
              "libsql://my-*****.aws-eu-west-1.turso.io");
    EXPECT_EQ(masked("https://ann:secret@notes.example.org:8080/dev/n?authToken=secret#secret"),
              "https://no*****.example.org:8080/dev/n");
    EXPECT_EQ(masked("http://127.0.0.1:8080/dev/notes"), "http://127.0.0.1:8080/dev/notes");
    EXPECT_EQ(masked("http://localhost:8080"), "http://localhost:8080");
    EXPECT_EQ(masked("http://[::1]:8080/a?authToken=secret"), "http://[::1]:8080/a");
    EXPECT_EQ(masked("/mnt/disk/my-notes.db"), "/mnt/disk/my-notes.db");
    EXPECT_EQ(masked("file:///mnt/my-notes.db"), "file:///mnt/my-notes.db");
}

TEST(Normalized, SpellingsOfOnePlaceAreOne) {
    for (const char* url :
         {"libsql://DB-ann.turso.io", "https://db-ann.turso.io/", "wss://db-ann.turso.io:443",
          "libsql://db-ann.turso.io?authToken=x", "https://ann:pw@db-ann.turso.io//"}) {
        EXPECT_EQ(normalized(url), "https://db-ann.turso.io") << url;
    }
    EXPECT_EQ(normalized("libsql://localhost:8080?tls=0"), "http://localhost:8080");
    EXPECT_EQ(normalized("http://localhost:8080/dev/A"), "http://localhost:8080/dev/A");
}

}  // namespace
}  // namespace tidemark::auth
