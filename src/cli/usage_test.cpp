#include "cli/usage.hpp"

#include <gtest/gtest.h>

namespace tidemark::cli {
namespace {

TEST(Usage, AMistypedWordHasANearestOne) {
    const std::vector<std::string> commands{"attach", "clone", "sync", "status"};
    EXPECT_EQ(nearest("stat", commands), "status");
    EXPECT_EQ(nearest("snyc", commands), "sync");
    EXPECT_EQ(nearest("Sync", commands), "sync");
    EXPECT_EQ(nearest("frobnicate", commands), "");
}

}  // namespace
}  // namespace tidemark::cli
