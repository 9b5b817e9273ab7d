#include "common/dialogue.hpp"

#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include <iostream>

#include <tidemark/error.hpp>

namespace examples {
namespace {

using tidemark::Error;
using tidemark::ErrorCode;

std::string answer() {
    std::string line;
    if (!std::getline(std::cin, line)) {
        throw Error(ErrorCode::choice_needed, "there was no answer", "Nothing was changed.");
    }
    constexpr const char* blanks = " \t\r";
    const std::size_t first = line.find_first_not_of(blanks);
    if (first == std::string::npos) return {};
    return line.substr(first, line.find_last_not_of(blanks) - first + 1);
}

/// What is typed is not shown while this lives.
class NoEcho {
public:
    NoEcho() : changed_(tcgetattr(STDIN_FILENO, &before_) == 0) {
        if (!changed_) return;
        termios silent = before_;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
    }
    ~NoEcho() {
        if (changed_) tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
    }
    NoEcho(const NoEcho&) = delete;
    NoEcho& operator=(const NoEcho&) = delete;

private:
    termios before_{};
    bool changed_;
};

}  // namespace

bool is_interactive() { return isatty(STDIN_FILENO) == 1; }

std::string ask(std::string_view question, const std::string& standard) {
    fmt::print(stderr, "{}{}: ", question, standard.empty() ? "" : " [" + standard + "]");
    const std::string given = answer();
    return given.empty() ? standard : given;
}

std::string ask_secret(std::string_view question) {
    fmt::print(stderr, "{} (it is not shown): ", question);
    const NoEcho silence;
    const std::string given = answer();
    fmt::print(stderr, "\n");
    return given;
}

bool confirm(std::string_view question, bool standard) {
    while (true) {
        fmt::print(stderr, "{} {} ", question, standard ? "[Y/n]" : "[y/N]");
        const std::string given = answer();
        if (given.empty()) return standard;
        if (given == "y" || given == "Y" || given == "yes") return true;
        if (given == "n" || given == "N" || given == "no") return false;
        fmt::print(stderr, "Please answer y or n.\n");
    }
}

}  // namespace examples
