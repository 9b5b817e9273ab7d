#pragma once

#include <cstdint>

#include <tidemark/report.hpp>

#include "sqlite/connection.hpp"

namespace tidemark {

/// How the syncs of each day went, in tidemark_days: counts, bytes, and how long they took. It
/// outlives the history, which a busy watcher fills within hours. No transactions of its own.
class Tally {
public:
    explicit Tally(Connection& connection) : connection_(connection) {}

    void create();
    /// Creates the table where an older Tidemark attached the file.
    void add(const SyncRecord& record);

    /// Over the last 30 days, today included.
    SyncSummary summary(std::int64_t now_ms);
    /// Since the first of this month, UTC: that is how plans are billed.
    Usage usage(std::int64_t now_ms);

private:
    bool exists();

    Connection& connection_;
};

}  // namespace tidemark
