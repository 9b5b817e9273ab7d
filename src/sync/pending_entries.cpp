#include "sync/pending_entries.hpp"

#include <map>

#include "capture/pending.hpp"
#include "sync/row_sql.hpp"

namespace tidemark {
namespace {

using merge::never;

}  // namespace

void rewrite_pending(Connection& connection, const Table& table, const Row& key,
                     const merge::Outcome& outcome, const ClockShift& shift) {
    connection.execute("DELETE FROM " + pending_name(table) + " WHERE " + key_is(table), key);

    std::map<std::int64_t, std::int64_t> entries;  // cols → at
    if (outcome.gone_at != never) entries[0] = outcome.gone_at;
    if (outcome.born_at != never) entries[-1] = outcome.born_at;
    std::map<std::int64_t, std::int64_t> masks;  // at → columns edited then
    for (std::size_t c = 0; c < outcome.edited_at.size(); ++c) {
        const std::int64_t at = outcome.edited_at[c];
        if (at != never && (outcome.born_at == never || at > outcome.born_at)) {
            masks[at] |= capture::bit_of(c);
        }
    }
    for (const auto& [at, mask] : masks) entries[mask] = at;

    for (const auto& [cols, at] : entries) {
        add_pending(connection, table, key, cols, shift.to_device(at));
    }
}

void add_pending(Connection& connection, const Table& table, const Row& key, std::int64_t cols,
                 std::int64_t at) {
    const std::size_t count = key.size();
    Row arguments = key;
    arguments.emplace_back(cols);
    arguments.emplace_back(at);
    connection.execute("INSERT INTO " + pending_name(table) + "(" + key_list(table, "") +
                           ", cols, at, rev) VALUES (" + parameter_list(count + 2) + ", 1)" +
                           keep_later,
                       arguments);
}

void acknowledge_pending(Connection& connection, const Table& table, std::int64_t at) {
    connection.execute("DELETE FROM " + pending_name(table) + " WHERE at <= ?1", {at});
}

bool any_pending(Connection& connection, const Table& table) {
    return connection.integer("SELECT EXISTS (SELECT 1 FROM " + pending_name(table) + ")") != 0;
}

bool is_pending(Connection& connection, const Table& table, const Row& key) {
    return connection.integer("SELECT EXISTS (SELECT 1 FROM " + pending_name(table) + " WHERE " +
                                  key_is(table) + ")",
                              key) != 0;
}

std::int64_t count_pending(Connection& connection, const Table& table) {
    return connection.integer("SELECT count(*) FROM (SELECT DISTINCT " + key_list(table, "") +
                              " FROM " + pending_name(table) + ")");
}

std::optional<PendingRow> pending_row(Connection& connection, const Table& table, const Row& key,
                                      const ClockShift& shift) {
    Statement select(connection, pending_sql(table) + " WHERE " + key_is(table, "p."));
    select.bind_all(key);
    std::optional<PendingRow> found;
    read_pending(select, table, shift, [&](PendingRow& row) { found = row; });
    return found;
}

}  // namespace tidemark
