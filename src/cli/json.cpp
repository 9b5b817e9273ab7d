#include "cli/json.hpp"

#include <cmath>
#include <type_traits>

#include "base/text.hpp"
#include "cli/prose.hpp"

namespace tidemark::cli {
namespace {

namespace json = boost::json;

/// Null where there is nothing to say.
json::value text_or_null(std::string_view text) {
    return text.empty() ? json::value() : json::value(json_text(text));
}

template <class Items, class Each>
json::array array_of(const Items& items, const Each& each) {
    json::array out;
    for (const auto& item : items) out.emplace_back(each(item));
    return out;
}

json::array texts(const std::vector<std::string>& items) { return array_of(items, json_text); }

json::object row(const NamedValues& values) {
    json::object out;
    for (const auto& [name, value] : values) out.emplace(json_text(name), to_json(value));
    return out;
}

/// A side of a conflict: null where the row was deleted there.
json::value side(const NamedValues& values) {
    return values.empty() ? json::value() : json::value(row(values));
}

json::object table_status(const TableStatus& table) {
    return {
        {"name", json_text(table.name)},
        {"syncs", table.syncs},
        {"reason", text_or_null(table.reason)},
        {"rows", table.rows},
        {"pending", table.pending},
        {"null_keys", table.null_keys},
    };
}

json::object difference(const TableDifference& table) {
    return {
        {"name", json_text(table.table)},
        {"only_here", table.only_here},
        {"only_there", table.only_there},
        {"different", table.different},
        {"same", table.same},
    };
}

json::object verification(const TableVerification& table) {
    return {
        {"name", json_text(table.table)}, {"same", table.same},
        {"different", table.different},   {"only_here", table.only_here},
        {"only_there", table.only_there}, {"pending", table.pending},
        {"incoming", table.incoming},     {"null_keys", table.null_keys},
        {"captured", table.captured},     {"keys", array_of(table.keys, row)},
    };
}

json::object schema_change(const SchemaChange& change) {
    return {
        {"change", change.change},
        {"kind", change.kind},
        {"name", json_text(change.name)},
        {"detail", text_or_null(change.detail)},
    };
}

const char* name_of(ErrorCode code) {
    switch (code) {
        case ErrorCode::usage: return "usage";
        case ErrorCode::unreachable: return "unreachable";
        case ErrorCode::unauthorized: return "unauthorized";
        case ErrorCode::choice_needed: return "choice_needed";
        case ErrorCode::failed: break;
    }
    return "failed";
}

}  // namespace

json::string json_text(std::string_view text) { return json::string(as_utf8(text)); }

json::value to_json(const Value& value) {
    return std::visit(
        [](const auto& held) -> json::value {
            using Held = std::decay_t<decltype(held)>;
            if constexpr (std::is_same_v<Held, std::monostate>) {
                return nullptr;
            } else if constexpr (std::is_same_v<Held, std::int64_t>) {
                return held;
            } else if constexpr (std::is_same_v<Held, double>) {
                if (!std::isinf(held)) return held;
                return json::object{{"real", held < 0 ? "-inf" : "inf"}};
            } else if constexpr (std::is_same_v<Held, std::string>) {
                if (is_utf8(held)) return json::string(held);
                return json::object{{"text", to_hex(held)}};
            } else {
                return json::object{{"blob", to_hex(held.bytes)}};
            }
        },
        value);
}

json::object to_json(const Error& error) {
    return {{
        "error",
        {
            {"code", name_of(error.code())},
            {"message", json_text(error.message())},
            {"hint", text_or_null(error.hint())},
        },
    }};
}

json::object to_json(const SyncReport& report) {
    return {
        {"pushed", report.pushed},
        {"pulled", report.pulled},
        {"conflicts", report.conflicts},
        {"pending", report.pending},
        {"mark", report.mark},
        {"round_trips", report.round_trips},
        {"bytes_sent", report.bytes_sent},
        {"bytes_received", report.bytes_received},
        {"duration_ms", report.duration_ms},
        {"schema_sent", array_of(report.schema_sent, schema_change)},
        {"schema_received", array_of(report.schema_received, schema_change)},
        {"warnings", texts(report.warnings)},
    };
}

json::object to_json(const SyncPlan& plan, Direction direction) {
    const PlanTotals totals = totals_of(plan, direction);
    const auto table_plan = [direction](const SyncPlan::TablePlan& table) -> json::object {
        return {
            {"name", json_text(table.table)},
            {"push", direction == Direction::pull ? 0 : table.push},
            {"pull", direction == Direction::push ? 0 : table.pull},
            {"both", table.both},
        };
    };
    return {
        {"dry_run", true},
        {"push", totals.push},
        {"pull", totals.pull},
        {"both", totals.both},
        {"mark", plan.mark},
        {"head", plan.head},
        {"round_trips", plan.round_trips},
        {"bytes_sent", plan.bytes_sent},
        {"bytes_received", plan.bytes_received},
        {"duration_ms", plan.duration_ms},
        {"tables", array_of(plan.tables, table_plan)},
        {"schema_push", array_of(plan.schema_push, schema_change)},
        {"schema_pull", array_of(plan.schema_pull, schema_change)},
    };
}

json::object to_json(const AttachReport& report) {
    json::object out = to_json(report.sync);
    out["outcome"] = json_text(report.outcome);
    out["backup"] = text_or_null(report.backup);
    out["differences"] = array_of(report.differences, difference);
    out["tables"] = array_of(report.tables, table_status);
    out["warnings"] = texts(warnings_of(report));
    return out;
}

json::object to_json(const VerifyReport& report) {
    return {
        {"equal", report.equal()},
        {"repaired", report.repaired},
        {"schema_pending", array_of(report.schema_pending, schema_change)},
        {"schema_incoming", array_of(report.schema_incoming, schema_change)},
        {"tables", array_of(report.found, verification)},
        {"after",
         report.repaired ? json::value(array_of(report.after, verification)) : json::value()},
        {"sync", report.repaired ? json::value(to_json(report.sync)) : json::value()},
        {"duration_ms", report.duration_ms},
    };
}

json::object to_json(const Status& status) {
    return {
        {"path", json_text(status.path)},
        {"primary", json_text(masked(status.primary))},
        {"state", json_text(status.state)},
        {"pending", status.pending},
        {"conflicts", status.conflicts},
        {"mark", status.mark},
        {"replica", json_text(status.replica)},
        {"device", json_text(status.device)},
        {"lineage", json_text(status.lineage)},
        {"policy", json_text(status.policy)},
        {"clock_offset_ms", status.clock_offset_ms},
        {"succeeded_at_ms",
         status.succeeded_at_ms == 0 ? json::value() : json::value(status.succeeded_at_ms)},
        {"failure",
         status.failure.at_ms == 0 ? json::value() : json::value(to_json(status.failure))},
        {"thirty_days",
         {{"succeeded", status.thirty_days.succeeded},
          {"failed", status.thirty_days.failed},
          {"offline", status.thirty_days.offline},
          {"p50_ms", status.thirty_days.p50_ms},
          {"p95_ms", status.thirty_days.p95_ms}}},
        {"size_bytes", status.size_bytes},
        {"tables", array_of(status.tables, table_status)},
        {"history", array_of(status.history, [](const SyncRecord& one) { return to_json(one); })},
        {"warnings", texts(status.warnings)},
    };
}

json::object to_json(const Conflict& conflict) {
    return {
        {"id", conflict.id},
        {"state", name_of(conflict.state)},
        {"at_ms", conflict.at_ms},
        {"table", json_text(conflict.table)},
        {"key", row(conflict.key)},
        {"reason", json_text(conflict.reason)},
        {"lost_here", conflict.lost_here},
        {"columns", texts(conflict.columns)},
        {"here", side(conflict.here)},
        {"there", side(conflict.there)},
        {"here_at_ms", conflict.here_at_ms},
        {"there_at_ms", conflict.there_at_ms},
        {"here_device", text_or_null(conflict.here_device)},
        {"there_device", text_or_null(conflict.there_device)},
    };
}

json::object to_json(const SyncRecord& record) {
    return {
        {"at_ms", record.at_ms},
        {"pushed", record.pushed},
        {"pulled", record.pulled},
        {"conflicts", record.conflicts},
        {"bytes_sent", record.bytes_sent},
        {"bytes_received", record.bytes_received},
        {"duration_ms", record.duration_ms},
        {"error", text_or_null(record.error)},
    };
}

json::object to_json(const NetworkUse& use) {
    return {{"requests", use.requests},
            {"failures", use.failures},
            {"retries", use.retries},
            {"connections_opened", use.connections_opened},
            {"connections_reused", use.connections_reused},
            {"waits", use.waits},
            {"in_use", use.in_use},
            {"idle", use.idle}};
}

json::object to_json(const Device& device) {
    return {
        {"id", json_text(device.id)}, {"name", json_text(device.name)}, {"here", device.here},
        {"pushes", device.pushes},    {"behind", device.behind},        {"seen_ms", device.seen_ms},
    };
}

json::object to_json(const std::optional<Probe>& probe, const std::optional<Error>& failure) {
    if (failure) {
        json::object out = to_json(*failure);
        out["answered"] = false;
        return out;
    }
    return {
        {"answered", probe.has_value()},
        {"duration_ms", probe ? json::value(probe->duration_ms) : json::value()},
        {"devices",
         probe ? array_of(probe->devices, [](const Device& device) { return to_json(device); })
               : json::array()},
    };
}

}  // namespace tidemark::cli
