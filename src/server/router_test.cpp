#include "server/router.hpp"

#include <gtest/gtest.h>

namespace tidemark::server {
namespace {

Route route(Method method, std::string_view path) {
    Request request;
    request.method = method;
    request.path = path;
    return route_of(request);
}

TEST(Router, APathAndAMethodNameWhatIsAskedFor) {
    EXPECT_EQ(route(Method::post, "/v2/pipeline"), (Route{Endpoint::pipeline, false, {}}));
    EXPECT_EQ(route(Method::post, "/v3-protobuf/cursor"), (Route{Endpoint::cursor, true, {}}));
    EXPECT_EQ(route(Method::post, "/dev/notes/v3/pipeline"),
              (Route{Endpoint::pipeline, false, "notes"}));
    EXPECT_EQ(route(Method::get, "/v3/"), (Route{Endpoint::greeting, false, {}}));
    EXPECT_EQ(route(Method::head, "/health").endpoint, Endpoint::health);
    EXPECT_EQ(route(Method::get, "/dev/notes").endpoint, Endpoint::greeting);
}

TEST(Router, WhatIsNotThereIsToldFromAWrongMethod) {
    EXPECT_EQ(route(Method::get, "/v2/pipeline").endpoint, Endpoint::wrong_method);
    EXPECT_EQ(route(Method::post, "/v9/pipeline").endpoint, Endpoint::unknown);
    EXPECT_EQ(route(Method::post, "/dev//v2/pipeline").endpoint, Endpoint::unknown);
    EXPECT_EQ(route(Method::get, "").endpoint, Endpoint::unknown);
}

TEST(Router, AQueryIsDecoded) {
    Request request;
    request.query = "after=12&name=a%20b+c&empty&odd=%zz";
    EXPECT_EQ(request.parameter("after"), "12");
    EXPECT_EQ(request.parameter("name"), "a b+c");
    EXPECT_EQ(request.parameter("empty"), "");
    EXPECT_EQ(request.parameter("odd"), "%zz");
    EXPECT_EQ(request.parameter("none"), "");
}

}  // namespace
}  // namespace tidemark::server
