// What capture costs an application: the same statements on a bare and on a captured file. Run it
// with --benchmark_enable_random_interleaving so that both are measured alternately.

#include <benchmark/benchmark.h>

#include <chrono>
#include <ctime>
#include <filesystem>

#include "capture/triggers.hpp"
#include "schema/table.hpp"
#include "sqlite/connection.hpp"

namespace tidemark {
namespace {

namespace fs = std::filesystem;

/// A table as applications have them, and the statements that are timed.
struct Shape {
    const char* name;
    const char* schema;
    const char* insert;  ///< ?1 is the number of the row
    const char* update;
};

constexpr Shape shapes[] = {
    {"integer key, 6 columns",
     "CREATE TABLE t(id INTEGER PRIMARY KEY, title TEXT, body TEXT, n INTEGER, x REAL, done "
     "INTEGER)",
     "INSERT INTO t VALUES (?1, 'title ' || ?1, 'some text that a person has written', ?1 % 7, ?1 "
     "/ 3.0, 0)",
     "UPDATE t SET done = 1 - done WHERE id = ?1"},
    {"text key, 8 columns, 2 indexes",
     "CREATE TABLE t(id TEXT PRIMARY KEY, title TEXT, body TEXT, author TEXT, n INTEGER, x REAL,"
     " done INTEGER, at INTEGER);"
     "CREATE INDEX t_title ON t(title); CREATE INDEX t_author ON t(author, at)",
     "INSERT INTO t VALUES (printf('%08x-%04d', ?1 * 2654435761 % 4294967296, ?1 % 10000), 'title "
     "' || ?1,"
     " 'some text that a person has written', 'author ' || ?1 % 100, ?1 % 7, ?1 / 3.0, 0, ?1)",
     "UPDATE t SET done = 1 - done"
     " WHERE id = printf('%08x-%04d', ?1 * 2654435761 % 4294967296, ?1 % 10000)"},
};

enum class Work { insert, update };

/// A fresh file, filled with `rows` rows before anything is captured.
class File {
public:
    File(const Shape& shape, bool captured, const char* synchronous, std::int64_t rows)
        : connection_(fresh_path(), Connection::Open::create) {
        connection_.execute("PRAGMA journal_mode = WAL");
        connection_.execute(shape.schema);
        connection_.execute("BEGIN");
        for (std::int64_t row = 1; row <= rows; ++row) connection_.execute(shape.insert, {row});
        connection_.execute("COMMIT");
        if (captured) {
            connection_.execute(
                "CREATE TABLE tidemark_meta(clock INTEGER NOT NULL);"
                "INSERT INTO tidemark_meta VALUES (0)");
            for (const Table& table : synced_tables(connection_, {})) {
                capture::install(connection_, table);
            }
        }
        connection_.execute("PRAGMA wal_checkpoint(TRUNCATE)");
        connection_.execute(std::string("PRAGMA synchronous = ") + synchronous);
        connection_.forget_statements();
    }

    struct Time {
        double seconds;
        double cpu_seconds;  ///< what other load on the machine leaves alone
    };

    Time time(const char* statement, std::int64_t rows, bool one_transaction) {
        connection_.cached(statement);
        const auto start = std::chrono::steady_clock::now();
        const std::clock_t cpu_start = std::clock();
        if (one_transaction) connection_.execute("BEGIN");
        for (std::int64_t row = 1; row <= rows; ++row) connection_.execute(statement, {row});
        if (one_transaction) connection_.execute("COMMIT");
        return {std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(),
                static_cast<double>(std::clock() - cpu_start) / CLOCKS_PER_SEC};
    }

private:
    static std::string fresh_path() {
        const std::string path = (fs::temp_directory_path() / "tidemark-bench.db").string();
        for (const char* suffix : {"", "-wal", "-shm"}) fs::remove(path + suffix);
        return path;
    }
    Connection connection_;
};

void measure(benchmark::State& state, const Shape& shape, Work work, bool captured,
             const char* synchronous, std::int64_t rows, bool one_transaction) {
    for ([[maybe_unused]] auto _ : state) {
        File file(shape, captured, synchronous, work == Work::update ? rows : 0);
        const auto time =
            file.time(work == Work::insert ? shape.insert : shape.update, rows, one_transaction);
        state.SetIterationTime(time.seconds);
        state.counters["cpu_seconds"] = time.cpu_seconds;
    }
    state.SetItemsProcessed(state.iterations() * rows);
}

/// Names such as "bulk insert/integer key, 6 columns/captured".
[[maybe_unused]] const bool registered = [] {
    struct Mode {
        const char* name;
        const char* synchronous;
        std::int64_t rows;
        bool one_transaction;
    };
    constexpr Mode modes[] = {{"bulk", "NORMAL", 100'000, true},
                              {"single, NORMAL,", "NORMAL", 5'000, false},
                              {"single, FULL,", "FULL", 500, false}};
    for (const Mode& mode : modes) {
        for (const Work work : {Work::insert, Work::update}) {
            for (const Shape& shape : shapes) {
                for (const bool captured : {false, true}) {
                    const std::string name = std::string(mode.name) +
                                             (work == Work::insert ? " insert/" : " update/") +
                                             shape.name + (captured ? "/captured" : "/bare");
                    benchmark::RegisterBenchmark(name.c_str(),
                                                 [=, &shape](benchmark::State& state) {
                                                     measure(state, shape, work, captured,
                                                             mode.synchronous, mode.rows,
                                                             mode.one_transaction);
                                                 })
                        ->UseManualTime()
                        ->Iterations(1)
                        ->Unit(benchmark::kMillisecond);
                }
            }
        }
    }
    return true;
}();

}  // namespace
}  // namespace tidemark
