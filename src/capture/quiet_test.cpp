#include "capture/quiet.hpp"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <tidemark/error.hpp>

#include "capture/captured_file.hpp"
#include "sqlite/transaction.hpp"

namespace tidemark::capture {
namespace {

using Entries = CapturedFile::Entries;

/// Notes with a local-only full-text index and log, and triggers that also write synced tables.
constexpr const char* schema = R"(
    CREATE TABLE t(id INTEGER PRIMARY KEY, body TEXT, words INTEGER);
    CREATE TABLE other(id INTEGER PRIMARY KEY, x);
    CREATE TABLE log(n INTEGER PRIMARY KEY, what TEXT);
    CREATE VIRTUAL TABLE found USING fts5(body, content = 't', content_rowid = 'id');
    INSERT INTO other VALUES (1, 'kept'), (2, 'kept');
    CREATE TRIGGER t_insert AFTER INSERT ON t BEGIN
        INSERT INTO found(rowid, body) VALUES (NEW.id, NEW.body);
        UPDATE t SET words = 99 WHERE id = NEW.id;
        INSERT OR REPLACE INTO OTHER VALUES (NEW.id, 'from a trigger');
    END;
    CREATE TRIGGER t_delete AFTER DELETE ON t BEGIN
        INSERT INTO found(found, rowid, body) VALUES ('delete', OLD.id, OLD.body);
        INSERT INTO log(what) VALUES ('deleted ' || OLD.id);
    END)";

struct File : CapturedFile {
    explicit File(const std::string& more = {}) : CapturedFile(std::string(schema) + more) {
        remove(connection, "log");
        connection.execute("DELETE FROM tidemark_pending_t; DELETE FROM tidemark_pending_other");
    }
    /// Writes as the applier does.
    void apply(const std::string& sql) {
        Quiet quiet(connection, {"T", "other"});
        Transaction transaction(connection, Transaction::Kind::write);
        quiet.suspend();
        connection.execute(sql);
        quiet.resume();
        transaction.commit();
    }
    std::int64_t count(const std::string& from) {
        return connection.integer("SELECT count(*) FROM " + from);
    }
    std::string triggers() {
        return as_text(connection.scalar(R"(
            SELECT group_concat(sql, ';') FROM (SELECT sql FROM sqlite_schema
            WHERE type = 'trigger' AND tbl_name = 't' ORDER BY rowid))"));
    }
};

TEST(Quiet, RowsOfOtherDevicesAreNotCaptured) {
    File file;
    file.apply(
        "INSERT INTO t VALUES (1, 'hello', 1); UPDATE t SET body = 'x'; UPDATE t SET id = 2; "
        "DELETE FROM t");
    EXPECT_EQ(file.entries("t"), Entries{});
    EXPECT_EQ(file.entries("other"), Entries{});
}

TEST(Quiet, TriggersOfTheApplicationDoNotWriteSyncedTablesASecondTime) {
    File file;
    file.apply("INSERT INTO t VALUES (1, 'hello', 1)");
    EXPECT_EQ(file.connection.integer("SELECT words FROM t"), 1);
    EXPECT_EQ(file.count("other WHERE x = 'kept'"), 2);
}

TEST(Quiet, FullTextAndOtherLocalTablesAreStillMaintained) {
    File file;
    file.apply("INSERT INTO t VALUES (1, 'hello', 1), (2, 'world', 1); DELETE FROM t WHERE id = 2");
    EXPECT_EQ(file.count("found WHERE found MATCH 'hello'"), 1);
    EXPECT_EQ(file.count("log WHERE what = 'deleted 2'"), 1);
    file.connection.execute("INSERT INTO found(found) VALUES ('integrity-check')");
}

TEST(Quiet, AfterwardsTheApplicationsTriggersWriteAgain) {
    File file;
    file.apply("INSERT INTO t VALUES (1, 'hello', 1)");
    file.connection.execute("INSERT INTO t VALUES (2, 'hello', 1)");
    EXPECT_EQ(file.connection.integer("SELECT words FROM t WHERE id = 2"), 99);
    EXPECT_EQ(file.entries(), (Entries{"2 born", "2 words"}));
}

TEST(Quiet, SqliteStillRunsAnIgnoredDelete) {
    // The reason for suspend(): should this fail one day, suspend() is no longer needed.
    File file("; CREATE TRIGGER d AFTER INSERT ON t BEGIN DELETE FROM other; END");
    const Quiet quiet(file.connection, {"t", "other"});
    file.connection.mute_in_triggers([](const Connection::TriggerWrite&) { return true; },
                                     "everything");
    file.connection.execute("INSERT INTO t VALUES (1, 'hello', 1)");
    EXPECT_EQ(file.count("other"), 0);
}

TEST(Quiet, ATriggerDeletesNothingFromASyncedTable) {
    for (const std::string event : {"INSERT", "UPDATE OF words", "DELETE"}) {
        File file("; CREATE TRIGGER d AFTER " + event +
                  " ON t BEGIN DELETE FROM Other WHERE id = 2; END");
        file.apply("INSERT INTO t VALUES (1, 'hello', 1); UPDATE t SET words = 3; DELETE FROM t");
        EXPECT_EQ(file.count("other"), 2) << event;
        file.connection.execute(
            "INSERT INTO t VALUES (1, 'hello', 1); UPDATE t SET words = 3; DELETE FROM t");
        EXPECT_EQ(file.count("other WHERE id = 2"), 0) << event;
    }
}

TEST(Quiet, ATriggerDeletesNothingThroughALocalTableEither) {
    File file("; CREATE TRIGGER d AFTER INSERT ON log BEGIN DELETE FROM other; END");
    file.apply("INSERT INTO t VALUES (1, 'hello', 1); DELETE FROM t");
    EXPECT_EQ(file.count("other"), 2);
    EXPECT_EQ(file.count("log"), 1);
}

TEST(Quiet, TriggersComeBackAsTheyWereAndInTheirOrder) {
    File file(R"(;
        CREATE TRIGGER IF NOT EXISTS "d d" AFTER INSERT ON t /* odd */ BEGIN
            DELETE FROM other WHERE x = 'no';
        END;
        CREATE TRIGGER later AFTER INSERT ON t BEGIN INSERT INTO log(what) VALUES ('later'); END)");
    const std::string before = file.triggers();
    file.apply("INSERT INTO t VALUES (1, 'hello', 1)");
    EXPECT_EQ(file.triggers(), before);
    EXPECT_EQ(file.count("log WHERE what = 'later'"), 1);
}

TEST(Quiet, ATransactionThatIsRolledBackLeavesTheTriggersInPlace) {
    File file("; CREATE TRIGGER d AFTER INSERT ON t BEGIN DELETE FROM other; END");
    const std::string before = file.triggers();
    Quiet quiet(file.connection, {"t", "other"});
    for (int attempt = 0; attempt < 2; ++attempt) {
        Transaction transaction(file.connection, Transaction::Kind::write);
        quiet.suspend();
        EXPECT_NE(file.triggers(), before);
        transaction.rollback();
        EXPECT_EQ(file.triggers(), before);
    }
    Transaction transaction(file.connection, Transaction::Kind::write);
    quiet.suspend();
    file.connection.execute("INSERT INTO t VALUES (1, 'hello', 1)");
    quiet.resume();
    transaction.commit();
    EXPECT_EQ(file.triggers(), before);
    EXPECT_EQ(file.count("other"), 2);
}

TEST(Quiet, ATriggerThatTheApplicationDropsStaysDropped) {
    File file("; CREATE TRIGGER d AFTER INSERT ON t BEGIN DELETE FROM other; END");
    Quiet quiet(file.connection, {"t", "other"});
    Transaction lost(file.connection, Transaction::Kind::write);
    quiet.suspend();
    lost.rollback();
    file.connection.execute("DROP TRIGGER d");
    Transaction transaction(file.connection, Transaction::Kind::write);
    quiet.suspend();
    quiet.resume();
    transaction.commit();
    EXPECT_EQ(file.count("sqlite_schema WHERE name = 'd'"), 0);
}

TEST(Quiet, ATriggerMadeInTheMeantimeIsSeen) {
    File file;
    Quiet quiet(file.connection, {"t", "other"});
    for (const char* change :
         {"", "CREATE TRIGGER d AFTER INSERT ON t BEGIN DELETE FROM other; END"}) {
        file.connection.execute(change);
        Transaction transaction(file.connection, Transaction::Kind::write);
        quiet.suspend();
        file.connection.execute("REPLACE INTO t VALUES (1, 'hello', 1)");
        quiet.resume();
        transaction.commit();
    }
    EXPECT_EQ(file.count("other"), 2);
}

TEST(Quiet, WithNothingToSuspendTheSchemaIsNotTouched) {
    File file;
    const std::int64_t version = file.connection.integer("PRAGMA schema_version");
    file.apply("INSERT INTO t VALUES (1, 'hello', 1)");
    EXPECT_EQ(file.connection.integer("PRAGMA schema_version"), version);
}

void expect_lacking(const std::string& more, const std::string& what) {
    File file(more);
    Quiet quiet(file.connection, {"other", "t"});
    Transaction transaction(file.connection, Transaction::Kind::write);
    try {
        quiet.suspend();
        FAIL() << what;
    } catch (const Error& error) {
        EXPECT_NE(error.message().find("table t "), std::string::npos) << error.message();
        EXPECT_NE(error.message().find(what + ","), std::string::npos) << error.message();
        EXPECT_NE(error.hint(), "");
    }
}

TEST(Quiet, AFunctionThatOnlyTheApplicationHasIsNamed) {
    expect_lacking(
        "; CREATE TRIGGER d AFTER INSERT ON t BEGIN INSERT INTO log(what) VALUES (slug(NEW.body)); "
        "END",
        "function slug");
}

TEST(Quiet, ACollationThatOnlyTheApplicationHasIsNamed) {
    expect_lacking(
        "; CREATE TRIGGER d AFTER UPDATE OF words ON t WHEN OLD.body = NEW.body COLLATE german "
        "BEGIN INSERT INTO log(what) VALUES (1); END",
        "collation german");
}

TEST(Quiet, AFunctionInACheckIsNamed) {
    File file;
    const auto slug = [](sqlite3_context* context, int, sqlite3_value**) {
        sqlite3_result_int(context, 1);
    };
    constexpr int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC;
    sqlite3* db = file.connection.handle();
    sqlite3_create_function(db, "slug", 1, flags, nullptr, slug, nullptr, nullptr);
    file.connection.execute("CREATE TABLE checked(id INTEGER PRIMARY KEY, x CHECK (slug(x)))");
    sqlite3_create_function(db, "slug", 1, flags, nullptr, nullptr, nullptr, nullptr);
    Quiet quiet(file.connection, {"checked"});
    try {
        quiet.suspend();
        FAIL();
    } catch (const Error& error) {
        EXPECT_NE(error.message().find("table checked "), std::string::npos) << error.message();
        EXPECT_NE(error.message().find("function slug,"), std::string::npos) << error.message();
    }
}

}  // namespace
}  // namespace tidemark::capture
