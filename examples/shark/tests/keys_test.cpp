#include "shark/keys.hpp"

#include <gtest/gtest.h>

namespace shark {
namespace {

TEST(SharkKeys, AreReadAndWrittenAlike) {
    for (const std::string text : {"E13", "E13-F02", "T-E13-F02-001", "E113", "T-E01-F01-1234"}) {
        const auto key = parse_key(text);
        ASSERT_TRUE(key) << text;
        EXPECT_EQ(key->text(), text);
    }
    EXPECT_EQ(parse_key("T-E13-F02-001"), (Key{13, 2, 1}));
    EXPECT_EQ(parse_key("t-e13-f2-1"), (Key{13, 2, 1}));
}

TEST(SharkKeys, WhatIsNoKeyIsNoKey) {
    for (const std::string text :
         {"", "E", "13", "E0", "E-1", "E13-", "E13-F", "T-E13", "T-E13-F02", "T-E13-F02-",
          "T-E13-F02-001x", "E13-F02-001", "T-E13-F02-99999999999999999999"}) {
        EXPECT_FALSE(parse_key(text)) << text;
    }
}

TEST(SharkKeys, APartMayStandAlone) {
    EXPECT_EQ(parse_number("F02", 'F'), 2);
    EXPECT_EQ(parse_number("2", 'F'), 2);
    EXPECT_FALSE(parse_number("E02", 'F'));
    EXPECT_FALSE(parse_number("", 'F'));
}

}  // namespace
}  // namespace shark
