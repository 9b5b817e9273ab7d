#pragma once

#include <optional>
#include <string>
#include <vector>

#include "net/url.hpp"

namespace tidemark {

/// What a person takes upon himself.
struct Risks {
    bool copied_folder = false;  ///< a primary in a folder that a sync service copies
    bool plain_http = false;     ///< edits and token readable by everybody on the way
};

/// Where a primary is: a file, or a database on a server.
struct Location {
    std::string path;                   ///< absolute; of a server: its URL, without any token
    std::optional<net::Url> url;        ///< of a server
    std::vector<std::string> warnings;  ///< about the place, for a person

    /// What a person gave: a path, a file: URL, or the URL of a server. Throws Error{usage} for a
    /// URL that makes no sense or is not safe, and Error{failed} for a place where a primary would
    /// be damaged: a folder that a sync service copies, or a file system without working locks.
    static Location parse(const std::string& given, const Risks& taken);
    /// The `path` alone, without a look at the place.
    static std::string path_of(const std::string& given);
    /// The location with such a path.
    static Location stored(const std::string& path);

    /// As it may be shown.
    std::string shown() const;
};

/// The name of the service that copies the folder of `path` elsewhere; empty where none is seen.
std::string copying_service(const std::string& path);

}  // namespace tidemark
