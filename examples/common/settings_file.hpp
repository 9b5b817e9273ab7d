#pragma once

#include <string>
#include <variant>
#include <vector>

namespace examples {

/// A setting of a TOML file: `key` in [table], or before the first table where that is empty.
struct Setting {
    std::string table;
    std::string key;
    std::variant<bool, std::string> value;
};

/// Changes settings in a file that people edit too: their comments, their order and the settings of
/// others stay. Makes the file where there is none. Throws tidemark::Error{failed} where that
/// cannot be done.
void save_settings(const std::string& path, const std::vector<Setting>& settings);

}  // namespace examples
