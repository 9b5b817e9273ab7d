#pragma once

namespace sow_admin {

/// Tables, indexes and triggers, each made only where it is missing.
extern const char* const schema;

}  // namespace sow_admin
