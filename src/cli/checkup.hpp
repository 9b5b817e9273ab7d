#pragma once

#include <string>
#include <vector>

#include <tidemark/replica.hpp>

#include "sqlite/connection.hpp"

/// What `tidemark doctor` looks at. Nothing here writes.
namespace tidemark::cli {

struct Finding {
    enum class State {
        good,
        note,     ///< works, but a person would want to know
        trouble,  ///< does not work, or will not
    };
    /// What mends it without a choice to make and without a risk.
    enum class Remedy { none, sync, narrow };

    std::string name;  ///< what was looked at: "file", "triggers", …
    State state = State::good;
    std::string found;                   ///< a sentence without a full stop
    std::string advice;                  ///< what to do, a sentence; empty where nothing is
    ErrorCode code = ErrorCode::failed;  ///< of trouble: what kind
    Remedy remedy = Remedy::none;
    std::string target;  ///< of narrow: what others may open
    unsigned taken = 0;  ///< of narrow: the bits of its mode that allow that
};

/// What SQLite itself finds wrong in the file, a phrase for each; empty where it is sound.
std::vector<std::string> damage_of(const std::string& path);

/// What can be found out without the primary: the file, its triggers, what is pending, past syncs,
/// who may open what. Where the file is no replica, that is a finding too.
std::vector<Finding> check_file(const std::string& path);

/// What has to be asked for: the token, the network, the primary, the clock. Empty where the file
/// is no replica.
std::vector<Finding> check_primary(const std::string& path, const TokenProvider& token);

}  // namespace tidemark::cli
