#include "sqlite/sql_error.hpp"

#include <sqlite3.h>

#include <utility>

namespace tidemark {
namespace {

struct Explanation {
    int code;
    const char* what;  ///< completes "FILE …"
    const char* hint;
};

constexpr Explanation explanations[] = {
    {SQLITE_NOTADB, "is not a SQLite database",
     "Give the path of a SQLite file; an encrypted database has to be decrypted first."},
    {SQLITE_CANTOPEN, "cannot be opened",
     "Check that the file and its folder exist and that you may read and write both."},
    {SQLITE_BUSY, "is locked by another program",
     "Wait until the other program has finished its transaction, then try again."},
    {SQLITE_LOCKED, "is locked by another connection of this program",
     "Finish the other statement first, then try again."},
    {SQLITE_READONLY, "cannot be written",
     "Check the permissions of the file and of its folder (SQLite writes a journal beside the "
     "file)."},
    {SQLITE_FULL, "cannot grow: the disk is full",
     "Free some space, then try again; nothing was lost."},
    {SQLITE_CORRUPT, "is damaged",
     "Restore it from a backup, or save what can be read with 'sqlite3 FILE .recover'."},
    {SQLITE_IOERR, "cannot be read or written: the operating system reported an I/O error",
     "Check the disk and the free space, then try again."},
    {SQLITE_PERM, "may not be opened", "Check the permissions of the file."},
};

const Explanation* explain(int code) {
    for (const Explanation& explanation : explanations) {
        if (explanation.code == (code & 0xff)) return &explanation;
    }
    return nullptr;
}

}  // namespace

SqlError::SqlError(int extended_code, std::string message, std::string hint)
    : Error(ErrorCode::failed, std::move(message), std::move(hint)),
      extended_code_(extended_code) {}

void throw_sql_error(sqlite3* db, const std::string& path, const std::string& sql) {
    const int code = sqlite3_extended_errcode(db);
    const std::string detail = sqlite3_errmsg(db);
    if (const Explanation* known = explain(code)) {
        throw SqlError(code, path + " " + known->what + " (" + detail + ")", known->hint);
    }
    throw SqlError(code, path + ": " + detail + (sql.empty() ? "" : " in: " + sql), {});
}

}  // namespace tidemark
