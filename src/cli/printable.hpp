#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace tidemark::cli {

inline constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();

/// `text` as a terminal may be given it: control characters, marks that turn the direction of
/// writing and bytes that are not UTF-8 come out as escapes (\n, \x1b, \u{202e}). What needs more
/// than `width` columns is cut and ends in "…". Reads no more of `text` than it shows.
std::string printable(std::string_view text, std::size_t width = unlimited);

/// The columns that printable text takes on a terminal: two for a wide character.
std::size_t columns_of(std::string_view text);

/// Printable text broken at spaces into lines of at most `width` columns (0: one line for each line
/// of the text). A longer word stays whole. Never empty.
std::vector<std::string> wrapped(std::string_view text, std::size_t width);

/// `text` with spaces after it, or before it, up to `width` columns.
std::string padded(std::string text, std::size_t width);
std::string padded_left(const std::string& text, std::size_t width);

}  // namespace tidemark::cli
