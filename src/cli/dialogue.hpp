#pragma once

#include <string>
#include <string_view>

#include "cli/terminal.hpp"

namespace tidemark::cli {

/// Questions to the person at the terminal, on stderr, so that stdout holds results alone.
class Dialogue {
public:
    Dialogue(const Screen& screen, bool possible) : screen_(screen), possible_(possible) {}

    /// Whether anybody is there to answer. Where not, nothing may be asked.
    bool possible() const { return possible_; }

    void say(std::string_view text) const;
    /// The answer without the blanks around it; `standard` where it is empty. Throws
    /// Error{choice_needed} at the end of the input.
    std::string ask(std::string_view question, const std::string& standard = {}) const;
    /// The same without showing what is typed.
    std::string ask_secret(std::string_view question) const;
    /// "question [Y/n]".
    bool confirm(std::string_view question, bool standard) const;

private:
    Screen screen_;
    bool possible_;
};

/// From now on Ctrl-C says that nothing is lost before it ends the program, wipes a progress bar
/// and makes the terminal show again what is typed.
void explain_interruption();

}  // namespace tidemark::cli
