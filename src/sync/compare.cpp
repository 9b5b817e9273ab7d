#include "sync/compare.hpp"

#include <optional>

#include "base/text.hpp"
#include "base/tuning.hpp"
#include "capture/pending.hpp"
#include "sync/conflict_log.hpp"
#include "sync/constraints.hpp"
#include "sync/pending_entries.hpp"
#include "sync/row_sql.hpp"
#include "sync/table_status.hpp"

namespace tidemark {
namespace {

/// "main.T t" matched with its spooled row "s", and the SQL that compares the two.
struct Sides {
    explicit Sides(const Spool& spool)
        : table(spool.table()),
          here("main." + quoted(table.name)),
          there(spool.name()),
          pending("main." + quoted(capture::pending_table(table.name))),
          match(row_match(table, "t", "s")) {}

    const Table& table;
    std::string here, there, pending, match;

    std::string has_key() const {
        std::vector<std::string> tests;
        for (const std::size_t c : table.key)
            tests.push_back("t." + quoted(table.columns[c].name) + " IS NOT NULL");
        return join(tests, " AND ");
    }
    std::string only_here() const {
        return " FROM " + here + " t WHERE " + has_key() + " AND NOT EXISTS (SELECT 1 FROM " +
               there + " s WHERE " + match + " AND NOT s.gone)";
    }
    std::string only_there() const {
        return " FROM " + there + " s WHERE NOT s.gone AND NOT EXISTS (SELECT 1 FROM " + here +
               " t WHERE " + match + ")";
    }
    std::string both() const {
        return " FROM " + there + " s JOIN " + here + " t ON " + match + " WHERE NOT s.gone";
    }
    std::string differs(std::size_t c) const {
        const std::string ours = "t." + quoted(table.columns[c].name);
        const std::string theirs = "s.c" + std::to_string(c + 1);
        return "(" + ours + " IS NOT " + theirs + " COLLATE BINARY OR typeof(" + ours +
               ") <> typeof(" + theirs + "))";
    }
    std::string not_pending(std::string_view row) const {
        return "NOT EXISTS (SELECT 1 FROM " + pending + " p WHERE " +
               (row == "t" ? row_match(table, "t", "p") : key_match(table, "p", row)) + ")";
    }
    /// The columns that differ, as the bits of a pending entry; only those that the primary has not
    /// changed after `mark`.
    std::string mask(std::optional<std::int64_t> mark = {}) const {
        std::vector<std::string> bits{"0"};
        for (std::size_t c = 0; c < table.columns.size(); ++c) {
            const std::string old =
                mark ? " * (" + changed_at(c) + " <= " + std::to_string(*mark) + ")" : "";
            bits.push_back(differs(c) + old + " * " + std::to_string(capture::bit_of(c)));
        }
        return "(" + join(bits, " | ") + ")";
    }
    /// The commit that brought the primary's value of a column.
    std::string changed_at(std::size_t c) const {
        return "ifnull((SELECT json_extract(e.value, '$[1]') FROM json_each(s.edited) e WHERE "
               "e.key = " +
               literal(table.columns[c].name) + "), s.since)";
    }
    std::string all_columns() const {
        std::int64_t bits = 0;
        for (std::size_t c = 0; c < table.columns.size(); ++c) {
            if (!table.is_key(c)) bits |= capture::bit_of(c);
        }
        return std::to_string(bits);
    }
    std::string t_keys() const {
        std::vector<std::string> names;
        for (const std::size_t c : table.key) names.push_back("t." + quoted(table.columns[c].name));
        return join(names, ", ");
    }
    std::string enter(const std::string& keys, const std::string& cols) const {
        return "INSERT INTO " + pending + "(" + key_list(table, "") + ", cols, at, rev) SELECT " +
               keys + ", " + cols + ", ?1, 1";
    }
};

}  // namespace

TableDifference measure(Connection& connection, const Spool& spool) {
    const Sides sides(spool);
    const std::int64_t both = connection.integer("SELECT count(*)" + sides.both());
    const std::int64_t different =
        connection.integer("SELECT count(*)" + sides.both() + " AND " + sides.mask() + " <> 0");
    return {sides.table.name, connection.integer("SELECT count(*)" + sides.only_here()),
            connection.integer("SELECT count(*)" + sides.only_there()), different,
            both - different};
}

TableVerification verify_table(Connection& connection, const Spool& spool, const Spool& incoming,
                               std::int64_t mark) {
    const Sides sides(spool);
    const Table& table = sides.table;
    TableVerification found;
    found.table = table.name;
    found.null_keys = rows_without_key(connection, table);
    found.pending = count_pending(connection, table);

    const std::string not_pending = "NOT EXISTS (SELECT 1 FROM " + sides.pending + " p WHERE ";
    found.incoming = connection.integer("SELECT count(*) FROM " + incoming.name() + " i WHERE " +
                                        not_pending + key_match(table, "p", "i") + ")");
    const auto settled = [&](const std::string& match_pending, const std::string& match_incoming) {
        return " AND " + not_pending + match_pending + ") AND NOT EXISTS (SELECT 1 FROM " +
               incoming.name() + " i WHERE " + match_incoming + ")";
    };
    const std::string row_is_settled =
        settled(row_match(table, "t", "p"), row_match(table, "t", "i"));
    const std::string entry_is_settled =
        settled(key_match(table, "p", "s"), key_match(table, "i", "s"));

    const auto count = [&](const std::string& keys, const std::string& from) {
        std::int64_t rows = 0;
        Statement select(connection, "SELECT " + keys + from);
        for (; select.step(); ++rows) {
            if (static_cast<std::int64_t>(found.keys.size()) < tuning::named_differences) {
                found.keys.push_back(named_key(table, select.row()));
            }
        }
        return rows;
    };
    found.different =
        count(sides.t_keys(), sides.both() + " AND " + sides.mask() + " <> 0" + row_is_settled);
    found.only_here = count(sides.t_keys(), sides.only_here() + row_is_settled);
    found.only_there = count(key_list(table, "s."), sides.only_there() + entry_is_settled);

    const std::string unsettled = "(SELECT " + key_list(table, "") + " FROM " + sides.pending +
                                  " UNION SELECT " + key_list(table, "") + " FROM " +
                                  incoming.name() + ") u";
    const Sides late(incoming);
    const std::int64_t unseen_edits =
        count(late.t_keys(),
              late.both() + " AND " + late.mask(mark) + " <> 0 AND " + late.not_pending("t"));
    const std::int64_t unseen_deletions =
        count(key_list(table, "s."), late.only_there() + " AND s.born <= " + std::to_string(mark) +
                                         " AND " + late.not_pending("s"));
    found.same = connection.integer("SELECT count(*)" + sides.both()) - found.different -
                 connection.integer("SELECT count(*) FROM " + unsettled + " JOIN " + sides.there +
                                    " s ON " + key_match(table, "s", "u") + " JOIN " + sides.here +
                                    " t ON " + sides.match + " WHERE NOT s.gone");
    found.different += unseen_edits;
    found.only_there += unseen_deletions;
    found.incoming -= unseen_edits + unseen_deletions;
    return found;
}

void note_as_edits(Connection& connection, const Spool& spool, std::int64_t at) {
    const Sides sides(spool);
    connection.execute(sides.enter(sides.t_keys(), "-1") + sides.only_here() + keep_later, {at});
    connection.execute(sides.enter(sides.t_keys(), sides.mask()) + sides.both() + " AND " +
                           sides.mask() + " <> 0" + keep_later,
                       {at});
}

void note_as_edits_since(Connection& connection, const Spool& spool, std::int64_t mark,
                         std::int64_t at) {
    const Sides sides(spool);
    const std::string born_since = "s.born > " + std::to_string(mark);
    const std::string was_common = "EXISTS (SELECT 1 FROM " + sides.there + " s WHERE " +
                                   sides.match + " AND NOT " + born_since + ")";
    connection.execute(sides.enter(sides.t_keys(), "CASE WHEN " + was_common + " THEN " +
                                                       sides.all_columns() + " ELSE -1 END") +
                           sides.only_here() + keep_later,
                       {at});
    connection.execute(sides.enter(sides.t_keys(), "CASE WHEN " + born_since + " THEN -1 ELSE " +
                                                       sides.mask() + " END") +
                           sides.both() + " AND " + sides.mask() + " <> 0" + keep_later,
                       {at});
}

void note_as_deleted(Connection& connection, const Spool& spool, std::int64_t at) {
    const Sides sides(spool);
    connection.execute(
        sides.enter(key_list(sides.table, "s."), "0") + sides.only_there() + keep_later, {at});
}

void note_as_deleted_since(Connection& connection, const Spool& spool, std::int64_t mark,
                           std::int64_t at) {
    const Sides sides(spool);
    connection.execute(sides.enter(key_list(sides.table, "s."), "0") + sides.only_there() +
                           " AND s.born <= " + std::to_string(mark) + " AND " +
                           sides.not_pending("s"),
                       {at});
}

void note_children_of_namesakes(Connection& connection,
                                const std::vector<std::unique_ptr<Spool>>& spools,
                                const std::vector<TableSetting>& settings, std::int64_t mark,
                                std::int64_t at) {
    std::vector<std::string> statements;
    for (const auto& child : spools) {
        for (const ForeignKey& reference : child->table().foreign_keys) {
            for (const auto& parent : spools) {
                if (!same_name(parent->table().name, reference.parent) ||
                    !hands_out_keys(parent->table(), settings)) {
                    continue;
                }
                const auto columns = in_key_order(parent->table(), reference);
                if (columns.empty()) continue;
                const Sides sides(*child);
                std::vector<std::string> refers;
                for (std::size_t i = 0; i < columns.size(); ++i) {
                    const std::string k = capture::key_column(i);
                    refers.push_back("p." + k + " = t." +
                                     quoted(child->table().columns[columns[i]].name));
                }
                statements.push_back(sides.enter(sides.t_keys(), "-1") + sides.both() +
                                     " AND s.born > " + std::to_string(mark) + " AND " +
                                     sides.not_pending("t") + " AND EXISTS (SELECT 1 FROM " +
                                     pending_name(parent->table()) + " p JOIN " + parent->name() +
                                     " q ON " + key_match(parent->table(), "p", "q") +
                                     " WHERE p.cols = -1 AND NOT q.gone AND q.born > " +
                                     std::to_string(mark) + " AND " + join(refers, " AND ") + ")");
            }
        }
    }
    bool found = true;
    while (found) {
        found = false;
        for (const std::string& sql : statements) {
            connection.execute(sql, {at});
            found = found || connection.changes() > 0;
        }
    }
}

void yield_to(Connection& connection, Spool& spool) {
    const Sides sides(spool);
    std::vector<std::string> nulls(sides.table.columns.size(), "NULL");
    connection.execute("INSERT INTO " + sides.there + " SELECT " + sides.t_keys() +
                       ", 0, 0, 0, '', '{}', '', 1, " + join(nulls, ", ") + " FROM " + sides.here +
                       " t WHERE " + sides.has_key() + " AND NOT EXISTS (SELECT 1 FROM " +
                       sides.there + " s WHERE " + sides.match +
                       ") AND NOT EXISTS (SELECT 1 FROM " + sides.pending + " p WHERE " +
                       row_match(sides.table, "t", "p") + " AND p.cols = -1)");
    spool.recount();
}

void drop_own(Connection& connection, const Spool& spool) {
    const Sides sides(spool);
    connection.execute("DELETE FROM " + sides.here + " AS t WHERE " + sides.has_key() +
                       " AND NOT EXISTS (SELECT 1 FROM " + sides.there + " s WHERE " + sides.match +
                       " AND NOT s.gone)");
    connection.execute("DELETE FROM " + sides.pending);
}

void drop_seen(Connection& connection, Spool& spool, std::int64_t mark,
               const std::vector<Row>& but) {
    const Table& table = spool.table();
    std::vector<Row> kept;
    Statement& find =
        connection.cached("SELECT * FROM " + spool.name() + " WHERE " + key_is(table));
    for (const Row& key : but) {
        const Reset reset(find);
        find.bind_all(key);
        if (find.step()) kept.push_back(find.row());
    }
    connection.execute("DELETE FROM " + spool.name() +
                           " AS s WHERE NOT s.gone AND s.since <= ?1 AND NOT EXISTS (SELECT 1 FROM "
                           "json_each(s.edited) e WHERE json_extract(e.value, '$[1]') > ?1)",
                       {mark});
    for (const Row& row : kept) {
        connection.execute("INSERT OR REPLACE INTO " + spool.name() + " VALUES (" +
                               parameter_list(row.size()) + ")",
                           row);
    }
    spool.recount();
}

void drop_same(Connection& connection, Spool& spool) {
    const Sides sides(spool);
    connection.execute("DELETE FROM " + sides.there + " AS s WHERE EXISTS (SELECT 1 FROM " +
                       sides.here + " t WHERE " + sides.match + " AND " + sides.mask() +
                       " = 0) AND NOT s.gone AND " + sides.not_pending("s"));
    spool.recount();
}

}  // namespace tidemark
