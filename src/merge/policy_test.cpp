#include "merge/policy.hpp"

#include <gtest/gtest.h>

#include <tidemark/error.hpp>

namespace tidemark::merge {
namespace {

bool here_wins(const char* policy, const Value& here, const Value& there, std::int64_t here_at,
               std::int64_t there_at) {
    Mine mine;
    Theirs theirs;
    mine.values = {here};
    theirs.values = {there};
    return judge(Policy::parse(policy), 0, mine, theirs)({{0}, here_at, there_at});
}

TEST(Policy, NewestTakesTheLaterEditAndATieStaysWithThePrimary) {
    EXPECT_TRUE(here_wins("newest", {}, {}, 2, 1));
    EXPECT_FALSE(here_wins("newest", {}, {}, 1, 2));
    EXPECT_FALSE(here_wins("newest", {}, {}, 1, 1));
}

TEST(Policy, PrimaryAndReplicaDoNotLookAtTheTime) {
    EXPECT_FALSE(here_wins("primary", {}, {}, 2, 1));
    EXPECT_TRUE(here_wins("replica", {}, {}, 1, 2));
}

TEST(Policy, AColumnOfTheApplicationDecidesByItsValue) {
    const Value early{std::string("2026-01-01")}, late{std::string("2026-06-01")};
    EXPECT_TRUE(here_wins("column:updated_at", late, early, 1, 2));
    EXPECT_FALSE(here_wins("column:updated_at", early, late, 2, 1));
    EXPECT_TRUE(here_wins("column:updated_at", late, late, 2, 1)) << "equal: the later edit";
}

TEST(Policy, ADeletedRowHasNoColumnToCompare) {
    Mine mine;
    Theirs theirs;
    theirs.values = {Value{std::int64_t{9}}};
    EXPECT_TRUE(judge(Policy::parse("column:n"), 0, mine, theirs)({{}, 2, 1}));
    mine.values = theirs.values;
    theirs.values.clear();
    EXPECT_FALSE(judge(Policy::parse("column:n"), 0, mine, theirs)({{}, 1, 2}));
}

TEST(Policy, AnUnknownOneIsRefusedWithTheOnesThereAre) {
    for (const char* name : {"", "latest", "column:", "Newest"}) {
        try {
            Policy::parse(name);
            FAIL() << name;
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::usage);
            EXPECT_NE(error.hint().find("column:NAME"), std::string::npos);
        }
    }
}

}  // namespace
}  // namespace tidemark::merge
