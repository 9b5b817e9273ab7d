#include "cli/printable.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "base/text.hpp"

namespace tidemark::cli {
namespace {

struct Symbol {
    char32_t code = 0;
    std::size_t length = 1;  ///< in bytes
    bool valid = false;
};

Symbol first_symbol(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text.front());
    const std::size_t length = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (length > text.size() || !is_utf8(text.substr(0, length))) return {lead, 1, false};
    char32_t code = length == 1 ? lead : lead & (0xffU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        code = (code << 6) | (static_cast<unsigned char>(text[i]) & 0x3fU);
    }
    return {code, length, true};
}

using Range = std::pair<char32_t, char32_t>;

template <std::size_t N>
bool within(const std::array<Range, N>& ranges, char32_t code) {
    for (const auto& [first, last] : ranges) {
        if (code >= first && code <= last) return true;
    }
    return false;
}

// Controls, line separators and the marks that reorder what stands around them.
constexpr std::array<Range, 7> harmful{{
    {0x00, 0x1f},
    {0x7f, 0x9f},
    {0x061c, 0x061c},
    {0x200e, 0x200f},
    {0x2028, 0x202e},
    {0x2066, 0x2069},
    {0xfff9, 0xfffb},
}};

constexpr std::array<Range, 7> zero_width{{
    {0x0300, 0x036f},
    {0x0591, 0x05bd},
    {0x064b, 0x065f},
    {0x200b, 0x200d},
    {0x20d0, 0x20f0},
    {0xfe00, 0xfe0f},
    {0xfeff, 0xfeff},
}};

constexpr std::array<Range, 9> double_width{{
    {0x1100, 0x115f},
    {0x2e80, 0x303e},
    {0x3041, 0xa4cf},
    {0xac00, 0xd7a3},
    {0xf900, 0xfaff},
    {0xfe30, 0xfe6f},
    {0xff00, 0xff60},
    {0x1f300, 0x1faff},
    {0x20000, 0x3fffd},
}};

std::size_t columns_of(char32_t code) {
    if (code < 0x300) return 1;
    if (within(zero_width, code)) return 0;
    return within(double_width, code) ? 2 : 1;
}

std::string escape_of(const Symbol& symbol) {
    if (!symbol.valid) return fmt::format("\\x{:02x}", static_cast<unsigned>(symbol.code));
    switch (symbol.code) {
        case '\n': return "\\n";
        case '\r': return "\\r";
        case '\t': return "\\t";
        default: break;
    }
    const auto code = static_cast<unsigned>(symbol.code);
    return code < 0x80 ? fmt::format("\\x{:02x}", code) : fmt::format("\\u{{{:x}}}", code);
}

}  // namespace

std::string printable(std::string_view text, std::size_t width) {
    std::string out;
    std::size_t used = 0;
    std::size_t room_for_ellipsis = 0;  // how much of `out` leaves a column free
    while (!text.empty()) {
        const Symbol symbol = first_symbol(text);
        const bool plain = symbol.valid && !within(harmful, symbol.code);
        const std::string piece =
            plain ? std::string(text.substr(0, symbol.length)) : escape_of(symbol);
        const std::size_t columns = plain ? columns_of(symbol.code) : piece.size();
        if (columns > width - used) {
            out.resize(room_for_ellipsis);
            return out + "…";
        }
        out += piece;
        used += columns;
        if (used < width) room_for_ellipsis = out.size();
        text.remove_prefix(symbol.length);
    }
    return out;
}

std::size_t columns_of(std::string_view text) {
    std::size_t columns = 0;
    while (!text.empty()) {
        const Symbol symbol = first_symbol(text);
        columns += columns_of(symbol.code);
        text.remove_prefix(symbol.length);
    }
    return columns;
}

std::vector<std::string> wrapped(std::string_view text, std::size_t width) {
    std::vector<std::string> lines(1);
    std::size_t used = 0;
    while (!text.empty()) {
        const std::size_t end = text.find_first_of(" \n");
        const std::string_view word = text.substr(0, end);
        const std::size_t columns = columns_of(word);
        if (!lines.back().empty() && width > 0 && used + 1 + columns > width) {
            lines.emplace_back();
            used = 0;
        }
        if (!lines.back().empty()) {
            lines.back() += ' ';
            ++used;
        }
        lines.back() += word;
        used += columns;
        if (end == std::string_view::npos) break;
        if (text[end] == '\n') {
            lines.emplace_back();
            used = 0;
        }
        text.remove_prefix(end + 1);
    }
    return lines;
}

std::string padded(std::string text, std::size_t width) {
    const std::size_t columns = columns_of(text);
    if (columns < width) text.append(width - columns, ' ');
    return text;
}

std::string padded_left(const std::string& text, std::size_t width) {
    const std::size_t columns = columns_of(text);
    return columns < width ? std::string(width - columns, ' ') + text : text;
}

}  // namespace tidemark::cli
