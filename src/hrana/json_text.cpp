#include "hrana/json_text.hpp"

#include <cmath>
#include <cstdint>
#include <cstring>

#include "base/text.hpp"

namespace tidemark::hrana {
namespace {

constexpr std::uint64_t each = 0x0101010101010101;

/// Not zero where a byte of `eight` is zero.
constexpr std::uint64_t zero_byte(std::uint64_t eight) {
    return (eight - each) & ~eight & (each * 0x80);
}

bool is_plain(char c) { return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\'; }

void append_escape(std::string& out, char c) {
    switch (c) {
        case '"': out += "\\\""; break;
        case '\\': out += "\\\\"; break;
        case '\n': out += "\\n"; break;
        case '\r': out += "\\r"; break;
        case '\t': out += "\\t"; break;
        default: out += "\\u00" + to_hex({&c, 1});
    }
}

void append_escaped(std::string& out, std::string_view text) {
    while (true) {
        const std::size_t run = plain_run(text);
        out.append(text.data(), run);
        if (run == text.size()) return;
        append_escape(out, text[run]);
        text.remove_prefix(run + 1);
    }
}

}  // namespace

std::size_t plain_run(std::string_view text) {
    std::size_t i = 0;
    for (std::uint64_t eight = 0; i + sizeof eight <= text.size(); i += sizeof eight) {
        std::memcpy(&eight, text.data() + i, sizeof eight);
        const std::uint64_t control = (eight - each * 0x20) & ~eight & (each * 0x80);
        if ((control | zero_byte(eight ^ each * '"') | zero_byte(eight ^ each * '\\')) != 0) break;
    }
    while (i < text.size() && is_plain(text[i])) ++i;
    return i;
}

void append_string(std::string& out, std::string_view text) {
    out += '"';
    if (is_utf8(text)) {
        append_escaped(out, text);
    } else {
        append_escaped(out, as_utf8(text));
    }
    out += '"';
}

void append_real(std::string& out, double value) {
    if (std::isnan(value)) {
        out += "null";
    } else if (std::isinf(value)) {
        out += value > 0 ? "1e999" : "-1e999";
    } else {
        char digits[32];
        const std::string_view shortest(
            digits, static_cast<std::size_t>(
                        std::to_chars(digits, digits + sizeof digits, value).ptr - digits));
        out += shortest;
        if (shortest.find_first_of(".e") == std::string_view::npos) out += ".0";
    }
}

}  // namespace tidemark::hrana
