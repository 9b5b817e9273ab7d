#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tidemark/value.hpp>

struct sqlite3;
struct sqlite3_stmt;

/// What the example applications share. None of it knows of syncing.
namespace examples {

using tidemark::Row;
using tidemark::Value;

/// One row of a result.
class Record {
public:
    /// NULL where there is no such column.
    const Value& operator[](std::string_view column) const;
    /// Empty or 0 where the column holds something else.
    std::string text(std::string_view column) const;
    std::int64_t integer(std::string_view column) const;

    std::vector<std::pair<std::string, Value>> values;
};

using Records = std::vector<Record>;

/// One connection to one stock SQLite file. Use it from one thread at a time. Every function throws
/// tidemark::Error.
class Database {
public:
    /// Opens the file, and makes it (and its folder) where there is none.
    explicit Database(const std::string& path);

    /// Runs one statement; its parameters are bound by position.
    Records query(std::string_view sql, const Row& parameters = {});
    /// Runs any number of statements that return nothing.
    void execute(const std::string& sql);
    /// Rows changed by the last statement that changed any.
    std::int64_t changes() const;

private:
    struct Close {
        void operator()(sqlite3* db) const;
    };
    std::unique_ptr<sqlite3, Close> handle_;
};

/// Holds the database for writing until commit(); undone where that is never called.
class Transaction {
public:
    explicit Transaction(Database& database);
    ~Transaction();
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;

    void commit();

private:
    Database& database_;
    bool open_ = true;
};

}  // namespace examples
