#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "memorygraph/log.hpp"

namespace memorygraph {

/// Remembers what was logged.
class Heard {
public:
    Log log() {
        return [this](Level level, const std::string& text) {
            (level == Level::warning ? warnings : infos).push_back(text);
        };
    }
    bool warned_of(const std::string& part) const {
        return std::any_of(warnings.begin(), warnings.end(), [&](const std::string& warning) {
            return warning.find(part) != std::string::npos;
        });
    }

    std::vector<std::string> warnings;
    std::vector<std::string> infos;
};

}  // namespace memorygraph
