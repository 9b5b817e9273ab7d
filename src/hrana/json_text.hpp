#pragma once

#include <concepts>
#include <cstddef>
#include <limits>
#include <string>
#include <string_view>

#include <charconv>

/// The pieces of a JSON text, appended to a buffer.
namespace tidemark::hrana {

/// How many of the first bytes may stand in a JSON string as they are: neither quotes, backslashes
/// nor control characters.
std::size_t plain_run(std::string_view text);

/// In quotes, with escapes where JSON needs them and nowhere else. What is not UTF-8 becomes
/// U+FFFD.
void append_string(std::string& out, std::string_view text);

/// The shortest form that reads back as the same number, and that shows it to be a real one: 1.0,
/// -0.0, 1e+20. Infinity is 1e999; NaN, which SQLite cannot hold, is null.
void append_real(std::string& out, double value);

void append_integer(std::string& out, std::integral auto value) {
    char digits[std::numeric_limits<decltype(value)>::digits10 + 3];
    const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    out.append(digits, end);
}

}  // namespace tidemark::hrana
