#include "cli/sql_completion.hpp"

#include <gtest/gtest.h>

namespace tidemark::cli {
namespace {

using Words = std::vector<std::string>;

class Completing : public testing::Test {
protected:
    /// For a line whose last word is `word`.
    Words of(const std::string& before, const std::string& word) {
        return SqlCompletion{{"notes", "orders"}, {"id", "note_id"}}.of(before + word, word);
    }
};

TEST_F(Completing, WhereATableIsExpectedNoKeywordStandsInTheWay) {
    for (const char* before : {"SELECT * FROM ", "select * from\t", "INSERT INTO ", "UPDATE ",
                               "SELECT * FROM orders JOIN ", "DROP TABLE ", "(SELECT 1 FROM  "}) {
        EXPECT_EQ(of(before, "NO"), Words{"notes"}) << before;
        EXPECT_EQ(of(before, "or"), Words{"orders"}) << before;
    }
}

TEST_F(Completing, ElsewhereNamesComeBeforeKeywords) {
    EXPECT_EQ(of("SELECT * FROM notes WHERE ", "no"), (Words{"note_id", "notes", "NOT"}));
    EXPECT_EQ(of("SELECT * FROM notes ", "or"), (Words{"orders", "ORDER"}));
    EXPECT_EQ(of("", "se"), (Words{"SELECT", "SET"}));
}

TEST_F(Completing, AWordThatOnlyEndsLikeAKeywordIsNone) {
    EXPECT_EQ(of("SELECT a_from ", "no"), (Words{"note_id", "notes", "NOT"}));
    EXPECT_EQ(of("UPDATE notes SET id = 1; ", "up"), Words{"UPDATE"});
}

}  // namespace
}  // namespace tidemark::cli
