#include "cli/format.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <type_traits>

#include "base/text.hpp"

namespace tidemark::cli {
namespace {

std::string show_real(double real) {
    if (std::isinf(real)) return real < 0 ? "-Inf" : "Inf";
    std::string digits = fmt::format("{}", real);
    if (digits.find_first_of(".e") == std::string::npos) digits += ".0";
    return digits;
}

std::string show_blob(const Blob& blob, std::size_t width) {
    const std::string whole_end = "'";
    if (blob.bytes.size() * 2 + 3 <= width) return "x'" + to_hex(blob.bytes) + whole_end;
    const std::string end = fmt::format("…' ({})", bytes(std::int64_t(blob.bytes.size())));
    const std::size_t frame = 2 + columns_of(end);
    const std::size_t shown = width > frame + 2 ? (width - frame) / 2 : 1;
    return "x'" + to_hex(std::string_view(blob.bytes).substr(0, shown)) + end;
}

std::string show_text(const std::string& text, std::size_t width) {
    return "'" + printable(text, width == unlimited ? width : width < 3 ? 1 : width - 2) + "'";
}

/// A word that every common shell takes as one argument.
std::string shell_word(std::string_view word) {
    const auto harmless = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("_-./:@%+,=").find(c) != std::string_view::npos ||
               static_cast<unsigned char>(c) >= 0x80;
    };
    const std::string start = word.starts_with('-') ? "./" : "";  // else it would be an option
    const bool plain = !word.empty() && std::all_of(word.begin(), word.end(), harmless);
    return plain ? start + printable(word) : "\"" + start + printable(word) + "\"";
}

std::string local_text(std::int64_t at_ms, const char* form) {
    const std::time_t seconds = at_ms / 1000 - (at_ms % 1000 < 0 ? 1 : 0);
    std::tm parts{};
    if (localtime_r(&seconds, &parts) == nullptr) return fmt::format("{} ms", at_ms);
    char text[64];
    const std::size_t length = std::strftime(text, sizeof text, form, &parts);
    return {text, length};
}

}  // namespace

std::string show(const Value& value, std::size_t width) {
    return std::visit(
        [width](const auto& held) -> std::string {
            using Held = std::decay_t<decltype(held)>;
            if constexpr (std::is_same_v<Held, std::monostate>) {
                return "NULL";
            } else if constexpr (std::is_same_v<Held, std::int64_t>) {
                return std::to_string(held);
            } else if constexpr (std::is_same_v<Held, double>) {
                return show_real(held);
            } else if constexpr (std::is_same_v<Held, std::string>) {
                return show_text(held, width);
            } else {
                return show_blob(held, width);
            }
        },
        value);
}

std::string show_key(const NamedValues& key, std::size_t width) {
    std::string out;
    for (const auto& [name, value] : key) {
        if (!out.empty()) out += ", ";
        const auto* text = std::get_if<std::string>(&value);
        out += text != nullptr ? printable(*text, width) : show(value, width);
    }
    return printable(out, width);
}

std::string grouped(std::int64_t number) {
    const std::string counted = count_of(number, "");
    return counted.substr(0, counted.find(' '));
}

std::string bytes(std::int64_t count) {
    if (count < 1000) return count_of(count, "byte");
    double scaled = static_cast<double>(count);
    for (const char* unit : {"kB", "MB", "GB"}) {
        scaled /= 1000;
        if (scaled < 999.95) return fmt::format("{:.1f} {}", scaled, unit);
    }
    return fmt::format("{:.1f} TB", scaled / 1000);
}

std::string duration(std::int64_t ms) {
    if (ms < 1000) return fmt::format("{} ms", ms);
    if (ms < 9'950) return fmt::format("{:.1f} s", static_cast<double>(ms) / 1000);
    const std::int64_t s = (ms + 500) / 1000;
    if (s < 60) return fmt::format("{} s", s);
    if (s < 3600) return fmt::format("{} min {} s", s / 60, s % 60);
    if (s < 48 * 3600) return fmt::format("{} h {} min", s / 3600, s / 60 % 60);
    return count_of(s / 86400, "day");
}

std::string local_time(std::int64_t at_ms) { return local_text(at_ms, "%Y-%m-%d %H:%M:%S"); }

std::string local_minute(std::int64_t at_ms) { return local_text(at_ms, "%Y-%m-%d %H:%M"); }

std::string ago(std::int64_t at_ms, std::int64_t now_ms) {
    const std::int64_t s = (now_ms - at_ms) / 1000;
    const std::int64_t far = s < 0 ? -s : s;
    if (far < 10) return "just now";
    const std::string span = far < 60        ? fmt::format("{} s", far)
                             : far < 3600    ? fmt::format("{} min", far / 60)
                             : far < 172'800 ? fmt::format("{} h", far / 3600)
                                             : count_of(far / 86400, "day");
    return s < 0 ? "in " + span : span + " ago";
}

std::string command_line(std::string_view verb, std::string_view path, std::string_view rest) {
    std::string out = fmt::format("tidemark {} {}", verb, shell_word(path));
    if (!rest.empty()) out += fmt::format(" {}", rest);
    return out;
}

}  // namespace tidemark::cli
