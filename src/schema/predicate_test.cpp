#include "schema/predicate.hpp"

#include <gtest/gtest.h>

namespace tidemark {
namespace {

TEST(IndexText, TermsAreSplitAtTheCommasBetweenThem) {
    EXPECT_EQ(
        index_terms(
            "CREATE UNIQUE INDEX i ON t(lower(a), coalesce(b, 'x,)'), \"c,d\" COLLATE NOCASE)"),
        (std::vector<std::string>{"lower(a)", " coalesce(b, 'x,)')", " \"c,d\" COLLATE NOCASE"}));
}

TEST(IndexText, OrderIsNoPartOfATerm) {
    EXPECT_EQ(index_terms("CREATE INDEX i ON \"t(\"(a DESC, b || 'asc' ASC ) WHERE c > 1"),
              (std::vector<std::string>{"a", " b || 'asc'"}));
}

TEST(IndexText, ThePredicateIsWhatFollowsWhere) {
    EXPECT_EQ(index_predicate("CREATE INDEX i ON t(\"where\") WHERE a > 1"), " a > 1");
    EXPECT_EQ(index_predicate("CREATE INDEX i ON t(a)"), "");
}

}  // namespace
}  // namespace tidemark
