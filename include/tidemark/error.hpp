#pragma once

#include <exception>
#include <string>

namespace tidemark {

/// What kind of failure it was. The values are the exit codes of the command.
enum class ErrorCode {
    failed = 1,         ///< it went wrong for the reason that the message gives
    usage = 2,          ///< the caller asked for something that makes no sense
    unreachable = 3,    ///< the primary cannot be reached
    unauthorized = 4,   ///< the primary was reached and refuses us
    choice_needed = 5,  ///< nothing was done: the caller has to choose
};

/// The one exception type of the library: what happened, and what to do about it.
/// Outcomes that a caller has to expect (offline, conflicts, nothing to do) are values instead.
class Error : public std::exception {
public:
    Error(ErrorCode code, std::string message, std::string hint = {});

    const char* what() const noexcept override { return message_.c_str(); }

    ErrorCode code() const noexcept { return code_; }
    /// What happened and why, as a sentence without a full stop.
    const std::string& message() const noexcept { return message_; }
    /// What to do next; empty where nothing sensible can be said.
    const std::string& hint() const noexcept { return hint_; }

private:
    ErrorCode code_;
    std::string message_;
    std::string hint_;
};

}  // namespace tidemark
