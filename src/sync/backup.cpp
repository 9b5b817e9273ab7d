#include <sqlite3.h>

#include <filesystem>

#include "sqlite/sql_error.hpp"
#include "sync/first_contact.hpp"

namespace tidemark {

void back_up(Connection& connection, const std::string& to) {
    namespace fs = std::filesystem;
    if (fs::exists(to)) {
        throw Error(ErrorCode::failed, "the backup file " + to + " exists already",
                    "Name another file, or move that one away.");
    }
    const std::string partial = to + ".partial";
    fs::remove(partial);
    try {
        Connection copy(partial, Connection::Open::create);
        sqlite3_backup* backup =
            sqlite3_backup_init(copy.handle(), "main", connection.handle(), "main");
        if (!backup) throw_sql_error(copy.handle(), to);
        const int rc = sqlite3_backup_step(backup, -1);
        if (sqlite3_backup_finish(backup) != SQLITE_OK || rc != SQLITE_DONE) {
            throw_sql_error(copy.handle(), to);
        }
        if (copy.scalar("PRAGMA quick_check(1)") != Value{std::string("ok")}) {
            throw Error(ErrorCode::failed, "the backup of " + connection.path() + " is damaged",
                        "Check the database with 'sqlite3 " + connection.path() +
                            " \"PRAGMA integrity_check\"'.");
        }
    } catch (...) {
        std::error_code ignored;
        fs::remove(partial, ignored);
        throw;
    }
    fs::rename(partial, to);
}

}  // namespace tidemark
