#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <tidemark/report.hpp>

namespace shark {

/// What the free plan of the cloud allows in a month.
struct FreePlan {
    std::int64_t rows_read = 500'000'000;
    std::int64_t rows_written = 10'000'000;
};

/// One day's syncs.
struct Day {
    std::string date;
    std::int64_t syncs = 0;     ///< that worked
    std::int64_t failures = 0;  ///< that did not, although the cloud could be reached
    std::int64_t offline = 0;   ///< that could not reach it
    std::int64_t rows_read = 0;
    std::int64_t rows_written = 0;
};

/// What ~/.shark/turso-sync.json holds. Losing it loses no data.
struct SyncState {
    std::string device_id;
    std::string last_sync_at;  ///< UTC; empty: never
    std::int64_t last_attempt_s = 0;
    std::string last_error;  ///< of the last attempt; empty: it worked
    bool news = false;       ///< keys were changed, and nobody has told the user yet
    std::vector<Day> days;   ///< the last 31, oldest first

    /// An unreadable file counts as none.
    static SyncState load(const std::string& path);
    void save(const std::string& path) const;

    void worked(const tidemark::SyncReport& report, std::int64_t now_s);
    void failed(const std::string& error, bool offline, std::int64_t now_s);

    /// Rows that this machine exchanged in this month.
    tidemark::Usage usage(std::int64_t now_s) const;
    /// In percent over the days that are known, without the attempts made offline; 100 where there
    /// were none.
    double success_rate() const;
};

/// Sentences where a month's use has come to 80 % of the plan; usually none.
std::vector<std::string> usage_warnings(const tidemark::Usage& usage, const FreePlan& plan = {});

}  // namespace shark
