// What one device committed together appears together on another: somebody who reads the other
// file all the while never sees a part of it.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <thread>

#include "robust/child.hpp"
#include "robust/files.hpp"
#include "sqlite/connection.hpp"

namespace tidemark::robust {
namespace {

constexpr std::int64_t transfer = 5'000;  ///< rows; five times the batch size of a push

/// Reads until the file `stop` appears. Prints how many different states it saw.
void watch(const std::string& file, const std::string& stop) {
    Connection connection(file);
    std::int64_t states = 0, last = -1;
    while (!std::filesystem::exists(stop)) {
        connection.execute("BEGIN");
        const std::int64_t kinds = connection.integer("SELECT count(DISTINCT state) FROM edited");
        const std::int64_t state = connection.integer("SELECT min(state) FROM edited");
        const std::int64_t born = connection.integer("SELECT count(*) FROM born");
        connection.execute("COMMIT");
        if (kinds != 1)
            throw std::runtime_error("a part of the edits of state " + std::to_string(state));
        if (born != state * transfer) {
            throw std::runtime_error(std::to_string(born) + " rows at state " +
                                     std::to_string(state));
        }
        if (state != last) ++states;
        last = state;
        std::this_thread::yield();
    }
    std::printf("%lld", static_cast<long long>(states));
}

void transfer_while_somebody_reads(const std::string& journal_mode) {
    const Folder folder;
    const std::string a = folder / "a.db", b = folder / "b.db", primary = folder / "primary.db";
    make(a, journal_mode,
         "CREATE TABLE edited(id TEXT PRIMARY KEY, state INTEGER, body TEXT);"
         "CREATE TABLE born(id INTEGER PRIMARY KEY, state INTEGER, body TEXT)");
    run(a, numbers(1, transfer) +
               "INSERT INTO edited SELECT 'row ' || i, 0, hex(randomblob(50)) FROM n");
    ASSERT_EQ(run_command({"attach", a, primary}).exit_code, 0);
    ASSERT_EQ(run_command({"clone", primary, b}).exit_code, 0);
    make(b, journal_mode, "SELECT 1");
    make(primary, journal_mode, "SELECT 1");

    Child at_b = Child::work([&] { watch(b, folder / "stop"); });
    Child at_primary = Child::work([&] { watch(primary, folder / "stop"); });
    const std::int64_t rounds = setting("TIDEMARK_TEST_TRANSFERS", 8);
    for (std::int64_t state = 1; state <= rounds; ++state) {
        const std::string value = std::to_string(state);
        run(a, "BEGIN IMMEDIATE; UPDATE edited SET state = " + value + "; " + numbers(1, transfer) +
                   "INSERT INTO born(state, body) SELECT " + value +
                   ", hex(randomblob(50)) FROM n; COMMIT");
        // B has work of its own in the same rows, so that some pulls have to merge.
        if (state % 2 == 0) run(b, "UPDATE edited SET body = 'b' WHERE rowid % 3 = 0");
        for (const std::string& file : {a, b}) {
            const Ending sync = run_command({"sync", file});
            ASSERT_EQ(sync.exit_code, 0) << sync.output;
        }
    }
    std::ofstream(folder / "stop").put('!');
    for (Child* reader : {&at_b, &at_primary}) {
        const Ending ending = reader->wait();
        ASSERT_EQ(ending.exit_code, 0) << "saw " << ending.output;
        EXPECT_GE(std::stoll(ending.output), 3) << "it read too seldom to prove anything";
    }
    EXPECT_EQ(number(b, "SELECT count(*) FROM born"), rounds * transfer);
}

TEST(Whole, ATransferIsSeenAllOrNotInWalMode) { transfer_while_somebody_reads("wal"); }
TEST(Whole, ATransferIsSeenAllOrNotInRollbackMode) { transfer_while_somebody_reads("delete"); }

}  // namespace
}  // namespace tidemark::robust
