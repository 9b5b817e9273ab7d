#include "server/cursor.hpp"

#include <chrono>
#include <utility>

#include "server/fault.hpp"
#include "server/stream.hpp"
#include "sqlite/value.hpp"

namespace tidemark::server {

using hrana::CursorEntry;
using hrana::CursorRow;

namespace {

/// A row that has been found is not kept back for longer than this.
constexpr std::chrono::milliseconds moment{20};

}  // namespace

Cursor::Cursor(Stream& stream, hrana::Batch batch)
    : stream_(stream), batch_(std::move(batch)), budget_(stream.database_->limits()) {
    outcomes_.step_results.resize(batch_.steps.size());
    outcomes_.step_errors.resize(batch_.steps.size());
}

Task<> Cursor::fetch(std::vector<CursorEntry>& entries, std::size_t max_count,
                     std::size_t max_bytes) {
    if (reading_) reading_->go_on();
    co_await compute(max_count, max_bytes);
    if (reading_) reading_->pause();
    for (std::size_t i = 0; i < max_count && !ready_.empty(); ++i) {
        entries.push_back(std::move(ready_.front()));
        ready_.pop_front();
    }
}

// Whoever has the turn goes on until it is given back: others wait for it, and the client may be
// slow to read.
Task<> Cursor::compute(std::size_t max_count, std::size_t max_bytes) {
    const auto until = std::chrono::steady_clock::now() + moment;
    std::size_t bytes = 0;
    while (!computed_) {
        const bool enough = ready_.size() >= max_count || bytes >= max_bytes ||
                            (!ready_.empty() && std::chrono::steady_clock::now() > until);
        if (enough && !stream_.has_turn_) break;
        CursorEntry entry = co_await next(bytes);
        ready_.push_back(std::move(entry));
    }
}

Task<CursorEntry> Cursor::next(std::size_t& bytes) {
    if (reading_) co_return next_row(bytes);
    if (keeping_) co_return next_kept_row(bytes);
    if (skip_to_step()) {
        CursorEntry entry = co_await begin_step();
        co_return entry;
    }
    computed_ = true;
    co_return hrana::CursorDone{};
}

bool Cursor::skip_to_step() {
    for (; step_ < batch_.steps.size(); ++step_) {
        const auto& condition = batch_.steps[step_].condition;
        if (!condition || holds(*condition, outcomes_, stream_.autocommit())) return true;
    }
    return false;
}

Task<CursorEntry> Cursor::begin_step() {
    const hrana::Stmt& stmt = batch_.steps[step_++].stmt;
    const auto step = static_cast<std::uint32_t>(step_ - 1);
    try {
        const std::string_view sql = stream_.stored_->text(stmt.sql);
        Prepared& prepared = stream_.connection().prepare(sql);
        if (prepared.reads_only && prepared.verb == Verb::other && !stream_.lost_) {
            stream_.require_open(prepared);
            reading_ = std::make_unique<Execution>(stream_.connection(), prepared, stmt);
            co_return hrana::StepBegin{step, reading_->columns()};
        }
        kept_ = co_await stream_.run_prepared(prepared, sql, stmt, budget_);
    } catch (const Fault& fault) {
        reading_.reset();
        co_return fail_step(fault.error);
    }
    keeping_ = true;
    kept_row_ = 0;
    co_return hrana::StepBegin{step, std::move(kept_.cols)};
}

CursorEntry Cursor::next_row(std::size_t& bytes) {
    try {
        CursorRow row;
        if (reading_->next(&row.values)) {
            const std::size_t size = size_of(row.values);
            bytes += size;
            if (stream_.has_turn_) budget_.take(size);
            return row;
        }
        hrana::StmtResult result = reading_->counts();
        reading_.reset();
        return end_step(std::move(result));
    } catch (const Fault& fault) {
        reading_.reset();
        return fail_step(fault.error);
    }
}

CursorEntry Cursor::next_kept_row(std::size_t& bytes) {
    if (kept_row_ < kept_.rows.size()) {
        CursorRow row{std::move(kept_.rows[kept_row_++])};
        bytes += size_of(row.values);
        return row;
    }
    keeping_ = false;
    kept_.rows.clear();
    return end_step(std::exchange(kept_, {}));
}

CursorEntry Cursor::end_step(hrana::StmtResult result) {
    const hrana::StepEnd end{result.affected_row_count, result.last_insert_rowid};
    result.cols.clear();
    outcomes_.step_results[step_ - 1] = std::move(result);
    return end;
}

CursorEntry Cursor::fail_step(hrana::ProtocolError error) {
    outcomes_.step_errors[step_ - 1] = error;
    return hrana::StepError{static_cast<std::uint32_t>(step_ - 1), std::move(error)};
}

}  // namespace tidemark::server
