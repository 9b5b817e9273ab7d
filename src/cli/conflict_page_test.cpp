#include "cli/conflict_page.hpp"

#include <gtest/gtest.h>

namespace tidemark::cli {
namespace {

Conflict long_texts_that_end_differently() {
    const std::string same(500, 'a');
    Conflict conflict;
    conflict.id = 4;
    conflict.table = "notes";
    conflict.key = {{"id", std::int64_t{17}}};
    conflict.columns = {"body"};
    conflict.here = {{"id", std::int64_t{17}}, {"body", same + " one ending"}};
    conflict.there = {{"id", std::int64_t{17}}, {"body", same + " another ending"}};
    conflict.here_device = "laptop";
    return conflict;
}

TEST(ConflictPage, TheDifferenceOfTwoLongTextsIsInView) {
    for (const std::size_t width : {std::size_t{0}, std::size_t{100}, std::size_t{40}}) {
        const Screen screen{width > 0, false, width};
        const std::string page =
            conflict_page(long_texts_that_end_differently(), screen, false, "a.db");
        EXPECT_NE(page.find("- …'aaaaaaa one ending'"), std::string::npos) << page;
        EXPECT_NE(page.find("+ …'aaaaaaa another ending'"), std::string::npos) << page;
    }
}

TEST(ConflictPage, AConflictPageCanShowEverything) {
    const std::string page = conflict_page(long_texts_that_end_differently(), {}, true, "a.db");
    EXPECT_NE(page.find("'" + std::string(500, 'a') + " one ending'"), std::string::npos);
}

}  // namespace
}  // namespace tidemark::cli
