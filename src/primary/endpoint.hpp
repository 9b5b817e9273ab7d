#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <tidemark/batch.hpp>

#include "sqlite/sql_error.hpp"
#include "sqlite/value.hpp"

namespace tidemark {

/// One statement of a request. It runs once for each row of arguments.
struct Step {
    std::string sql;
    std::vector<Row> arguments = {Row{}};
    /// The endpoint may stop collecting rows past this many bytes, and says so in Rows::cut.
    std::int64_t max_bytes = 0;  ///< 0: no limit
    /// It fails where the request has been done before, so that this may be sent a second time.
    bool guards = false;
    /// The same for many rows at once: its only VALUES (…) holds all parameters and may be
    /// repeated. Empty: an INSERT that is so itself, or none.
    std::string many = {};
};

struct Rows {
    std::vector<Row> rows;
    bool cut = false;  ///< there are more rows than were collected
};

/// The answer to a request: the rows of each step that ran, and the step that failed.
struct Answer {
    std::vector<Rows> results;
    std::optional<SqlError> failure;  ///< of step results.size()
    /// How many of the steps are of earlier requests of the transaction, and ran only now.
    std::size_t deferred = 0;
};

enum class News { yes, no, unknown };

struct Traffic {
    std::int64_t round_trips = 0;
    std::int64_t bytes_sent = 0;
    std::int64_t bytes_received = 0;
    std::int64_t rows_read = 0;  ///< as the primary counts them; 0 where it does not
    std::int64_t rows_written = 0;
};

/// Something that runs SQL at the primary: a file, or a server behind HTTP.
/// Use it from one thread at a time.
class SqlEndpoint {
public:
    virtual ~SqlEndpoint() = default;

    /// One round trip. Runs the steps in order up to the first that fails; then an open transaction
    /// is rolled back. A transaction left open is continued by the next request; an endpoint that
    /// cannot keep one open defers its steps, whose rows nobody needs, to the one that commits.
    /// Throws Error where the primary cannot be reached or answers nothing.
    virtual Answer run(const std::vector<Step>& steps) = 0;

    /// What the endpoint must do for us beyond SQL: writes to these tables in triggers have no
    /// effect from now on, because what we write is complete already.
    virtual void quiet(const std::vector<std::string>& tables) = 0;

    /// Whether a transaction left open belongs to this endpoint alone until it ends.
    virtual bool holds_transactions() { return true; }

    /// Whether the primary's triggers note what we write, too, as they do what others write there.
    virtual bool notes_our_writes() const { return false; }

    /// Waits, at most so long, until the primary has moved on from `seq` or another program has
    /// written there. `unknown` at once where it cannot tell. Once `cancelled` is true it ends
    /// within about a second, with `no` or an Error.
    virtual News wait_for_change(std::int64_t seq, std::int64_t timeout_ms,
                                 const std::atomic<bool>& cancelled) {
        (void)seq;
        (void)timeout_ms;
        (void)cancelled;
        return News::unknown;
    }

    /// What a person calls it.
    virtual std::string name() const = 0;

    const Traffic& traffic() const { return traffic_; }

    /// What callers keep their requests, and the rows that they ask for, to.
    const BatchSize& batch() const { return batch_; }
    void set_batch(const BatchSize& batch) { batch_ = batch; }

protected:
    Traffic traffic_;

private:
    BatchSize batch_;
};

/// Runs a request that has no step which may fail: throws its failure.
std::vector<Rows> run_all(SqlEndpoint& endpoint, const std::vector<Step>& steps);

}  // namespace tidemark
