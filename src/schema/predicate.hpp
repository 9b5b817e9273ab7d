#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tidemark {

/// What stands behind WHERE in the text of a partial index; empty where there is none.
std::string index_predicate(std::string_view create_index);

/// What a CREATE INDEX indexes, term by term, without ASC and DESC.
std::vector<std::string> index_terms(std::string_view create_index);

}  // namespace tidemark
