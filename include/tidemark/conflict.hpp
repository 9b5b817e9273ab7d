#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <tidemark/value.hpp>

namespace tidemark {

using NamedValues = std::vector<std::pair<std::string, Value>>;

enum class ConflictState { open, restored, dismissed };

/// A value that lost a merge. It stays in the file until it is restored or dismissed.
struct Conflict {
    std::int64_t id = 0;
    std::int64_t at_ms = 0;  ///< when the merge happened
    std::string table;
    NamedValues key;
    std::string reason;                ///< "edited later there", "deleted later here", …
    bool lost_here = true;             ///< the losing side: this device, or the primary
    std::vector<std::string> columns;  ///< which of its values lost; empty where a deletion lost
    NamedValues here;             ///< this device's row before the merge; empty: it was deleted
    NamedValues there;            ///< the primary's row; empty: it was deleted
    std::int64_t here_at_ms = 0;  ///< when the losing or winning edit was made
    std::int64_t there_at_ms = 0;
    std::string here_device;
    std::string there_device;
    ConflictState state = ConflictState::open;
};

/// What a resolver is asked: one row that was changed on both sides, as a policy would see it.
struct Clash {
    std::string table;
    NamedValues key;
    std::vector<std::string> columns;  ///< changed on both sides, to different values
    NamedValues here;                  ///< empty: deleted on this device
    NamedValues there;                 ///< empty: deleted at the primary
    std::int64_t here_at_ms = 0;
    std::int64_t there_at_ms = 0;
};

enum class Winner { here, there };

/// Decides a clash instead of the policy. Called during sync(), on its thread, inside the local
/// write transaction: it must be quick, must not throw, and must not use the database.
using Resolver = std::function<Winner(const Clash&)>;

}  // namespace tidemark
