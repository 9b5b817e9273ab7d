#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "server/options.hpp"

namespace tidemark::server {

/// One thing that can be said about a server: `--name` on the command line, TIDEMARK_SERVE_NAME in
/// the environment, `name` in the configuration file.
struct Setting {
    const char* name;
    const char* form;  ///< what a value looks like; null: a flag, true or false
    const char* meaning;
    /// Throws Error{usage} where `text` is none.
    std::function<void(Options& options, const std::string& text)> set;

    bool is_flag() const { return form == nullptr; }
    std::string variable() const;
};

const std::vector<Setting>& all_settings();

/// The values in a TOML file, by name. Throws Error{usage} where it cannot be read, is no TOML, or
/// holds a name that no setting has.
std::map<std::string, std::string> read_config(const std::string& path);

/// What was said on the command line beats the environment, and that beats the file. Throws
/// Error{usage}.
Options options_of(const std::map<std::string, std::string>& command_line,
                   const std::map<std::string, std::string>& file);

}  // namespace tidemark::server
