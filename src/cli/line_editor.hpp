#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace tidemark::cli {

/// Reads lines from a person at a terminal, who can edit them, go back in what was typed before,
/// and complete words with the Tab key. There is one terminal: have one object of this class at a
/// time.
class LineEditor {
public:
    /// What `word`, the last one of `line` so far, may become.
    using Complete =
        std::function<std::vector<std::string>(const std::string& line, const std::string& word)>;

    /// `history` is the file that keeps what was typed; it is made where it is missing.
    LineEditor(std::string history, Complete complete);
    ~LineEditor();
    LineEditor(const LineEditor&) = delete;
    LineEditor& operator=(const LineEditor&) = delete;

    /// Nothing at the end of the input.
    std::optional<std::string> read(const std::string& prompt);
    /// Adds to what the arrow keys bring back.
    void remember(const std::string& line);

private:
    std::string history_;
};

}  // namespace tidemark::cli
