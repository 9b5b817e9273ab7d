#include "capture/pending.hpp"

#include <gtest/gtest.h>

#include "sqlite/connection.hpp"

namespace tidemark::capture {
namespace {

Table table_of(Connection& connection, const std::string& create) {
    connection.execute(create);
    return read_table(connection, "t").value();
}

/// Whether changed_sql() calls it a change when a column of this type goes from one to the other.
bool changed(const std::string& type, const std::string& before, const std::string& after) {
    Connection connection(":memory:", Connection::Open::create);
    const Table table = table_of(connection, "CREATE TABLE t(x " + type + ")");
    connection.execute("CREATE TABLE seen(x); CREATE TRIGGER see AFTER UPDATE ON t WHEN " +
                       changed_sql(table.columns[0]) + " BEGIN INSERT INTO seen VALUES (1); END");
    connection.execute("INSERT INTO t VALUES (" + before + "); UPDATE t SET x = " + after);
    return connection.integer("SELECT count(*) FROM seen") == 1;
}

TEST(Pending, TheTableKeepsKeysApartLikeTheApplicationsTable) {
    Connection connection(":memory:", Connection::Open::create);
    connection.execute(create_pending_sql(table_of(connection,
                                                   "CREATE TABLE t(at TEXT COLLATE NOCASE, v, cols "
                                                   "BLOB, rev INT, PRIMARY KEY(rev, at, cols))")));
    const auto enter = [&](const std::string& key, int cols) {
        connection.execute("INSERT OR IGNORE INTO tidemark_pending_t VALUES (" + key + ", " +
                           std::to_string(cols) + ", 1, 1)");
        return connection.changes() == 1;
    };
    EXPECT_TRUE(enter("1, 'a', 'b'", 0));
    EXPECT_TRUE(enter("1, 'a', 'b'", -1));
    EXPECT_FALSE(enter("'1', 'A', 'b'", 0));
    EXPECT_TRUE(enter("1, 'a', 'B'", 0));
    EXPECT_TRUE(enter("1, 'a', x'62'", 0));
    EXPECT_EQ(connection.scalar("SELECT typeof(k1) FROM tidemark_pending_t WHERE k3 = 'B'"),
              Value{"integer"});
}

TEST(Pending, TheStatementStandsInTheSchemaAsItWasGiven) {
    Connection connection(":memory:", Connection::Open::create);
    const std::string sql =
        create_pending_sql(table_of(connection, "CREATE TABLE t(id INTEGER PRIMARY KEY)"));
    connection.execute(sql);
    EXPECT_EQ(connection.scalar("SELECT sql FROM sqlite_schema WHERE name = 'tidemark_pending_t'"),
              Value{sql});
}

TEST(Pending, ColumnsHaveABitEachAndTheLastIsForAllTheRest) {
    EXPECT_EQ(bit_of(0), 1);
    EXPECT_EQ(bit_of(58), std::int64_t{1} << 58);
    EXPECT_EQ(bit_of(59), std::int64_t{1} << 59);
    EXPECT_EQ(bit_of(60), bit_of(59));
    EXPECT_EQ(bit_of(1999), bit_of(59));
}

TEST(Pending, TimeIsExactToTheMillisecond) {
    Connection connection(":memory:", Connection::Open::create);
    std::string at_time = now_ms_sql();
    at_time.replace(at_time.find("'now'"), 5, "?1");
    for (const char* day : {"1970-01-01", "2001-09-09", "2026-02-28", "2099-12-31"}) {
        const std::int64_t midnight =
            connection.integer("SELECT CAST(strftime('%s', ?1) AS INTEGER) * 1000", {day});
        for (std::int64_t ms = 0; ms < 1000; ms += 7) {
            const std::string fraction = std::to_string(1000 + ms).substr(1);
            EXPECT_EQ(connection.scalar("SELECT " + at_time,
                                        {std::string(day) + " 23:59:59." + fraction}),
                      Value{midnight + 86'399'000 + ms});
        }
    }
}

TEST(Pending, TimeIsNow) {
    Connection connection(":memory:", Connection::Open::create);
    EXPECT_EQ(connection.integer("SELECT abs(" + now_ms_sql() + " / 1000 - strftime('%s', 'now'))"),
              0);
}

TEST(Pending, AnyDifferenceOfBytesOrStorageClassIsAChange) {
    for (const std::string type : {"", "BLOB", "TEXT", "NUMERIC", "INTEGER", "REAL"}) {
        EXPECT_TRUE(changed(type, "'a'", "'A'")) << type;
        EXPECT_TRUE(changed(type + " COLLATE NOCASE", "'a'", "'A'")) << type;
        EXPECT_TRUE(changed(type + " COLLATE RTRIM", "'a'", "'a '")) << type;
        EXPECT_TRUE(changed(type, "'a'", "x'61'")) << type;
        EXPECT_TRUE(changed(type, "NULL", "''")) << type;
        EXPECT_TRUE(changed(type, "0", "NULL")) << type;
        EXPECT_FALSE(changed(type, "NULL", "NULL")) << type;
        EXPECT_FALSE(changed(type, "x'00'", "x'00'")) << type;
        EXPECT_FALSE(changed(type, "1.5", "1.5")) << type;
    }
}

TEST(Pending, AnIntegerMadeARealIsAChangeWhereTheColumnKeepsIt) {
    EXPECT_TRUE(changed("", "1", "1.0"));
    EXPECT_TRUE(changed("BLOB", "1.0", "1"));
    // These columns store the two alike.
    for (const char* type : {"NUMERIC", "INTEGER", "REAL"})
        EXPECT_FALSE(changed(type, "1", "1.0")) << type;
    EXPECT_TRUE(changed("TEXT", "1", "1.0"));  // '1' and '1.0'
}

}  // namespace
}  // namespace tidemark::capture
