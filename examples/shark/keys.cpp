#include "shark/keys.hpp"

#include <fmt/format.h>

#include <cctype>
#include <charconv>

namespace shark {
namespace {

/// Takes one letter from the front, whatever its case.
bool take(std::string_view& text, char letter) {
    if (text.empty() || std::toupper(static_cast<unsigned char>(text.front())) != letter) {
        return false;
    }
    text.remove_prefix(1);
    return true;
}

bool take(std::string_view& text, std::int64_t& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || number <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return true;
}

}  // namespace

std::string Key::text() const {
    if (task) return fmt::format("T-E{:02}-F{:02}-{:03}", epic, feature, task);
    if (feature) return fmt::format("E{:02}-F{:02}", epic, feature);
    return fmt::format("E{:02}", epic);
}

std::optional<Key> parse_key(std::string_view text) {
    Key key;
    const bool task = take(text, 'T') && take(text, '-');
    if (!take(text, 'E') || !take(text, key.epic)) return std::nullopt;
    if (task || !text.empty()) {
        if (!take(text, '-') || !take(text, 'F') || !take(text, key.feature)) return std::nullopt;
    }
    if (task && (!take(text, '-') || !take(text, key.task))) return std::nullopt;
    if (!text.empty()) return std::nullopt;
    return key;
}

std::optional<std::int64_t> parse_number(std::string_view text, char letter) {
    std::int64_t number = 0;
    take(text, letter);
    if (!take(text, number) || !text.empty()) return std::nullopt;
    return number;
}

}  // namespace shark
