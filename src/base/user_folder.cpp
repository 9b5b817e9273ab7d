#include "base/user_folder.hpp"

#include <cstdlib>
#include <string_view>

#include <tidemark/error.hpp>

namespace tidemark {
namespace {

/// A relative path in these variables is to be ignored (XDG Base Directory Specification).
std::string_view absolute_path_in(const char* variable) {
    const char* value = std::getenv(variable);
    const std::string_view path = value != nullptr ? value : "";
    return path.starts_with('/') ? path : std::string_view{};
}

std::string folder(const char* variable, const char* below_home) {
    if (const std::string_view given = absolute_path_in(variable); !given.empty()) {
        return std::string(given) + "/tidemark";
    }
    const std::string_view home = absolute_path_in("HOME");
    if (home.empty()) {
        throw Error(ErrorCode::failed, "there is no home folder to keep settings in",
                    std::string("Set HOME or ") + variable + " to an absolute path.");
    }
    return std::string(home) + below_home + "/tidemark";
}

}  // namespace

std::string config_folder() { return folder("XDG_CONFIG_HOME", "/.config"); }

std::string state_folder() { return folder("XDG_STATE_HOME", "/.local/state"); }

}  // namespace tidemark
