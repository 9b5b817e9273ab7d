#include "base/backoff.hpp"

#include <gtest/gtest.h>

namespace tidemark {
namespace {

class Fixed final : public Rng {
public:
    explicit Fixed(std::uint64_t number) : number_(number) {}
    std::uint64_t next() override { return number_; }

private:
    std::uint64_t number_;
};

TEST(BackoffTest, EachFailureWaitsTwiceAsLongUpToTheLimit) {
    Fixed rng(0);
    Backoff backoff(500, 4'000);
    for (const std::int64_t expected : {500, 1'000, 2'000, 4'000, 4'000}) {
        EXPECT_EQ(backoff.next_ms(rng), expected);
    }
    backoff.reset();
    EXPECT_EQ(backoff.next_ms(rng), 500);
    for (int i = 0; i < 200; ++i) EXPECT_LE(backoff.next_ms(rng), 4'000);
}

TEST(BackoffTest, ChanceTakesOffAtMostHalf) {
    for (std::uint64_t number = 0; number < 1'000; ++number) {
        Fixed rng(number);
        const std::int64_t waited = Backoff(500, 4'000).next_ms(rng);
        EXPECT_GE(waited, 250);
        EXPECT_LE(waited, 500);
    }
}

}  // namespace
}  // namespace tidemark
