#include "cli/terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>

namespace tidemark::cli {
namespace {

constexpr std::size_t usual_width = 80;

/// A variable that is set, and not to the empty string.
bool environment_has(const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr && *value != '\0';
}

bool dumb_terminal() {
    const char* kind = std::getenv("TERM");
    return kind == nullptr || std::string_view(kind) == "dumb";
}

std::string_view code_of(Ink ink) {
    switch (ink) {
        case Ink::bold: return "\x1b[1m";
        case Ink::dim: return "\x1b[2m";
        case Ink::red: return "\x1b[31m";
        case Ink::green: return "\x1b[32m";
        case Ink::yellow: return "\x1b[33m";
        case Ink::plain: break;
    }
    return "";
}

}  // namespace

Screen screen_of(int fd) {
    Screen screen;
    screen.terminal = isatty(fd) == 1;
    if (!screen.terminal) return screen;
    screen.colour = !environment_has("NO_COLOR") && !dumb_terminal();
    winsize size{};
    screen.width = ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : usual_width;
    return screen;
}

std::string paint(const Screen& screen, Ink ink, std::string_view text) {
    if (!screen.colour || ink == Ink::plain || text.empty()) return std::string(text);
    std::string out(code_of(ink));
    out += text;
    out += "\x1b[0m";
    return out;
}

}  // namespace tidemark::cli
