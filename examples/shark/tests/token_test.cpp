#include "shark/token.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include <tidemark/error.hpp>

#include "testing/device.hpp"

namespace shark {
namespace {

namespace fs = std::filesystem;

using examples::some_token;
using tidemark::Error;
using tidemark::ErrorCode;

class SharkToken : public testing::Test {
protected:
    SharkToken() { places.token = folder / ".shark/turso-token"; }

    Token find(const char* variable = nullptr) const {
        return find_token(places, [&](const char* name) {
            return std::string_view(name) == "TURSO_AUTH_TOKEN" ? variable : nullptr;
        });
    }
    Error refusal(const std::function<void()>& action) const {
        try {
            action();
        } catch (const Error& error) {
            EXPECT_EQ((error.message() + error.hint()).find(some_token()), std::string::npos);
            return error;
        }
        ADD_FAILURE() << "it was taken";
        return {ErrorCode::failed, {}};
    }

    tidemark::TempFolder folder;
    Places places;
};

TEST_F(SharkToken, E5TheEnvironmentComesBeforeTheFile) {
    save_token(places, some_token());
    EXPECT_EQ(find().value, some_token());
    EXPECT_EQ(find().source, places.token);
    EXPECT_EQ(find("x.y.z").value, "x.y.z");
    EXPECT_EQ(find("x.y.z").source, "TURSO_AUTH_TOKEN");
    EXPECT_EQ(find("").value, some_token());
}

TEST_F(SharkToken, E9ASavedTokenIsForItsOwnerAlone) {
    save_token(places, "  " + some_token() + "\n");
    EXPECT_EQ(fs::status(places.token).permissions(), fs::perms(0600));
    EXPECT_EQ(fs::status(fs::path(places.token).parent_path()).permissions(), fs::perms(0700));
    EXPECT_EQ(find().value, some_token());
}

TEST_F(SharkToken, E5AFileThatOthersMayReadIsRefused) {
    save_token(places, some_token());
    fs::permissions(places.token, fs::perms(0644));
    const Error error = refusal([&] { find(); });
    EXPECT_EQ(error.code(), ErrorCode::failed);
    EXPECT_NE(error.hint().find("chmod 600 " + places.token), std::string::npos) << error.hint();
}

TEST_F(SharkToken, D8WithoutOneItSaysHowToAuthenticate) {
    const Error error = refusal([&] { find(); });
    EXPECT_EQ(error.code(), ErrorCode::unauthorized);
    EXPECT_EQ(error.hint(), "Run 'shark cloud login' to authenticate");
}

TEST_F(SharkToken, D9WhatIsNoTokenIsNamedSo) {
    for (const std::string& text :
         {std::string("hello"), std::string("a.b"), std::string("a.b.c.d"), std::string("a..c"),
          std::string("a.b."), some_token() + " x", std::string("a.b.ü")}) {
        const Error error = refusal([&] { find(text.c_str()); });
        EXPECT_EQ(error.code(), ErrorCode::unauthorized) << text;
        EXPECT_TRUE(error.message().starts_with("Invalid token format")) << error.message();
        EXPECT_FALSE(error.hint().empty());
        refusal([&] { save_token(places, text); });
    }
    EXPECT_FALSE(fs::exists(places.token));
}

}  // namespace
}  // namespace shark
