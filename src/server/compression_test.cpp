#include "server/compression.hpp"

#include <gtest/gtest.h>

#include "base/text.hpp"
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
    EXPECT_EQ(status_of("what", "zstd, gzip", 1'000), 415);
}

TEST(Compression, ABodyInSeveralPartsIsReadToItsEnd) {
    for (const std::string_view name : {"gzip", "zstd"}) {
        std::string first(100'000, 'x');
        std::string second(200'000, 'y');
        const std::string both = first + second;
        compress(first, name);
        compress(second, name);
        EXPECT_EQ(decompress(first + second, name, both.size()), both) << name;
        EXPECT_EQ(status_of(first + second, name, both.size() - 1), 413) << name;
        EXPECT_EQ(status_of(first + "and more", name, both.size()), 400) << name;
        EXPECT_EQ(status_of("", name, 1'000), 400) << name;
    }
}

TEST(Compression, AFrameThatAsksForMuchMemoryIsRefused) {
    // Magic number, a window of 16 MB, and one empty block that is the last.
    const std::string frame = from_hex("28b52ffd0070010000");
    EXPECT_EQ(status_of(frame, "zstd", 1'000), 400);
    // A frame that says it holds 2^62 bytes.
    EXPECT_EQ(status_of(from_hex("28b52ffde00000000000000040"), "zstd", 1'000), 400);
}

}  // namespace
}  // namespace tidemark::server
