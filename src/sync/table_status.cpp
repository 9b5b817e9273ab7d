#include "sync/table_status.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "capture/triggers.hpp"
#include "sync/pending_entries.hpp"

namespace tidemark {

std::int64_t rows_without_key(Connection& connection, const Table& table) {
    std::vector<std::string> tests;
    for (const std::size_t c : table.key)
        tests.push_back(quoted(table.columns[c].name) + " IS NULL");
    return connection.integer("SELECT count(*) FROM " + quoted(table.name) + " WHERE " +
                              join(tests, " OR "));
}

std::vector<TableStatus> table_status(Connection& connection, Store& store) {
    std::vector<TableStatus> statuses;
    const std::vector<Table> synced = store.tables();
    for (const TableVerdict& verdict : judge_tables(connection, store.excluded())) {
        TableStatus status{verdict.name, verdict.syncs, verdict.reason, 0, 0, 0};
        const auto table = std::find_if(synced.begin(), synced.end(), [&](const Table& one) {
            return same_name(one.name, verdict.name);
        });
        if (table == synced.end()) {
            if (status.syncs) {
                status.syncs = false;
                status.reason = "it is new; the next sync takes it in";
            }
        } else {
            status.pending = count_pending(connection, *table);
            status.null_keys = rows_without_key(connection, *table);
        }
        try {
            status.rows = connection.integer("SELECT count(*) FROM " + quoted(verdict.name));
        } catch (const Error&) {  // a virtual table whose module only the application has
        }
        statuses.push_back(std::move(status));
    }
    return statuses;
}

}  // namespace tidemark
