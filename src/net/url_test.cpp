#include "net/url.hpp"

#include <gtest/gtest.h>

#include <tidemark/error.hpp>

namespace tidemark::net {
namespace {

TEST(Urls, OfEveryKindLeadToHttp) {
    EXPECT_EQ(Url::parse("libsql://notes-ann.example.org").http("/v2/pipeline"),
              "https://notes-ann.example.org/v2/pipeline");
    EXPECT_EQ(Url::parse("wss://Notes.Example.org/").http("/x"), "https://notes.example.org/x");
    EXPECT_EQ(Url::parse("ws://127.0.0.1:8080").http("/x"), "http://127.0.0.1:8080/x");
    EXPECT_EQ(Url::parse("HTTPS://h:443/dev/notes/").http("/x"), "https://h/dev/notes/x");
    EXPECT_EQ(Url::parse("http://[::1]:9/a").http("/x"), "http://[::1]:9/a/x");
}

TEST(Urls, LoseTheirTokenBeforeTheyAreStoredOrShown) {
    const Url url = Url::parse("libsql://db.example.org?authToken=se%2Dcret&tls=1");
    EXPECT_EQ(url.token, "se-cret");
    EXPECT_EQ(url.text(), "libsql://db.example.org");
    EXPECT_EQ(url.text().find("cret"), std::string::npos);
    EXPECT_EQ(Url::parse(url.text()).http(""), url.http(""));
}

TEST(Urls, GoWithoutTlsWhereThatIsSaid) {
    EXPECT_EQ(Url::parse("libsql://localhost:8080?tls=0").http("/x"), "http://localhost:8080/x");
    EXPECT_EQ(Url::parse("libsql://localhost:8080?tls=0").text(), "http://localhost:8080");
    EXPECT_TRUE(Url::parse("https://localhost?tls=0").tls) << "https is what was asked for";
}

TEST(Urls, KnowThisMachine) {
    for (const char* here : {"http://127.0.0.1:1", "http://127.8.9.1", "http://localhost",
                             "http://notes.localhost", "http://[::1]:80"}) {
        EXPECT_TRUE(Url::parse(here).is_loopback()) << here;
    }
    for (const char* elsewhere : {"http://127.0.0.1.example.org", "http://10.0.0.1",
                                  "http://localhost.example.org", "http://128.0.0.1"}) {
        EXPECT_FALSE(Url::parse(elsewhere).is_loopback()) << elsewhere;
    }
}

TEST(Urls, ThatMakeNoSenseAreRefusedWithoutBeingRepeated) {
    for (const char* bad :
         {"libsql://", "http://:80", "http://h:0", "http://h:70000", "http://h:8x", "http://[::1",
          "ftp://h", "libsql://user:secret@h", "libsql://h?secret=1", "libsql://h?tls=maybe",
          "http://a b", "http://h/?authToken=secret&x=secret"}) {
        try {
            Url::parse(bad);
            ADD_FAILURE() << bad;
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::usage);
            EXPECT_FALSE(error.hint().empty());
            EXPECT_EQ((error.message() + error.hint()).find("secret@"), std::string::npos);
            EXPECT_EQ(error.message().find("=secret"), std::string::npos) << error.message();
        }
    }
}

TEST(Urls, AreToldFromFiles) {
    EXPECT_TRUE(Url::is_one("libsql://h"));
    EXPECT_FALSE(Url::is_one("/a/b.db"));
    EXPECT_FALSE(Url::is_one("file:///a/b.db"));
    EXPECT_FALSE(Url::is_one("notes.db"));
}

}  // namespace
}  // namespace tidemark::net
