#include "sim/schema_changes.hpp"

#include "base/text.hpp"
#include "sim/random_schema.hpp"
#include "sync/row_sql.hpp"

namespace tidemark::sim {
namespace {

/// Whether a reference, a trigger or a view of another table names it.
bool is_named_elsewhere(Connection& file, const std::string& table) {
    return file.integer(R"(
        SELECT count(*) FROM sqlite_schema WHERE tbl_name <> ?1 AND instr(sql, ?2)
            AND name NOT GLOB 'tidemark_*')",
                        {table, quoted(table)}) > 0;
}

// A table that was both renamed and rebuilt since the last sync is another one to the engine,
// because the triggers tell of a new name; and what refers to rows of it that were made elsewhere
// meanwhile would have nothing to refer to.

bool has_triggers(Connection& file, const std::string& table, const std::string& named) {
    return file.integer(R"(
        SELECT count(*) FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ?1
            AND name GLOB ?2)",
                        {table, named}) > 0;
}

bool was_rebuilt(Connection& file, const std::string& table) {
    return !has_triggers(file, table, "tidemark_*");
}

bool was_renamed(Connection& file, const std::string& table) {
    return has_triggers(file, table, "tidemark_*") &&
           !has_triggers(file, table, "tidemark_" + table + "_*");
}

std::string text_of(Connection& file, const std::string& type, const std::string& name) {
    return as_text(
        file.scalar("SELECT sql FROM sqlite_schema WHERE type = ?1 AND name = ?2", {type, name}));
}

}  // namespace

std::string SchemaChanges::fresh(const std::string& prefix) {
    return prefix + std::to_string(10 + names_++);
}

std::optional<SchemaChange> SchemaChanges::draw(Connection& file, const Forms& forms) {
    if (forms.empty()) return std::nullopt;
    const Form& form = rng_.one_of(forms);
    const Table& table = form.table;
    const std::string alter = "ALTER TABLE " + quoted(table.name) + " ";
    const auto data = form.with(Role::data);
    const std::string column =
        data.empty() ? std::string() : quoted(table.columns[rng_.one_of(data)].name);
    const bool strict = text_of(file, "table", table.name).ends_with("STRICT");
    switch (rng_.below(column.empty() ? 8 : 16)) {
        case 0:
        case 1:
            return SchemaChange{
                {alter + "ADD COLUMN " + random_data_column(fresh("d"), strict, rng_)}, {}, true};
        case 2: return SchemaChange{{random_lone_table(fresh("t"), rng_)}, {}, true};
        case 3: return drop_object(file);
        case 4:
            if (was_rebuilt(file, table.name)) return std::nullopt;
            return SchemaChange{{alter + "RENAME TO " + quoted(fresh("t"))}, {}, true};
        case 5:
            // What refers to a table that is gone has nothing to refer to.
            if (rng_.chance(50) || is_named_elsewhere(file, table.name)) return std::nullopt;
            return SchemaChange{
                {"DROP TABLE " + quoted(table.name)}, "SELECT * FROM " + quoted(table.name), true};
        case 6:
        case 7:
        case 8:
            if (was_renamed(file, table.name)) return std::nullopt;
            return rebuild(file, table);
        case 9:
            return SchemaChange{
                {alter + "RENAME COLUMN " + column + " TO " + quoted(fresh("d"))}, {}, true};
        case 10:
        case 11:
            return SchemaChange{{alter + "DROP COLUMN " + column},
                                "SELECT " + column + " FROM " + quoted(table.name),
                                true};
        case 12:
            return SchemaChange{{"CREATE INDEX " + quoted(fresh("index ")) + " ON " +
                                 quoted(table.name) + "(" + column + ")"},
                                {},
                                true};
        case 13:
            return SchemaChange{{"CREATE VIEW " + quoted(fresh("view ")) + " AS SELECT " + column +
                                 " AS d FROM " + quoted(table.name)},
                                {},
                                true};
        case 14: {
            const std::string index = fresh("index ");
            return SchemaChange{{"CREATE INDEX " + quoted(index) + " ON " + quoted(table.name) +
                                     "(" + column + ") WHERE " + column + " IS NOT NULL",
                                 alter + "ADD COLUMN " + fresh("d")},
                                {},
                                true};
        }
        default:
            return SchemaChange{
                {"CREATE TRIGGER " + quoted(fresh("trigger ")) + " AFTER UPDATE OF " + column +
                 " ON " + quoted(table.name) + " BEGIN UPDATE local_mark SET n = n; END"},
                {},
                true};
    }
}

/// Create new, copy, drop, rename: what Alembic and others do for what ALTER TABLE cannot.
SchemaChange SchemaChanges::rebuild(Connection& file, const Table& table) {
    const std::string made = "_alembic_tmp_" + table.name;
    std::string text = text_of(file, "table", table.name);
    const std::size_t open = text.find('(');
    const std::string more = rng_.chance(60) ? fresh("d") + " TEXT, " : "";
    text = "CREATE TABLE " + quoted(made) + "(" + more + text.substr(open + 1);
    const std::string columns = column_list(table, "");
    SchemaChange change{{text,
                         "INSERT INTO " + quoted(made) + "(" + columns + ") SELECT " + columns +
                             " FROM " + quoted(table.name),
                         "DROP TABLE " + quoted(table.name),
                         "ALTER TABLE " + quoted(made) + " RENAME TO " + quoted(table.name)},
                        {},
                        false};
    Statement others(file, R"(
        SELECT sql FROM sqlite_schema WHERE tbl_name = ?1 AND type IN ('index', 'trigger')
            AND sql IS NOT NULL AND name NOT GLOB 'tidemark_*' ORDER BY rowid)");
    others.bind(0, std::string_view(table.name));
    while (others.step()) change.statements.push_back(others.text(0));
    return change;
}

std::optional<SchemaChange> SchemaChanges::drop_object(Connection& file) {
    std::vector<std::string> drops;
    Statement objects(file, R"(
        SELECT upper(type), name FROM sqlite_schema WHERE type IN ('index', 'view', 'trigger')
            AND sql IS NOT NULL AND name NOT GLOB 'tidemark_*' AND name NOT GLOB 'text_*')");
    while (objects.step()) {
        drops.push_back("DROP " + objects.text(0) + " " + quoted(objects.text(1)));
    }
    if (drops.empty()) return std::nullopt;
    return SchemaChange{{rng_.one_of(drops)}, {}, true};
}

std::string SchemaChanges::signature(Connection& file) {
    const Value text = file.scalar(R"(
        SELECT group_concat(type || ' ' || name || ' ' || tbl_name || ' ' || columns, '; ')
        FROM (SELECT type, name, tbl_name, ifnull((SELECT group_concat(name || ' ' || type)
                FROM (SELECT name, type FROM pragma_table_xinfo(m.name) ORDER BY 1)
                WHERE m.type = 'table'), '') AS columns
            FROM sqlite_schema m WHERE name NOT GLOB 'tidemark_*' AND name NOT GLOB 'sqlite_*'
            ORDER BY type, name))");
    return is_null(text) ? std::string() : as_text(text);
}

}  // namespace tidemark::sim
