#include "cli/plan.hpp"

#include <fmt/format.h>

#include <tidemark/error.hpp>

#include "cli/format.hpp"
#include "cli/settings.hpp"

namespace tidemark::cli {
namespace {

constexpr std::int64_t warn_percent = 80;

std::int64_t own_limit(const char* name, std::int64_t of_plan) {
    const std::string own = setting(name);
    return own.empty() ? of_plan : std::stoll(own);
}

}  // namespace

Plan plan_named(const std::string& name) {
    Plan plan;
    if (name == "turso-free") {
        plan = {name, 500'000'000, 10'000'000, 5'000'000'000, "https://app.turso.tech"};
    } else if (!name.empty() && name != "none") {
        throw Error(ErrorCode::usage, fmt::format("there is no plan '{}'", name),
                    "It is turso-free or none; limits of your own are the settings "
                    "usage.rows_read, usage.rows_written and usage.storage_bytes.");
    }
    plan.rows_read = own_limit("usage.rows_read", plan.rows_read);
    plan.rows_written = own_limit("usage.rows_written", plan.rows_written);
    plan.storage_bytes = own_limit("usage.storage_bytes", plan.storage_bytes);
    return plan;
}

bool Meter::near_limit() const {
    return limit > 0 &&
           static_cast<double>(used) * 100 >= static_cast<double>(limit) * warn_percent;
}

std::string Meter::text() const {
    const auto amount = [this](std::int64_t number) {
        return in_bytes ? bytes(number) : grouped(number);
    };
    if (limit == 0) return amount(used) + " this month";
    const double percent = 100 * static_cast<double>(used) / static_cast<double>(limit);
    return fmt::format("{} of {} ({:.3g}%)", amount(used), amount(limit), percent);
}

std::vector<Meter> meters_of(const Plan& plan, const Usage& usage, std::int64_t stored_bytes) {
    std::vector<Meter> meters;
    const auto add = [&](const Meter& meter) {
        if (meter.limit > 0 || meter.used > 0) meters.push_back(meter);
    };
    add({"Rows read", usage.rows_read, plan.rows_read});
    add({"Rows written", usage.rows_written, plan.rows_written});
    if (plan.storage_bytes > 0 && stored_bytes > 0) {
        add({"Stored", stored_bytes, plan.storage_bytes, true});
    }
    add({"Sent", usage.bytes_sent, 0, true});
    add({"Received", usage.bytes_received, 0, true});
    return meters;
}

std::vector<std::string> usage_warnings(const Plan& plan, const Status& status,
                                        const std::optional<Probe>& probe) {
    std::vector<std::string> warnings;
    for (const Meter& meter : meters_of(plan, status.this_month, probe ? probe->size_bytes : 0)) {
        if (!meter.near_limit()) continue;
        std::string text = fmt::format("{}: {}, by this device alone.", meter.name, meter.text());
        if (!plan.dashboard.empty()) {
            text += " The whole account: " + plan.dashboard + ".";
        }
        warnings.push_back(text);
    }
    return warnings;
}

}  // namespace tidemark::cli
