#pragma once

#include <cstdint>

#include "primary/endpoint.hpp"
#include "sqlite/connection.hpp"

namespace tidemark {

/// What is on one side before the first contact.
struct Survey {
    std::int64_t tables = 0;   ///< of the application
    std::int64_t rows = 0;     ///< in its ordinary tables
    bool tracked = false;      ///< a primary already
    std::int64_t devices = 0;  ///< that the primary knows
};

Survey survey(Connection& database);
/// Two or three round trips. Throws Error as any request does, and where it cannot be a primary.
Survey survey(SqlEndpoint& primary);

}  // namespace tidemark
