// What a table's key was called before a round, and what becomes of entries that name rows and
// columns.

#include <algorithm>

#include "base/text.hpp"
#include "capture/pending.hpp"
#include "primary/ledger.hpp"
#include "sync/row_sql.hpp"
#include "sync/schema_round.hpp"

namespace tidemark {
namespace {

constexpr const char* copy_name = "tidemark_copy";

std::string carried_name(const std::string& table) { return quoted("tidemark_carried_" + table); }

/// A set of columns of the old table as one of the new: an SQL expression over `cols`.
std::string moved_bits(const std::vector<std::pair<std::size_t, std::size_t>>& moves) {
    std::string sql = "CASE WHEN cols <= 0 THEN cols ELSE 0";
    for (const auto& [from, to] : moves) {
        sql += " | (CASE WHEN cols & " + std::to_string(capture::bit_of(from)) + " THEN " +
               std::to_string(capture::bit_of(to)) + " ELSE 0 END)";
    }
    return sql + " END";
}

}  // namespace

std::vector<std::string> SchemaRound::key_before(const Table& table,
                                                 const std::string& before) const {
    const auto text = TableText::parse(before);
    std::vector<std::string> names;
    for (const std::size_t c : table.key) {
        std::string name = table.columns[c].name;
        for (const auto& [old_name, now] : renaming_.columns_of(table.name)) {
            if (same_name(now, name) && text && text->column(old_name)) name = old_name;
        }
        if (!text || !text->column(name)) return {};
        names.push_back(name);
    }
    return names;
}

bool SchemaRound::has_key_of(const Table& table, const std::string& before) const {
    const auto text = TableText::parse(before);
    const std::vector<std::string> now = key_before(table, before);
    const std::vector<std::string> then = text ? text->key() : std::vector<std::string>{};
    return std::equal(now.begin(), now.end(), then.begin(), then.end(), same_name);
}

/// The ledger's entries of rows that are there, with the values of another key, to be entered again
/// once the table has that key.
std::string SchemaRound::carry_sql(const SchemaObject& table, const std::string& name,
                                   const std::vector<std::string>& new_key) {
    const auto text = TableText::parse(table.sql);
    std::vector<std::string> values, matches;
    for (std::size_t i = 0; i < new_key.size(); ++i) {
        values.push_back("t." + quoted(new_key[i]) + " AS " + capture::key_column(i));
    }
    const std::vector<std::string> old_key = text ? text->key() : std::vector<std::string>{};
    for (std::size_t i = 0; i < old_key.size(); ++i) {
        matches.push_back("t." + quoted(old_key[i]) + " = r." + capture::key_column(i));
    }
    return "CREATE TABLE " + carried_name(name) + " AS SELECT " + join(values, ", ") +
           ", r.seq, r.at, r.since, r.born, r.origin, r.edited, r.gone FROM " +
           quoted(ledger::rows_table(name)) + " r JOIN " + quoted(table.name) + " t ON " +
           join(matches, " AND ");
}

std::vector<std::string> SchemaRound::enter_carried_sql(const Table& table,
                                                        const std::string& old_name) {
    std::vector<std::string> present;
    for (std::size_t i = 0; i < table.key.size(); ++i) {
        present.push_back(capture::key_column(i) + " IS NOT NULL");
    }
    const std::string fields =
        capture::key_columns(table) + ", seq, at, since, born, origin, edited, gone";
    return {"INSERT OR IGNORE INTO " + quoted(ledger::rows_table(table.name)) + "(" + fields +
                ") SELECT " + fields + " FROM " + carried_name(old_name) + " WHERE " +
                join(present, " AND "),
            "DROP TABLE " + carried_name(old_name)};
}

/// The pending entries with their rows, while the two still have the same key.
void SchemaRound::copy_pending(const Migration::Touched& change, const Catalog& target) {
    const SchemaObject* becomes = find(target, "table", change.to);
    const auto text = becomes ? TableText::parse(becomes->sql) : std::nullopt;
    const auto table = read_table(connection_, change.from);
    const std::string known_as = agreed_name(change.from);
    const std::string pending = capture::pending_table(known_as);
    if (!text || !table || table->key.empty() ||
        connection_.integer("SELECT count(*) FROM sqlite_schema WHERE name = ?1", {pending}) == 0) {
        return;
    }
    std::vector<std::string> key;
    for (const std::size_t c : table->key) {
        for (const auto& [before, now] : change.columns) {
            if (same_name(before, table->columns[c].name)) key.push_back(now);
        }
    }
    const std::vector<std::string> new_key = text->key();
    if (std::equal(key.begin(), key.end(), new_key.begin(), new_key.end(), same_name)) return;
    std::vector<std::string> values;
    for (const std::string& name : new_key) {
        const auto kept =
            std::find_if(change.columns.begin(), change.columns.end(),
                         [&](const auto& pair) { return same_name(pair.second, name); });
        if (kept == change.columns.end()) return;
        values.push_back("t." + quoted(kept->first) + " AS " + capture::key_column(values.size()));
    }
    connection_.execute("CREATE TABLE " + carried_name(known_as) + " AS SELECT " +
                        join(values, ", ") + ", p.cols, p.at, p.rev FROM " + quoted(pending) +
                        " p LEFT JOIN " + quoted(change.from) + " t ON " +
                        row_match(*table, "t", "p"));
}

/// Pending entries name columns by position, so they follow when the positions change.
void SchemaRound::carry_pending(const std::string& from, const Table& table) {
    const std::string old_pending = quoted(capture::pending_table(from));
    const Value found = connection_.scalar(
        "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?1 COLLATE NOCASE",
        {capture::pending_table(from)});
    const auto agreed = std::find_if(agreed_.begin(), agreed_.end(), [&](const AgreedObject& one) {
        return one.type == "table" && same_name(one.name, from);
    });
    if (is_null(found) || agreed == agreed_.end()) return;
    const auto before = TableText::parse(agreed->here);
    const auto after = TableText::parse(as_text(connection_.scalar(
        "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?1", {table.name})));
    if (!before || !after) return;

    bool same = as_text(found) == capture::create_pending_sql(table);
    std::vector<std::pair<std::size_t, std::size_t>> moves;
    const TableChange change =
        TableChange::between(*before, *after, renaming_.columns_of(table.name));
    const std::vector<std::string> stored = before->stored();
    for (std::size_t i = 0; i < stored.size(); ++i) {
        std::string name = stored[i];
        for (const auto& [old_name, item] : change.renamed) {
            if (same_name(old_name, stored[i])) name = item.name;
        }
        const auto now = table.column(name);
        if (!now || *now != i) same = false;
        if (now)
            moves.emplace_back(i, *now);
        else if (i >= capture::rest_bit)
            moves.emplace_back(i, i);
    }
    const bool same_key = has_key_of(table, agreed->here);
    if (same && same_key) return;

    const std::string entries = same_key ? old_pending : carried_name(from);
    const std::string keys = key_list(table, "");
    const bool readable =
        same_key || connection_.integer("SELECT count(*) FROM sqlite_schema WHERE name = ?1",
                                        {"tidemark_carried_" + from}) != 0;
    std::vector<std::string> present;
    for (std::size_t i = 0; i < table.key.size(); ++i) {
        present.push_back(capture::key_column(i) + " IS NOT NULL");
    }
    const std::string has_key = "(" + join(present, " AND ") + ")";
    if (readable) {
        connection_.execute("CREATE TABLE " + std::string(copy_name) + " AS SELECT " + keys + ", " +
                            moved_bits(moves) + " AS moved, max(at) AS at, max(rev) AS rev FROM " +
                            entries + " GROUP BY " + keys + ", moved");
    }
    connection_.execute("DROP TABLE " + old_pending);
    connection_.execute(capture::create_pending_sql(table));
    // Where nobody knows what the new key of an entry would be, comparing finds what it meant.
    if (!readable) {
        uncaptured_ = true;
        return;
    }
    const bool all =
        connection_.integer("SELECT NOT EXISTS (SELECT 1 FROM " + std::string(copy_name) +
                            " WHERE NOT " + has_key + ")") != 0;
    uncaptured_ = uncaptured_ || !all;
    connection_.execute("INSERT OR IGNORE INTO " + pending_name(table) + "(" + keys +
                        ", cols, at, rev) SELECT " + keys + ", moved, at, rev FROM " + copy_name +
                        " WHERE " + has_key);
    connection_.execute("DROP TABLE " + std::string(copy_name));
    if (!same_key) connection_.execute("DROP TABLE " + carried_name(from));
}

}  // namespace tidemark
