#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace memorygraph {

/// What a person typed, as terms of an FTS5 query, each valid by itself: words, "phrases" and
/// beginnings*. Signs without letters or digits are left out.
std::vector<std::string> search_terms(std::string_view typed);

}  // namespace memorygraph
