#include "primary/schema_log.hpp"

namespace tidemark::schema_log {
namespace {

/// The objects that count: the application's, and the triggers of ours.
constexpr const char* counts = R"(
    sql IS NOT NULL AND lower(name) NOT GLOB 'sqlite_*' AND name NOT GLOB '__turso_internal_*'
        AND (lower(name) NOT GLOB 'tidemark_*' OR type = 'trigger')
        AND name NOT IN (SELECT name FROM pragma_table_list WHERE type = 'shadow'))";

std::string present() {
    std::string sql = "SELECT type AS kind, name, sql FROM sqlite_schema WHERE";
    sql += counts;
    return sql += R"(
    UNION ALL SELECT 'mark', 'user_version', CAST(user_version AS TEXT) FROM pragma_user_version
    UNION ALL
    SELECT 'mark', 'application_id', CAST(application_id AS TEXT) FROM pragma_application_id)";
}

/// What the list says is there.
const std::string listed = R"(
    SELECT kind, name, sql FROM tidemark_schema
    WHERE sql <> '' AND version IN (SELECT max(version) FROM tidemark_schema
        WHERE kind NOT IN ('renamed', 'column', 'reread') GROUP BY kind, name))";

std::string mark_altered(const std::string& name) {
    return "(SELECT CAST(" + name + " AS TEXT) FROM pragma_" + name +
           ") IS NOT (SELECT sql FROM tidemark_schema WHERE kind = 'mark' AND name = '" + name +
           "' ORDER BY version DESC LIMIT 1)";
}

}  // namespace

// Turso's engine compiles no compound SELECT inside an expression, so this is no EXCEPT.
std::string altered_sql(bool writing) {
    return std::string("(EXISTS (SELECT 1 FROM sqlite_schema WHERE") + counts +
           " AND (type, name, sql) NOT IN (" + listed + ")) OR EXISTS (SELECT 1 FROM (" + listed +
           ") WHERE kind <> 'mark'" +
           (writing ? " AND (kind <> 'trigger' OR lower(name) GLOB 'tidemark_*')" : "") +
           " AND (kind, name, sql) NOT IN (SELECT type, name, sql FROM sqlite_schema "
           "WHERE sql IS NOT NULL)) OR " +
           mark_altered("user_version") + " OR " + mark_altered("application_id") + ")";
}

std::string tables_sql() { return "SELECT name, sql FROM (" + listed + ") WHERE kind = 'table'"; }

std::string altered_names_sql() {
    const std::string now = std::string("SELECT * FROM (") + present() + ")";
    const std::string then = "SELECT * FROM (" + listed + ")";
    return "SELECT name FROM (" + now + " EXCEPT " + then + ") UNION SELECT name FROM (" + then +
           " EXCEPT " + now + ")";
}

std::vector<Step> note_steps(Rng& rng) {
    constexpr std::uint64_t widest_gap = std::uint64_t{1} << 32;
    const auto gap = static_cast<std::int64_t>(1 + rng.next() % widest_gap);
    return {
        {"INSERT INTO tidemark_schema(kind, name, sql) SELECT kind, name, '' FROM (" + listed +
         ") WHERE (kind, name) NOT IN (SELECT kind, name FROM (" + present() + "))"},
        {std::string("INSERT INTO tidemark_schema(kind, name, sql) SELECT * FROM (") + present() +
         ") EXCEPT SELECT * FROM (" + listed + ")"},
        {"UPDATE tidemark_schema SET version = version + ?1 WHERE version > (SELECT schema FROM "
         "tidemark_meta) AND version = (SELECT max(version) FROM tidemark_schema)",
         {{gap}}},
        {"UPDATE tidemark_meta SET schema = (SELECT max(version) FROM tidemark_schema)"}};
}

Step mark_step(const std::string& kind, const std::string& name, const std::string& sql) {
    return {"INSERT INTO tidemark_schema(kind, name, sql) VALUES (?1, ?2, ?3)",
            {{kind, name, sql}}};
}

std::string had_sql() { return "SELECT EXISTS (SELECT 1 FROM tidemark_schema WHERE version = ?1)"; }

std::string marks_after_sql() {
    return "SELECT kind, name, sql FROM tidemark_schema WHERE kind IN ('renamed', 'column', "
           "'reread') AND (version > ?1 OR NOT EXISTS (SELECT 1 FROM tidemark_schema "
           "WHERE version = ?1)) ORDER BY version";
}

std::string changed_often_sql() {
    return "SELECT EXISTS (SELECT 1 FROM tidemark_schema WHERE version > ?1 AND kind = 'table' "
           "GROUP BY lower(name) HAVING count(*) > 1)";
}

}  // namespace tidemark::schema_log
