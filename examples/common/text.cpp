#include "common/text.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <ctime>

#include <tidemark/error.hpp>

namespace examples {
namespace {

using tidemark::Error;
using tidemark::ErrorCode;

/// Columns on the screen, taking each character for one.
std::size_t width(const std::string& text) {
    const auto starts = [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; };
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), starts));
}

}  // namespace

std::string now_utc() { return utc(std::time(nullptr)); }

std::string utc(std::int64_t seconds_since_1970) {
    return fmt::format("{:%Y-%m-%d %H:%M:%S}",
                       fmt::gmtime(static_cast<std::time_t>(seconds_since_1970)));
}

std::string new_uuid() {
    std::array<unsigned char, 16> bytes{};
    if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
        throw Error(ErrorCode::failed, "the system gives no random numbers");
    }
    bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0f) | 0x40);
    bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3f) | 0x80);
    std::string text;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
        text += fmt::format("{:02x}", bytes[i]);
    }
    return text;
}

std::string table(const std::vector<std::vector<std::string>>& lines) {
    if (lines.size() < 2) return {};
    std::vector<std::size_t> widths(lines.front().size());
    for (const auto& line : lines) {
        for (std::size_t i = 0; i < line.size(); ++i) {
            widths[i] = std::max(widths[i], width(line[i]));
        }
    }
    std::string out;
    for (const auto& line : lines) {
        std::string text;
        for (std::size_t i = 0; i < line.size(); ++i) {
            text += line[i] + std::string(widths[i] - width(line[i]) + 2, ' ');
        }
        out += text.substr(0, text.find_last_not_of(' ') + 1) + "\n";
    }
    return out;
}

std::string home_folder() {
    const char* home = std::getenv("HOME");
    if (home && *home) return home;
    throw Error(ErrorCode::failed, "HOME is not set", "Set it to the folder of your files.");
}

}  // namespace examples
