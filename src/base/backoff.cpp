#include "base/backoff.hpp"

#include <algorithm>

namespace tidemark {

std::int64_t Backoff::next_ms(Rng& rng) {
    constexpr int enough_doublings = 30;
    const std::int64_t longest =
        std::min(most_ms_, first_ms_ << std::min(failures_, enough_doublings));
    ++failures_;
    const auto half = static_cast<std::uint64_t>(longest / 2);
    return longest - static_cast<std::int64_t>(rng.next() % (half + 1));
}

}  // namespace tidemark
