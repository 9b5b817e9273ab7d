#include "shark/sync_state.hpp"

#include <fmt/format.h>

#include <fstream>
#include <iterator>

#include <boost/json.hpp>

#include "common/private_file.hpp"
#include "common/text.hpp"

namespace shark {
namespace {

namespace json = boost::json;

constexpr std::size_t days_kept = 31;
constexpr std::int64_t warn_percent = 80;

std::string date_of(std::int64_t now_s) { return examples::utc(now_s).substr(0, 10); }
std::string month_of(std::int64_t now_s) { return examples::utc(now_s).substr(0, 7); }

Day& day_of(std::vector<Day>& days, std::int64_t now_s) {
    const std::string date = date_of(now_s);
    if (days.empty() || days.back().date != date) days.push_back({date});
    if (days.size() > days_kept) days.erase(days.begin());
    return days.back();
}

Day read_day(const json::object& object) {
    return {json::value_to<std::string>(object.at("date")),
            object.at("syncs").as_int64(),
            object.at("failures").as_int64(),
            object.at("offline").as_int64(),
            object.at("rows_read").as_int64(),
            object.at("rows_written").as_int64()};
}

SyncState read(const json::object& object) {
    SyncState state;
    state.device_id = json::value_to<std::string>(object.at("device_id"));
    state.last_sync_at = json::value_to<std::string>(object.at("last_sync_at"));
    state.last_attempt_s = object.at("last_attempt_s").as_int64();
    state.last_error = json::value_to<std::string>(object.at("last_error"));
    state.news = object.at("news").as_bool();
    for (const json::value& day : object.at("days").as_array()) {
        state.days.push_back(read_day(day.as_object()));
    }
    return state;
}

}  // namespace

SyncState SyncState::load(const std::string& path) {
    std::ifstream file(path);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    SyncState state;
    try {
        if (!text.empty()) state = read(json::parse(text).as_object());
    } catch (const std::exception&) {
        state = {};
    }
    if (state.device_id.empty()) state.device_id = examples::new_uuid();
    return state;
}

void SyncState::save(const std::string& path) const {
    json::array all;
    for (const Day& day : days) {
        all.push_back({{"date", day.date},
                       {"syncs", day.syncs},
                       {"failures", day.failures},
                       {"offline", day.offline},
                       {"rows_read", day.rows_read},
                       {"rows_written", day.rows_written}});
    }
    const json::object object{{"device_id", device_id},
                              {"last_sync_at", last_sync_at},
                              {"last_attempt_s", last_attempt_s},
                              {"last_error", last_error},
                              {"news", news},
                              {"days", all}};
    examples::write_private(path, json::serialize(object) + "\n");
}

void SyncState::worked(const tidemark::SyncReport& report, std::int64_t now_s) {
    last_attempt_s = now_s;
    last_sync_at = examples::utc(now_s);
    last_error.clear();
    Day& day = day_of(days, now_s);
    ++day.syncs;
    day.rows_read += report.pulled;
    day.rows_written += report.pushed;
}

void SyncState::failed(const std::string& error, bool offline, std::int64_t now_s) {
    last_attempt_s = now_s;
    last_error = error;
    Day& day = day_of(days, now_s);
    ++(offline ? day.offline : day.failures);
}

tidemark::Usage SyncState::usage(std::int64_t now_s) const {
    tidemark::Usage usage;
    for (const Day& day : days) {
        if (!day.date.starts_with(month_of(now_s))) continue;
        usage.rows_read += day.rows_read;
        usage.rows_written += day.rows_written;
    }
    return usage;
}

double SyncState::success_rate() const {
    std::int64_t syncs = 0;
    std::int64_t failures = 0;
    for (const Day& day : days) {
        syncs += day.syncs;
        failures += day.failures;
    }
    const std::int64_t all = syncs + failures;
    return all == 0 ? 100 : 100.0 * static_cast<double>(syncs) / static_cast<double>(all);
}

std::vector<std::string> usage_warnings(const tidemark::Usage& usage, const FreePlan& plan) {
    std::vector<std::string> out;
    const auto look = [&](const char* what, std::int64_t used, std::int64_t allowed) {
        if (used * 100 < allowed * warn_percent) return;
        out.push_back(fmt::format("{} % of this month's free {} are used ({} of {}).",
                                  used * 100 / allowed, what, used, allowed));
    };
    look("reads", usage.rows_read, plan.rows_read);
    look("writes", usage.rows_written, plan.rows_written);
    return out;
}

}  // namespace shark
