#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <tidemark/report.hpp>

#include "base/clock.hpp"
#include "cli/terminal.hpp"

namespace tidemark::cli {

/// The line that stands for one moment; `rows_per_s` is 0 where it is not known yet.
std::string progress_line(const Progress& progress, double rows_per_s, std::size_t width);

/// A line on stderr that shows how far a long transfer has come, at most ten times a second; it is
/// wiped at the end. Draws nothing where stderr is no terminal. Use it from one thread.
class ProgressBar {
public:
    ProgressBar(const Screen& screen, Clock& clock) : screen_(screen), clock_(clock) {}
    ~ProgressBar();
    ProgressBar(const ProgressBar&) = delete;
    ProgressBar& operator=(const ProgressBar&) = delete;

    void show(const Progress& progress);

private:
    struct Start {
        std::string what;
        std::int64_t ms = 0;
        std::int64_t done = 0;  ///< rows that an earlier, interrupted run had moved already
    };

    Screen screen_;
    Clock& clock_;
    std::optional<Start> start_;
    std::int64_t drawn_ms_ = 0;
    bool visible_ = false;
};

}  // namespace tidemark::cli
