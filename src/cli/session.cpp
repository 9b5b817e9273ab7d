#include "cli/session.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <system_error>

#include <boost/json/serialize.hpp>

#include "auth/credentials.hpp"
#include "base/clock.hpp"
#include "cli/json.hpp"
#include "cli/printable.hpp"
#include "cli/progress.hpp"

namespace tidemark::cli {
namespace {

bool write(std::string_view text) {
    return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() &&
           std::fflush(stdout) == 0;
}

/// The lines of a message, each made harmless, those after the first indented.
std::string lines_of(std::string_view message) {
    std::string out;
    while (true) {
        const std::size_t end = message.find('\n');
        out += printable(message.substr(0, end));
        if (end == std::string_view::npos) return out;
        message.remove_prefix(end + 1);
        out += "\n  ";
        message.remove_prefix(std::min(message.find_first_not_of(' '), message.size()));
    }
}

}  // namespace

Session::Session() : out_(screen_of(1)), err_(screen_of(2)) {}

std::int64_t Session::now_ms() const { return system_clock().now_ms(); }

void Session::give(const boost::json::object& object, std::string_view text) const {
    if (json) {
        print(boost::json::serialize(object) + "\n");
    } else if (!quiet) {
        print(text);
    }
}

void Session::print(std::string_view text) const {
    if (write(text)) return;
    throw Error(ErrorCode::failed,
                "cannot write the output: " + std::generic_category().message(errno),
                "What the command had to do is done; only its report is missing.");
}

void Session::warn(const std::vector<std::string>& warnings) const {
    if (quiet || json) return;
    for (const std::string& warning : warnings) {
        fmt::print(stderr, "{} {}\n", paint(err_, Ink::yellow, "warning:"), lines_of(warning));
    }
}

int Session::fail(const Error& error) const {
    if (json) {
        write(boost::json::serialize(to_json(error)) + "\n");
    } else {
        std::string text = paint(err_, Ink::red, "tidemark:") + " " + lines_of(error.message());
        if (!error.hint().empty()) text += "\n  " + lines_of(error.hint());
        fmt::print(stderr, "{}\n", text);
    }
    return static_cast<int>(error.code());
}

TokenProvider Session::token() const {
    if (token_file.empty()) return {};
    if (!token_) token_ = auth::read_token_file(token_file);  // the input can be read once only
    return [token = *token_](const std::string&) { return token; };
}

Dialogue Session::dialogue() const {
    return {err_, !json && !quiet && err_.terminal && isatty(STDIN_FILENO) == 1};
}

OnProgress Session::progress() const {
    if (quiet || !err_.terminal) return {};
    auto bar = std::make_shared<ProgressBar>(err_, system_clock());
    return [bar](const Progress& progress) { bar->show(progress); };
}

}  // namespace tidemark::cli
