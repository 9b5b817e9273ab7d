// The ways in which a database and a primary meet, and part.

#include <filesystem>

#include "support/story.hpp"

namespace tidemark {
namespace {

constexpr const char* schema = R"(
    CREATE TABLE notes(id TEXT PRIMARY KEY, title TEXT, body TEXT);
    CREATE INDEX by_title ON notes(title);
    CREATE VIEW titles AS SELECT title FROM notes)";

constexpr const char* rows_here =
    "; INSERT INTO notes VALUES ('same', 's', 's'), ('both', 'here', 'x'), ('here', 'h', 'h')";
constexpr const char* rows_there =
    "; INSERT INTO notes VALUES ('same', 's', 's'), ('both', 'there', 'x'), ('there', 't', 't')";

class FirstContact : public Story {
protected:
    void both_have_data() {
        make("a.db", std::string(schema) + rows_here);
        make("primary.db", std::string(schema) + rows_there);
    }
    AttachOptions choose(FirstMerge choice) {
        AttachOptions options;
        options.first_merge = choice;
        return options;
    }
    Dump notes(const std::string& file) {
        return ask(file, "SELECT id, title FROM notes ORDER BY id");
    }
};

TEST_F(FirstContact, AnAbsentPrimaryIsMadeWithSchemaAndRows) {
    make("a.db", std::string(schema) + rows_here);
    const AttachReport report = attach("a.db");
    EXPECT_EQ(report.outcome, "uploaded");
    EXPECT_EQ(report.sync.pushed, std::stoll(ask("a.db", "SELECT count(*) FROM notes")[0]));
    expect_same("a.db", "primary.db");
    EXPECT_EQ(difference(dump_schema(path("a.db")), dump_schema(path("primary.db"))), "");
    EXPECT_EQ(sync("a.db").pushed, 0);
}

TEST_F(FirstContact, TheLogTellsWhatWasUploadedAndDownloaded) {
    make("a.db", std::string(schema) + rows_here);
    const SyncReport uploaded = attach("a.db").sync;
    const SyncReport downloaded = clone("b.db").sync;
    EXPECT_EQ(uploaded.pushed, 3);
    EXPECT_EQ(downloaded.pulled, 3);
    EXPECT_GT(uploaded.bytes_sent, 0);
    EXPECT_GT(downloaded.bytes_received, 0);
    const auto expect_remembered = [&](const std::string& file, const SyncReport& told) {
        const SyncRecord record = Replica::open(path(file)).history(1).at(0);
        EXPECT_EQ(record.pushed, told.pushed) << file;
        EXPECT_EQ(record.pulled, told.pulled) << file;
        EXPECT_EQ(record.bytes_sent, told.bytes_sent) << file;
        EXPECT_EQ(record.bytes_received, told.bytes_received) << file;
        EXPECT_EQ(record.duration_ms, told.duration_ms) << file;
    };
    expect_remembered("a.db", uploaded);
    expect_remembered("b.db", downloaded);
    EXPECT_NE(tidemark({"log", "a.db"}).out.find("sent 3 rows"), std::string::npos);
    EXPECT_NE(tidemark({"log", "b.db"}).out.find("received 3 rows"), std::string::npos);
}

TEST_F(FirstContact, AnEmptyDatabaseGetsEverythingFromThePrimary) {
    make("primary.db", std::string(schema) + rows_there);
    make("a.db", "PRAGMA user_version = 0");
    const AttachReport report = attach("a.db");
    EXPECT_EQ(report.outcome, "downloaded");
    expect_same("a.db", "primary.db");
    EXPECT_EQ(difference(dump_schema(path("a.db")), dump_schema(path("primary.db"))), "");
    clone("b.db");
    edit("a.db", "UPDATE notes SET body = 'a'");
    edit("b.db", "INSERT INTO notes VALUES ('new', 'n', 'n')");
    settle();
}

TEST_F(FirstContact, EmptyTablesOnOneSideAreNoReasonToAsk) {
    make("a.db", schema);
    make("primary.db", std::string(schema) + rows_there);
    EXPECT_EQ(attach("a.db").outcome, "downloaded");
    expect_same("a.db", "primary.db");
    make("b.db", std::string(schema) + rows_here);
    make("other.db", schema);
    EXPECT_EQ(attach("b.db", {}, "other.db").outcome, "uploaded");
    expect_same("b.db", "other.db");
}

TEST_F(FirstContact, EqualDatabasesNeedNoChoiceAndMoveNothing) {
    make("a.db", std::string(schema) + rows_here);
    make("primary.db", std::string(schema) + rows_here);
    const AttachReport report = attach("a.db");
    EXPECT_EQ(report.sync.pushed + report.sync.pulled + report.sync.conflicts, 0);
    edit("a.db", "UPDATE notes SET title = 'edited' WHERE id = 'both'");
    settle({"a.db"});
}

TEST_F(FirstContact, ACloneIsACompleteReplica) {
    make("a.db", std::string(schema) + rows_here);
    attach("a.db");
    const AttachReport report = clone("b.db");
    EXPECT_EQ(report.outcome, "downloaded");
    EXPECT_EQ(report.sync.pulled, 3);
    expect_same("a.db", "b.db");
    EXPECT_EQ(difference(dump_schema(path("a.db")), dump_schema(path("b.db"))), "");
    EXPECT_FALSE(std::filesystem::exists(path("b.db.tidemark-partial")));
}

TEST_F(FirstContact, ADatabaseThatNobodyAttachedCanBeCloned) {
    make("primary.db", std::string(schema) + rows_there);
    clone("a.db");
    clone("b.db");
    edit("a.db", "UPDATE notes SET body = 'a' WHERE id = 'both'");
    edit("b.db", "UPDATE notes SET title = 'b' WHERE id = 'both'");
    edit("primary.db", "INSERT INTO notes VALUES ('direct', 'd', 'd')");
    settle();
    EXPECT_EQ(ask("a.db", "SELECT * FROM notes WHERE id = 'both'"), Dump{"'both', 'b', 'a'"});
    EXPECT_EQ(ask("b.db", "SELECT id FROM notes WHERE id = 'direct'"), Dump{"'direct'"});
}

TEST_F(FirstContact, ACloneNeverOverwritesAFile) {
    make("primary.db", std::string(schema) + rows_there);
    make("b.db", "CREATE TABLE precious(id INTEGER PRIMARY KEY)");
    const Dump before = dump_everything(path("b.db"));
    expect_error(ErrorCode::usage, [&] { clone("b.db"); });
    EXPECT_EQ(dump_everything(path("b.db")), before);
}

TEST_F(FirstContact, WhereBothHaveDataItRefusesWithFigures) {
    both_have_data();
    const Dump here = dump_everything(path("a.db"));
    const Dump there = dump_everything(path("primary.db"));
    const Ran ran = tidemark({"attach", "a.db", "primary.db"});
    EXPECT_EQ(ran.exit_code, 5);
    EXPECT_NE(
        ran.err.find(
            "notes: 1 row only here, 1 row only at the primary, 1 row different, 1 row the same"),
        std::string::npos)
        << ran.err;
    EXPECT_NE(ran.err.find("--merge"), std::string::npos) << ran.err;
    const auto json = tidemark_json({"attach", "a.db", "primary.db"}, 5);
    EXPECT_EQ(json.at("error").as_object().at("code").as_string(), "choice_needed");
    EXPECT_EQ(dump_everything(path("a.db")), here);
    EXPECT_EQ(dump_everything(path("primary.db")), there);
}

TEST_F(FirstContact, MergeKeepsTheRowsOfBothAndTheValueThatLost) {
    both_have_data();
    const AttachReport report = attach("a.db", choose(FirstMerge::merge));
    EXPECT_EQ(report.outcome, "merged");
    EXPECT_EQ(notes("a.db"),
              (Dump{"'both', 'there'", "'here', 'h'", "'same', 's'", "'there', 't'"}));
    expect_same("a.db", "primary.db");
    ASSERT_EQ(conflicts("a.db").size(), 1U);
    EXPECT_EQ(conflicts("a.db")[0].columns, std::vector<std::string>{"title"});
    Replica::open(path("a.db")).restore(1);
    settle({"a.db"});
    EXPECT_EQ(ask("primary.db", "SELECT title FROM notes WHERE id = 'both'"), Dump{"'here'"});
}

TEST_F(FirstContact, KeepLocalMakesThePrimaryWhatTheDatabaseIs) {
    both_have_data();
    const Dump here = dump_rows(path("a.db"));
    attach("a.db", choose(FirstMerge::keep_local));
    EXPECT_EQ(difference(here, dump_rows(path("a.db"))), "");
    expect_same("a.db", "primary.db");
    clone("b.db");
    settle();
}

TEST_F(FirstContact, KeepLocalReachesReplicasThatThePrimaryHadAlready) {
    make("b.db", std::string(schema) + rows_there);
    attach("b.db");
    make("a.db", std::string(schema) + rows_here);
    edit("b.db", "UPDATE notes SET body = 'offline' WHERE id = 'both'");
    attach("a.db", choose(FirstMerge::keep_local));
    settle();
    EXPECT_EQ(notes("b.db"), (Dump{"'both', 'here'", "'here', 'h'", "'same', 's'"}));
    EXPECT_EQ(ask("a.db", "SELECT body FROM notes WHERE id = 'both'"), Dump{"'offline'"})
        << "both sides had the same there, so nothing was kept against it";
}

TEST_F(FirstContact, KeepPrimaryMakesTheDatabaseWhatThePrimaryIsAndTheBackupIsAGoodCopy) {
    both_have_data();
    const Dump here = dump_everything(path("a.db"));
    const Dump there = dump_rows(path("primary.db"));
    AttachOptions options = choose(FirstMerge::keep_primary);
    options.backup = path("before.db");
    EXPECT_EQ(attach("a.db", options).backup, path("before.db"));
    EXPECT_EQ(difference(there, dump_rows(path("a.db"))), "");
    EXPECT_EQ(difference(there, dump_rows(path("primary.db"))), "");
    EXPECT_EQ(difference(here, dump_everything(path("before.db"))), "");
    expect_sound("before.db");
    EXPECT_TRUE(conflicts("a.db").empty());
    settle({"a.db"});
}

TEST_F(FirstContact, ABackupNeverOverwritesAFile) {
    make("a.db", std::string(schema) + rows_here);
    make("before.db", "CREATE TABLE precious(id INTEGER PRIMARY KEY)");
    AttachOptions options;
    options.backup = path("before.db");
    const Dump here = dump_everything(path("a.db"));
    expect_error(ErrorCode::failed, [&] { attach("a.db", options); });
    EXPECT_EQ(dump_everything(path("a.db")), here);
    EXPECT_FALSE(std::filesystem::exists(path("primary.db")));
}

TEST_F(FirstContact, MergedNumbersThatMeanTheSameRowAreOneRow) {
    const std::string table = "CREATE TABLE t(id INTEGER PRIMARY KEY, v); ";
    make("a.db", table + "INSERT INTO t VALUES (1, 'one'), (2, 'zwei'), (3, 'here')");
    make("primary.db", table + "INSERT INTO t VALUES (1, 'one'), (2, 'two'), (4, 'there')");
    attach("a.db", choose(FirstMerge::merge));
    EXPECT_EQ(ask("a.db", "SELECT * FROM t"),
              (Dump{"1, 'one'", "2, 'two'", "3, 'here'", "4, 'there'"}));
    EXPECT_EQ(conflicts("a.db").size(), 1U);
    settle({"a.db"});
}

TEST_F(FirstContact, EachSideGetsTheTablesThatOnlyTheOtherHas) {
    make("a.db",
         std::string(schema) +
             "; CREATE TABLE mine(id INTEGER PRIMARY KEY, v); INSERT INTO mine VALUES (1, 'a')");
    make("primary.db",
         "CREATE TABLE theirs(id INTEGER PRIMARY KEY, v); INSERT INTO theirs VALUES (1, 't')");
    attach("a.db");
    EXPECT_EQ(ask("a.db", "SELECT * FROM theirs"), Dump{"1, 't'"});
    EXPECT_EQ(ask("primary.db", "SELECT * FROM mine"), Dump{"1, 'a'"});
    clone("b.db");
    edit("b.db", "UPDATE theirs SET v = 'b'; UPDATE mine SET v = 'b'");
    settle();
}

TEST_F(FirstContact, TablesWithOtherColumnsAreRefusedByName) {
    make("a.db", "CREATE TABLE t(id INTEGER PRIMARY KEY, a, b)");
    make("primary.db",
         "CREATE TABLE t(id INTEGER PRIMARY KEY, a, c); INSERT INTO t VALUES (1, 1, 1)");
    const Dump here = dump_everything(path("a.db"));
    const Dump there = dump_everything(path("primary.db"));
    const Error error = expect_error(ErrorCode::failed, [&] { attach("a.db"); });
    EXPECT_NE(error.message().find("table t "), std::string::npos) << error.message();
    EXPECT_EQ(dump_everything(path("a.db")), here);
    EXPECT_EQ(dump_everything(path("primary.db")), there);
}

TEST_F(FirstContact, AttachingTwiceJustSyncs) {
    make("a.db", std::string(schema) + rows_here);
    attach("a.db");
    edit("a.db", "UPDATE notes SET title = 'edited'");
    const AttachReport report = attach("a.db");
    EXPECT_EQ(report.outcome, "already attached");
    EXPECT_EQ(report.sync.pushed, 3);
    expect_same("a.db", "primary.db");
}

TEST_F(FirstContact, AttachingToAnotherPrimaryIsRefused) {
    make("a.db", std::string(schema) + rows_here);
    attach("a.db");
    const Dump here = dump_everything(path("a.db"));
    const Error error = expect_error(ErrorCode::usage, [&] { attach("a.db", {}, "other.db"); });
    EXPECT_NE(error.hint().find("detach"), std::string::npos);
    EXPECT_EQ(dump_everything(path("a.db")), here);
    EXPECT_FALSE(std::filesystem::exists(path("other.db")));
}

TEST_F(FirstContact, AReplicaCannotBeAPrimary) {
    make("a.db", std::string(schema) + rows_here);
    attach("a.db");
    make("c.db", schema);
    const Dump before = dump_everything(path("a.db"));
    const Error error = expect_error(ErrorCode::usage, [&] { attach("c.db", {}, "a.db"); });
    EXPECT_NE(error.message().find("replica"), std::string::npos);
    expect_error(ErrorCode::usage, [&] { clone("d.db", "a.db"); });
    expect_error(ErrorCode::usage, [&] { attach("primary.db", {}, "other.db"); });
    EXPECT_EQ(dump_everything(path("a.db")), before);
    EXPECT_FALSE(std::filesystem::exists(path("d.db")));
    EXPECT_FALSE(std::filesystem::exists(path("other.db")));
}

TEST_F(FirstContact, ADatabaseCannotBeItsOwnPrimaryByAnyName) {
    make("a.db", std::string(schema) + rows_here);
    std::filesystem::create_symlink(path("a.db"), path("link.db"));
    std::filesystem::create_hard_link(path("a.db"), path("hard.db"));
    const Dump here = dump_everything(path("a.db"));
    for (const std::string name : {"a.db", "link.db", "hard.db", "./a.db"}) {
        expect_error(ErrorCode::usage, [&] { attach("a.db", {}, name); });
        EXPECT_EQ(dump_everything(path("a.db")), here) << name;
    }
}

TEST_F(FirstContact, AnExcludedTableStaysOnItsDevice) {
    make("a.db", std::string(schema) + rows_here +
                     "; CREATE TABLE cache(id INTEGER PRIMARY KEY, v); INSERT INTO cache VALUES "
                     "(1, 'mine')");
    AttachOptions options;
    options.exclude = {"Cache"};
    attach("a.db", options);
    edit("a.db", "INSERT INTO cache VALUES (2, 'mine too')");
    EXPECT_EQ(sync("a.db").pushed, 0);
    EXPECT_EQ(ask("primary.db", "SELECT count(*) FROM cache"), Dump{"0"});
    clone("b.db");
    edit("b.db", "INSERT INTO cache VALUES (1, 'theirs')");
    edit("b.db", "UPDATE notes SET title = 'b'");
    sync("b.db");
    sync("a.db");
    EXPECT_EQ(ask("a.db", "SELECT v FROM cache ORDER BY id"), (Dump{"'mine'", "'mine too'"}));
    EXPECT_EQ(ask("b.db", "SELECT v FROM cache ORDER BY id"), Dump{"'theirs'"});
    EXPECT_EQ(ask("a.db", "SELECT DISTINCT title FROM notes"), Dump{"'b'"});
}

TEST_F(FirstContact, NaturalNumbersAreOneRowAndKeepTheirNumber) {
    AttachOptions options;
    options.natural_keys = {"years"};
    two_devices("CREATE TABLE years(year INTEGER PRIMARY KEY, a, b)", options);
    edit("b.db", "INSERT INTO years VALUES (2024, 'b', NULL)");
    edit("a.db", "INSERT INTO years VALUES (2024, 'a', 'a')");
    settle({"b.db", "a.db"});
    EXPECT_EQ(ask("b.db", "SELECT * FROM years"), Dump{"2024, 'a', 'a'"});
}

TEST_F(FirstContact, DetachLeavesAnOrdinaryDatabase) {
    make("a.db", std::string(schema) + rows_here);
    const Dump before = dump_query(
        path("a.db"), "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY 1, 2");
    attach("a.db");
    edit("a.db", "UPDATE notes SET title = 'edited' WHERE id = 'both'");
    const auto report = tidemark_json({"detach", "a.db"});
    EXPECT_EQ(report.at("pending").as_int64(), 1);
    EXPECT_EQ(dump_query(path("a.db"),
                         "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY 1, 2"),
              before);
    EXPECT_EQ(ask("a.db", "SELECT title FROM notes WHERE id = 'both'"), Dump{"'edited'"});
    expect_sound("a.db");
    expect_error(ErrorCode::usage, [&] { sync("a.db"); });
    attach("a.db", choose(FirstMerge::merge));
    settle({"a.db"});
}

TEST_F(FirstContact, DetachRefusesWhileConflictsHoldValuesUnlessToldTo) {
    both_have_data();
    attach("a.db", choose(FirstMerge::merge));
    const Dump before = dump_everything(path("a.db"));
    EXPECT_EQ(tidemark({"detach", "a.db"}).exit_code, 5);
    EXPECT_EQ(dump_everything(path("a.db")), before);
    EXPECT_EQ(tidemark({"detach", "a.db", "--purge"}).exit_code, 0);
    EXPECT_EQ(ask("a.db", "SELECT name FROM sqlite_schema WHERE name LIKE '%tidemark%'"), Dump{});
}

TEST_F(FirstContact, AnApplicationLearnsOfflineWhetherItsFileIsAttached) {
    make("a.db", schema);
    const auto attached = [&] {
        return Replica::is_attached(path("a.db"), location("primary.db"));
    };
    EXPECT_FALSE(attached());
    EXPECT_FALSE(Replica::is_attached(path("nowhere.db"), path("primary.db")));
    EXPECT_FALSE(std::filesystem::exists(path("nowhere.db")));
    attach("a.db");
    remove("primary.db");
    EXPECT_TRUE(attached());
    const Error error = expect_error(ErrorCode::usage,
                                     [&] { Replica::is_attached(path("a.db"), path("other.db")); });
    EXPECT_NE(error.message().find(location("primary.db")), std::string::npos) << error.message();
}

TEST_F(FirstContact, AWrongOptionChangesNothing) {
    make("a.db", std::string(schema) + rows_here);
    const Dump here = dump_everything(path("a.db"));
    const std::vector<std::vector<std::string>> wrong = {{"--policy", "oldest"},
                                                         {"--policy", "notes=column:nope"},
                                                         {"--policy", "nope=primary"},
                                                         {"--policy", "column:"},
                                                         {"--exclude", "nope"},
                                                         {"--keys", "nope=natural"},
                                                         {"--keys", "notes=sideways"},
                                                         {"--merge", "--keep-local"},
                                                         {"--sideways"}};
    for (const auto& options : wrong) {
        std::vector<std::string> arguments{"attach", "a.db", "primary.db"};
        for (const std::string& option : options) arguments.push_back(option);
        const Ran ran = tidemark(arguments);
        EXPECT_EQ(ran.exit_code, 2) << options.back() << ran.err;
        EXPECT_NE(ran.err, "") << options.back();
        EXPECT_EQ(dump_everything(path("a.db")), here) << options.back();
        EXPECT_FALSE(std::filesystem::exists(path("primary.db"))) << options.back();
    }
}

}  // namespace
}  // namespace tidemark
