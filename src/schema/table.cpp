#include "schema/table.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "schema/predicate.hpp"
#include "sqlite/connection.hpp"

namespace tidemark {
namespace {

bool contains(const std::string& haystack, std::string_view needle) {
    return haystack.find(needle) != std::string::npos;
}

/// What pragma_index_xinfo gives as the column of an expression.
constexpr std::int64_t expression_column = -2;

struct Listed {
    std::string name;
    std::string kind;  ///< table, virtual, shadow
    bool without_rowid;
};

std::vector<Listed> list_tables(Connection& connection) {
    std::vector<Listed> tables;
    Statement& list = connection.cached(R"(
        SELECT name, type, wr FROM pragma_table_list
        WHERE schema = 'main' AND type <> 'view' ORDER BY name)");
    const Reset reset(list);
    while (list.step()) {
        if (is_internal(list.text(0))) continue;
        tables.push_back({list.text(0), list.text(1), list.integer(2) != 0});
    }
    return tables;
}

void read_columns(Connection& connection, Table& table) {
    Statement& info = connection.cached(R"(
        SELECT name, type, "notnull", pk, hidden FROM pragma_table_xinfo(?1) ORDER BY cid)");
    constexpr std::int64_t is_stored = 0, is_virtual = 2;
    const Reset reset(info);
    info.bind(0, std::string_view(table.name));
    bool after_virtual = false;
    std::vector<std::pair<std::int64_t, std::size_t>> key;
    std::string key_type;
    while (info.step()) {
        after_virtual = after_virtual || info.integer(4) == is_virtual;
        if (info.integer(4) != is_stored) continue;
        const std::int64_t key_position = info.integer(3);
        if (key_position > 0) {
            key.emplace_back(key_position, table.columns.size());
            key_type = lower(info.text(1));
        }
        table.columns.push_back(
            {info.text(0), affinity_of(info.text(1)), "BINARY", info.integer(2) != 0});
        const bool real = table.columns.back().affinity == Affinity::real;
        table.upsert_mistakes = table.upsert_mistakes || (real && after_virtual);
    }
    std::sort(key.begin(), key.end());
    for (const auto& [position, column] : key) table.key.push_back(column);
    table.rowid_alias = !table.without_rowid && key.size() == 1 && key_type == "integer";
}

std::string sql_of(Connection& connection, const std::string& name) {
    Statement& statement = connection.cached("SELECT sql FROM sqlite_schema WHERE name = ?1");
    const Reset reset(statement);
    statement.bind(0, std::string_view(name));
    return statement.step() ? statement.text(0) : std::string();
}

/// The key's and the unique constraints' columns with their collations, from the index list. An
/// INTEGER PRIMARY KEY DESC is no rowid alias, and it shows here by having an index.
void read_indexes(Connection& connection, Table& table) {
    Statement& list = connection.cached(R"(
        SELECT name, origin, partial FROM pragma_index_list(?1) WHERE "unique" ORDER BY seq)");
    const Reset reset(list);
    list.bind(0, std::string_view(table.name));
    while (list.step()) {
        const std::string index = list.text(0);
        Unique unique{index, {}, {}, list.integer(2) != 0, {}};
        const std::string sql = sql_of(connection, index);
        if (unique.partial) unique.where = index_predicate(sql);
        bool expression = false;
        bool only_stored = true;
        Statement& columns = connection.cached(
            "SELECT name, coll, cid FROM pragma_index_xinfo(?1) WHERE key ORDER BY seqno");
        const Reset reset_columns(columns);
        columns.bind(0, std::string_view(index));
        while (columns.step()) {
            const auto column = table.column(columns.text(0));
            if (columns.integer(2) < 0 || !column) {
                expression = true;  // an expression, the rowid or a generated column
                only_stored = only_stored && columns.integer(2) == expression_column;
                continue;
            }
            unique.columns.push_back(*column);
            unique.collations.push_back(columns.text(1));
        }
        if (list.text(1) == "pk") {
            table.rowid_alias = false;
            for (std::size_t i = 0; i < unique.columns.size(); ++i) {
                table.columns[unique.columns[i]].collation = unique.collations[i];
            }
        } else if (!expression) {
            table.uniques.push_back(std::move(unique));
        } else if (only_stored) {
            table.expression_uniques.push_back({index_terms(sql), std::move(unique.where)});
        }
    }
}

void read_foreign_keys(Connection& connection, Table& table) {
    Statement& list = connection.cached(R"(
        SELECT id, "table", "from", "to" FROM pragma_foreign_key_list(?1) ORDER BY id, seq)");
    const Reset reset(list);
    list.bind(0, std::string_view(table.name));
    std::int64_t last = -1;
    while (list.step()) {
        const auto column = table.column(list.text(2));
        if (!column) continue;
        if (list.integer(0) != last) {
            last = list.integer(0);
            table.foreign_keys.push_back({{}, list.text(1), {}});
        }
        table.foreign_keys.back().columns.push_back(*column);
        if (!list.null(3)) table.foreign_keys.back().parent_columns.push_back(list.text(3));
    }
}

Table read(Connection& connection, const Listed& listed) {
    Table table;
    table.name = listed.name;
    table.without_rowid = listed.without_rowid;
    read_columns(connection, table);
    read_indexes(connection, table);
    read_foreign_keys(connection, table);
    table.autoincrement =
        table.rowid_alias && contains(lower(sql_of(connection, table.name)), "autoincrement");
    return table;
}

/// A reference that names no columns means the parent's key.
void resolve_references(std::vector<Table>& tables) {
    for (Table& child : tables) {
        for (ForeignKey& reference : child.foreign_keys) {
            if (!reference.parent_columns.empty()) continue;
            for (const Table& parent : tables) {
                if (!same_name(parent.name, reference.parent)) continue;
                for (const std::size_t column : parent.key) {
                    reference.parent_columns.push_back(parent.columns[column].name);
                }
            }
        }
    }
}

std::string why_not(Connection& connection, const Table& table) {
    if (table.key.empty()) {
        return "it has no declared PRIMARY KEY, so its rows cannot be told apart; rebuild it with "
               "one, for example id INTEGER PRIMARY KEY";
    }
    for (const std::size_t column : table.key) {
        const std::string& collation = table.columns[column].collation;
        const bool known = connection.integer(
            "SELECT count(*) FROM pragma_collation_list WHERE name = ?1 COLLATE NOCASE",
            {collation});
        if (!known) {
            return "its key needs the collation " + collation + ", which only the application has";
        }
    }
    return {};
}

}  // namespace

Affinity affinity_of(std::string_view declared_type) {
    const std::string type = lower(declared_type);
    if (contains(type, "int")) return Affinity::integer;
    if (contains(type, "char") || contains(type, "clob") || contains(type, "text")) {
        return Affinity::text;
    }
    if (type.empty() || contains(type, "blob")) return Affinity::blob;
    if (type == "any") return Affinity::blob;  // exact in a STRICT table, compared so elsewhere
    if (contains(type, "real") || contains(type, "floa") || contains(type, "doub")) {
        return Affinity::real;
    }
    return Affinity::numeric;
}

const char* name_of(Affinity affinity) {
    switch (affinity) {
        case Affinity::text: return "TEXT";
        case Affinity::numeric: return "NUMERIC";
        case Affinity::integer: return "INTEGER";
        case Affinity::real: return "REAL";
        case Affinity::blob: return "BLOB";
    }
    return "BLOB";
}

bool Table::is_key(std::size_t column) const {
    return std::find(key.begin(), key.end(), column) != key.end();
}

bool Table::is_renumbered(std::size_t column) const {
    return std::find(renumbered.begin(), renumbered.end(), column) != renumbered.end();
}

std::optional<std::size_t> Table::column(std::string_view column_name) const {
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (same_name(columns[i].name, column_name)) return i;
    }
    return std::nullopt;
}

bool is_internal(std::string_view table_name) {
    return starts_with_name(table_name, "sqlite_") || starts_with_name(table_name, "tidemark_");
}

std::vector<Table> read_tables(Connection& connection) {
    std::vector<Table> tables;
    for (const Listed& listed : list_tables(connection)) {
        if (listed.kind == "table") tables.push_back(read(connection, listed));
    }
    resolve_references(tables);
    return tables;
}

std::optional<Table> read_table(Connection& connection, std::string_view name) {
    for (Table& table : read_tables(connection)) {
        if (same_name(table.name, name)) return std::move(table);
    }
    return std::nullopt;
}

std::vector<TableVerdict> judge_tables(Connection& connection,
                                       const std::vector<std::string>& excluded) {
    std::vector<TableVerdict> verdicts;
    const std::vector<Table> tables = read_tables(connection);
    for (const Listed& listed : list_tables(connection)) {
        if (listed.kind == "shadow") continue;
        TableVerdict verdict{listed.name, false, {}};
        if (contains_name(excluded, listed.name)) {
            verdict.reason = "it is excluded";
        } else if (listed.kind == "virtual") {
            verdict.reason = "it is a virtual table; the application's triggers keep it right";
        } else {
            const auto table = std::find_if(tables.begin(), tables.end(), [&](const Table& one) {
                return one.name == listed.name;
            });
            verdict.reason = why_not(connection, *table);
            verdict.syncs = verdict.reason.empty();
        }
        verdicts.push_back(std::move(verdict));
    }
    return verdicts;
}

std::vector<Table> synced_tables(Connection& connection, const std::vector<std::string>& excluded) {
    std::vector<Table> synced;
    for (Table& table : read_tables(connection)) {
        if (!contains_name(excluded, table.name) && why_not(connection, table).empty()) {
            synced.push_back(std::move(table));
        }
    }
    return synced;
}

}  // namespace tidemark
