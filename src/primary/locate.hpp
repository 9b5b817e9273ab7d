#pragma once

#include <memory>
#include <string>
#include <vector>

#include "primary/endpoint.hpp"

namespace tidemark {

/// Where a primary is, as a person gave it: a path or a file: URL.
struct Location {
    std::string path;                   ///< absolute
    std::vector<std::string> warnings;  ///< about the place, for a person

    /// Throws Error{usage} for a kind of URL that this version does not know, and Error{failed} for
    /// a place where a primary would be damaged: a folder that a sync service copies (unless
    /// `allow_copied_folder`), or a file system without working locks.
    static Location parse(const std::string& url, bool allow_copied_folder);

    /// The path alone, without a look at the place. Throws Error{usage} as parse() does.
    static std::string path_of(const std::string& url);
};

/// The name of the service that copies the folder of `path` elsewhere; empty where none is seen.
std::string copying_service(const std::string& path);

}  // namespace tidemark
