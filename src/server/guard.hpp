#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace tidemark::server {

/// Who a SQLite connection works for.
enum class Role {
    client,   ///< any program: Tidemark's own tables are read-only for it
    replica,  ///< a device that syncs: it keeps Tidemark's tables, and its writes fire no trigger
};
inline constexpr std::size_t roles = 2;

/// What a statement is, found out while SQLite prepares it.
enum class Verb : std::uint8_t { other, insert, change, begin, commit, rollback, savepoint };

/// What was seen while a statement was prepared.
struct Seen {
    Verb verb = Verb::other;
    bool defines = false;           ///< changes the schema
    bool alters = false;            ///< a table, whose new name is not told
    bool sets = false;              ///< changes how the connection works from now on
    std::string dropped;            ///< the table that it drops, whose triggers go along
    const char* refused = nullptr;  ///< why it may not run
};

/// Decides what SQL may do, as sqlite3_set_authorizer() asks, action by action, and notes in `seen`
/// what the statement is. SQL that would reach beyond the database or change how the server keeps
/// it is refused: ATTACH, loaded extensions, most pragmas, temporary objects.
int decide(Role role, Seen& seen, int action, const char* first, const char* second,
           const char* database, const char* trigger);

}  // namespace tidemark::server
