#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tidemark {

std::string to_hex(std::string_view bytes);
/// Throws Error{failed} where `hex` is not pairs of hexadecimal digits.
std::string from_hex(std::string_view hex);

std::string join(const std::vector<std::string>& parts, std::string_view separator);

/// "1 row", "2 rows", "1,234 rows".
std::string count_of(std::int64_t count, std::string_view noun);

/// ASCII case folding, which is how SQLite compares names.
std::string lower(std::string_view text);
bool same_name(std::string_view a, std::string_view b);
bool contains_name(const std::vector<std::string>& names, std::string_view name);

bool starts_with_name(std::string_view name, std::string_view prefix);

bool is_utf8(std::string_view text);
/// U+FFFD stands for each byte that is not part of UTF-8.
std::string as_utf8(std::string_view text);

}  // namespace tidemark
