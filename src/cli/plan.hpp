#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <tidemark/report.hpp>

namespace tidemark::cli {

/// What a hosted primary lets one use in a month.
struct Plan {
    std::string name;                ///< empty: none
    std::int64_t rows_read = 0;      ///< 0: no limit
    std::int64_t rows_written = 0;   ///< 0: no limit
    std::int64_t storage_bytes = 0;  ///< 0: no limit
    std::string dashboard;           ///< where the provider shows the whole account; empty: nowhere
};

/// "turso-free", or "" and "none" for none; limits that the user has set replace the plan's. Throws
/// Error{usage} for any other name.
Plan plan_named(const std::string& name);

/// One thing that is used up.
struct Meter {
    const char* name;
    std::int64_t used = 0;
    std::int64_t limit = 0;  ///< 0: none
    bool in_bytes = false;

    bool near_limit() const;
    /// "1,204 of 10,000,000 rows this month (0.01%)".
    std::string text() const;
};

/// What is worth showing: all of a plan, otherwise what is not zero. `stored_bytes` is 0 where it
/// is not known.
std::vector<Meter> meters_of(const Plan& plan, const Usage& usage, std::int64_t stored_bytes);

/// A sentence where a meter has passed 80% of its limit.
std::vector<std::string> usage_warnings(const Plan& plan, const Status& status,
                                        const std::optional<Probe>& probe);

}  // namespace tidemark::cli
