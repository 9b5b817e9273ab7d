#pragma once

namespace memorygraph {

inline constexpr const char* version = "1.0.0";

}  // namespace memorygraph
