#include "primary/ledger.hpp"

#include <functional>

#include "base/text.hpp"
#include "capture/pending.hpp"
#include "sqlite/connection.hpp"

namespace tidemark::ledger {
namespace {

using Names = std::vector<std::string>;

std::string parameter(std::size_t i) { return "?" + std::to_string(i + 1); }

/// Rows of arguments as a table, and its columns, which have no names of their own.
constexpr const char* values_name = "tidemark_values";
std::string value_name(std::size_t i) { return values_name + (".column" + std::to_string(i + 1)); }

std::string list_of(std::size_t count, std::string (*make)(std::size_t)) {
    Names parts;
    for (std::size_t i = 0; i < count; ++i) parts.push_back(make(i));
    return join(parts, ", ");
}

std::string values_of(std::size_t count) {
    return "(VALUES (" + list_of(count, parameter) + ")) AS " + values_name;
}

/// Replaces {name} in a template by the pieces of one table.
class Template {
public:
    explicit Template(const Table& table, const std::string& called = {})
        : table_(table), called_(called.empty() ? table.name : called) {}

    std::string operator()(std::string_view text) const {
        std::string out;
        while (true) {
            const std::size_t open = text.find('{');
            if (open == std::string_view::npos) return out += text;
            const std::size_t close = text.find('}', open);
            const std::string_view word = text.substr(open + 1, close - open - 1);
            out += text.substr(0, open);
            out += piece(word);
            text.remove_prefix(close + 1);
        }
    }

    std::string each_key(const std::function<std::string(std::size_t)>& make,
                         std::string_view separator) const {
        Names parts;
        for (std::size_t i = 0; i < table_.key.size(); ++i) parts.push_back(make(i));
        return join(parts, separator);
    }
    std::string each_column(const std::function<std::string(const Column&)>& make) const {
        Names parts;
        for (const Column& column : table_.columns) parts.push_back(make(column));
        return join(parts, ", ");
    }
    std::string key_name(std::size_t i) const { return quoted(table_.columns[table_.key[i]].name); }
    static std::string k(std::size_t i) { return capture::key_column(i); }
    /// "?3" for the parameter `i` places after the key.
    std::string after_key(std::size_t i) const {
        return "?" + std::to_string(table_.key.size() + 1 + i);
    }

private:
    /// The row of "t" that an entry of ours is about.
    std::string t_is(const std::string& entry) const {
        return each_key(
            [&](std::size_t i) { return "t." + key_name(i) + " = " + entry + "." + k(i); },
            " AND ");
    }

    std::string piece(std::string_view word) const {
        if (word.empty()) return "{}";  // an empty JSON object
        if (word == "T") return quoted(called_);
        if (word == "R") return quoted(rows_table(table_.name));
        if (word == "P") return quoted(capture::pending_table(table_.name));
        if (word == "ks") return each_key([](std::size_t i) { return k(i); }, ", ");
        if (word == "rks") return each_key([](std::size_t i) { return "r." + k(i); }, ", ");
        if (word == "pks") return each_key([](std::size_t i) { return "p." + k(i); }, ", ");
        if (word == "?ks") return each_key([](std::size_t i) { return parameter(i); }, ", ");
        if (word == "keys") return each_key([&](std::size_t i) { return key_name(i); }, ", ");
        if (word == "tkeys")
            return each_key([&](std::size_t i) { return "t." + key_name(i); }, ", ");
        if (word == "key=?") {
            return each_key([&](std::size_t i) { return key_name(i) + " = " + parameter(i); },
                            " AND ");
        }
        if (word == "t.key=?") {
            return each_key(
                [&](std::size_t i) { return "t." + key_name(i) + " = " + parameter(i); }, " AND ");
        }
        if (word == "t.key=value") {
            return each_key(
                [&](std::size_t i) { return "t." + key_name(i) + " = " + value_name(i); }, " AND ");
        }
        if (word == "t=r") return t_is("r");
        if (word == "t=R") return t_is(quoted(rows_table(table_.name)));
        if (word == "t=p") return t_is("p");
        if (word == "head") return "(SELECT seq FROM tidemark_meta)";
        if (word == "key1") return key_name(0);
        if (word == "cols") return each_column([](const Column& c) { return quoted(c.name); });
        if (word == "tcols")
            return each_column([](const Column& c) { return "t." + quoted(c.name); });
        if (word == "?cols") {
            Names parts;
            for (std::size_t i = 0; i < table_.columns.size(); ++i) parts.push_back(parameter(i));
            return join(parts, ", ");
        }
        if (word == "cols=excluded") {
            return each_column(
                [](const Column& c) { return quoted(c.name) + " = excluded." + quoted(c.name); });
        }
        return after_key(static_cast<std::size_t>(std::stoi(std::string(word))));  // {0}, {1}, …
    }

    const Table& table_;
    std::string called_;
};

constexpr const char* entry_and_row = R"(
    r.rowid, r.seq, r.at, r.since, r.born, r.origin, r.edited,
    coalesce((SELECT c.replica FROM tidemark_commits c WHERE c.seq = r.seq), ''),
    r.gone OR t.{key1} IS NULL, {rks}, {tcols})";

/// The same fields for a row that may have no entry: it has not changed since tracking began.
constexpr const char* row_and_any_entry = R"(
    SELECT 0, coalesce(r.seq, 0), coalesce(r.at, 0), coalesce(r.since, 0), coalesce(r.born, 0),
        coalesce(r.origin, ''), coalesce(r.edited, '{}'), '', 0, {tkeys}, {tcols}
    FROM {T} t LEFT JOIN {R} r ON {t=r})";

constexpr const char* row_without_entry =
    "SELECT 0, 0, 0, 0, 0, '', '{}', '', 0, {tkeys}, {tcols} FROM {T} t";

}  // namespace

std::vector<std::string> create_sql() {
    return {R"(
        CREATE TABLE tidemark_meta(
            id INTEGER PRIMARY KEY CHECK (id = 1),
            role TEXT NOT NULL,
            format INTEGER NOT NULL,
            lineage TEXT NOT NULL,
            seq INTEGER NOT NULL,
            schema INTEGER NOT NULL,
            uploader TEXT NOT NULL,
            clock INTEGER NOT NULL,
            horizon_days INTEGER NOT NULL,
            pruned INTEGER NOT NULL))",
            R"(
        CREATE TABLE tidemark_commits(
            seq INTEGER PRIMARY KEY,
            nonce TEXT NOT NULL,
            replica TEXT NOT NULL,
            at INTEGER NOT NULL,
            rows INTEGER NOT NULL))",
            R"(
        CREATE TABLE tidemark_replicas(
            id TEXT PRIMARY KEY,
            name TEXT NOT NULL,
            pushes INTEGER NOT NULL,
            mark INTEGER NOT NULL,
            seen INTEGER NOT NULL))",
            R"(
        CREATE TABLE tidemark_schema(
            version INTEGER PRIMARY KEY,
            kind TEXT NOT NULL,
            name TEXT NOT NULL,
            sql TEXT NOT NULL))",
            R"(
        CREATE TABLE tidemark_tables(
            name TEXT PRIMARY KEY))"};
}

std::string rows_table(std::string_view table) { return "tidemark_rows_" + std::string(table); }

std::vector<std::string> create_rows_sql(const Table& table) {
    const Template sql(table);
    Names keys;
    for (std::size_t i = 0; i < table.key.size(); ++i) {
        const Column& column = table.columns[table.key[i]];
        keys.push_back(
            Template::k(i) + " " + name_of(column.affinity) + " NOT NULL" +
            (column.collation == "BINARY" ? "" : " COLLATE " + quoted(column.collation)));
    }
    if (table.rowid_alias) keys = {"k1 INTEGER PRIMARY KEY"};
    return {sql("CREATE TABLE {R}(" + join(keys, ", ") + R"(,
                seq INTEGER NOT NULL,
                at INTEGER NOT NULL,
                since INTEGER NOT NULL,
                born INTEGER NOT NULL,
                origin TEXT NOT NULL,
                edited TEXT NOT NULL,
                gone INTEGER NOT NULL)" +
                (table.rowid_alias ? ")" : ", PRIMARY KEY({ks}))")),
            "CREATE INDEX " + quoted(rows_table(table.name) + "_seq") + " ON " +
                quoted(rows_table(table.name)) + "(seq)"};
}

namespace {

std::string entries_sql(const Table& table, const std::string& where, const std::string& order) {
    return Template(table)(std::string("SELECT ") + entry_and_row +
                           " FROM {R} r LEFT JOIN {T} t ON {t=r} WHERE " + where + " ORDER BY " +
                           order);
}

}  // namespace

// An engine seeks a pair (seq, rowid) in an index on seq only by an equality, and Turso's sorts the
// whole of a UNION ALL: with one statement for both, each page would walk a large commit again.
std::string pull_sql(const Table& table) {
    return entries_sql(table, "r.seq > ?1", "r.seq, r.rowid LIMIT ?2");
}

std::string pull_rest_sql(const Table& table) {
    return entries_sql(table, "r.seq = ?1 AND r.rowid > ?2", "r.rowid LIMIT ?3");
}

std::string pull_after_rest_sql(const Table& table) {
    return entries_sql(table,
                       "r.seq > ?1 AND NOT EXISTS (SELECT 1 FROM {R} WHERE seq = ?1 AND rowid > ?3 "
                       "LIMIT 1 OFFSET ?4)",
                       "r.seq, r.rowid LIMIT ?2");
}

std::string scan_sql(const Table& table, bool after, bool tracked) {
    const Template sql(table);
    Names parameters;
    for (std::size_t i = 0; i < table.key.size(); ++i) {
        parameters.push_back("?" + std::to_string(i + 2));
    }
    std::string where = sql.each_key(
        [&](std::size_t i) { return "t." + sql.key_name(i) + " IS NOT NULL"; }, " AND ");
    if (after) where += sql(" AND ({tkeys}) > (") + join(parameters, ", ") + ")";
    return sql(tracked ? row_and_any_entry : row_without_entry) + " WHERE " + where +
           sql(" ORDER BY {tkeys} LIMIT ?1");
}

std::string fetch_sql(const Table& table) {
    const Template sql(table);
    return sql(row_and_any_entry) + " WHERE " + sql("{t.key=?}");
}

RowStatement note_deletion_sql(const Table& table) {
    const Template sql(table);
    const std::string note = sql(R"(
        INSERT INTO {R}({ks}, seq, at, since, born, origin, edited, gone)
        SELECT )");
    const std::string conflict = sql(R"(
        ON CONFLICT({ks}) DO UPDATE SET
            seq = excluded.seq, at = excluded.at, since = excluded.seq, edited = '{}', gone = 1)");
    const std::size_t width = table.key.size();
    return {note + sql(R"({?ks}, {0}, {1}, 0, 0, '', '{}', 1
        WHERE EXISTS (SELECT 1 FROM {T} WHERE {key=?}))") +
                conflict,
            note + list_of(width + 2, value_name) + ", 0, 0, '', '{}', 1 FROM " +
                values_of(width + 2) +
                sql(" WHERE EXISTS (SELECT 1 FROM {T} t WHERE {t.key=value})") + conflict};
}

std::string delete_sql(const Table& table) {
    return Template(table)("DELETE FROM {T} WHERE {key=?}");
}

std::string delete_many_sql(const Table& table) {
    const Template sql(table);
    const std::string rowid = table.rowid_alias ? sql("{key1}") : "rowid";
    if (table.without_rowid || (!table.rowid_alias && table.column(rowid))) return {};
    return sql("DELETE FROM {T} WHERE " + rowid + " IN (SELECT t." + rowid + " FROM " +
               values_of(table.key.size()) + " JOIN {T} t ON {t.key=value})");
}

// A row that is there without an entry was there before tracking began: it is no birth.
std::string note_put_sql(const Table& table) {
    return Template(table)(R"(
        INSERT INTO {R}({ks}, seq, at, since, born, origin, edited, gone)
        VALUES ({?ks}, {0}, {1}, {0},
            CASE WHEN EXISTS (SELECT 1 FROM {T} WHERE {key=?}) THEN 0 ELSE {0} END,
            {2}, {3}, 0)
        ON CONFLICT({ks}) DO UPDATE SET
            seq = excluded.seq, at = excluded.at, since = excluded.since,
            born = CASE WHEN gone THEN excluded.seq ELSE born END,
            origin = CASE WHEN gone THEN excluded.origin ELSE origin END,
            edited = excluded.edited, gone = 0)");
}

std::string put_sql(const Table& table) {
    const Template sql(table);
    const std::string insert = sql(R"(
        INSERT INTO {T}({cols}) VALUES ({?cols})
        ON CONFLICT({keys}) DO UPDATE SET )");
    if (!table.upsert_mistakes) return insert + sql("{cols=excluded}");
    Names assignments;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        assignments.push_back(quoted(table.columns[i].name) + " = " + parameter(i));
    }
    return insert + join(assignments, ", ");
}

std::string upload_sql(const Table& table) {
    return Template(table)("INSERT OR REPLACE INTO {T}({cols}) VALUES ({?cols})");
}

std::string note_edit_sql(const Table& table) {
    return Template(table)(R"(
        INSERT INTO {R}({ks}, seq, at, since, born, origin, edited, gone)
        VALUES ({?ks}, (SELECT {0} FROM {T} WHERE {key=?}), 0, 0, 0, '', {1}, 0)
        ON CONFLICT({ks}) DO UPDATE SET
            seq = excluded.seq, edited = json_patch(edited, excluded.edited))");
}

std::string prune_due_sql(const std::string& now_ms) {
    return "coalesce((SELECT at FROM tidemark_commits ORDER BY seq LIMIT 1 OFFSET 1) < " + now_ms +
           " - (horizon_days + 1) * 86400000, 0)";
}

// The newest commit that is old stays: it is the mark of everybody who has seen nothing newer.
std::vector<std::string> prune_commits_sql(const std::string& now_ms) {
    return {
        "UPDATE tidemark_meta SET pruned = coalesce((SELECT max(seq) FROM tidemark_commits "
        "WHERE at < " +
            now_ms + " - horizon_days * 86400000), pruned)",
        "DELETE FROM tidemark_commits WHERE seq < (SELECT pruned FROM tidemark_meta)"};
}

std::string prune_rows_sql(const Table& table) {
    return Template(table)(
        "DELETE FROM {R} WHERE gone AND seq <= (SELECT pruned FROM tidemark_meta)");
}

std::vector<std::string> enter_all_sql(const Table& table) {
    const Template sql(table);
    const std::string present = sql.each_key(
        [&](std::size_t i) { return "t." + sql.key_name(i) + " IS NOT NULL"; }, " AND ");
    return {sql(R"(
        INSERT INTO {R}({ks}, seq, at, since, born, origin, edited, gone)
        SELECT {tkeys}, {head} + 1, )") +
            capture::now_ms_sql() + sql(", {head} + 1, {head} + 1, '', '{}', 0 FROM {T} t WHERE ") +
            present};
}

std::string rename_column_sql(const Table& table, const std::string& from, const std::string& to) {
    const auto path = [](const std::string& name) { return literal("$.\"" + name + "\""); };
    return Template(table)("UPDATE {R} SET edited = json_set(json_remove(edited, ") + path(from) +
           "), " + path(to) + ", json_extract(edited, " + path(from) +
           ")) WHERE json_extract(edited, " + path(from) + ") IS NOT NULL";
}

RowStatement edit_sql(const Table& table, const std::vector<std::size_t>& columns) {
    const Template sql(table);
    const auto update = [&](const auto& value, const std::string& from) {
        Names assignments;
        for (std::size_t i = 0; i < columns.size(); ++i) {
            assignments.push_back(quoted(table.columns[columns[i]].name) + " = " + value(i));
        }
        const std::string where = sql.each_key(
            [&](std::size_t i) {
                return sql("{T}.") + sql.key_name(i) + " = " + value(columns.size() + i);
            },
            " AND ");
        return sql("UPDATE {T} SET ") + join(assignments, ", ") + from + " WHERE " + where;
    };
    return {update(parameter, ""),
            update(value_name, " FROM " + values_of(columns.size() + table.key.size()))};
}

std::string foreign_sql(const std::vector<Table>& tables) {
    if (tables.empty()) return "0";
    Names tests;
    for (const Table& table : tables)
        tests.push_back(Template(table)("EXISTS (SELECT 1 FROM {P})"));
    return "(" + join(tests, " OR ") + ")";
}

// The primary's own triggers keep the same pending entries as a replica's. Here they become entries
// of the ledger: births and rewrites, then edits column by column, then deletions, whose rows the
// first two cannot see any more.
std::vector<std::string> fold_sql(const Table& table, const std::string& called) {
    const Template sql(table, called);
    const std::string commit = sql("{head}");
    std::vector<std::string> steps{sql(R"(
        INSERT INTO {R}({ks}, seq, at, since, born, origin, edited, gone)
        SELECT {pks}, {head}, p.at, {head}, {head}, '', '{}', 0
        FROM {P} p WHERE p.cols = -1 AND EXISTS (SELECT 1 FROM {T} t WHERE {t=p})
        ON CONFLICT({ks}) DO UPDATE SET
            seq = excluded.seq, at = excluded.at, since = excluded.since,
            born = CASE WHEN gone THEN excluded.seq ELSE born END,
            origin = CASE WHEN gone THEN '' ELSE origin END,
            edited = '{}', gone = 0)")};
    for (std::size_t column = 0; column < table.columns.size(); ++column) {
        if (table.is_key(column)) continue;
        const std::string bit = std::to_string(capture::bit_of(column));
        const std::string name = literal(table.columns[column].name);
        steps.push_back(sql(R"(
        INSERT INTO {R}({ks}, seq, at, since, born, origin, edited, gone)
        SELECT {pks}, {head}, 0, 0, 0, '',)") +
                        " json_object(" + name + ", json_array(max(p.at), " + commit + ")), 0" +
                        sql(R"(
        FROM {P} p WHERE p.cols > 0 AND p.cols & )") +
                        bit + sql(R"( AND EXISTS (SELECT 1 FROM {T} t WHERE {t=p})
        GROUP BY {pks}
        ON CONFLICT({ks}) DO UPDATE SET
            seq = excluded.seq, edited = json_patch(edited, excluded.edited))"));
    }
    steps.push_back(sql(R"(
        INSERT INTO {R}({ks}, seq, at, since, born, origin, edited, gone)
        SELECT {pks}, {head}, max(p.at), {head}, 0, '', '{}', 1
        FROM {P} p WHERE NOT EXISTS (SELECT 1 FROM {T} t WHERE {t=p})
        GROUP BY {pks}
        ON CONFLICT({ks}) DO UPDATE SET
            seq = excluded.seq, at = excluded.at, since = excluded.seq, edited = '{}', gone = 1
            WHERE NOT gone)"));
    steps.push_back(sql("DELETE FROM {P}"));
    return steps;
}

std::string forget_returned_sql(const Table& table) {
    return Template(table)(
        "DELETE FROM {R} WHERE gone AND EXISTS (SELECT 1 FROM {T} t WHERE {t=R})");
}

}  // namespace tidemark::ledger
