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

/// The statements that do what `sql` does for each row of arguments. A statement with all of its
/// parameters in VALUES (…) takes many rows at once: `many`, as in Step, or an INSERT. Any other is
/// repeated. The rows are moved from.
std::vector<BoundSql> packed(const std::string& sql, const std::string& many,
                             std::vector<Row>& rows);

}  // namespace tidemark
