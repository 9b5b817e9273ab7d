#include "cli/progress.hpp"

#include <gtest/gtest.h>

#include "cli/printable.hpp"

namespace tidemark::cli {
namespace {

TEST(ProgressLine, FitsTheScreenWhateverItsWidth) {
    const Progress progress{"uploading", "notes", 360'000, 1'200'000};
    EXPECT_EQ(progress_line(progress, 40'000, 100),
              "Uploading notes  [######---------------]   30 %  360,000 of 1,200,000 rows, "
              "40,000 rows/s, 21 s left");
    EXPECT_EQ(progress_line(progress, 40'000, 40), " 30 %, 21 s left  Uploading notes");
    EXPECT_EQ(progress_line({"comparing", "", 999, 0}, 0, 100), "Comparing  999 rows");
    for (std::size_t width = 1; width < 120; ++width) {
        EXPECT_LE(columns_of(progress_line(progress, 40'000, width)), width);
    }
}

}  // namespace
}  // namespace tidemark::cli
