#include <gtest/gtest.h>

#include <tidemark/error.hpp>

#include "capture/captured_file.hpp"

namespace tidemark::capture {
namespace {

using Entries = CapturedFile::Entries;

struct File : CapturedFile {
    using CapturedFile::CapturedFile;
    Table table() { return read_table(connection, "t").value(); }
    std::int64_t objects() {
        return connection.integer(
            "SELECT count(*) FROM sqlite_schema WHERE name LIKE 'tidemark!_%t%' "
            "ESCAPE '!' AND name <> 'tidemark_meta'");
    }
};

constexpr const char* notes = "CREATE TABLE t(id INTEGER PRIMARY KEY, a, b UNIQUE)";

TEST(Install, WhatIsInstalledIsRecognized) {
    File file(notes);
    EXPECT_TRUE(installed(file.connection, file.table()));
    for (const char* loss : {"DROP TRIGGER tidemark_t_rekey", "ALTER TABLE t ADD COLUMN c",
                             "CREATE UNIQUE INDEX i ON t(a)", "DROP TABLE tidemark_pending_t"}) {
        file.connection.execute(loss);
        EXPECT_FALSE(installed(file.connection, file.table())) << loss;
        install(file.connection, file.table());
        EXPECT_TRUE(installed(file.connection, file.table())) << loss;
    }
}

TEST(Install, ATriggerThatIsNoLongerNeededGoes) {
    File file("CREATE TABLE t(id INTEGER PRIMARY KEY, a); CREATE UNIQUE INDEX i ON t(a)");
    file.connection.execute("DROP INDEX i");
    EXPECT_FALSE(installed(file.connection, file.table()));
    install(file.connection, file.table());
    EXPECT_EQ(file.objects(), 5);
}

TEST(Install, InstallingAgainKeepsWhatIsPending) {
    File file(notes);
    file.connection.execute("INSERT INTO t VALUES (1, 2, 3)");
    install(file.connection, file.table());
    EXPECT_EQ(file.entries(), (Entries{"1 born"}));
}

TEST(Install, AnotherKeyIsRefusedOnlyWhileSomethingIsPending) {
    const std::string other = "DROP TABLE t; CREATE TABLE t(k TEXT PRIMARY KEY)";
    File file(notes);
    file.connection.execute("INSERT INTO t VALUES (1, 2, 3);" + other);
    EXPECT_THROW(install(file.connection, file.table()), Error);
    file.connection.execute("DELETE FROM tidemark_pending_t");
    install(file.connection, file.table());
    EXPECT_EQ(file.after("INSERT INTO t VALUES ('x')"), (Entries{"'x' born"}));
}

TEST(Install, RemovingLeavesNothingAndTheTableGoesOnWorking) {
    File file(notes);
    remove(file.connection, "t");
    EXPECT_EQ(file.objects(), 0);
    file.connection.execute("INSERT INTO t VALUES (1, 2, 3)");
    remove(file.connection, "t");
}

TEST(Install, RemovingWorksAfterTheTableWasRenamed) {
    File file(notes);
    file.connection.execute("ALTER TABLE t RENAME TO renamed");
    remove(file.connection, "t");
    EXPECT_EQ(file.objects(), 0);
}

TEST(Install, TablesWhoseNamesBeginAlikeDoNotShareATrigger) {
    File file(
        "CREATE TABLE t(id INTEGER PRIMARY KEY, a UNIQUE);"
        "CREATE TABLE t_insert(id INTEGER PRIMARY KEY, a UNIQUE);"
        "CREATE TABLE t_replace(id INTEGER PRIMARY KEY, a UNIQUE)");
    for (const char* name : {"t", "t_insert", "t_replace"}) {
        EXPECT_TRUE(installed(file.connection, read_table(file.connection, name).value())) << name;
    }
}

}  // namespace
}  // namespace tidemark::capture
