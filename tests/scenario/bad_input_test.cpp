// What cannot work says what, why and what to do, with the documented exit code, and changes
// nothing.

#include <filesystem>
#include <fstream>
#include <thread>

#include "sqlite/connection.hpp"
#include "support/story.hpp"

namespace tidemark {
namespace {

namespace fs = std::filesystem;

class BadInput : public Story {
protected:
    /// Runs the command, expects this exit code, a message that contains all of `words`, and a
    /// hint.
    void expect_refusal(const std::vector<std::string>& arguments, int exit_code,
                        const std::vector<std::string>& words) {
        const Ran ran = tidemark(arguments);
        EXPECT_EQ(ran.exit_code, exit_code) << arguments[0] << ran.out << ran.err;
        for (const std::string& word : words) {
            EXPECT_NE(ran.err.find(word), std::string::npos)
                << "no '" << word << "' in: " << ran.err;
        }
        EXPECT_NE(ran.err.find("\n  "), std::string::npos) << "no hint in: " << ran.err;
        EXPECT_EQ(ran.out, "");
    }
    /// The files hold afterwards what they held before, but for the name of a push that was tried.
    void unchanged(const std::vector<std::string>& files, const std::function<void()>& action) {
        std::vector<Dump> before;
        for (const std::string& file : files) before.push_back(everything_but_intent(file));
        action();
        for (std::size_t i = 0; i < files.size(); ++i) {
            EXPECT_EQ(difference(before[i], everything_but_intent(files[i])), "") << files[i];
        }
    }
    Dump everything_but_intent(const std::string& file) {
        const std::string looked_at = "looked-at.db";
        copy(file, looked_at);
        Connection connection(path(looked_at));
        if (connection.integer(
                "SELECT count(*) FROM pragma_table_info('tidemark_meta') WHERE name = 'intent'")) {
            connection.execute(
                "UPDATE tidemark_meta SET intent = '', intent_at = 0, clock = intent_clock, "
                "intent_clock = 0");
        }
        Dump dump = dump_everything(path(looked_at));
        remove(looked_at);
        return dump;
    }
    void one_table(const std::string& file) {
        make(file, "CREATE TABLE t(id INTEGER PRIMARY KEY, v); INSERT INTO t VALUES (1, 1)");
    }
    void write_file(const std::string& file, const std::string& content) {
        std::ofstream(path(file), std::ios::binary) << content;
    }
};

TEST_F(BadInput, AFileThatIsNoDatabaseIsSaidToBeNone) {
    const std::string text =
        "Dear diary, this is not a database at all, whatever its name may be. " +
        std::string(2000, '.');
    write_file("letter.db", text);
    one_table("a.db");
    unchanged({"a.db"}, [&] {
        for (const std::string command : {"sync", "status", "conflicts", "detach"}) {
            expect_refusal({command, "letter.db"}, 1, {"letter.db", "not a"});
        }
        expect_refusal({"attach", "letter.db", "primary.db"}, 1, {"letter.db"});
        expect_refusal({"attach", "a.db", "letter.db"}, 1, {"letter.db"});
        expect_refusal({"clone", "letter.db", "new.db"}, 1, {"letter.db"});
    });
    std::ifstream file(path("letter.db"));
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), text);
    EXPECT_FALSE(fs::exists(path("primary.db")));
    EXPECT_FALSE(fs::exists(path("new.db")));
}

TEST_F(BadInput, AMissingFileIsSaidToBeMissingAndNotMade) {
    for (const std::string command : {"sync", "status", "conflicts", "detach"}) {
        expect_refusal({command, "nope.db"}, 1, {"nope.db"});
    }
    expect_refusal({"attach", "nope.db", "primary.db"}, 1, {"no database at nope.db"});
    expect_refusal({"clone", "nope.db", "new.db"}, 3, {"nope.db"});
    expect_refusal({"clone", "nope/nope.db", "new.db"}, 3, {"nope"});
    EXPECT_TRUE(fs::is_empty(folder.path()))
        << "it left " << fs::directory_iterator(folder.path())->path();
}

TEST_F(BadInput, AFolderIsNoDatabase) {
    one_table("a.db");
    fs::create_directory(path("folder.db"));
    unchanged({"a.db"}, [&] {
        expect_refusal({"sync", "folder.db"}, 1, {"folder.db"});
        expect_refusal({"attach", "folder.db", "primary.db"}, 1, {"folder.db"});
        expect_refusal({"attach", "a.db", "folder.db"}, 1, {"folder.db"});
        expect_refusal({"clone", "folder.db", "new.db"}, 1, {"folder.db"});
        expect_refusal({"clone", "a.db", "folder.db"}, 2, {"folder.db", "exists"});
    });
    EXPECT_TRUE(fs::is_empty(path("folder.db")));
    EXPECT_FALSE(fs::exists(path("new.db")));
}

TEST_F(BadInput, AFolderThatCannotBeWrittenIsNamed) {
    const bool root = ::geteuid() == 0;
    if (root && run_program({"setpriv", "--version"}, "/").exit_code != 0)
        GTEST_SKIP() << "root may write anywhere";
    one_table("a.db");
    fs::permissions(folder.path(), fs::perms(0555));
    fs::permissions(path("a.db"), fs::perms(0444));
    const auto as_other = [&](std::vector<std::string> arguments) {
        std::vector<std::string> command;
        if (root) command = {"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"};
        command.emplace_back(TIDEMARK_COMMAND);
        for (const std::string& argument : arguments) command.push_back(argument);
        return run_program(command, "/");
    };
    if (as_other({"version"}).exit_code != 0)
        GTEST_SKIP() << "another user may not run the command here";
    const std::vector<std::vector<std::string>> commands = {
        {"attach", path("a.db"), path("primary.db")}, {"clone", path("a.db"), path("b.db")}};
    for (const auto& command : commands) {
        const Ran ran = as_other(command);
        EXPECT_TRUE(ran.exit_code == 1 || ran.exit_code == 3) << ran.exit_code << ran.err;
        EXPECT_NE(ran.err.find(folder.path().string()), std::string::npos) << ran.err;
        EXPECT_NE(ran.err.find("\n  "), std::string::npos) << "no hint in: " << ran.err;
    }
    fs::permissions(folder.path(), fs::perms(0755));
    fs::permissions(path("a.db"), fs::perms(0644));
    EXPECT_FALSE(fs::exists(path("primary.db")));
    EXPECT_EQ(ask("a.db", "SELECT count(*) FROM sqlite_schema"), Dump{"1"});
}

TEST_F(BadInput, ALockThatEndsIsWaitedFor) {
    two_devices("CREATE TABLE t(id INTEGER PRIMARY KEY, v); INSERT INTO t VALUES (1, 1)");
    edit("a.db", "UPDATE t SET v = 2");
    for (const std::string file : {"a.db", "primary.db"}) {
        Connection other(path(file));
        other.execute("BEGIN IMMEDIATE; UPDATE t SET v = v + 1");
        std::thread writer([&] {
            std::this_thread::sleep_for(std::chrono::milliseconds(150));
            other.execute("COMMIT");
        });
        EXPECT_EQ(tidemark({"sync", "a.db"}).exit_code, 0) << file;
        writer.join();
    }
    settle();
}

TEST_F(BadInput, ATableWithoutAKeyIsNamedWithTheRemedyAndTheRestSyncs) {
    make(
        "a.db",
        "CREATE TABLE scraps(v); CREATE TABLE t(id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)");
    const Ran ran = tidemark({"attach", "a.db", "primary.db"});
    EXPECT_EQ(ran.exit_code, 0);
    EXPECT_NE((ran.out + ran.err).find("scraps"), std::string::npos) << ran.out;
    EXPECT_NE((ran.out + ran.err).find("PRIMARY KEY"), std::string::npos) << ran.out;
    EXPECT_EQ(ask("primary.db", "SELECT * FROM t"), Dump{"1"});
}

TEST_F(BadInput, AnUnknownOptionOrCommandIsNamedAndTheNearestOneIsOffered) {
    one_table("a.db");
    attach("a.db");
    expect_refusal({"sync", "a.db", "--dry-rum"}, 2, {"--dry-rum", "--dry-run"});
    expect_refusal({"snyc", "a.db"}, 2, {"snyc", "sync"});
    expect_refusal({"attach", "a.db"}, 5, {"PRIMARY"});
    expect_refusal({"conflicts", "a.db", "restore", "many"}, 2, {"many"});
}

TEST_F(BadInput, AUrlThatCannotBeAPrimaryIsRefusedAndNoSecretInItRepeated) {
    one_table("a.db");
    unchanged({"a.db"}, [&] {
        for (const std::string url :
             {"ftp://example.org/x.db", "libsql://ann:pa55word@example.org",
              "libsql://example.org?authtoken=pa55word", "http://example.org:99999",
              "http://example.org", "libsql://example.org?tls=0&authToken=pa55word"}) {
            expect_refusal({"attach", "a.db", url}, 2, {"primary"});
            expect_refusal({"clone", url, "b.db"}, 2, {"primary"});
            EXPECT_EQ(tidemark({"attach", "a.db", url}).err.find("pa55word"), std::string::npos);
        }
    });
    EXPECT_FALSE(fs::exists(path("b.db")));
}

TEST_F(BadInput, AFileThatIsNotAttachedIsToldApart) {
    one_table("plain.db");
    for (const std::string command : {"sync", "status", "conflicts", "detach"}) {
        expect_refusal({command, "plain.db"}, 2, {"not attached", "tidemark attach plain.db"});
    }
    one_table("a.db");
    attach("a.db");
    for (const std::string command : {"sync", "status", "conflicts", "detach"}) {
        expect_refusal({command, "primary.db"}, 2, {"is a primary"});
    }
}

TEST_F(BadInput, APrimaryThatIsGoneLeavesEverythingPendingAndCountsAsUnreachable) {
    one_table("a.db");
    attach("a.db");
    edit("a.db", "UPDATE t SET v = 2");
    copy("primary.db", "away.db");
    remove("primary.db");
    unchanged({"a.db"}, [&] {
        expect_refusal({"sync", "a.db"}, 3, {"primary.db"});
        expect_refusal({"sync", "a.db", "--dry-run"}, 3, {"primary.db"});
    });
    EXPECT_FALSE(fs::exists(path("primary.db"))) << "an empty one must not take its place";
    EXPECT_EQ(tidemark({"status", "a.db"}).exit_code, 0);
    copy("away.db", "primary.db");
    EXPECT_EQ(sync("a.db").pushed, 1);
}

TEST_F(BadInput, ALostPrimaryShowsInTheHistory) {
    one_table("a.db");
    attach("a.db");
    remove("primary.db");
    tidemark({"sync", "a.db"});
    const auto last = tidemark_json({"status", "a.db"}).at("history").as_array().at(0).as_object();
    EXPECT_TRUE(last.at("error").is_string());
}

TEST_F(BadInput, APrimaryReplacedByAnotherIsRefusedWithTheChoices) {
    one_table("a.db");
    attach("a.db");
    one_table("other.db");
    attach("other.db", {}, "other-primary.db");
    edit("a.db", "UPDATE t SET v = 2");
    copy("other-primary.db", "primary.db");
    unchanged({"a.db", "primary.db"}, [&] {
        expect_refusal({"sync", "a.db"}, 5, {"not the one", "--merge", "--keep-local"});
    });
}

TEST_F(BadInput, APrimaryReplacedByAPlainDatabaseIsRefused) {
    one_table("a.db");
    attach("a.db");
    edit("a.db", "UPDATE t SET v = 2");
    remove("primary.db");
    one_table("primary.db");
    unchanged({"a.db", "primary.db"}, [&] {
        expect_refusal({"sync", "a.db"}, 5, {"primary.db", "--merge"});
    });
    remove("primary.db");
    write_file("primary.db", "");
    unchanged({"a.db"}, [&] { expect_refusal({"sync", "a.db"}, 5, {"primary.db"}); });
}

TEST_F(BadInput, ANewerFormatIsLeftAlone) {
    two_devices("CREATE TABLE t(id INTEGER PRIMARY KEY, v); INSERT INTO t VALUES (1, 1)");
    edit("a.db", "UPDATE t SET v = 2");
    edit("primary.db", "UPDATE tidemark_meta SET format = 99");
    unchanged({"a.db", "primary.db"}, [&] {
        expect_refusal({"sync", "a.db"}, 1, {"newer", "Upgrade"});
        expect_refusal({"clone", "primary.db", "c.db"}, 1, {"newer", "Upgrade"});
    });
    make("d.db", "CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
    unchanged({"d.db", "primary.db"}, [&] {
        expect_refusal({"attach", "d.db", "primary.db"}, 1, {"newer", "Upgrade"});
    });
    edit("b.db", "UPDATE tidemark_meta SET format = 99");
    unchanged({"b.db"}, [&] {
        for (const std::string command : {"sync", "status", "conflicts", "detach"}) {
            expect_refusal({command, "b.db"}, 1, {"newer", "Upgrade"});
        }
    });
}

TEST_F(BadInput, AReplicaTooOldForItsPrimaryGoesOnCollectingEdits) {
    two_devices("CREATE TABLE t(id INTEGER PRIMARY KEY, v); INSERT INTO t VALUES (1, 1)");
    edit("primary.db", "UPDATE tidemark_meta SET format = 99; UPDATE t SET v = 'newer'");
    edit("a.db", "UPDATE t SET v = 2");
    expect_refusal({"sync", "a.db"}, 1, {"newer", "edits are still being collected"});
    edit("a.db", "INSERT INTO t VALUES (2, 'later')");
    const auto status = tidemark_json({"status", "a.db"});
    EXPECT_EQ(status.at("pending").as_int64(), 2);
    EXPECT_NE(status.at("history").at(0).at("error").as_string().find("newer"), std::string::npos);
    edit("a.db", "UPDATE tidemark_meta SET format = 99");
    expect_refusal({"sync", "a.db"}, 1, {"newer", "edits are still being collected"});
    edit("a.db", "INSERT INTO t VALUES (3, 'and later')");
    EXPECT_EQ(ask("a.db", "SELECT count(DISTINCT k1) FROM tidemark_pending_t"), Dump{"3"});
    // The program that knows the format comes along.
    for (const char* file : {"a.db", "primary.db"}) {
        edit(file, "UPDATE tidemark_meta SET format = 1");
    }
    settle();
    EXPECT_EQ(ask("b.db", "SELECT count(*) FROM t"), Dump{"3"});
}

TEST_F(BadInput, APrimaryInAFolderThatAServiceCopiesIsRefusedUnlessAllowed) {
    one_table("a.db");
    fs::create_directories(path("Dropbox/data"));
    unchanged({"a.db"}, [&] {
        expect_refusal({"attach", "a.db", "Dropbox/data/primary.db"}, 1,
                       {"Dropbox", "--allow-copied-folder"});
    });
    EXPECT_TRUE(fs::is_empty(path("Dropbox/data")));
    const Ran ran =
        tidemark({"attach", "a.db", "Dropbox/data/primary.db", "--allow-copied-folder"});
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    EXPECT_NE(ran.err.find("Dropbox"), std::string::npos) << "no warning";
}

TEST_F(BadInput, ADamagedDatabaseIsSaidToBeDamaged) {
    make("a.db",
         "CREATE TABLE t(id INTEGER PRIMARY KEY, v); "
         "WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) "
         "INSERT INTO t SELECT i, hex(randomblob(100)) FROM n");
    std::fstream file(path("a.db"), std::ios::in | std::ios::out | std::ios::binary);
    for (int page = 1; page < 12; ++page) {
        file.seekp(page * 4096);
        file << std::string(4096, '\xee');
    }
    file.close();
    expect_refusal({"attach", "a.db", "primary.db"}, 1, {"a.db", "malformed"});
    EXPECT_FALSE(fs::exists(path("primary.db")) && fs::file_size(path("primary.db")) > 0)
        << "half an upload";
}

}  // namespace
}  // namespace tidemark
