#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sqlite/sql_error.hpp"
#include "sqlite/value.hpp"

namespace tidemark {

/// One statement of a request. It runs once for each row of arguments.
struct Step {
    std::string sql;
    std::vector<Row> arguments = {Row{}};
    /// The endpoint may stop collecting rows past this many bytes, and says so in Rows::cut.
    std::int64_t max_bytes = 0;  ///< 0: no limit
};

struct Rows {
    std::vector<Row> rows;
    bool cut = false;  ///< there are more rows than were collected
};

/// The answer to a request: the rows of each step that ran, and the step that failed.
struct Answer {
    std::vector<Rows> results;
    std::optional<SqlError> failure;  ///< of step results.size()
};

struct Traffic {
    std::int64_t round_trips = 0;
    std::int64_t bytes_sent = 0;
    std::int64_t bytes_received = 0;
};

/// Something that runs SQL at the primary: a file, or a server behind HTTP.
/// Use it from one thread at a time.
class SqlEndpoint {
public:
    virtual ~SqlEndpoint() = default;

    /// One round trip. Runs the steps in order up to the first that fails; then an open transaction
    /// is rolled back. A transaction left open is continued by the next request. Throws Error where
    /// the primary cannot be reached or answers nothing.
    virtual Answer run(const std::vector<Step>& steps) = 0;

    /// What the endpoint must do for us beyond SQL: writes to these tables in triggers have no
    /// effect from now on, because what we write is complete already.
    virtual void quiet(const std::vector<std::string>& tables) = 0;

    /// Whether a transaction left open belongs to this endpoint alone until it ends.
    virtual bool holds_transactions() const { return true; }

    /// What a person calls it.
    virtual std::string name() const = 0;

    const Traffic& traffic() const { return traffic_; }

protected:
    Traffic traffic_;
};

/// Runs a request that has no step which may fail: throws its failure.
std::vector<Rows> run_all(SqlEndpoint& endpoint, const std::vector<Step>& steps);

}  // namespace tidemark
