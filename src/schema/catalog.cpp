#include "schema/catalog.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "sqlite/connection.hpp"

namespace tidemark {
namespace {

std::string squeezed(std::string_view sql) {
    std::string out;
    for (const char c : lower(sql)) {
        if (c != ' ' && c != '\t' && c != '\n' && c != '\r') out += c;
    }
    return out;
}

}  // namespace

bool SchemaObject::is_unique_index() const {
    return type == "index" && starts_with_name(squeezed(sql), "createunique");
}

bool SchemaObject::is_virtual_table() const {
    return type == "table" && starts_with_name(squeezed(sql), "createvirtual");
}

bool SchemaObject::is_external_full_text() const {
    const std::string text = squeezed(sql);
    const std::size_t content = text.find(",content=");
    if (!is_virtual_table() || text.find("usingfts") == std::string::npos ||
        content == std::string::npos) {
        return false;
    }
    const std::string_view value = std::string_view(text).substr(content + 9);
    return !value.starts_with("''") && !value.starts_with("\"\"");
}

std::string catalog_sql() {
    return R"(
        SELECT type, name, tbl_name, sql FROM sqlite_schema
        WHERE sql IS NOT NULL
            AND lower(name) NOT GLOB 'sqlite_*' AND lower(name) NOT GLOB 'tidemark_*'
            AND lower(tbl_name) NOT GLOB 'tidemark_*' AND name NOT GLOB '__turso_internal_*'
            AND name NOT IN (SELECT name FROM pragma_table_list WHERE type = 'shadow')
        ORDER BY CASE type WHEN 'table' THEN 0 WHEN 'view' THEN 1 WHEN 'index' THEN 2 ELSE 3 END,
            rowid)";
}

std::string marks_sql() {
    return R"(
        SELECT 'mark', 'user_version', '', CAST(user_version AS TEXT) FROM pragma_user_version
        UNION ALL
        SELECT 'mark', 'application_id', '', CAST(application_id AS TEXT) FROM pragma_application_id)";
}

Catalog read_catalog(const std::vector<Row>& rows) {
    Catalog catalog;
    for (const Row& row : rows) {
        catalog.push_back({as_text(row[0]), as_text(row[1]), as_text(row[2]), as_text(row[3])});
    }
    return catalog;
}

Catalog read_catalog(Connection& connection) {
    std::vector<Row> rows;
    Statement& select = connection.cached(catalog_sql());
    const Reset reset(select);
    while (select.step()) rows.push_back(select.row());
    return read_catalog(rows);
}

Catalog read_schema(Connection& connection) {
    Catalog catalog = read_catalog(connection);
    std::vector<Row> rows;
    Statement& marks = connection.cached(marks_sql());
    const Reset reset(marks);
    while (marks.step()) rows.push_back(marks.row());
    for (SchemaObject& mark : read_catalog(rows)) catalog.push_back(std::move(mark));
    return catalog;
}

const SchemaObject* find(const Catalog& catalog, const std::string& type, const std::string& name) {
    const auto found =
        std::find_if(catalog.begin(), catalog.end(), [&](const SchemaObject& object) {
            return object.type == type && same_name(object.name, name);
        });
    return found == catalog.end() ? nullptr : &*found;
}

Creation creation_of(const Catalog& catalog) {
    Creation creation;
    for (const SchemaObject& object : catalog) {
        // An upsert in a trigger needs the unique index that it names, so that one comes first.
        const bool later = object.type == "index" && !object.is_unique_index();
        (later ? creation.after_load : creation.before_load).push_back(object.sql);
    }
    for (const SchemaObject& object : catalog) {
        if (!object.is_external_full_text()) continue;
        const std::string name = quoted(object.name);
        creation.after_load.push_back("INSERT INTO " + name + "(" + name + ") VALUES ('rebuild')");
    }
    return creation;
}

}  // namespace tidemark
