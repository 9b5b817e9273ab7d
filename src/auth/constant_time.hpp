#pragma once

#include <string_view>

namespace tidemark::auth {

/// Compares secrets in a time that depends on their lengths alone, so that nobody can find one out
/// byte by byte.
bool equal_secrets(std::string_view a, std::string_view b);

}  // namespace tidemark::auth
