#pragma once

#include <cstdint>

namespace tidemark {

/// How much of a push, a pull, or a first upload or download is on its way at one time: a page ends
/// at either limit. Larger pages cost memory on both sides, smaller ones more round trips; what
/// belongs together arrives together whatever the size of a page is.
struct BatchSize {
    /// 1,000 rows amortise a round trip to nothing. From 10 to 100,000.
    std::int64_t rows = 1'000;
    /// 1 MB of values keeps the memory of a sync small whatever the rows hold; a page ends with the
    /// row that reaches it. A server counts rows alone: its first page may hold more, and those
    /// that follow are asked for by the size that its rows turned out to have. From 10,000 to
    /// 10,000,000.
    std::int64_t bytes = 1'000'000;
};

}  // namespace tidemark
