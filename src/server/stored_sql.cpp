#include "server/stored_sql.hpp"

#include <utility>

#include "server/fault.hpp"

namespace tidemark::server {

void StoredSql::store(std::int32_t id, std::string sql, const Limits& limits) {
    if (texts_.contains(id)) {
        throw HttpFault(400, "SQL_STORE_DUPLICATE",
                        "SQL text " + std::to_string(id) + " is already stored");
    }
    if (texts_.size() >= limits.stored_sql) {
        throw Fault("SQL_STORE_TOO_MANY", "Too many SQL texts are stored: the limit is " +
                                              std::to_string(limits.stored_sql));
    }
    if (sql.size() > limits.stored_sql_bytes) {
        throw Fault("SQL_STORE_TOO_LARGE", "The SQL text is too large to be stored: the limit is " +
                                               std::to_string(limits.stored_sql_bytes) + " bytes");
    }
    texts_.emplace(id, std::move(sql));
}

std::string_view StoredSql::text(const hrana::SqlRef& reference) const {
    if (reference.sql && reference.sql_id) {
        throw HttpFault(400, "SQL_AND_SQL_ID", "Both `sql` and `sql_id` were given");
    }
    if (reference.sql) return *reference.sql;
    if (!reference.sql_id) {
        throw HttpFault(400, "SQL_NOT_GIVEN", "Neither `sql` nor `sql_id` was given");
    }
    const auto found = texts_.find(*reference.sql_id);
    if (found == texts_.end()) {
        throw HttpFault(400, "SQL_NOT_FOUND",
                        "SQL text " + std::to_string(*reference.sql_id) + " is not stored");
    }
    return found->second;
}

}  // namespace tidemark::server
