#pragma once

#include <string>
#include <vector>

#include "sqlite/value.hpp"

namespace tidemark {

/// One statement with its arguments, for `?1`, `?2`, … in order.
struct BoundSql {
    std::string sql;
    Row arguments;
};

/// The statements that do what `sql` does for each row of arguments. An INSERT with all of its
/// parameters in VALUES (…) takes many rows at once; any other statement is repeated. The rows are
/// moved from.
std::vector<BoundSql> packed(const std::string& sql, std::vector<Row>& rows);

}  // namespace tidemark
