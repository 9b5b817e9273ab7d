#pragma once

#include <functional>
#include <string>

namespace memorygraph {

enum class Level { info, warning };

/// Where messages for a person go. May be called on several threads at once.
using Log = std::function<void(Level, const std::string&)>;

}  // namespace memorygraph
