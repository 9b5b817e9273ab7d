#pragma once

#include <optional>
#include <string>

/// Files that hold a secret, so only their owner may read them.
namespace examples {

/// The file's content; nothing where there is no file. Throws tidemark::Error{failed} where others
/// may read or write it, with the command that changes that.
std::optional<std::string> read_private(const std::string& path);

/// Replaces the file in one step, with the permissions 0600. Its folder is made where it is missing
/// (0700).
void write_private(const std::string& path, const std::string& content);

/// From now on a crash of this program leaves no core file, which would hold its secrets.
void forbid_core_files();

}  // namespace examples
