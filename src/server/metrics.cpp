#include "server/metrics.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace tidemark::server {

void Metrics::count_request(int status, std::chrono::steady_clock::duration took) {
    constexpr auto relaxed = std::memory_order_relaxed;
    Counter& counter = status < 400   ? requests_ok
                       : status < 500 ? requests_refused
                                      : requests_failed;
    counter.fetch_add(1, relaxed);
    const double ms = std::chrono::duration<double, std::milli>(took).count();
    const auto bucket = std::lower_bound(bounds_ms.begin(), bounds_ms.end(), ms);
    durations[static_cast<std::size_t>(bucket - bounds_ms.begin())].fetch_add(1, relaxed);
    duration_us.fetch_add(static_cast<std::uint64_t>(ms * 1000), relaxed);
}

void Exposition::describe(std::string_view name, std::string_view type, std::string_view help) {
    text_ += fmt::format("# HELP tidemark_{0} {1}\n# TYPE tidemark_{0} {2}\n", name, help, type);
}

void Exposition::add_labelled(std::string_view name, std::string_view labels, double value) {
    if (labels.empty()) {
        text_ += fmt::format("tidemark_{} {}\n", name, value);
    } else {
        text_ += fmt::format("tidemark_{}{{{}}} {}\n", name, labels, value);
    }
}

void Exposition::add(std::string_view name, Kind kind, std::string_view help, double value) {
    describe(name, kind == Kind::counter ? "counter" : "gauge", help);
    add_labelled(name, {}, value);
}

void Exposition::add(const Metrics& metrics) {
    describe("http_requests_total", "counter", "HTTP requests answered, by the class of status.");
    add_labelled("http_requests_total", R"(status="2xx")", double(metrics.requests_ok));
    add_labelled("http_requests_total", R"(status="4xx")", double(metrics.requests_refused));
    add_labelled("http_requests_total", R"(status="5xx")", double(metrics.requests_failed));

    describe("http_request_duration_seconds", "histogram", "Time from a request to its answer.");
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < metrics.durations.size(); ++i) {
        sum += metrics.durations[i];
        const std::string bound = i < Metrics::bounds_ms.size()
                                      ? fmt::format("le=\"{}\"", Metrics::bounds_ms[i] / 1000)
                                      : "le=\"+Inf\"";
        add_labelled("http_request_duration_seconds_bucket", bound, double(sum));
    }
    add_labelled("http_request_duration_seconds_sum", {}, double(metrics.duration_us) / 1e6);
    add_labelled("http_request_duration_seconds_count", {}, double(sum));

    constexpr auto counter = Kind::counter;
    add("statements_total", counter, "SQL statements run.", double(metrics.statements));
    add("statement_errors_total", counter, "SQL statements that failed.",
        double(metrics.statement_errors));
    add("rows_read_total", counter, "Rows that statements read.", double(metrics.rows_read));
    add("rows_written_total", counter, "Rows that statements wrote.", double(metrics.rows_written));
    add("websockets_total", counter, "WebSockets opened.", double(metrics.sockets));
    add("connections_total", counter, "Connections accepted.", double(metrics.connections));
    add("connections_refused_total", counter, "Connections refused because there were too many.",
        double(metrics.connections_refused));
    add("syncs_total", counter, "Syncs of a served replica.", double(metrics.syncs));
    add("sync_errors_total", counter, "Syncs of a served replica that failed.",
        double(metrics.sync_errors));
}

}  // namespace tidemark::server
