#pragma once

#include "schema/table.hpp"
#include "sqlite/value.hpp"

namespace tidemark {

/// Orders two keys of `table` as its key's index does, collations included.
int compare_keys(const Table& table, const Row& a, const Row& b);

/// The key of a row that holds all columns of `table`.
Row key_of(const Table& table, const Row& row);

}  // namespace tidemark
