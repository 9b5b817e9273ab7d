#pragma once

#include <optional>
#include <string>

/// Files that only their owner may read.
namespace tidemark {

/// The file's content; nothing where there is no file. Throws Error{failed} where others than its
/// owner may read or write it, with the command that changes that, or where it cannot be read.
std::optional<std::string> read_private(const std::string& path);

/// Replaces the file in one step, so that a reader sees the old content or the new and a crash
/// leaves one of them. The folder is made where it is missing (0700), and refused where others may
/// enter it.
void write_private(const std::string& path, const std::string& content);

/// The same in a folder that is there, whoever may enter it.
void replace_private(const std::string& path, const std::string& content);

/// Makes a file (0600) in a folder that is there. Throws Error{failed} where the file is there
/// already, which is then left as it is.
void create_private(const std::string& path, const std::string& content);

/// Throws Error{failed} where others than its owner may enter the folder.
void require_private_folder(const std::string& folder);

}  // namespace tidemark
