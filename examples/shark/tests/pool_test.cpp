#include "shark/pool.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <list>
#include <thread>

#include <tidemark/error.hpp>

#include "support/temp_folder.hpp"

namespace shark {
namespace {

class SharkPool : public testing::Test {
protected:
    tidemark::TempFolder folder;
    std::string file = folder / "pool.db";
};

TEST_F(SharkPool, A15LendsTenConnectionsAndTheEleventhWaits) {
    EXPECT_EQ(PoolOptions().size, 10u);
    Pool pool(file);
    std::list<Pool::Loan> loans;
    for (int i = 0; i < 10; ++i) loans.emplace_back(pool.borrow());
    EXPECT_EQ(pool.metrics().in_use, 10);
    bool lent = false;
    std::thread eleventh([&] {
        const Pool::Loan loan = pool.borrow();
        lent = true;
    });
    while (pool.metrics().waited == 0) std::this_thread::yield();
    EXPECT_EQ(pool.metrics().open, 10);
    loans.pop_front();
    eleventh.join();
    EXPECT_TRUE(lent);
    EXPECT_EQ(pool.metrics().opened, 10);
}

TEST_F(SharkPool, A15UsesAConnectionAgain) {
    Pool pool(file);
    for (int i = 0; i < 5; ++i) {
        const Pool::Loan database = pool.borrow();
        (*database).execute("CREATE TABLE IF NOT EXISTS t(v)");
    }
    EXPECT_EQ(pool.metrics().opened, 1);
    EXPECT_EQ(pool.metrics().reused, 4);
    EXPECT_EQ(pool.metrics().open, 1);
}

TEST_F(SharkPool, A15ClosesWhatNobodyNeedsForFiveMinutes) {
    EXPECT_EQ(PoolOptions().idle, std::chrono::minutes(5));
    Pool pool(file, {3, std::chrono::milliseconds(20)});
    { const Pool::Loan loan = pool.borrow(); }
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    EXPECT_EQ(pool.metrics().open, 0);
    EXPECT_EQ(pool.metrics().closed_idle, 1);
    { const Pool::Loan loan = pool.borrow(); }
    EXPECT_EQ(pool.metrics().opened, 2);
}

TEST_F(SharkPool, A16AConnectionThatDoesNotWorkIsNeverLent) {
    std::ofstream(file) << std::string(4096, 'x');
    Pool pool(file);
    EXPECT_THROW(pool.borrow(), tidemark::Error);
    EXPECT_EQ(pool.metrics().open, 0);
    EXPECT_EQ(pool.metrics().in_use, 0);
}

TEST_F(SharkPool, ManyThreadsShareIt) {
    Pool pool(file, {3});
    { (*pool.borrow()).execute("CREATE TABLE t(v)"); }
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&] {
            for (int n = 0; n < 20; ++n) (*pool.borrow()).query("INSERT INTO t VALUES (1)");
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ((*pool.borrow()).query("SELECT count(*) AS n FROM t").at(0).integer("n"), 160);
    EXPECT_LE(pool.metrics().opened, 3);
}

}  // namespace
}  // namespace shark
