// How long one change takes to the primary, for a program that holds the library and so keeps its
// connection. bench/run serves the primary and names the replica.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <string>
#include <vector>

#include <tidemark/replica.hpp>

#include "sqlite/connection.hpp"

namespace tidemark {
namespace {

double quantile(const std::vector<double>& sorted, double share) {
    return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
}

void sync_of_one_change(benchmark::State& state) {
    const char* path = std::getenv("TIDEMARK_BENCH_REPLICA");
    const char* wanted = std::getenv("TIDEMARK_BENCH_SYNCS");
    if (path == nullptr || wanted == nullptr) {
        state.SkipWithError("bench/run --only latency names the replica");
        return;
    }
    const int syncs = std::max(1, std::atoi(wanted));
    Connection application(path);
    Replica replica = Replica::open(path);
    replica.sync();
    std::vector<double> took_ms;
    for ([[maybe_unused]] auto _ : state) {
        for (int i = 0; i < syncs; ++i) {
            application.execute("UPDATE t SET n = n + 1 WHERE id = ?1",
                                {std::int64_t{i % 1000 + 1}});
            const auto begin = std::chrono::steady_clock::now();
            replica.sync();
            const std::chrono::duration<double, std::milli> took =
                std::chrono::steady_clock::now() - begin;
            took_ms.push_back(took.count());
        }
    }
    std::sort(took_ms.begin(), took_ms.end());
    state.counters["p50_ms"] = quantile(took_ms, 0.5);
    state.counters["p95_ms"] = quantile(took_ms, 0.95);
}

BENCHMARK(sync_of_one_change)->Name("sync of one change")->Iterations(1);

}  // namespace
}  // namespace tidemark
