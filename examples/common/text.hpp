#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace examples {

/// The time as it is kept in tables: "2026-01-04 12:30:00", UTC.
std::string now_utc();
std::string utc(std::int64_t seconds_since_1970);

/// A random UUID (version 4).
std::string new_uuid();

/// Lines with aligned columns; the first is the heading. Empty where there is only that.
std::string table(const std::vector<std::vector<std::string>>& lines);

/// $HOME. Throws tidemark::Error{failed} where it is not set.
std::string home_folder();

}  // namespace examples
