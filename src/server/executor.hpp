#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "hrana/protocol.hpp"
#include "server/sql_connection.hpp"

/// Runs Hrana's statements on a SQLite connection. Knows nothing of networks, streams or turns.
namespace tidemark::server {

/// What may still be collected for one answer.
struct Budget {
    std::size_t rows;
    std::size_t bytes;

    explicit Budget(const Limits& limits)
        : rows(limits.response_rows), bytes(limits.response_bytes) {}
    /// Throws Fault{RESPONSE_TOO_LARGE} where the row no longer fits.
    void take(std::size_t row_bytes);
};

/// One statement under way. It is reset at the end of the scope.
class Execution {
public:
    /// Binds the arguments. Throws Fault.
    Execution(SqlConnection& connection, Prepared& prepared, const hrana::Stmt& stmt);
    ~Execution();
    Execution(const Execution&) = delete;
    Execution& operator=(const Execution&) = delete;

    /// The next row, where `row` is not null; false when there is none. Throws Fault.
    bool next(Row* row);

    std::vector<hrana::Col> columns() const;
    /// Its time stands still until next() is called again, also in another thread.
    void pause();
    void go_on();
    /// The counts of a statement that is done; its rows and columns are the caller's.
    hrana::StmtResult counts();

private:
    void bind(const hrana::Stmt& stmt);

    SqlConnection& connection_;
    Prepared& prepared_;
    std::optional<SqlConnection::Timed> timed_;
    double paused_at_ms_ = 0;
    std::int64_t changes_before_;
    std::uint64_t rows_ = 0;
};

/// Runs a statement to its end. Throws Fault.
hrana::StmtResult run(SqlConnection& connection, Prepared& prepared, const hrana::Stmt& stmt,
                      Budget& budget);

/// Throws Fault.
hrana::DescribeResult describe(SqlConnection& connection, std::string_view sql);

/// Whether a step's condition holds, given what became of the steps before it.
bool holds(const hrana::Cond& condition, const hrana::BatchResult& done, bool autocommit);

}  // namespace tidemark::server
