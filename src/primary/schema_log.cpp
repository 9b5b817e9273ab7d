#include "primary/schema_log.hpp"

namespace tidemark::schema_log {
namespace {

constexpr const char* present = R"(
    SELECT type AS kind, name, sql FROM sqlite_schema
    WHERE sql IS NOT NULL AND lower(name) NOT GLOB 'sqlite_*'
        AND (lower(name) NOT GLOB 'tidemark_*' OR type = 'trigger')
        AND name NOT IN (SELECT name FROM pragma_table_list WHERE type = 'shadow')
    UNION ALL SELECT 'mark', 'user_version', CAST(user_version AS TEXT) FROM pragma_user_version
    UNION ALL
    SELECT 'mark', 'application_id', CAST(application_id AS TEXT) FROM pragma_application_id)";

constexpr const char* listed = R"(
    SELECT kind, name, sql FROM tidemark_schema
    WHERE sql <> '' AND version IN (SELECT max(version) FROM tidemark_schema
        WHERE kind NOT IN ('renamed', 'column', 'reread') GROUP BY kind, name))";

}  // namespace

std::string altered_sql(bool writing) {
    const std::string now = std::string("SELECT * FROM (") + present + ")";
    const std::string then = std::string("SELECT * FROM (") + listed + ")";
    const std::string expected =
        then + (writing ? " WHERE kind <> 'trigger' OR lower(name) GLOB 'tidemark_*'" : "");
    return "(EXISTS (" + now + " EXCEPT " + then + ") OR EXISTS (" + expected + " EXCEPT " + now +
           "))";
}

std::string tables_sql() {
    return std::string("SELECT name, sql FROM (") + listed + ") WHERE kind = 'table'";
}

std::string altered_names_sql() {
    const std::string now = std::string("SELECT * FROM (") + present + ")";
    const std::string then = std::string("SELECT * FROM (") + listed + ")";
    return "SELECT name FROM (" + now + " EXCEPT " + then + ") UNION SELECT name FROM (" + then +
           " EXCEPT " + now + ")";
}

std::vector<Step> note_steps() {
    return {
        {std::string("INSERT INTO tidemark_schema(kind, name, sql) SELECT kind, name, '' FROM (") +
         listed + ") WHERE (kind, name) NOT IN (SELECT kind, name FROM (" + present + "))"},
        {std::string("INSERT INTO tidemark_schema(kind, name, sql) SELECT * FROM (") + present +
         ") EXCEPT SELECT * FROM (" + listed + ")"},
        {"UPDATE tidemark_meta SET schema = (SELECT max(version) FROM tidemark_schema)"}};
}

Step mark_step(const std::string& kind, const std::string& name, const std::string& sql) {
    return {"INSERT INTO tidemark_schema(kind, name, sql) VALUES (?1, ?2, ?3)",
            {{kind, name, sql}}};
}

std::string marks_after_sql() {
    return "SELECT kind, name, sql FROM tidemark_schema WHERE version > ?1 "
           "AND kind IN ('renamed', 'column', 'reread') ORDER BY version";
}

std::string changed_often_sql() {
    return "SELECT EXISTS (SELECT 1 FROM tidemark_schema WHERE version > ?1 AND kind = 'table' "
           "GROUP BY lower(name) HAVING count(*) > 1)";
}

}  // namespace tidemark::schema_log
