#include "capture/trigger_text.hpp"

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "capture/pending.hpp"
#include "sqlite/connection.hpp"

namespace tidemark::capture {
namespace {

using Terms = std::vector<std::string>;

/// The key's columns, each after `prefix`: "NEW.", "OLD.", or the alias of a table.
std::string key_of(const Table& table, std::string_view prefix) {
    Terms parts;
    for (const std::size_t column : table.key) {
        parts.push_back(std::string(prefix) + quoted(table.columns[column].name));
    }
    return join(parts, ", ");
}

/// All of the terms joined in groups: a chain of 1,000 exceeds SQLite's depth of expressions.
std::string any_of(Terms terms) {
    constexpr std::size_t group = 100;
    while (terms.size() > 1) {
        Terms joined;
        for (std::size_t i = 0; i < terms.size(); i += group) {
            const auto at = [&](std::size_t term) {
                return terms.begin() + static_cast<std::ptrdiff_t>(std::min(term, terms.size()));
            };
            joined.push_back("(" + join(Terms(at(i), at(i + group)), " OR ") + ")");
        }
        terms = std::move(joined);
    }
    return terms.front();
}

std::string key_changed(const Table& table) {
    Terms terms;
    for (const std::size_t column : table.key) terms.push_back(changed_sql(table.columns[column]));
    return any_of(terms);
}

/// " AND …": leaves out rows whose key has a NULL part, which SQLite allows in rowid tables. They
/// cannot be told apart, and must not make the application's write fail.
std::string and_key_present(const Table& table, std::string_view row) {
    std::string sql;
    for (const std::size_t column : table.key) {
        if (table.rowid_alias || table.without_rowid || table.columns[column].not_null) continue;
        const std::string name = quoted(table.columns[column].name);
        sql += " AND " + std::string(row) + "." + name + " IS NOT NULL";
    }
    return sql;
}

/// When the edit was made: never before anything that this replica has absorbed. No clock at all
/// would be a broken replica, and still no reason to refuse a write.
std::string edit_time() {
    return "max(" + now_ms_sql() + ", ifnull((SELECT clock FROM tidemark_meta), 0))";
}

/// The start of a row for the pending table: the key and cols; time and revision follow.
std::string values(const std::string& key, const std::string& cols) {
    return key + ", " + cols + ", " + edit_time() + ", 1";
}
std::string values(const std::string& key, std::int64_t cols) {
    return values(key, std::to_string(cols));
}

/// Enters the rows of `select`. An upsert, not OR REPLACE: the conflict clause of the application's
/// statement would override that one. `select` needs a WHERE, or ON reads as a join's.
std::string enter(const Table& table, const std::string& select) {
    const std::string key = key_columns(table);
    return "INSERT INTO " + quoted(pending_table(table.name)) + "(" + key + ", cols, at, rev)\n  " +
           select + "\n  ON CONFLICT(" + key +
           ", cols) DO UPDATE SET at = max(at, excluded.at), rev = rev + 1;\n";
}

std::string trigger(const Table& table, std::string_view kind, const std::string& event,
                    const std::string& when, const std::string& body) {
    return "CREATE TRIGGER " + quoted(trigger_name(table.name, kind)) + " " + event + " ON " +
           quoted(table.name) + (when.empty() ? "" : "\nWHEN " + when) + "\nBEGIN\n" + body + "END";
}

/// A row of NULLs with the names of the columns outside the key, for use as "… AS NEW". An
/// expression one level further in finds the trigger's own NEW first, and falls back to this one
/// where a column has gone. Without it, the application's ALTER TABLE … DROP COLUMN would fail with
/// an error in our trigger. It costs 6% of a bulk update, and nothing elsewhere.
std::string gone_columns(const Table& table) {
    Terms nulls;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        if (!table.is_key(i)) nulls.push_back("NULL AS " + quoted(table.columns[i].name));
    }
    return "(SELECT " + (nulls.empty() ? "NULL" : join(nulls, ", ")) + ")";
}

/// The set of changed columns as an expression over OLD and NEW; empty where all are key columns.
std::string changed_set(const Table& table) {
    Terms bits;
    Terms rest;
    const auto bit_if = [&](const std::string& condition, std::size_t column) {
        bits.push_back("CASE WHEN " + condition + " THEN " + std::to_string(bit_of(column)) +
                       " ELSE 0 END");
    };
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        if (table.is_key(i)) continue;
        if (i < rest_bit) {
            bit_if(changed_sql(table.columns[i]), i);
        } else {
            rest.push_back(changed_sql(table.columns[i]));
        }
    }
    if (!rest.empty()) bit_if(any_of(rest), rest_bit);
    return join(bits, "\n    + ");
}

/// LIMIT 1 keeps the set in a subquery of its own: it is computed once, not for WHERE and again.
std::string update_trigger(const Table& table) {
    const std::string gone = gone_columns(table);
    return trigger(
        table, "update", "AFTER UPDATE",
        "NOT " + key_changed(table) + and_key_present(table, "NEW"),
        enter(table, "SELECT " + values(key_of(table, "NEW."), "cols") +
                         "\n  FROM (SELECT (SELECT (SELECT\n      " + changed_set(table) +
                         "\n    ) FROM " + gone + " AS OLD) AS cols FROM " + gone +
                         " AS NEW LIMIT 1)\n  WHERE cols <> 0"));
}

/// The keys of the rows, other than `row`, that hold NEW's values of a unique constraint. The
/// index's own collations, so that SQLite finds them by it.
std::string rivals(const Table& table, const Unique& unique, std::string_view row) {
    // A table that is itself called "new" would hide NEW.
    const bool hides = same_name(table.name, "new") || same_name(table.name, "old");
    std::string sql = "SELECT " + key_of(table, "") + " FROM " + quoted(table.name) +
                      (hides ? " AS held" : "") + " WHERE ";
    for (std::size_t i = 0; i < unique.columns.size(); ++i) {
        const std::string name = quoted(table.columns[unique.columns[i]].name);
        sql += name + " COLLATE " + quoted(unique.collations[i]) + " = NEW." + name + " AND ";
    }
    if (unique.partial) sql += "(" + unique.where + "\n) AND ";  // it may end in a comment
    Terms other;
    for (const std::size_t column : table.key) {
        const std::string name = quoted(table.columns[column].name);
        other.push_back(name + " COLLATE BINARY IS NOT " + std::string(row) + "." + name);
        // What a BEFORE trigger sees of a key that SQLite has still to hand out.
        if (table.rowid_alias && row == "NEW") other.push_back("NEW." + name + " = -1");
    }
    return sql + any_of(other);
}

/// The constraints through which a REPLACE can remove another row than the one of the new key. The
/// key is one of them where two spellings of it are equal.
std::vector<Unique> replacing(const Table& table) {
    std::vector<Unique> uniques = table.uniques;
    Unique key;
    key.columns = table.key;
    bool spellings = false;
    for (const std::size_t column : table.key) {
        key.collations.push_back(table.columns[column].collation);
        spellings = spellings || key.collations.back() != "BINARY";
    }
    if (spellings) uniques.push_back(std::move(key));
    return uniques;
}

}  // namespace

std::string trigger_name(std::string_view table, std::string_view kind) {
    return "tidemark_" + std::string(table) + "_" + std::string(kind);
}

/// The names under which an UPDATE can set the key: "UPDATE t SET rowid = …" does not name the
/// column. A trigger that such an UPDATE cannot fire costs it nothing.
std::string key_names(const Table& table) {
    std::vector<std::string> names;
    for (const std::size_t column : table.key) names.push_back(quoted(table.columns[column].name));
    if (table.rowid_alias) names.insert(names.end(), {"rowid", "oid", "_rowid_"});
    return join(names, ", ");
}

std::vector<std::string> row_triggers(const Table& table) {
    const auto row = [&](std::string_view which, std::int64_t cols) {
        return enter(table, "SELECT " + values(key_of(table, std::string(which) + "."), cols) +
                                " WHERE true" + and_key_present(table, which));
    };
    std::vector<std::string> triggers = {
        trigger(table, "insert", "AFTER INSERT", {}, row("NEW", cols_born)),
        trigger(table, "rekey", "AFTER UPDATE OF " + key_names(table), key_changed(table),
                row("OLD", cols_touched) + row("NEW", cols_born)),
        trigger(table, "delete", "AFTER DELETE", {}, row("OLD", cols_touched)),
    };
    if (table.key.size() < table.columns.size()) triggers.push_back(update_trigger(table));
    return triggers;
}

std::vector<std::string> replace_triggers(const Table& table) {
    const std::vector<Unique> uniques = replacing(table);
    if (uniques.empty()) return {};
    const std::string gone = gone_columns(table);
    const auto touch = [&](std::string_view kind, const std::string& event, std::string_view row) {
        // One query for each constraint: Turso's engine compiles no compound one in an expression.
        Terms found;
        std::string body;
        for (const Unique& unique : uniques) {
            const std::string query = rivals(table, unique, row);
            found.push_back("EXISTS(\n    " + query + ")");
            body += enter(table, "SELECT " + values(key_of(table, "held."), cols_touched) +
                                     "\n  FROM " + gone + " AS NEW, " + quoted(table.name) +
                                     " AS held\n  WHERE (" + key_of(table, "held.") +
                                     ") IN (\n    " + query + ")");
        }
        // WHEN alone is what a write that replaces nothing pays for.
        return trigger(table, kind, event,
                       "(SELECT " + join(found, " OR ") + " FROM " + gone + " AS NEW)", body);
    };
    // A row can enter a partial index by any of its columns; a whole one only by those it indexes.
    std::set<std::string> names;
    bool partial = false;
    for (const Unique& unique : uniques) {
        partial = partial || unique.partial;
        for (const std::size_t column : unique.columns) {
            names.insert(quoted(table.columns[column].name));
        }
    }
    const std::string of = " OF " + join(Terms(names.begin(), names.end()), ", ");
    return {touch("insert_replace", "BEFORE INSERT", "NEW"),
            touch("update_replace", "BEFORE UPDATE" + (partial ? "" : of), "OLD")};
}

}  // namespace tidemark::capture
