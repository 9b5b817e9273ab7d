#include "sync/constraints.hpp"

#include "base/text.hpp"
#include "capture/pending.hpp"
#include "sync/row_sql.hpp"

namespace tidemark {
namespace {

struct Reference {
    Spool& child;
    Spool& parent;
    std::vector<std::size_t> columns;  ///< of the child, in the order of the parent's key

    std::string columns_are(std::string_view separator, std::string_view left,
                            const std::function<std::string(std::size_t)>& right) const {
        std::vector<std::string> tests;
        for (std::size_t i = 0; i < columns.size(); ++i) {
            tests.push_back(std::string(left) + quoted(child.table().columns[columns[i]].name) +
                            right(i));
        }
        return join(tests, separator);
    }
    std::string parent_is_missing() const {
        const Table& table = parent.table();
        return "NOT EXISTS (SELECT 1 FROM main." + quoted(table.name) + " parent WHERE " +
               columns_are(" AND ", "c.",
                           [&](std::size_t i) {
                               return " = parent." + quoted(table.columns[table.key[i]].name);
                           }) +
               ")";
    }
    std::string matches_key_of(std::string_view entry) const {
        return columns_are(" AND ", "c.", [&](std::size_t i) {
            return " = " + std::string(entry) + ".k" + std::to_string(i + 1);
        });
    }
    std::string values() const {
        return columns_are(", ", "c.", [](std::size_t) { return ""; });
    }
};

void collect(Connection& connection, const std::string& sql, const Table& table, Broken::Why why,
             std::vector<Broken>& broken) {
    Statement& select = connection.cached(sql);
    const Reset reset(select);
    while (select.step()) broken.push_back({why, &table, select.row()});
}

void check(Connection& connection, const Reference& reference, std::vector<Broken>& broken) {
    const Table& child = reference.child.table();
    const Table& parent = reference.parent.table();
    const std::string from = "SELECT DISTINCT " + reference.values() + " FROM ";
    const std::string child_row = " JOIN main." + quoted(child.name) + " c ON ";
    if (reference.child.rows() > 0) {
        collect(connection,
                from + reference.child.name() + " s" + child_row + row_match(child, "c", "s") +
                    " WHERE NOT s.gone AND " + reference.parent_is_missing() +
                    " AND EXISTS (SELECT 1 FROM " + pending_name(parent) + " p WHERE " +
                    reference.matches_key_of("p") + ")",
                parent, Broken::Why::gone_here, broken);
    }
    if (reference.child.rows() > 0 && reference.columns.size() > 1) {
        const std::string is_there =
            reference.columns_are(" AND ", "c.", [](std::size_t) { return " IS NOT NULL"; });
        std::vector<std::string> differs;
        for (const std::size_t c : reference.columns) {
            differs.push_back("c." + quoted(child.columns[c].name) + " IS NOT s.c" +
                              std::to_string(c + 1));
        }
        collect(connection,
                "SELECT " + key_list(child, "s.") + " FROM " + reference.child.name() + " s" +
                    child_row + row_match(child, "c", "s") + " WHERE NOT s.gone AND " + is_there +
                    " AND " + reference.parent_is_missing() + " AND (" + join(differs, " OR ") +
                    ") AND NOT EXISTS (SELECT 1 FROM " + pending_name(parent) + " p WHERE " +
                    reference.matches_key_of("p") + ") AND NOT EXISTS (SELECT 1 FROM " +
                    reference.parent.name() + " g WHERE g.gone AND " +
                    reference.matches_key_of("g") + ")",
                child, Broken::Why::combined, broken);
    }
    if (reference.parent.rows() > 0) {
        collect(connection,
                from + reference.parent.name() + " s" + child_row + reference.matches_key_of("s") +
                    " WHERE s.gone AND " + reference.parent_is_missing() +
                    " AND EXISTS (SELECT 1 FROM " + pending_name(child) + " p WHERE " +
                    row_match(child, "c", "p") + ")",
                parent, Broken::Why::gone_there, broken);
    }
}

}  // namespace

std::vector<std::size_t> in_key_order(const Table& parent, const ForeignKey& reference) {
    std::vector<std::size_t> columns;
    for (const std::size_t key_column : parent.key) {
        for (std::size_t i = 0; i < reference.parent_columns.size(); ++i) {
            if (same_name(reference.parent_columns[i], parent.columns[key_column].name)) {
                columns.push_back(reference.columns[i]);
            }
        }
    }
    return columns.size() == reference.columns.size() ? columns : std::vector<std::size_t>{};
}

/// A row of parameters under the names of the table's columns.
static std::string as_row(const Table& table) {
    std::vector<std::string> values;
    for (std::size_t c = 0; c < table.columns.size(); ++c) {
        values.push_back("?" + std::to_string(c + 1) + " AS " + quoted(table.columns[c].name));
    }
    return "SELECT " + join(values, ", ");
}

std::vector<Row> rivals(Connection& connection, const Table& table, const Unique& unique,
                        const Row& row) {
    const bool whole = unique.where.empty();
    std::vector<std::string> tests;
    Row arguments;
    for (std::size_t i = 0; i < unique.columns.size(); ++i) {
        const std::size_t column = unique.columns[i];
        if (is_null(row[column])) return {};  // NULLs are never equal under UNIQUE
        arguments.push_back(row[column]);
        tests.push_back(quoted(table.columns[column].name) + " = ?" +
                        std::to_string(whole ? i + 1 : column + 1) + " COLLATE " +
                        quoted(unique.collations[i]));
    }
    if (!whole) {  // both rows have to be in the index; the predicate may end in a comment
        arguments = row;
        tests.push_back("(" + unique.where + "\n)");
        tests.push_back("EXISTS (SELECT 1 FROM (" + as_row(table) + ") WHERE " + unique.where +
                        "\n)");
    }
    std::vector<Row> rows;
    Statement select(connection, "SELECT " + column_list(table, "") + " FROM main." +
                                     quoted(table.name) + " WHERE " + join(tests, " AND "));
    select.bind_all(arguments);
    while (select.step()) rows.push_back(select.row());
    return rows;
}

std::vector<Row> rivals(Connection& connection, const Table& table, const ExpressionUnique& unique,
                        const Row& row) {
    const std::string terms = "(" + join(unique.terms, "), (") + ")";
    const std::string where = unique.where.empty() ? "1" : "(" + unique.where + "\n)";
    std::vector<Row> rows;
    Statement select(connection, "SELECT " + column_list(table, "") + " FROM main." +
                                     quoted(table.name) + " WHERE (" + terms + ") = (SELECT " +
                                     terms + " FROM (" + as_row(table) + ") WHERE " + where +
                                     ") AND " + where);
    select.bind_all(row);
    while (select.step()) rows.push_back(select.row());
    return rows;
}

std::vector<Broken> broken_references(Connection& connection,
                                      const std::vector<std::unique_ptr<Spool>>& spools) {
    std::vector<Broken> broken;
    for (const auto& child : spools) {
        for (const ForeignKey& key : child->table().foreign_keys) {
            for (const auto& parent : spools) {
                if (!same_name(parent->table().name, key.parent)) continue;
                const auto columns = in_key_order(parent->table(), key);
                if (!columns.empty()) check(connection, {*child, *parent, columns}, broken);
            }
        }
    }
    return broken;
}

}  // namespace tidemark
