#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace shark {

/// A business key: "E13", "E13-F02", "T-E13-F02-001". Zero stands for the parts that it lacks.
///
/// Tables keep the numbers, not the text, so that a feature that takes another number takes its
/// tasks along.
struct Key {
    std::int64_t epic = 0;
    std::int64_t feature = 0;
    std::int64_t task = 0;

    std::string text() const;
    bool operator==(const Key&) const = default;
};

/// Nothing where the text is no key. Letters may be small and zeros left out.
std::optional<Key> parse_key(std::string_view text);

/// The same for one part: ("E13", 'E') is 13, and so is ("13", 'E').
std::optional<std::int64_t> parse_number(std::string_view text, char letter);

}  // namespace shark
