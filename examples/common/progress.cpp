#include "common/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace examples {

ProgressLine::ProgressLine() : on_terminal_(isatty(STDERR_FILENO) == 1) {}

std::string ProgressLine::text(const tidemark::Progress& progress) {
    if (progress.total <= 0) {
        return fmt::format("{} {}: {} rows", progress.what, progress.table, progress.done);
    }
    constexpr std::int64_t width = 30;
    const std::int64_t done = std::min(progress.done, progress.total);
    const auto filled = static_cast<std::size_t>(done * width / progress.total);
    return fmt::format("{} {} [{:<{}}] {} %", progress.what, progress.table,
                       std::string(filled, '#'), width, done * 100 / progress.total);
}

tidemark::OnProgress ProgressLine::callback() {
    return [this](const tidemark::Progress& progress) {
        if (!on_terminal_) return;
        std::string line = text(progress);
        if (line == drawn_) return;
        fmt::print(stderr, "\r\x1b[K{}", line);
        std::fflush(stderr);
        drawn_ = std::move(line);
    };
}

void ProgressLine::wipe() {
    if (!drawn_.empty()) fmt::print(stderr, "\r\x1b[K");
    drawn_.clear();
}

}  // namespace examples
