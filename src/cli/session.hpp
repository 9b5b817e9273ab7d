#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>
#include <tidemark/error.hpp>
#include <tidemark/replica.hpp>

#include "cli/dialogue.hpp"
#include "cli/terminal.hpp"

namespace tidemark::cli {

/// One run of the command: what every command may be told, and the one place that writes.
class Session {
public:
    bool json = false;
    bool quiet = false;
    bool verbose = false;
    std::string token_file;  ///< for the primary's server; empty: none was given
    int exit_code = 0;       ///< of a command that did what it should

    Session();

    /// The screen that people's output goes to.
    const Screen& screen() const { return out_; }
    std::int64_t now_ms() const;

    /// The result: `object` with --json, otherwise `text` unless --quiet. Called once by a command.
    /// Throws Error where it cannot be written.
    void give(const boost::json::object& object, std::string_view text) const;
    /// `text` whatever the options say. Throws Error where it cannot be written.
    void print(std::string_view text) const;
    /// Sentences for a person, to stderr. With --json they are a part of the object instead.
    void warn(const std::vector<std::string>& warnings) const;
    /// Tells what went wrong; returns the exit code.
    int fail(const Error& error) const;

    /// The token in the file that was given, for the primary's server; nothing where none was.
    TokenProvider token() const;

    /// Questions to a person, where one is there: both ends are a terminal, and neither --json nor
    /// --quiet was given.
    Dialogue dialogue() const;

    /// A callback that draws a progress bar; the bar goes when the last copy of the callback goes.
    /// Empty where nobody would see it.
    OnProgress progress() const;

private:
    Screen out_;
    Screen err_;
    mutable std::optional<std::string> token_;  ///< what token_file holds, once it was read
};

}  // namespace tidemark::cli
