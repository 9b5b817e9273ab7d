#pragma once

#include <string>

#include <tidemark/error.hpp>

struct sqlite3;

namespace tidemark {

/// An error that SQLite reported, with its code, for callers that can act on a particular one.
class SqlError : public Error {
public:
    SqlError(int extended_code, std::string message, std::string hint);

    /// SQLITE_CONSTRAINT_UNIQUE and the like.
    int extended_code() const noexcept { return extended_code_; }
    /// SQLITE_CONSTRAINT, SQLITE_BUSY, …
    int primary_code() const noexcept { return extended_code_ & 0xff; }

private:
    int extended_code_;
};

/// Turns the last error of `db` into a SqlError that says what it means for `path`.
[[noreturn]] void throw_sql_error(sqlite3* db, const std::string& path,
                                  const std::string& sql = {});

}  // namespace tidemark
