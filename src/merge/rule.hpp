#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <vector>

#include "sqlite/value.hpp"

/// The merge rule: pure functions over one row. No I/O, no clock, no database.
namespace tidemark::merge {

inline constexpr std::int64_t never = std::numeric_limits<std::int64_t>::min();

/// When a column got its value at the primary: time of the edit, and the commit that brought it.
struct Stamp {
    std::int64_t at = 0;
    std::int64_t seq = 0;
};

/// The pending side: one row of this replica with what was changed in it.
struct Mine {
    bool exists = false;
    std::int64_t born_at = never;         ///< inserted here, and the primary has not said it knows
    std::int64_t gone_at = never;         ///< deleted here (it may have come back since)
    std::vector<std::int64_t> edited_at;  ///< for each column; `never` where it was not edited here
    Row values;                           ///< empty where it does not exist

    bool born() const { return born_at != never; }
    /// The time of the last edit; `never` where no column was edited.
    std::int64_t last_edit() const;
};

/// The primary's side of the same key, changed since the mark.
struct Theirs {
    bool gone = false;
    std::int64_t at = 0;        ///< of its birth, or of its deletion
    std::int64_t born = 0;      ///< the commit that inserted it
    bool born_by_us = false;    ///< it is our own insertion, whose acknowledgement was lost
    std::vector<Stamp> edited;  ///< for each column
    Row values;                 ///< empty where it is gone
};

/// Two values or states of which only one can stay.
struct Contest {
    std::vector<std::size_t> columns;  ///< empty: the row's existence is at stake
    std::int64_t here_at = never;
    std::int64_t there_at = never;
};

/// True where this replica's side wins. See policy.hpp.
using Judge = std::function<bool(const Contest&)>;

struct Terms {
    std::int64_t mark = 0;       ///< what was committed up to here, this replica had seen
    bool automatic_key = false;  ///< SQLite hands the key out: the same number may be another row
    Judge here_wins;
    /// Edits of this time were not noted when they were made: what they replace is a loss too.
    std::int64_t unnoted_at = never;
};

struct Loss {
    bool here = true;                  ///< the losing side
    std::vector<std::size_t> columns;  ///< the losing values; empty: a deletion lost
    const char* reason = "";
    std::int64_t here_at = never;
    std::int64_t there_at = never;
};

enum class Act {
    keep,      ///< the local row stays as it is
    write,     ///< the local row becomes `values`
    remove,    ///< the local row goes
    renumber,  ///< the local row takes a fresh key first; then theirs is written as new
};

struct Outcome {
    Act act = Act::keep;
    Row values;
    /// What is still pending afterwards, as in Mine.
    std::int64_t born_at = never;
    std::int64_t gone_at = never;
    std::vector<std::int64_t> edited_at;
    std::vector<Loss> losses;
};

/// Merges one row that is pending here and has changed at the primary since the mark.
Outcome merge(const Mine& mine, const Theirs& theirs, const Terms& terms);

/// The primary's row stands as it is, for a reason that lies outside the row; what was pending
/// lost.
Outcome give_way(const Mine& mine, const Theirs& theirs, const char* reason);

}  // namespace tidemark::merge
