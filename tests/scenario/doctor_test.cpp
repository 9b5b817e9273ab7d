// What 'tidemark doctor' finds, what it says to do, and what it mends.

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/base64.hpp"
#include "sqlite/connection.hpp"
#include "support/served.hpp"
#include "support/story.hpp"

namespace tidemark {
namespace {

namespace fs = std::filesystem;

class Doctor : public Story {
protected:
    void SetUp() override {
        fs::create_directories(path("home/.config/tidemark"));
        fs::permissions(path("home/.config/tidemark"), fs::perms::owner_all);
        make("a.db", "CREATE TABLE t(id INTEGER PRIMARY KEY, v); INSERT INTO t VALUES (1, 'x')");
    }
    void attach_to(const std::string& primary) {
        const Ran ran = run({"attach", "a.db", primary, "--name", "a"});
        ASSERT_EQ(ran.exit_code, 0) << ran.err;
    }
    /// tidemark ARGUMENTS… with a home of its own and these variables.
    Ran run(const std::vector<std::string>& arguments,
            const std::vector<std::string>& variables = {}) {
        std::vector<std::string> all{"env",
                                     "-u",
                                     "TIDEMARK_AUTH_TOKEN",
                                     "-u",
                                     "TURSO_AUTH_TOKEN",
                                     "HOME=" + path("home"),
                                     "XDG_CONFIG_HOME=" + path("home/.config"),
                                     "TIDEMARK_NETWORK_RETRIES=0"};
        all.insert(all.end(), variables.begin(), variables.end());
        all.push_back(TIDEMARK_COMMAND);
        all.insert(all.end(), arguments.begin(), arguments.end());
        return run_program(all, folder.path().string());
    }

    struct Seen {
        std::string state, found, advice;
    };
    /// What doctor says of one thing, as its last finding of that name; empty: nothing.
    Seen look(const std::string& name, int exit_code, std::vector<std::string> options = {},
              const std::vector<std::string>& variables = {}) {
        options.insert(options.begin(), {"doctor", "a.db", "--json"});
        const Ran ran = run(options, variables);
        EXPECT_EQ(ran.exit_code, exit_code) << ran.out << ran.err;
        Seen seen;
        const boost::json::value said = boost::json::parse(ran.out);
        for (const auto& each : said.at("findings").as_array()) {
            if (each.at("name").as_string() != name.c_str()) continue;
            const auto& advice = each.at("advice");
            seen = {each.at("state").as_string().c_str(), each.at("found").as_string().c_str(),
                    advice.is_null() ? "" : advice.as_string().c_str()};
        }
        return seen;
    }
    static void expect(const Seen& seen, const std::string& state, const std::string& found,
                       const std::string& advice = {}) {
        EXPECT_EQ(seen.state, state) << seen.found;
        EXPECT_NE(seen.found.find(found), std::string::npos) << seen.found;
        EXPECT_NE(seen.advice.find(advice), std::string::npos) << seen.advice;
        if (state == "trouble") {
            EXPECT_NE(seen.advice, "") << seen.found;
        }
    }
    static std::string token_with(const std::string& claims) {
        return to_base64url(R"({"alg":"EdDSA","typ":"JWT"})") + "." + to_base64url(claims) +
               ".c2ln";
    }
};

TEST_F(Doctor, FindsNothingWhereAllIsWell) {
    attach_to("primary.db");
    const Ran ran = run({"doctor", "a.db"});
    EXPECT_EQ(ran.exit_code, 0) << ran.out << ran.err;
    for (const char* line :
         {"file         ✓ sound, ", "triggers     ✓ every edit of 1 table is noted",
          "pending      ✓ nothing waits", "syncs        ✓ the last one was ",
          "permissions  ✓ the database and its folder can be written",
          "network      ✓ none is needed: the primary is a file", "clock        ✓ as the primary's",
          "primary      ✓ answered in ", "All is well."}) {
        EXPECT_NE(ran.out.find(line), std::string::npos) << "no '" << line << "' in:\n" << ran.out;
    }
    EXPECT_TRUE(boost::json::parse(run({"doctor", "a.db", "--json"}).out).at("well").as_bool());
}

TEST_F(Doctor, TellsAFileThatIsMissingNoneOfOursOrNoDatabase) {
    expect(look("replica", 2), "trouble", "attached to no primary", "tidemark attach a.db PRIMARY");
    attach_to("primary.db");
    std::ofstream(path("b.db")) << std::string(5000, 'x');
    Ran ran = run({"doctor", "b.db"});
    EXPECT_EQ(ran.exit_code, 1) << ran.out;
    EXPECT_NE(ran.out.find("✗"), std::string::npos) << ran.out;
    ran = run({"doctor", "nowhere.db"});
    EXPECT_EQ(ran.exit_code, 1) << ran.out;
    EXPECT_FALSE(fs::exists(path("nowhere.db")));
    ran = run({"doctor", "primary.db"});
    EXPECT_EQ(ran.exit_code, 2) << ran.out;
    EXPECT_NE(ran.out.find("this is a primary"), std::string::npos) << ran.out;
}

TEST_F(Doctor, FindsDamage) {
    attach_to("primary.db");
    edit("a.db", "CREATE TABLE c(id INTEGER PRIMARY KEY, t REFERENCES t(id))");
    {
        Connection connection(path("a.db"));
        connection.execute("PRAGMA foreign_keys = OFF; INSERT INTO c VALUES (1, 99)");
    }
    expect(look("file", 1), "trouble", "1 row with a reference to no row", "tidemark restore");
}

TEST_F(Doctor, PutsMissingTriggersBackAndLosesNoEditMadeMeanwhile) {
    attach_to("primary.db");
    const auto triggers = ask("a.db",
                              "SELECT quote(name) FROM sqlite_schema "
                              "WHERE type = 'trigger' AND name LIKE 'tidemark%'");
    ASSERT_FALSE(triggers.empty());
    for (std::string name : triggers) {
        std::erase(name, '\'');
        edit("a.db", "DROP TRIGGER \"" + name + "\"");
    }
    edit("a.db", "UPDATE t SET v = 'unseen' WHERE id = 1");
    expect(look("triggers", 1), "trouble", "those of t are not as they should be",
           "'tidemark sync a.db' puts them back");
    expect(look("triggers", 0, {"--fix"}), "good", "every edit of 1 table is noted");
    EXPECT_EQ(ask("primary.db", "SELECT v FROM t"), Dump{"'unseen'"});
}

TEST_F(Doctor, NamesTablesAndRowsThatNeverSync) {
    edit("a.db", "CREATE TABLE log(line)");
    attach_to("primary.db");
    expect(look("triggers", 0), "note", "log stays on this device, for want of a primary key",
           "tidemark status a.db");
    edit("a.db",
         "DROP TABLE log; CREATE TABLE k(id TEXT PRIMARY KEY); INSERT INTO k VALUES (NULL)");
    run({"sync", "a.db"});
    expect(look("triggers", 0), "note", "k has rows with NULL in the key",
           "Give those rows a key.");
}

TEST_F(Doctor, NotesWhatHasWaitedForADayAndSendsIt) {
    attach_to("primary.db");
    edit("a.db", "INSERT INTO t VALUES (2, 'y')");
    expect(look("pending", 0), "good", "1 change waits, the oldest from just now");
    edit("a.db", "UPDATE tidemark_pending_t SET at = at - 3 * 86400000");
    expect(look("pending", 0), "note", "the oldest from 3 days ago",
           "'tidemark sync a.db' sends it");
    expect(look("pending", 0, {"--fix"}), "good", "nothing waits");
    EXPECT_EQ(ask("primary.db", "SELECT count(*) FROM t"), Dump{"2"});
}

TEST_F(Doctor, NotesConflictsAndAFailedSync) {
    attach_to("primary.db");
    ASSERT_EQ(run({"clone", "primary.db", "b.db", "--name", "b"}).exit_code, 0);
    edit("a.db", "UPDATE t SET v = 'a'");
    edit("b.db", "UPDATE t SET v = 'b'");
    sync("a.db");
    sync("b.db");
    sync("a.db");
    const Ran ran = run({"doctor", "b.db"});
    EXPECT_EQ(ran.exit_code, 0) << ran.out;
    EXPECT_NE(ran.out.find("1 conflict waits for a decision"), std::string::npos) << ran.out;
    fs::rename(path("primary.db"), path("away.db"));
    EXPECT_EQ(run({"sync", "a.db"}).exit_code, 3);
    fs::rename(path("away.db"), path("primary.db"));
    expect(look("syncs", 0), "note", "the last one failed: ", "tries again");
    expect(look("syncs", 0, {"--fix"}), "good", "the last one was ");
}

TEST_F(Doctor, NarrowsWhatOthersMayOpen) {
    attach_to("primary.db");
    const std::string credentials = path("home/.config/tidemark/credentials.json");
    std::ofstream(credentials) << R"({"format":1,"tokens":{}})";
    fs::permissions(credentials, fs::perms(0644));
    expect(look("permissions", 1), "trouble", "others may read " + credentials,
           "chmod 600 " + credentials);
    fs::permissions(path("home/.config/tidemark"), fs::perms(0755));
    fs::permissions(path("a.db"), fs::perms(0666));
    const Ran ran = run({"doctor", "a.db", "--fix"});
    EXPECT_EQ(ran.exit_code, 0) << ran.out << ran.err;
    EXPECT_EQ(fs::status(credentials).permissions(), fs::perms(0600));
    EXPECT_EQ(fs::status(path("home/.config/tidemark")).permissions(), fs::perms(0700));
    EXPECT_EQ(fs::status(path("a.db")).permissions(), fs::perms(0664));
    EXPECT_NE(ran.out.find("Others may no longer open " + credentials), std::string::npos)
        << ran.out;
}

TEST_F(Doctor, FindsAFileThatAnotherUserLeftBesideTheDatabase) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
    attach_to("primary.db");
    edit("a.db", "PRAGMA journal_mode = DELETE");
    std::ofstream(path("a.db-journal")).close();
    ASSERT_EQ(::chown(path("a.db-journal").c_str(), 65534, 65534), 0);
    expect(look("permissions", 1), "trouble", "a.db-journal belongs to another user",
           "chown --reference=a.db a.db-journal");
}

TEST_F(Doctor, FindsAFolderThatCannotBeWritten) {
    if (::geteuid() != 0) GTEST_SKIP() << "run as root, it becomes another user";
    attach_to("primary.db");
    fs::permissions(folder.path(), fs::perms(0755));
    fs::permissions(path("a.db"), fs::perms(0666));
    // Root may write everything; nobody may not.
    const Ran ran = run_program({"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
                                 "env", "HOME=" + path("home"), "XDG_CONFIG_HOME=" + path("none"),
                                 TIDEMARK_COMMAND, "doctor", path("a.db")},
                                folder.path().string());
    EXPECT_EQ(ran.exit_code, 1) << ran.out << ran.err;
    EXPECT_NE(ran.out.find("you may not write the folder"), std::string::npos)
        << ran.out << ran.err;
}

TEST_F(Doctor, FindsAPrimaryThatIsGoneReplacedOrNone) {
    attach_to("primary.db");
    fs::rename(path("primary.db"), path("away.db"));
    expect(look("primary", 3), "trouble", "is not there", " ");
    make("primary.db", "CREATE TABLE other(x)");
    expect(look("primary", 5), "trouble", "is no primary", "Detach this file");
    fs::remove(path("primary.db"));
    make("c.db", "CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
    ASSERT_EQ(run({"attach", "c.db", "primary.db"}).exit_code, 0);
    expect(look("primary", 5), "trouble", "is not the one that this replica belongs to",
           "--keep-primary");
    // --fix makes no choice for anybody.
    expect(look("primary", 5, {"--fix"}), "trouble", "is not the one");
    fs::remove(path("primary.db"));
    fs::rename(path("away.db"), path("primary.db"));
    edit("primary.db", "INSERT INTO t VALUES (7, 'direct')");
    expect(look("primary", 0), "good", "edited directly and so ahead of this file");
}

TEST_F(Doctor, FindsACopyThatSyncsUnderTheSameName) {
    attach_to("primary.db");
    copy("a.db", "twin.db");
    edit("twin.db", "INSERT INTO t VALUES (3, 'twin')");
    ASSERT_EQ(run({"sync", "twin.db"}).exit_code, 0);
    expect(look("primary", 0), "note", "another file syncs under this one's name",
           "nothing is lost");
}

TEST_F(Doctor, FindsAClockThatIsOff) {
    attach_to("primary.db");
    edit("a.db", "UPDATE tidemark_meta SET clock = unixepoch() * 1000 + 3600000 * 5");
    expect(look("clock", 0), "note", "ahead of it", "nothing has to be done");
    {
        const Served server(path("primary2.db"));
        make("b.db", "CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
        ASSERT_EQ(run({"attach", "b.db", server.url()}).exit_code, 0);
    }
    // Offline, what the last sync found still counts.
    edit("b.db", "UPDATE tidemark_meta SET clock_offset_ms = -7200000");
    const Ran ran = run({"doctor", "b.db"});
    EXPECT_EQ(ran.exit_code, 3) << ran.out;
    EXPECT_NE(ran.out.find("2 h 0 min ahead of the primary's"), std::string::npos) << ran.out;
    EXPECT_NE(ran.out.find("timedatectl set-ntp true"), std::string::npos) << ran.out;
}

TEST_F(Doctor, TellsNetworkTokenAndServerApart) {
    ASSERT_EQ(run({"keys", "create", "server.key"}).exit_code, 0);
    const std::string token = run({"token", "create", "--key", "server.key"}).out;
    const std::string variable = "TIDEMARK_AUTH_TOKEN=" + token.substr(0, token.find('\n'));
    std::uint16_t port = 0;
    {
        const Served server(path("primary.db"), {"--auth-jwt-key", path("server.key.pub")});
        port = server.port();
        const Ran ran = run({"attach", "a.db", server.url()}, {variable});
        ASSERT_EQ(ran.exit_code, 0) << ran.err;
        expect(look("network", 0, {}, {variable}), "good",
               "127.0.0.1:" + std::to_string(port) + " is reached");
        expect(look("token", 0, {}, {variable}), "good",
               "the one from TIDEMARK_AUTH_TOKEN is used, and never expires");
        expect(look("primary", 0, {}, {variable}), "good", "answered in ");

        expect(look("token", 4), "good", "none is known");
        expect(look("network", 4), "good", "is reached");
        expect(look("primary", 4), "trouble", "does not accept this device's token",
               "tidemark login");
        expect(look("token", 4, {}, {"TIDEMARK_AUTH_TOKEN=hello"}), "trouble",
               "Invalid token format");
        expect(look("token", 4, {}, {"TIDEMARK_AUTH_TOKEN=" + token_with(R"({"exp":5})")}),
               "trouble", "expired at 1970-01-01", "tidemark login");
        const auto soon = std::to_string(std::time(nullptr) + 86'400);
        expect(
            look("token", 4, {}, {"TIDEMARK_AUTH_TOKEN=" + token_with("{\"exp\":" + soon + "}")}),
            "note", "expires in ", "Get a new one");
    }
    expect(look("network", 3, {}, {variable}), "trouble", "nothing answers there",
           "Check that the server runs");
    // What is wrong there does not keep --fix from mending what is wrong here.
    fs::permissions(path("a.db"), fs::perms(0666));
    expect(look("permissions", 3, {"--fix"}, {variable}), "good", "can be written");
}

}  // namespace
}  // namespace tidemark
