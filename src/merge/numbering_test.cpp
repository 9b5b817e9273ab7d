#include "merge/numbering.hpp"

#include <gtest/gtest.h>

#include <tidemark/error.hpp>

namespace tidemark::merge {
namespace {

std::string next(const std::string& text) { return std::get<std::string>(next_number(text)); }

TEST(Numbering, TheLastRunOfDigitsCountsUpAndKeepsItsZeros) {
    EXPECT_EQ(next("T-E13-F02-001"), "T-E13-F02-002");
    EXPECT_EQ(next("T-E13-F02-099"), "T-E13-F02-100");
    EXPECT_EQ(next("T-E13-F02-999"), "T-E13-F02-1000");
    EXPECT_EQ(next("7"), "8");
    EXPECT_EQ(next("v9b"), "v10b");
    EXPECT_EQ(next("99999999999999999999"), "100000000000000000000");
}

TEST(Numbering, ATextWithoutDigitsGetsOne) {
    EXPECT_EQ(next("urgent"), "urgent-2");
    EXPECT_EQ(next("urgent-2"), "urgent-3");
    EXPECT_EQ(next(""), "-2");
}

TEST(Numbering, OtherKindsCountUpToo) {
    EXPECT_EQ(next_number(std::int64_t{17}), Value{std::int64_t{18}});
    EXPECT_EQ(next_number(1.5), Value{2.5});
    EXPECT_EQ(next_number(Blob{"a9"}), Value{Blob{"a10"}});
    EXPECT_EQ(next_number(Value{}), Value{});
    EXPECT_THROW(next_number(std::numeric_limits<std::int64_t>::max()), Error);
    EXPECT_THROW(next_number(1e17), Error);
}

TEST(Numbering, ValuesOfOnePatternAreOrderedByTheirNumber) {
    const auto text = [](const char* value) { return Value{std::string(value)}; };
    EXPECT_TRUE(same_pattern(text("a-9-z"), text("a-010-z")));
    EXPECT_FALSE(same_pattern(text("a-9"), text("b-9")));
    EXPECT_FALSE(same_pattern(text("a9x"), text("a9y")));
    EXPECT_FALSE(same_pattern(text("9"), Value{std::int64_t{9}}));
    EXPECT_FALSE(same_pattern(Value{std::int64_t{9}}, text("9")));
    EXPECT_TRUE(same_pattern(std::int64_t{9}, std::int64_t{10}));
    EXPECT_TRUE(numbers_below(text("a-9"), text("a-010")));
    EXPECT_FALSE(numbers_below(text("a-010"), text("a-10")));
    EXPECT_TRUE(numbers_below(text("a-10"), text("a-11")));
    EXPECT_TRUE(numbers_below(text("a-000"), text("a-1")));
    EXPECT_TRUE(numbers_below(std::int64_t{9}, std::int64_t{10}));
    EXPECT_FALSE(numbers_below(text("9"), std::int64_t{10}))
        << "SQLite's order: numbers before texts";
    EXPECT_TRUE(numbers_below(std::int64_t{10}, text("9")));
}

}  // namespace
}  // namespace tidemark::merge
