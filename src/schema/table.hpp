#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tidemark {

class Connection;

enum class Affinity { text, numeric, integer, real, blob };

/// SQLite's rule for the affinity of a declared type.
Affinity affinity_of(std::string_view declared_type);
const char* name_of(Affinity affinity);

struct Column {
    std::string name;
    Affinity affinity = Affinity::blob;
    std::string collation = "BINARY";
    bool not_null = false;
};

/// A UNIQUE constraint or unique index other than the key. Columns are positions in Table::columns.
struct Unique {
    std::string name;
    std::vector<std::size_t> columns;
    std::vector<std::string> collations;
    bool partial = false;
    std::string where;  ///< the predicate of a partial index; empty: all rows
};

/// A unique index on expressions over stored columns.
struct ExpressionUnique {
    std::vector<std::string> terms;  ///< as SQL, with their collations
    std::string where;               ///< as in Unique
};

struct ForeignKey {
    std::vector<std::size_t> columns;  ///< positions in the child's Table::columns
    std::string parent;
    std::vector<std::string> parent_columns;  ///< resolved: the parent's key where none is named
};

/// A table as the engine sees it: the stored columns (generated ones are left out) and its key.
struct Table {
    std::string name;
    std::vector<Column> columns;
    std::vector<std::size_t> key;  ///< positions in `columns`, in key order; empty: no declared key
    bool without_rowid = false;
    bool rowid_alias = false;    ///< the key is INTEGER PRIMARY KEY: SQLite hands out its numbers
    bool autoincrement = false;  ///< numbers of deleted rows are not used again
    /// A REAL column stands after a virtual one: SQLite's upsert then gives REAL affinity to
    /// another column than that, if it uses `excluded`.
    bool upsert_mistakes = false;
    std::vector<Unique> uniques;
    std::vector<ExpressionUnique> expression_uniques;
    std::vector<ForeignKey> foreign_keys;
    /// Columns whose unique values number different things. The schema does not say so; see Store.
    std::vector<std::size_t> renumbered;

    bool is_key(std::size_t column) const;
    bool is_renumbered(std::size_t column) const;
    std::optional<std::size_t> column(std::string_view column_name) const;
};

/// A table of the database, and why it cannot be kept in step where it cannot.
struct TableVerdict {
    std::string name;
    bool syncs = false;
    std::string reason;  ///< empty where it syncs
};

/// The application's ordinary tables: no virtual ones, no shadows of those, none of SQLite's or
/// Tidemark's own. Sorted by name.
std::vector<Table> read_tables(Connection& connection);
std::optional<Table> read_table(Connection& connection, std::string_view name);

/// Every table of the application, virtual ones too, with the verdict.
std::vector<TableVerdict> judge_tables(Connection& connection,
                                       const std::vector<std::string>& excluded);

/// The tables that can be kept in step.
std::vector<Table> synced_tables(Connection& connection, const std::vector<std::string>& excluded);

bool is_internal(std::string_view table_name);

}  // namespace tidemark
