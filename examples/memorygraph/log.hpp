#pragma once

#include <functional>
#include <string>

namespace memorygraph {

enum class Level { info, warning };

/// Where messages for a person go. Called on the thread that has something to say.
using Log = std::function<void(Level, const std::string&)>;

}  // namespace memorygraph
