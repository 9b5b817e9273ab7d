// Large tables and large syncs: the memory they take, and that the time grows no faster than they
// do.
//
//   TIDEMARK_TEST_MANY_ROWS=1000000 build/bin/tidemark-tests --gtest_filter='Large.*'

#include <gtest/gtest.h>
#include <sqlite3.h>

#include "robust/child.hpp"
#include "robust/files.hpp"
#include "sqlite/connection.hpp"

namespace tidemark::robust {
namespace {

constexpr const char* schema =
    "CREATE TABLE t(id INTEGER PRIMARY KEY, title TEXT, body TEXT, n INTEGER, x REAL);"
    "CREATE INDEX t_title ON t(title)";

std::string rows(std::int64_t from, std::int64_t to) {
    return numbers(from, to) +
           "INSERT INTO t SELECT i, 'title ' || i, hex(randomblob(30)), i % 7, i / 3.0 FROM n";
}

void expect_done(const Ending& ending, std::int64_t peak_mb) {
    EXPECT_EQ(ending.exit_code, 0) << ending.output;
    EXPECT_LT(ending.peak_kib, peak_mb * 1000 * 1000 / 1024);
}

TEST(Large, AMillionRowsAreUploadedAndClonedInUnder100MB) {
    const Folder folder;
    const std::int64_t count = setting("TIDEMARK_TEST_MANY_ROWS", 1'000'000);
    make(folder / "a.db", "wal", schema);
    run(folder / "a.db", rows(1, count));
    expect_done(run_command({"attach", folder / "a.db", folder / "primary.db"}), 100);
    EXPECT_EQ(number(folder / "primary.db", "SELECT count(*) FROM t"), count);
    expect_done(run_command({"clone", folder / "primary.db", folder / "b.db"}), 100);
    EXPECT_EQ(number(folder / "b.db", "SELECT count(*) FROM t"), count);
}

TEST(Large, AHundredThousandChangesAreSyncedInUnder64MB) {
    const Folder folder;
    make(folder / "a.db", "wal", schema);
    run(folder / "a.db", rows(1, 150'000));
    ASSERT_EQ(run_command({"attach", folder / "a.db", folder / "primary.db"}).exit_code, 0);
    ASSERT_EQ(run_command({"clone", folder / "primary.db", folder / "b.db"}).exit_code, 0);

    run(folder / "a.db",
        "UPDATE t SET title = 'new ' || id, body = hex(randomblob(30)) WHERE id <= 50000");
    run(folder / "a.db", "DELETE FROM t WHERE id BETWEEN 50001 AND 75000");
    run(folder / "a.db", rows(200'001, 225'000));
    for (const char* replica : {"a.db", "b.db"}) {
        SCOPED_TRACE(replica);
        expect_done(run_command({"sync", folder / replica}), 64);
    }
    EXPECT_EQ(differing_rows(folder / "a.db", folder / "b.db", "t"), 0);
}

TEST(Large, AMillionRowsAreVerifiedInUnder64MB) {
    const Folder folder;
    const std::int64_t count = setting("TIDEMARK_TEST_MANY_ROWS", 1'000'000);
    make(folder / "a.db", "wal", schema);
    run(folder / "a.db", rows(1, count));
    ASSERT_EQ(run_command({"attach", folder / "a.db", folder / "primary.db"}).exit_code, 0);
    const Ending equal = run_command({"verify", folder / "a.db"});
    expect_done(equal, 64);
    EXPECT_LT(equal.ms, 60'000);

    {
        Connection connection(folder / "a.db");
        sqlite3_db_config(connection.handle(), SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
        connection.execute(
            "UPDATE t SET n = 77 WHERE id % 1000 = 0; DELETE FROM t WHERE id % 1000 = 1");
    }
    const Ending repaired = run_command({"verify", folder / "a.db", "--repair"});
    expect_done(repaired, 64);
    EXPECT_LT(repaired.ms, 180'000);
    EXPECT_EQ(number(folder / "primary.db", "SELECT count(*) FROM t WHERE n = 77"), count / 1000);
    EXPECT_EQ(differing_rows(folder / "a.db", folder / "primary.db", "t"), 0);
}

// Rows edited on both sides were once looked up among each other without an index.
TEST(Large, AMergeOfManyRowsTakesTimeInProportion) {
    const Folder folder;
    make(folder / "a.db", "wal", schema);
    run(folder / "a.db", rows(1, 60'000));
    ASSERT_EQ(run_command({"attach", folder / "a.db", folder / "primary.db"}).exit_code, 0);
    ASSERT_EQ(run_command({"clone", folder / "primary.db", folder / "b.db"}).exit_code, 0);
    run(folder / "a.db", "UPDATE t SET title = 'from a ' || id");
    run(folder / "b.db", "UPDATE t SET n = 77 WHERE id % 2 = 0");
    ASSERT_EQ(run_command({"sync", folder / "a.db"}).exit_code, 0);
    const Ending merge = run_command({"sync", folder / "b.db"});
    ASSERT_EQ(merge.exit_code, 0) << merge.output;
    EXPECT_LT(merge.ms, 20'000);
    ASSERT_EQ(run_command({"sync", folder / "a.db"}).exit_code, 0);
    EXPECT_EQ(differing_rows(folder / "a.db", folder / "b.db", "t"), 0);
    EXPECT_EQ(
        number(folder / "a.db", "SELECT count(*) FROM t WHERE n = 77 AND title LIKE 'from a%'"),
        30'000);
}

}  // namespace
}  // namespace tidemark::robust
