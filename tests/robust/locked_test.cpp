// Another program holds a lock on the file or on the primary while a sync runs.
//
//   TIDEMARK_TEST_LONG=1 build/bin/tidemark-tests --gtest_filter='Locked.*'   (70 s)

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "base/tuning.hpp"
#include "robust/child.hpp"
#include "robust/files.hpp"
#include "sqlite/connection.hpp"

namespace tidemark::robust {
namespace {

using std::chrono::milliseconds;

/// Another process that holds a transaction open for that long, having edited row 1.
Child hold(const std::string& file, const std::string& begin, milliseconds time,
           const std::string& sign) {
    Child holder = Child::work([=] {
        Connection connection(file);
        connection.execute(begin + "; UPDATE t SET title = 'by the holder' WHERE id = 1");
        std::ofstream(sign).put('!');
        std::this_thread::sleep_for(time);
        connection.execute("COMMIT");
    });
    while (!std::filesystem::exists(sign)) std::this_thread::sleep_for(milliseconds(1));
    return holder;
}

void lock_while_syncing(const std::string& journal_mode, const std::string& begin,
                        bool at_the_primary, milliseconds time, bool outlasts) {
    const Folder folder;
    const std::string a = folder / "a.db", primary = folder / "primary.db";
    make(a, journal_mode,
         "CREATE TABLE t(id INTEGER PRIMARY KEY, title TEXT);"
         "INSERT INTO t VALUES (1, 'one'), (2, 'two')");
    ASSERT_EQ(run_command({"attach", a, primary}).exit_code, 0);
    make(primary, journal_mode, "SELECT 1");
    run(a, "UPDATE t SET title = 'edited' WHERE id = 2");
    const std::string locked = at_the_primary ? primary : a;

    Child holder = hold(locked, begin, time, folder / "sign");
    const Ending sync = run_command({"sync", a});
    EXPECT_EQ(holder.wait().exit_code, 0);
    if (outlasts) {
        EXPECT_EQ(sync.exit_code, 1);
        EXPECT_NE(sync.output.find(locked + " is locked by another program"), std::string::npos)
            << sync.output;
    } else {
        EXPECT_EQ(sync.exit_code, 0) << sync.output;
    }
    for (int i = 0; i < 2; ++i) {
        const Ending next = run_command({"sync", a});
        EXPECT_EQ(next.exit_code, 0) << next.output;
    }
    for (const std::string& file : {a, primary}) {
        EXPECT_EQ(text(file, "SELECT group_concat(title) FROM t"), "by the holder,edited");
    }
}

TEST(Locked, AShortLockOnTheFileIsWaitedFor) {
    lock_while_syncing("wal", "BEGIN IMMEDIATE", false, milliseconds(1500), false);
    lock_while_syncing("delete", "BEGIN EXCLUSIVE", false, milliseconds(1500), false);
}

TEST(Locked, AShortLockOnThePrimaryIsWaitedFor) {
    lock_while_syncing("wal", "BEGIN IMMEDIATE", true, milliseconds(1500), false);
    lock_while_syncing("delete", "BEGIN EXCLUSIVE", true, milliseconds(1500), false);
}

constexpr milliseconds beyond_patience(tuning::busy_timeout_ms + 2'000);

TEST(Locked, ALongLockOnTheFileIsAnErrorThatNamesIt) {
    if (!setting("TIDEMARK_TEST_LONG", 0))
        GTEST_SKIP() << "it takes over 30 s: TIDEMARK_TEST_LONG=1";
    lock_while_syncing("delete", "BEGIN EXCLUSIVE", false, beyond_patience, true);
}

TEST(Locked, ALongLockOnThePrimaryIsAnErrorThatNamesIt) {
    if (!setting("TIDEMARK_TEST_LONG", 0))
        GTEST_SKIP() << "it takes over 30 s: TIDEMARK_TEST_LONG=1";
    lock_while_syncing("wal", "BEGIN IMMEDIATE", true, beyond_patience, true);
}

}  // namespace
}  // namespace tidemark::robust
