// The same file written by other programs: what is captured does not depend on who writes.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "capture/captured_file.hpp"

namespace tidemark::capture {
namespace {

using Entries = CapturedFile::Entries;

constexpr const char* schema = R"(
    CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT COLLATE NOCASE, b, email UNIQUE);
    INSERT INTO t VALUES (1, 'one', 1, 'x'), (2, 'two', 2, 'y'), (3, 'three', 3, 'z'))";

constexpr const char* edits = R"(
    INSERT INTO t(id, a) VALUES (4, 'four');
    UPDATE t SET a = 'ONE', b = b WHERE id = 1;
    UPDATE t SET b = 1.0 WHERE id = 1;
    UPDATE t SET rowid = 20 WHERE id = 2;
    INSERT OR REPLACE INTO t(id, email) VALUES (5, 'z');
    INSERT INTO t(id, b) VALUES (4, 0) ON CONFLICT(id) DO UPDATE SET b = 7;
    DELETE FROM t WHERE id = 4;
)";

class OtherPrograms : public testing::Test {
protected:
    OtherPrograms() {
        std::string name = (std::filesystem::temp_directory_path() / "tidemark-XXXXXX").string();
        folder = ::mkdtemp(name.data());
        std::ofstream(folder / "edits.sql") << edits;
    }
    ~OtherPrograms() override { std::filesystem::remove_all(folder); }

    /// What is captured when a command makes the edits; it runs in the folder of app.db.
    Entries after_command(const std::string& command) {
        CapturedFile file(schema, folder / "app.db");
        const std::string all = "cd " + folder.string() + " && " + command;
        EXPECT_EQ(std::system(all.c_str()), 0) << all;
        return file.entries();
    }

    const Entries expected{"1 a",    "1 b",       "2 touched", "20 born", "3 touched",
                           "4 born", "4 touched", "4 b",       "5 born"};
    std::filesystem::path folder;
};

TEST_F(OtherPrograms, ThisOneIsCaptured) {
    CapturedFile file(schema);
    EXPECT_EQ(file.after(edits), expected);
}

TEST_F(OtherPrograms, TheSqliteShellIsCaptured) {
    EXPECT_EQ(after_command("sqlite3 -bail app.db < edits.sql"), expected);
}

TEST_F(OtherPrograms, PythonIsCaptured) {
    EXPECT_EQ(after_command("python3 -c \"import sqlite3; "
                            "sqlite3.connect('app.db').executescript(open('edits.sql').read())\""),
              expected);
}

}  // namespace
}  // namespace tidemark::capture
