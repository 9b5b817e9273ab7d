#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <tidemark/conflict.hpp>
#include <tidemark/value.hpp>

struct sqlite3;

namespace memorygraph {

using tidemark::Blob;
using tidemark::NamedValues;
using tidemark::Row;
using tidemark::Value;

/// One row of a result: column and value, in the order of the query.
using Record = NamedValues;
using Records = std::vector<Record>;

/// By position, or by name with or without its sign (":id", "id").
using Parameters = std::variant<Row, NamedValues>;

const Value& column(const Record& record, std::string_view name);
/// The column as text or a number; empty or 0 where it is something else.
std::string text(const Record& record, std::string_view name);
std::int64_t integer(const Record& record, std::string_view name);
double real(const Record& record, std::string_view name);

/// One connection to one stock SQLite file. Use it from one thread at a time. Every function throws
/// tidemark::Error.
class Database {
public:
    /// Opens the file, and makes it where there is none; ":memory:" is a database without a file.
    explicit Database(const std::string& path);

    /// Runs one statement. A statement that writes is refused unless `write`.
    Records query(std::string_view sql, const Parameters& parameters = {}, bool write = true);
    /// Runs any number of statements that return nothing.
    void execute(const std::string& sql);

    /// Changes whenever somebody, on this connection or another, changed the database.
    std::pair<std::int64_t, std::int64_t> version();
    bool in_transaction() const;

private:
    struct Close {
        void operator()(sqlite3* db) const;
    };
    std::unique_ptr<sqlite3, Close> handle_;
};

}  // namespace memorygraph
