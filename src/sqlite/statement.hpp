#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "sqlite/value.hpp"

struct sqlite3_stmt;

namespace tidemark {

class Connection;

/// One prepared statement. Belongs to its Connection, which must outlive it; same thread rule.
class Statement {
public:
    Statement(Connection& connection, std::string_view sql);

    /// Parameters and columns count from 0. Text and blobs are not copied: the value must stay
    /// alive and unchanged until the statement is reset or bound again.
    void bind(int parameter, const Value& value);
    void bind(int parameter, std::int64_t number);
    void bind(int parameter, std::string_view text);
    /// Binds from the first parameter on.
    void bind_all(const Row& row);
    void bind_all(Row&& row) = delete;  ///< it would be gone before the statement runs

    /// Goes to the next row; false when there is none, and then the statement is reset.
    bool step();
    /// Runs it to the end, whatever rows it returns.
    void run();
    void reset();

    int column_count() const;
    std::string column_name(int column) const;
    Value value(int column) const;
    std::int64_t integer(int column) const;
    bool null(int column) const;
    std::string text(int column) const;
    Row row() const;

    /// Where the first statement of the given text ended: the rest is still to be prepared.
    std::size_t consumed() const { return consumed_; }
    bool empty() const { return handle_ == nullptr; }

private:
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const;
    };
    Connection* connection_;
    std::unique_ptr<sqlite3_stmt, Finalize> handle_;
    std::size_t consumed_ = 0;
};

/// Resets a (cached) statement at the end of a scope, so that it holds no lock and no binding.
class Reset {
public:
    explicit Reset(Statement& statement) : statement_(statement) {}
    ~Reset() { statement_.reset(); }
    Reset(const Reset&) = delete;
    Reset& operator=(const Reset&) = delete;

private:
    Statement& statement_;
};

}  // namespace tidemark
