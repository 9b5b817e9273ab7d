#include "sync/tally.hpp"

#include <cmath>
#include <ctime>
#include <map>

#include "base/tuning.hpp"
#include "sqlite/statement.hpp"

namespace tidemark {
namespace {

constexpr std::int64_t day_ms = 86'400'000;

std::int64_t day_of(std::int64_t at_ms) { return at_ms / day_ms; }

std::int64_t first_of_month(std::int64_t now_ms) {
    const std::time_t seconds = now_ms / 1000;
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    return day_of(now_ms) - (parts.tm_mday - 1);
}

/// Two significant digits tell enough of a duration, and keep a day's JSON short.
std::int64_t rounded(std::int64_t ms) {
    std::int64_t step = 1;
    while (ms / step >= 100) step *= 10;
    return ms / step * step;
}

/// The smallest duration that at least this part of all are no longer than.
std::int64_t quantile(const std::map<std::int64_t, std::int64_t>& counts, double part) {
    std::int64_t total = 0;
    for (const auto& [ms, count] : counts) total += count;
    auto left = static_cast<std::int64_t>(std::ceil(part * static_cast<double>(total)));
    for (const auto& [ms, count] : counts) {
        left -= count;
        if (left <= 0) return ms;
    }
    return 0;
}

}  // namespace

void Tally::create() {
    connection_.execute(R"(
        CREATE TABLE IF NOT EXISTS tidemark_days(
            day INTEGER PRIMARY KEY,
            succeeded INTEGER NOT NULL,
            failed INTEGER NOT NULL,
            offline INTEGER NOT NULL,
            bytes_sent INTEGER NOT NULL,
            bytes_received INTEGER NOT NULL,
            rows_read INTEGER NOT NULL,
            rows_written INTEGER NOT NULL,
            durations TEXT NOT NULL))");
}

bool Tally::exists() {
    return connection_.integer("SELECT count(*) FROM sqlite_schema WHERE name = 'tidemark_days'") >
           0;
}

void Tally::add(const SyncRecord& record) {
    create();
    const bool succeeded = record.error.empty();
    const std::int64_t day = day_of(record.at_ms);
    connection_.execute(R"(
        INSERT INTO tidemark_days VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, '{}')
        ON CONFLICT(day) DO UPDATE SET
            succeeded = succeeded + excluded.succeeded,
            failed = failed + excluded.failed,
            offline = offline + excluded.offline,
            bytes_sent = bytes_sent + excluded.bytes_sent,
            bytes_received = bytes_received + excluded.bytes_received,
            rows_read = rows_read + excluded.rows_read,
            rows_written = rows_written + excluded.rows_written)",
                        {day, std::int64_t{succeeded}, std::int64_t{!succeeded && !record.offline},
                         std::int64_t{record.offline}, record.bytes_sent, record.bytes_received,
                         record.rows_read, record.rows_written});
    if (succeeded) {
        const std::string path = "$.\"" + std::to_string(rounded(record.duration_ms)) + "\"";
        connection_.execute(R"(
            UPDATE tidemark_days SET durations = json_set(durations, ?2,
                coalesce(json_extract(durations, ?2), 0) + 1) WHERE day = ?1)",
                            {day, path});
    }
    connection_.execute("DELETE FROM tidemark_days WHERE day < ?1", {day - tuning::tally_days});
}

SyncSummary Tally::summary(std::int64_t now_ms) {
    SyncSummary summary;
    if (!exists()) return summary;
    const std::int64_t from = day_of(now_ms) - 29;
    Statement days(connection_,
                   "SELECT coalesce(sum(succeeded), 0), coalesce(sum(failed), 0), "
                   "coalesce(sum(offline), 0) FROM tidemark_days WHERE day >= ?1");
    days.bind(0, from);
    days.step();
    summary.succeeded = days.integer(0);
    summary.failed = days.integer(1);
    summary.offline = days.integer(2);

    std::map<std::int64_t, std::int64_t> counts;
    Statement durations(connection_,
                        "SELECT CAST(j.key AS INTEGER), j.value FROM tidemark_days, "
                        "json_each(durations) AS j WHERE day >= ?1");
    durations.bind(0, from);
    while (durations.step()) counts[durations.integer(0)] += durations.integer(1);
    summary.p50_ms = quantile(counts, 0.5);
    summary.p95_ms = quantile(counts, 0.95);
    return summary;
}

Usage Tally::usage(std::int64_t now_ms) {
    Usage usage;
    if (!exists()) return usage;
    Statement days(connection_,
                   "SELECT coalesce(sum(rows_read), 0), coalesce(sum(rows_written), 0), "
                   "coalesce(sum(bytes_sent), 0), coalesce(sum(bytes_received), 0) "
                   "FROM tidemark_days WHERE day >= ?1");
    days.bind(0, first_of_month(now_ms));
    days.step();
    return {days.integer(0), days.integer(1), days.integer(2), days.integer(3)};
}

}  // namespace tidemark
