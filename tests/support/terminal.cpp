#include "support/terminal.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <stdexcept>

namespace tidemark {
namespace {

constexpr int patience_ms = 20'000;

/// Without what only a terminal understands.
std::string plain(const std::string& text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\r') continue;
        if (text[i] != '\x1b') {
            out += text[i];
            continue;
        }
        if (i + 1 < text.size() && text[i + 1] == '[') {
            i += 2;
            while (i < text.size() && !(text[i] >= '@' && text[i] <= '~')) ++i;
        }
    }
    return out;
}

}  // namespace

Terminal::Terminal(const std::vector<std::string>& arguments, const std::string& folder,
                   const std::map<std::string, std::string>& environment) {
    winsize size{24, 80, 0, 0};
    process_ = ::forkpty(&terminal_, nullptr, nullptr, &size);
    if (process_ < 0) throw std::runtime_error("forkpty failed");
    if (process_ == 0) {
        ::setenv("TERM", "xterm", 1);
        for (const auto& [name, value] : environment) ::setenv(name.c_str(), value.c_str(), 1);
        std::vector<char*> argv;
        for (const std::string& argument : arguments)
            argv.push_back(const_cast<char*>(argument.c_str()));
        argv.push_back(nullptr);
        if (::chdir(folder.c_str()) == 0) ::execvp(argv[0], argv.data());
        ::_exit(127);
    }
}

Terminal::~Terminal() {
    if (process_ > 0) {
        ::kill(process_, SIGKILL);
        ::waitpid(process_, nullptr, 0);
    }
    ::close(terminal_);
}

bool Terminal::read_more(int timeout_ms) {
    pollfd ready{terminal_, POLLIN, 0};
    if (::poll(&ready, 1, timeout_ms) <= 0) return false;
    char part[4096];
    const ssize_t count = ::read(terminal_, part, sizeof part);
    if (count <= 0) return false;
    shown_.append(part, static_cast<std::size_t>(count));
    return true;
}

std::string Terminal::wait_for(const std::string& text) {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::milliseconds(patience_ms);
    while (true) {
        const std::string seen = plain(shown_);
        const std::size_t found = seen.find(text, waited_);
        if (found != std::string::npos) {
            const std::string out = seen.substr(waited_, found + text.size() - waited_);
            waited_ = found + text.size();
            return out;
        }
        if (!read_more(200) && std::chrono::steady_clock::now() > give_up) {
            ADD_FAILURE() << "'" << text << "' was not shown; shown was:\n" << seen.substr(waited_);
            return {};
        }
    }
}

void Terminal::type(const std::string& keys) {
    if (::write(terminal_, keys.data(), keys.size()) != static_cast<ssize_t>(keys.size())) {
        ADD_FAILURE() << "nobody reads what is typed";
    }
}

void Terminal::press(const std::string& keys) {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::milliseconds(patience_ms);
    termios mode{};
    while (::tcgetattr(terminal_, &mode) == 0 && (mode.c_lflag & ICANON) != 0) {
        if (std::chrono::steady_clock::now() > give_up) {
            ADD_FAILURE() << "no editor waits for keys; shown was:\n" << shown();
            return;
        }
        read_more(5);
    }
    type(keys);
}

int Terminal::finish() {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::milliseconds(patience_ms);
    int status = 0;
    while (::waitpid(process_, &status, WNOHANG) == 0) {
        read_more(20);
        if (std::chrono::steady_clock::now() > give_up) {
            ADD_FAILURE() << "it does not end; shown was:\n" << shown();
            return -1;
        }
    }
    while (read_more(0)) {
    }
    process_ = -1;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

std::string Terminal::shown() const { return plain(shown_); }

}  // namespace tidemark
