#include "server/compression.hpp"

#include <gtest/gtest.h>

#include "server/fault.hpp"

namespace tidemark::server {
namespace {

int status_of(const std::string& body, std::string_view encoding, std::size_t most) {
    try {
        decompress(body, encoding, most);
    } catch (const HttpFault& fault) {
        return fault.status;
    }
    return 200;
}

TEST(Compression, WhatIsOfferedIsTakenAndComesBack) {
    const std::string text(100'000, 'x');
    for (const std::string_view name : {"gzip", "zstd"}) {
        std::string body = text;
        EXPECT_EQ(compress(body, std::string("br, ") + std::string(name) + ";q=0.5"), name);
        EXPECT_LT(body.size(), 1'000u);
        EXPECT_EQ(decompress(body, name, text.size()), text);
    }
    std::string body = text;
    EXPECT_EQ(compress(body, "br, gzip;q=0"), "");
    EXPECT_EQ(body, text);
}

TEST(Compression, ABombADamagedBodyAndAnUnknownKindAreRefused) {
    for (const std::string_view name : {"gzip", "zstd"}) {
        std::string body(10'000'000, '\0');
        compress(body, name);
        EXPECT_EQ(status_of(body, name, 1'000'000), 413) << name;
        EXPECT_EQ(status_of(body.substr(0, body.size() / 2), name, 20'000'000), 400) << name;
        EXPECT_EQ(status_of("what", name, 1'000), 400) << name;
    }
    EXPECT_EQ(status_of("what", "br", 1'000), 415);
}

}  // namespace
}  // namespace tidemark::server
