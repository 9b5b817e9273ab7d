#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "net/url.hpp"

namespace tidemark {

/// Whether a sync would have anything to do, found out at little cost.
struct Outlook {
    std::int64_t pending = 0;
    bool anything = false;
};

/// What is pending in the replica at `path`, and whether its schema has changed. Where the primary
/// is a file, that is looked at too.
Outlook outlook_of(const std::string& path);

/// The server of the primary; nothing where it is a file.
std::optional<net::Url> server_of(const std::string& path);

/// The path of the primary's file; empty where it is no file.
std::string primary_file_of(const std::string& path);

}  // namespace tidemark
