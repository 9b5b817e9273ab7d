#pragma once

#include <string>

namespace sow_admin {

/// The SHA-256 of a file's content, in 64 hexadecimal digits. Throws Error{failed} where it cannot
/// be read.
std::string content_hash(const std::string& path);

}  // namespace sow_admin
