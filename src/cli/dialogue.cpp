#include "cli/dialogue.hpp"

#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <optional>

#include <tidemark/error.hpp>

#include "base/text.hpp"
#include "cli/printable.hpp"

namespace tidemark::cli {
namespace {

// A signal handler can be told nothing but through what is global.
termios terminal_as_it_was;
volatile std::sig_atomic_t echo_is_off = 0;

class NoEcho {
public:
    NoEcho() {
        if (tcgetattr(STDIN_FILENO, &terminal_as_it_was) != 0) return;
        termios silent = terminal_as_it_was;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        echo_is_off = tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) == 0;
    }
    ~NoEcho() {
        if (!echo_is_off) return;
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &terminal_as_it_was);
        echo_is_off = 0;
    }
    NoEcho(const NoEcho&) = delete;
    NoEcho& operator=(const NoEcho&) = delete;
};

/// A line of the input, read without a buffer that would swallow what follows it.
std::optional<std::string> read_line() {
    std::string line;
    char c = 0;
    while (true) {
        const ssize_t count = ::read(STDIN_FILENO, &c, 1);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return line.empty() ? std::nullopt : std::optional(line);
        if (c == '\n') return line;
        line += c;
    }
}

std::string answer() {
    std::optional<std::string> line = read_line();
    if (!line) {
        fmt::print(stderr, "\n");
        throw Error(ErrorCode::choice_needed, "there was no answer", "Nothing was done.");
    }
    constexpr const char* blanks = " \t\r";
    const std::size_t first = line->find_first_not_of(blanks);
    if (first == std::string::npos) return {};
    return line->substr(first, line->find_last_not_of(blanks) - first + 1);
}

void interrupted(int signal) {
    constexpr std::string_view text =
        "\r\x1b[K\ntidemark: interrupted; nothing is lost, and the next run goes on from here\n";
    constexpr std::string_view plain =
        "tidemark: interrupted; nothing is lost, and the next run goes on from here\n";
    const std::string_view shown = isatty(STDERR_FILENO) == 1 ? text : plain;
    [[maybe_unused]] const ssize_t ignored = ::write(STDERR_FILENO, shown.data(), shown.size());
    if (echo_is_off) tcsetattr(STDIN_FILENO, TCSANOW, &terminal_as_it_was);
    ::raise(signal);  // reset to what it does by default: the caller sees what ended us
}

}  // namespace

void Dialogue::say(std::string_view text) const {
    std::string out;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        const std::size_t indent = std::min(line.find_first_not_of(' '), line.size());
        const std::size_t width = screen_.width > 2 * indent ? screen_.width - indent : 0;
        for (const std::string& part : wrapped(line.substr(indent), width)) {
            out += std::string(indent, ' ') + part + "\n";
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    fmt::print(stderr, "{}", out);
}

std::string Dialogue::ask(std::string_view question, const std::string& standard) const {
    const std::string offered = standard.empty() ? "" : " [" + printable(standard) + "]";
    fmt::print(stderr, "{}{}: ", paint(screen_, Ink::bold, question), offered);
    const std::string given = answer();
    return given.empty() ? standard : given;
}

std::string Dialogue::ask_secret(std::string_view question) const {
    const NoEcho silence;  // before the question: whoever types at once is not shown either
    fmt::print(stderr, "{} (it is not shown): ", paint(screen_, Ink::bold, question));
    const std::string given = answer();
    fmt::print(stderr, "\n");
    return given;
}

bool Dialogue::confirm(std::string_view question, bool standard) const {
    while (true) {
        fmt::print(stderr, "{} {} ", paint(screen_, Ink::bold, question),
                   standard ? "[Y/n]" : "[y/N]");
        const std::string given = lower(answer());
        if (given.empty()) return standard;
        if (given == "y" || given == "yes") return true;
        if (given == "n" || given == "no") return false;
        fmt::print(stderr, "Please answer yes or no.\n");
    }
}

void explain_interruption() {
    struct sigaction action {};
    action.sa_handler = interrupted;
    action.sa_flags = static_cast<int>(SA_RESETHAND | SA_NODEFER);
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
}

}  // namespace tidemark::cli
