#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tidemark::cli {

/// What SQL can go on with: names before keywords.
class SqlCompletion {
public:
    std::vector<std::string> tables;   ///< and views
    std::vector<std::string> columns;  ///< of all of them

    /// For the `word` that `line` ends with. Where only a table can stand, as after FROM, only
    /// tables are offered.
    std::vector<std::string> of(std::string_view line, std::string_view word) const;
};

}  // namespace tidemark::cli
