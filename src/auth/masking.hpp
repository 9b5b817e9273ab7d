#pragma once

#include <string>
#include <string_view>

namespace tidemark::auth {

/// The primary as it may be shown: "libsql://my-*****.turso.io". The name of the database and what
/// a URL may carry of a user's (name, password, token in the query) are left out. Paths and
/// loopback addresses give nothing away and stay as they are.
std::string masked(std::string_view primary);

}  // namespace tidemark::auth
