#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tidemark/conflict.hpp>
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
    double real(std::string_view column) const;

    tidemark::NamedValues values;  ///< in the order of the query
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
    /// The same with parameters by name, with or without their sign (":id", "id").
    Records query_named(std::string_view sql, const tidemark::NamedValues& parameters);
    /// Whether the statement changes nothing.
    bool only_reads(std::string_view sql);
    /// Runs any number of statements that return nothing.
    void execute(const std::string& sql);
    /// Rows changed by the last statement that changed any.
    std::int64_t changes() const;
    /// Changes whenever somebody, on this connection or another, may have changed the content.
    std::pair<std::int64_t, std::int64_t> version();
    bool in_transaction() const;

private:
    struct Close {
        void operator()(sqlite3* db) const;
    };
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const;
    };
    using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

    Statement prepare(std::string_view sql);
    Records run(sqlite3_stmt* statement);

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
