#include "base/base64.hpp"

#include <array>
#include <cstdint>

namespace tidemark {
namespace {

constexpr std::string_view standard =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view url_safe =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr std::uint8_t none = 0xff;

constexpr std::array<std::uint8_t, 256> inverse(std::string_view alphabet) {
    std::array<std::uint8_t, 256> table{};
    table.fill(none);
    for (std::size_t i = 0; i < alphabet.size(); ++i) {
        table[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
    }
    return table;
}

constexpr auto standard_inverse = inverse(standard);
constexpr auto url_safe_inverse = inverse(url_safe);

void encode(std::string& out, std::string_view bytes, std::string_view alphabet) {
    const std::size_t start = out.size();
    out.resize(start + (bytes.size() * 4 + 2) / 3);
    char* to = out.data() + start;
    std::size_t i = 0;
    const auto byte = [&](std::size_t at) {
        return std::uint32_t{static_cast<unsigned char>(bytes[at])};
    };
    for (; i + 3 <= bytes.size(); i += 3) {
        const std::uint32_t three = byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2);
        *to++ = alphabet[three >> 18];
        *to++ = alphabet[three >> 12 & 63];
        *to++ = alphabet[three >> 6 & 63];
        *to++ = alphabet[three & 63];
    }
    const std::size_t rest = bytes.size() - i;
    if (rest == 0) return;
    const std::uint32_t last = byte(i) << 16 | (rest == 2 ? byte(i + 1) << 8 : 0);
    *to++ = alphabet[last >> 18];
    *to++ = alphabet[last >> 12 & 63];
    if (rest == 2) *to++ = alphabet[last >> 6 & 63];
}

std::optional<std::string> decode(std::string_view text,
                                  const std::array<std::uint8_t, 256>& table) {
    const std::size_t rest = text.size() % 4;
    if (rest == 1) return std::nullopt;
    std::string out;
    out.resize(text.size() / 4 * 3 + (rest == 0 ? 0 : rest - 1));
    char* to = out.data();
    const auto digit = [&](std::size_t at) {
        return std::uint32_t{table[static_cast<unsigned char>(text[at])]};
    };
    const auto put = [&](std::uint32_t byte) { *to++ = static_cast<char>(byte & 0xff); };
    std::size_t i = 0;
    for (; i + 4 <= text.size(); i += 4) {
        const std::uint32_t a = digit(i), b = digit(i + 1), c = digit(i + 2), d = digit(i + 3);
        if ((a | b | c | d) > 63) return std::nullopt;
        const std::uint32_t three = a << 18 | b << 12 | c << 6 | d;
        put(three >> 16);
        put(three >> 8);
        put(three);
    }
    if (rest == 0) return out;
    const std::uint32_t a = digit(i), b = digit(i + 1), c = rest == 3 ? digit(i + 2) : 0;
    if ((a | b | c) > 63) return std::nullopt;
    const std::uint32_t last = a << 18 | b << 12 | c << 6;
    if ((last & (rest == 3 ? 0xffu : 0xffffu)) != 0) return std::nullopt;
    put(last >> 16);
    if (rest == 3) put(last >> 8);
    return out;
}

}  // namespace

void append_base64(std::string& out, std::string_view bytes) { encode(out, bytes, standard); }

std::optional<std::string> from_base64(std::string_view text) {
    if (text.size() % 4 == 0) {
        for (int padding = 0; padding < 2 && text.ends_with('='); ++padding) text.remove_suffix(1);
    }
    return decode(text, standard_inverse);
}

std::string to_base64url(std::string_view bytes) {
    std::string out;
    encode(out, bytes, url_safe);
    return out;
}

std::optional<std::string> from_base64url(std::string_view text) {
    return decode(text, url_safe_inverse);
}

}  // namespace tidemark
