#pragma once

#include "common/database.hpp"

namespace shark {

/// Makes the tables where they are missing.
void initialize_schema(examples::Database& database);

}  // namespace shark
