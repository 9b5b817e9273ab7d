#include "primary/file_endpoint.hpp"

#include <sqlite3.h>

#include "base/tuning.hpp"
#include "sqlite/statement.hpp"

namespace tidemark {
namespace {

std::string existing(const std::string& path, bool create, const std::string& vfs) {
    if (!create && !Connection::exists(path, vfs)) {
        throw Error(ErrorCode::unreachable, "the primary " + path + " is not there",
                    "Check the path, or that the disk it is on is mounted; nothing was changed.");
    }
    return path;
}

}  // namespace

std::vector<Rows> run_all(SqlEndpoint& endpoint, const std::vector<Step>& steps) {
    Answer answer = endpoint.run(steps);
    if (answer.failure) throw *answer.failure;
    return std::move(answer.results);
}

FileEndpoint::FileEndpoint(const std::string& path, bool create, const std::string& vfs)
    : connection_(existing(path, create, vfs),
                  create ? Connection::Open::create : Connection::Open::read_write, vfs) {
    connection_.execute("PRAGMA foreign_keys = OFF");
    connection_.execute("PRAGMA cache_size = -" + std::to_string(tuning::cache_kib));
}

Answer FileEndpoint::run(const std::vector<Step>& steps) {
    ++traffic_.round_trips;
    Answer answer;
    answer.results.reserve(steps.size());
    try {
        for (const Step& step : steps) answer.results.push_back(run_step(step));
    } catch (const SqlError& error) {
        if (connection_.in_transaction()) connection_.execute("ROLLBACK");
        answer.failure = error;
    }
    return answer;
}

Rows FileEndpoint::run_step(const Step& step) {
    // The triggers that would delete rows a second time stand aside exactly as long as a
    // transaction of ours is open, so nobody else ever sees the database without them.
    if (quiet_ && step.sql == "COMMIT") quiet_->resume();
    Statement& statement = connection_.cached(step.sql);
    const Reset reset(statement);
    Rows rows;
    std::int64_t bytes = 0;
    for (const Row& arguments : step.arguments) {
        statement.reset();
        statement.bind_all(arguments);
        traffic_.bytes_sent += static_cast<std::int64_t>(size_of(arguments));
        bool more = first_row(statement, arguments);
        for (; more; more = statement.step()) {
            if (step.max_bytes > 0 && bytes >= step.max_bytes) {
                rows.cut = true;
                break;
            }
            rows.rows.push_back(statement.row());
            bytes += static_cast<std::int64_t>(size_of(rows.rows.back()));
        }
    }
    traffic_.bytes_received += bytes;
    if (quiet_ && step.sql == "BEGIN IMMEDIATE") quiet_->suspend();
    return rows;
}

/// A trigger of the application may refuse with RAISE what a merge came to, though each of its
/// parts passed on the device where it was written: then the row is written without it.
bool FileEndpoint::first_row(Statement& statement, const Row& arguments) {
    try {
        return statement.step();
    } catch (const SqlError& error) {
        const bool refused = error.extended_code() == SQLITE_CONSTRAINT_TRIGGER;
        if (!refused || !quiet_ || !connection_.in_transaction()) throw;
    }
    statement.reset();
    quiet_->suspend_refusing();
    statement.bind_all(arguments);
    return statement.step();
}

void FileEndpoint::quiet(const std::vector<std::string>& tables) {
    if (tables == quiet_tables_) return;
    quiet_.reset();
    quiet_tables_ = tables;
    if (!tables.empty()) quiet_.emplace(connection_, tables);
}

}  // namespace tidemark
