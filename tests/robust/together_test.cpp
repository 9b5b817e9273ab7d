// Several programs write and sync at the same time, each as an application would: with the busy
// timeout of 5 s that most drivers set.
//
//   TIDEMARK_TEST_SECONDS=60 build/bin/tidemark-tests --gtest_filter='Together.*'

#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>

#include "robust/child.hpp"
#include "robust/files.hpp"
#include "sqlite/connection.hpp"

namespace tidemark::robust {
namespace {

constexpr const char* schema =
    "CREATE TABLE log(id INTEGER PRIMARY KEY, writer TEXT NOT NULL, n INTEGER NOT NULL, body TEXT);"
    "CREATE TABLE counters(writer TEXT PRIMARY KEY, n INTEGER NOT NULL);"
    "CREATE TABLE shared(id INTEGER PRIMARY KEY, a INTEGER, b INTEGER, c INTEGER);"
    "INSERT INTO shared VALUES (1, 0, 0, 0)";

/// Writes and syncs `file` until the time is over; prints how much it wrote. Anything that a user
/// would see as an error ends it.
void work(const std::string& file, const std::string& who) {
    using Clock = std::chrono::steady_clock;
    const auto end = Clock::now() + std::chrono::seconds(setting("TIDEMARK_TEST_SECONDS", 3));
    Connection connection(file);
    connection.execute("PRAGMA busy_timeout = 5000");
    connection.execute("INSERT INTO counters VALUES (?1, 0)", {who});
    std::int64_t written = 0;
    while (Clock::now() < end) {
        for (int i = 0; i < 20; ++i) {
            ++written;
            connection.execute("BEGIN IMMEDIATE");
            connection.execute(
                "INSERT INTO log(writer, n, body) VALUES (?1, ?2, hex(randomblob(20)))",
                {who, written});
            connection.execute("UPDATE counters SET n = ?2 WHERE writer = ?1", {who, written});
            connection.execute("UPDATE shared SET " + who + " = ?1 WHERE id = 1", {written});
            connection.execute("COMMIT");
        }
        const Ending sync = run_command({"sync", file});
        if (sync.exit_code != 0) throw std::runtime_error(who + ": " + sync.output);
    }
    std::printf("%lld", static_cast<long long>(written));
}

void work_together(const std::string& journal_mode, bool one_file) {
    const Folder folder;
    const std::string a = folder / "a.db", b = one_file ? a : folder / "b.db";
    const std::string primary = folder / "primary.db", witness = folder / "witness.db";
    make(a, journal_mode, schema);
    ASSERT_EQ(run_command({"attach", a, primary, "--name", "A"}).exit_code, 0);
    if (!one_file) {
        ASSERT_EQ(run_command({"clone", primary, b, "--name", "B"}).exit_code, 0);
    }
    make(b, journal_mode, "SELECT 1");
    make(primary, journal_mode, "SELECT 1");

    std::map<std::string, Child> workers;
    workers.emplace("a", Child::work([&] { work(a, "a"); }));
    workers.emplace("b", Child::work([&] { work(b, "b"); }));
    if (!one_file) workers.emplace("c", Child::work([&] { work(b, "c"); }));
    std::map<std::string, std::int64_t> written;
    for (auto& [who, worker] : workers) {
        const Ending ending = worker.wait();
        ASSERT_EQ(ending.exit_code, 0) << ending.output;
        written[who] = std::stoll(ending.output);
    }

    for (const std::string& file : {a, b, a}) {
        const Ending sync = run_command({"sync", file});
        ASSERT_EQ(sync.exit_code, 0) << sync.output;
    }
    ASSERT_EQ(run_command({"clone", primary, witness}).exit_code, 0);
    for (const std::string& file : {a, b, primary, witness}) {
        SCOPED_TRACE(file);
        EXPECT_EQ(integrity(file), "ok");
        for (const auto& [who, count] : written) {
            SCOPED_TRACE(who);
            const std::string own = " FROM log WHERE writer = '" + who + "'";
            EXPECT_EQ(number(file, "SELECT count(*)" + own), count);
            EXPECT_EQ(number(file, "SELECT count(DISTINCT n)" + own), count);
            EXPECT_EQ(number(file, "SELECT n FROM counters WHERE writer = '" + who + "'"), count);
            EXPECT_EQ(number(file, "SELECT " + who + " FROM shared"), count);
        }
        for (const char* table : {"log", "counters", "shared"}) {
            EXPECT_EQ(differing_rows(file, primary, table), 0);
        }
    }
}

TEST(Together, TwoProcessesOnOneFileInWalMode) { work_together("wal", true); }
TEST(Together, TwoProcessesOnOneFileInRollbackMode) { work_together("delete", true); }
TEST(Together, TwoReplicasOfOnePrimaryInWalMode) { work_together("wal", false); }
TEST(Together, TwoReplicasOfOnePrimaryInRollbackMode) { work_together("delete", false); }

}  // namespace
}  // namespace tidemark::robust
