#include "cli/progress.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "cli/format.hpp"
#include "cli/printable.hpp"

namespace tidemark::cli {
namespace {

constexpr std::int64_t redraw_ms = 100;
constexpr std::int64_t rate_after_ms = 1000;  // an earlier figure jumps about too much to be read
constexpr std::size_t longest_bar = 30;
constexpr std::size_t shortest_bar = 10;
constexpr std::size_t table_width = 24;

std::string bar(double part, std::size_t width) {
    const auto filled = static_cast<std::size_t>(part * static_cast<double>(width));
    return "[" + std::string(filled, '#') + std::string(width - filled, '-') + "]";
}

std::string time_left(double seconds) {
    const auto whole = static_cast<std::int64_t>(std::max(0., seconds));
    return whole < 60 ? fmt::format("{} s left", whole) : duration(whole * 1000) + " left";
}

std::string sentence_case(std::string text) {
    if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = char(text[0] - 'a' + 'A');
    return text;
}

}  // namespace

std::string progress_line(const Progress& progress, double rows_per_s, std::size_t width) {
    const std::string name = sentence_case(printable(progress.what)) +
                             (progress.table.empty() ? "" : " ") +
                             printable(progress.table, table_width);
    const std::string rate =
        rows_per_s > 0 ? fmt::format(", {} rows/s", grouped(std::int64_t(rows_per_s))) : "";
    if (progress.total <= 0) {
        return printable(fmt::format("{}  {} rows{}", name, grouped(progress.done), rate), width);
    }
    const double done = static_cast<double>(progress.done);
    const double total = static_cast<double>(progress.total);
    const double part = std::clamp(done / total, 0., 1.);
    const std::string percent = fmt::format("{:3} %", static_cast<int>(part * 100));
    const std::string left = rate.empty() ? "" : ", " + time_left((total - done) / rows_per_s);
    const std::string rows =
        fmt::format("{} of {} rows", grouped(progress.done), grouped(progress.total));

    const std::string full = fmt::format("  {}  {}{}{}", percent, rows, rate, left);
    const std::size_t taken = columns_of(name) + columns_of(full) + 4;
    if (taken + shortest_bar <= width) {
        return name + "  " + bar(part, std::min(longest_bar, width - taken)) + full;
    }
    if (columns_of(name) + columns_of(full) <= width) return name + full;
    return printable(fmt::format("{}{}  {}", percent, left, name), width);
}

ProgressBar::~ProgressBar() {
    if (visible_) fmt::print(stderr, "\r\x1b[K");
}

void ProgressBar::show(const Progress& progress) {
    if (!screen_.terminal) return;
    const std::int64_t now = clock_.steady_ms();
    if (!start_ || start_->what != progress.what || progress.done < start_->done) {
        start_ = Start{progress.what, now, progress.done};
    } else if (now - drawn_ms_ < redraw_ms) {
        return;
    }
    const std::int64_t elapsed = now - start_->ms;
    const double rate = elapsed < rate_after_ms
                            ? 0
                            : static_cast<double>(progress.done - start_->done) * 1000 /
                                  static_cast<double>(elapsed);
    // The last column stays free: some terminals break the line when it is written to.
    fmt::print(stderr, "\r{}\x1b[K", progress_line(progress, rate, screen_.width - 1));
    std::fflush(stderr);
    drawn_ms_ = now;
    visible_ = true;
}

}  // namespace tidemark::cli
