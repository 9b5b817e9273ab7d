#pragma once

#include <string>
#include <vector>

#include "sqlite/value.hpp"

namespace tidemark::sim {

/// What happened in a history, line by line; kept only where somebody wants to read it.
class HistoryLog {
public:
    explicit HistoryLog(bool kept) : kept_(kept) {}

    /// `line` is a function that makes the line.
    template <typename Line>
    void add(const Line& line) {
        if (kept_) lines_.push_back(line());
    }
    const std::vector<std::string>& lines() const { return lines_; }

private:
    bool kept_;
    std::vector<std::string> lines_;
};

/// A value as SQL writes it, for the log.
std::string shown(const Value& value);

}  // namespace tidemark::sim
