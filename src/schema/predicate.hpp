#pragma once

#include <string>
#include <string_view>

namespace tidemark {

/// What stands behind WHERE in the text of a partial index; empty where there is none.
std::string index_predicate(std::string_view create_index);

}  // namespace tidemark
