#include "server/guard.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <string_view>

#include "base/text.hpp"

namespace tidemark::server {
namespace {

using namespace std::string_view_literals;

/// They only tell, whatever argument they get (a table, an index, a number of lines).
constexpr std::string_view telling[] = {
    "table_list"sv,      "table_info"sv,    "table_xinfo"sv,      "index_list"sv,
    "index_info"sv,      "index_xinfo"sv,   "foreign_key_list"sv, "foreign_key_check"sv,
    "integrity_check"sv, "quick_check"sv,   "pragma_list"sv,      "compile_options"sv,
    "database_list"sv,   "function_list"sv, "module_list"sv,      "collation_list"sv,
};
/// They tell without an argument, and would change something with one.
constexpr std::string_view asked[] = {
    "encoding"sv,           "schema_version"sv,     "data_version"sv,
    "freelist_count"sv,     "page_count"sv,         "page_size"sv,
    "journal_mode"sv,       "auto_vacuum"sv,        "application_id"sv,
    "user_version"sv,       "max_page_count"sv,     "synchronous"sv,
    "cache_size"sv,         "locking_mode"sv,       "wal_autocheckpoint"sv,
    "journal_size_limit"sv, "query_only"sv,         "recursive_triggers"sv,
    "foreign_keys"sv,       "defer_foreign_keys"sv, "case_sensitive_like"sv,
    "busy_timeout"sv,       "secure_delete"sv,      "ignore_check_constraints"sv,
    "legacy_alter_table"sv,
};
/// They keep to the transaction or the file's own header: a client may set them.
constexpr std::string_view of_the_file[] = {"user_version"sv, "application_id"sv,
                                            "defer_foreign_keys"sv};
/// They change the connection for as long as the stream has it.
constexpr std::string_view of_the_stream[] = {
    "foreign_keys"sv,
    "recursive_triggers"sv,
    "case_sensitive_like"sv,
    "query_only"sv,
    "legacy_alter_table"sv,
    "ignore_check_constraints"sv,
    "reverse_unordered_selects"sv,
};

template <std::size_t N>
bool among(const std::string_view (&names)[N], std::string_view name) {
    return std::any_of(std::begin(names), std::end(names),
                       [&](std::string_view each) { return same_name(each, name); });
}

bool is_ours(const char* name) { return name && starts_with_name(name, "tidemark_"); }

int refuse(Seen& seen, const char* why) {
    if (!seen.refused) seen.refused = why;
    return SQLITE_DENY;
}

Verb transaction_verb(std::string_view operation) {
    if (operation == "BEGIN") return Verb::begin;
    return operation == "ROLLBACK" ? Verb::rollback : Verb::commit;
}

void set_verb(Seen& seen, Verb verb) {
    if (seen.verb == Verb::other) seen.verb = verb;
}

int decide_pragma(Seen& seen, std::string_view name, const char* argument) {
    if (among(telling, name)) return SQLITE_OK;
    if (!argument) {
        if (among(asked, name)) return SQLITE_OK;
        if (same_name(name, "optimize")) return SQLITE_OK;
        return refuse(seen, "this PRAGMA is not available here");
    }
    if (among(of_the_file, name)) return SQLITE_OK;
    if (among(of_the_stream, name)) {
        seen.sets = seen.sets || !same_name(name, "foreign_keys");  // which can be asked for
        return SQLITE_OK;
    }
    // How long to wait is the server's affair; a client that sets it means no harm.
    if (same_name(name, "busy_timeout")) return SQLITE_IGNORE;
    return refuse(seen, "this PRAGMA cannot be set here");
}

/// A write to one of Tidemark's tables. Its triggers may, whoever made the row change.
int decide_ours(Role role, Seen& seen, const char* table, const char* trigger) {
    if (!is_ours(table) || role != Role::client || is_ours(trigger)) return SQLITE_OK;
    return refuse(seen, "Tidemark's own tables are read-only");
}

int decide_definition(Role role, Seen& seen, const char* object, const char* table) {
    seen.defines = true;
    if (role == Role::client && (is_ours(object) || is_ours(table))) {
        return refuse(seen, "names that begin with tidemark_ are Tidemark's own");
    }
    return SQLITE_OK;
}

int decide_write(Role role, Seen& seen, Verb verb, const char* table, const char* database,
                 const char* trigger) {
    if (!trigger && !(table && starts_with_name(table, "sqlite_"))) set_verb(seen, verb);
    // ALTER TABLE looks for what to rename among temporary objects too, and SQLite itself refuses
    // everybody else that table.
    if (table && same_name(table, "sqlite_temp_master")) return SQLITE_OK;
    if (database && same_name(database, "temp")) {
        return refuse(seen, "temporary objects are not kept here");
    }
    return decide_ours(role, seen, table, trigger);
}

}  // namespace

int decide(Role role, Seen& seen, int action, const char* first, const char* second,
           const char* database, const char* trigger) {
    switch (action) {
        case SQLITE_INSERT: return decide_write(role, seen, Verb::insert, first, database, trigger);
        case SQLITE_UPDATE:
        case SQLITE_DELETE: return decide_write(role, seen, Verb::change, first, database, trigger);
        case SQLITE_TRANSACTION: seen.verb = transaction_verb(first ? first : ""); return SQLITE_OK;
        case SQLITE_SAVEPOINT: seen.verb = Verb::savepoint; return SQLITE_OK;
        case SQLITE_PRAGMA: return decide_pragma(seen, first ? first : "", second);
        case SQLITE_ATTACH:
            // VACUUM attaches a file without a name to itself; VACUUM INTO names one.
            if (first && *first == 0) return SQLITE_OK;
            return refuse(seen, "ATTACH and VACUUM INTO are not available here");
        case SQLITE_DETACH:
            return first && std::string_view(first) == "vacuum_db"
                       ? SQLITE_OK
                       : refuse(seen, "DETACH is not available here");
        case SQLITE_FUNCTION:
            if (second && same_name(second, "load_extension")) {
                return refuse(seen, "load_extension() is not available here");
            }
            return SQLITE_OK;
        case SQLITE_CREATE_TEMP_INDEX:
        case SQLITE_CREATE_TEMP_TABLE:
        case SQLITE_CREATE_TEMP_TRIGGER:
        case SQLITE_CREATE_TEMP_VIEW: return refuse(seen, "temporary objects are not kept here");
        case SQLITE_CREATE_TABLE:
        case SQLITE_CREATE_VIEW:
        case SQLITE_CREATE_VTABLE:
        case SQLITE_DROP_TABLE:
            if (first) seen.dropped = first;
            return decide_definition(role, seen, first, nullptr);
        case SQLITE_DROP_VIEW:
        case SQLITE_DROP_VTABLE: return decide_definition(role, seen, first, nullptr);
        case SQLITE_DROP_TRIGGER:
            if (second && !seen.dropped.empty() && seen.dropped == second) return SQLITE_OK;
            return decide_definition(role, seen, first, second);
        case SQLITE_CREATE_INDEX:
        case SQLITE_CREATE_TRIGGER:
        case SQLITE_DROP_INDEX: return decide_definition(role, seen, first, second);
        case SQLITE_ANALYZE:
        case SQLITE_REINDEX: seen.defines = true; return SQLITE_OK;
        case SQLITE_ALTER_TABLE:
            seen.alters = true;
            return decide_definition(role, seen, second, second);
        default: return SQLITE_OK;
    }
}

}  // namespace tidemark::server
