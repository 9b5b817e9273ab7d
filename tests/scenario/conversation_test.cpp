// What a person meets at the terminal: attaching in a conversation, and the shell.

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "support/story.hpp"
#include "support/terminal.hpp"

namespace tidemark {
namespace {

namespace fs = std::filesystem;

class Conversation : public Story {
protected:
    Terminal terminal(const std::vector<std::string>& arguments) {
        std::vector<std::string> all{TIDEMARK_COMMAND};
        all.insert(all.end(), arguments.begin(), arguments.end());
        return Terminal(all, folder.path().string(),
                        {{"HOME", path("home")},
                         {"XDG_CONFIG_HOME", path("home/.config")},
                         {"XDG_STATE_HOME", path("home/.state")},
                         {"NO_COLOR", "1"}});
    }
    void SetUp() override {
        fs::create_directories(path("home/.config"));
        fs::create_directories(path("home/.state"));
    }
    void notes(const std::string& file) {
        make(file,
             "CREATE TABLE notes(id TEXT PRIMARY KEY, title TEXT); "
             "INSERT INTO notes VALUES ('n1', 'Milk'), ('n2', 'Bread')");
    }
};

TEST_F(Conversation, C5C16F3APersonWhoKnowsNothingGetsToASyncedDatabase) {
    notes("notes.db");
    Terminal talk = terminal({"attach"});
    talk.wait_for("Database file of your application: ");
    talk.type("notes.db\n");
    talk.wait_for("A primary is the database that all your devices agree on.");
    talk.wait_for("turso db tokens create notes");
    talk.wait_for("Primary (a path or a URL): ");
    talk.type("missing-folder/primary.db\n");
    talk.wait_for("That did not work: ");
    talk.wait_for("Try another primary or token? [Y/n] ");
    talk.type("\n");
    talk.wait_for("Primary (a path or a URL): ");
    talk.type("primary.db\n");
    talk.wait_for("Here:    1 table, 2 rows");
    talk.wait_for("Primary: no database yet");
    talk.wait_for("Upload existing data to the primary? [Y/n] ");
    talk.type("y\n");
    talk.wait_for("Copy notes.db to notes.db.before-attach first? [Y/n] ");
    talk.type("\n");
    talk.wait_for("Attached notes.db to primary.db");
    talk.wait_for("tidemark watch notes.db");
    EXPECT_EQ(talk.finish(), 0) << talk.shown();
    expect_same("notes.db", "primary.db");
    EXPECT_EQ(ask("notes.db.before-attach", "SELECT count(*) FROM notes"), Dump{"2"});
}

TEST_F(Conversation, C16NoMeansThatNothingIsUploadedAndNothingChanges) {
    notes("notes.db");
    const Dump before = dump_everything(path("notes.db"));
    Terminal talk = terminal({"attach", "notes.db"});
    talk.wait_for("Primary (a path or a URL): ");
    talk.type("primary.db\n");
    talk.wait_for("[Y/n] ");
    talk.type("n\n");
    talk.wait_for("nothing was uploaded");
    EXPECT_EQ(talk.finish(), 5);
    EXPECT_FALSE(fs::exists(path("primary.db")));
    EXPECT_EQ(difference(before, dump_everything(path("notes.db"))), "");
}

TEST_F(Conversation, B11WhereBothHaveDataItSaysSoAndLetsThePersonChoose) {
    notes("a.db");
    attach("a.db");
    make("b.db",
         "CREATE TABLE notes(id TEXT PRIMARY KEY, title TEXT); "
         "INSERT INTO notes VALUES ('n3', 'Tea')");
    Terminal talk = terminal({"attach", "b.db", "--no-backup"});
    talk.wait_for("Primary (a path or a URL): ");
    talk.type("primary.db\n");
    talk.wait_for("Here:    1 table, 1 row\n");
    talk.wait_for("Primary: 1 table, 2 rows");
    talk.wait_for("merge, local or primary [merge]: ");
    talk.type("perhaps\n");
    talk.wait_for("merge, local or primary [merge]: ");
    talk.type("merge\n");
    talk.wait_for("Attached b.db to primary.db and merged.");
    EXPECT_EQ(talk.finish(), 0);
    EXPECT_EQ(ask("primary.db", "SELECT count(*) FROM notes"), Dump{"3"});
}

TEST_F(Conversation, WithoutATerminalNothingIsAskedAndTheAnswerIsNamed) {
    notes("notes.db");
    for (const auto& arguments : {std::vector<std::string>{"attach"}, {"attach", "notes.db"}}) {
        const Ran ran = tidemark(arguments);
        EXPECT_EQ(ran.exit_code, 5);
        EXPECT_NE(ran.err.find("tidemark attach DB PRIMARY"), std::string::npos) << ran.err;
    }
}

TEST_F(Conversation, C9TheShellShowsWhatWaitsAndRunsSqlAndCommands) {
    notes("notes.db");
    attach("notes.db");
    Terminal talk = terminal({"shell", "notes.db"});
    talk.wait_for("notes.db ✓> ");
    talk.type("INSERT INTO notes VALUES\n");
    talk.wait_for("...> ");
    talk.type("('n3', 'Tea');\n");
    talk.wait_for("1 row changed.");
    talk.wait_for("notes.db ↑1> ");
    talk.type(".sync\n");
    talk.wait_for("Sent 1 row.");
    talk.wait_for("notes.db ✓> ");
    talk.press("SELECT title FROM NO\tWHERE id = 'n3';\n");
    talk.wait_for("Tea");
    talk.wait_for("notes.db ✓> ");
    talk.type("SELEC 1;\n");
    talk.wait_for("syntax error");
    talk.wait_for("notes.db ✓> ");
    talk.type(".tabels\n");
    talk.wait_for("Did you mean '.tables'?");
    talk.wait_for("notes.db ✓> ");
    talk.press("\x1b[A\x1b[A\x1b[A\n");  // three lines back
    talk.wait_for("Tea");
    talk.wait_for("notes.db ✓> ");
    talk.press("\x04");
    EXPECT_EQ(talk.finish(), 0) << talk.shown();
    EXPECT_TRUE(fs::exists(path("home/.state/tidemark/shell_history")));
}

TEST_F(Conversation, CtrlCInTheShellDropsTheLineAndEndsAStatementButNotTheShell) {
    notes("notes.db");
    Terminal talk = terminal({"shell", "notes.db"});
    talk.wait_for("notes.db> ");
    talk.type("SELECT 'half\n");
    talk.wait_for("...> ");
    talk.press("\x03");
    talk.wait_for("notes.db> ");
    talk.type(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
        "SELECT count(*) FROM n;\n");
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    talk.type("\x03");
    talk.wait_for("interrupted");
    talk.wait_for("notes.db> ");
    talk.type(".quit\n");
    EXPECT_EQ(talk.finish(), 0) << talk.shown();
}

TEST_F(Conversation, TheShellRunsItsInputWithoutATerminal) {
    notes("notes.db");
    const std::string folder_name = folder.path().string();
    Ran ran = run_program({TIDEMARK_COMMAND, "shell", "notes.db"}, folder_name,
                          "SELECT title FROM notes\nWHERE id = 'n1';\n.tables\n");
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    EXPECT_EQ(ran.out, "title\nMilk\nnotes\n");
    ran = run_program({TIDEMARK_COMMAND, "shell", "notes.db"}, folder_name, ".mode line\n.mode\n");
    EXPECT_EQ(ran.out, "line\n");
    ran = tidemark({"shell", "notes.db", "SELECT * FROM notes", "--mode", "csv"});
    EXPECT_EQ(ran.out, "id,title\r\nn1,Milk\r\nn2,Bread\r\n");
    ran = tidemark({"shell", "notes.db", "SELECT id FROM notes LIMIT 1", "--json"});
    EXPECT_EQ(ran.out, "{\"id\":\"n1\"}\n");
    ran = tidemark({"shell", "notes.db", "SELECT nothing; SELECT 1"});
    EXPECT_EQ(ran.exit_code, 1);
    EXPECT_EQ(ran.out, "");
}

}  // namespace
}  // namespace tidemark
