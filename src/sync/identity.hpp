#pragma once

#include <cstdint>
#include <string>

#include "primary/primary.hpp"
#include "sync/store.hpp"

namespace tidemark {

/// What the primary's answer says of the two files' past.
enum class Identity {
    as_known,
    push_arrived,      ///< our last push was taken, and only its answer was lost
    copied,            ///< another file pushes under our id: this one was copied or restored
    primary_restored,  ///< the primary does not know the commit that we have absorbed
    away_too_long,     ///< the primary has forgotten it, and deletions since
};

/// Throws Error{failed} where the primary was made by a newer Tidemark.
void require_known_format(std::int64_t format, const std::string& primary);

/// Throws Error where the two do not belong together, or the primary is not ready.
Identity judge_identity(const Meta& meta, const Head& head, const std::string& primary);

}  // namespace tidemark
