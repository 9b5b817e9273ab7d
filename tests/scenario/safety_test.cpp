// Backup, restore, export and import: the data is the user's, and stays so.

#include <filesystem>
#include <fstream>
#include <iterator>

#include "support/story.hpp"

namespace tidemark {
namespace {

namespace fs = std::filesystem;

constexpr const char* schema = R"(
    CREATE TABLE notes(id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT, n REAL, data BLOB,
        size AS (length(data)));
    CREATE TABLE tags(name TEXT PRIMARY KEY) WITHOUT ROWID;
    CREATE VIRTUAL TABLE found USING fts5(title, content = 'notes', content_rowid = 'id');
    CREATE TRIGGER indexed AFTER INSERT ON notes BEGIN
        INSERT INTO found(rowid, title) VALUES (new.id, new.title);
    END;
    CREATE INDEX by_title ON notes(title);
    CREATE VIEW titles AS SELECT title FROM notes;
    PRAGMA user_version = 7;
    INSERT INTO notes(title, n, data) VALUES ('it''s, "quoted"' || char(10) || 'ü', 1, x'00ff'),
        ('', 0.1, NULL), (NULL, 1e300, x'');
    INSERT INTO tags VALUES ('urgent');)";

class Safety : public Story {
protected:
    void SetUp() override { two_devices(schema); }
    std::string read(const std::string& file) const {
        std::ifstream in(path(file), std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    void write(const std::string& file, const std::string& text) const {
        std::ofstream(path(file), std::ios::binary) << text;
    }
    Ran ok(const std::vector<std::string>& arguments) {
        Ran ran = tidemark(arguments);
        EXPECT_EQ(ran.exit_code, 0) << arguments[0] << ": " << ran.out << ran.err;
        return ran;
    }
};

TEST_F(Safety, ABackupIsWholeAndNeverOverwritesAnything) {
    ok({"backup", "a.db", "backup.db"});
    expect_same("backup.db", "a.db");
    expect_sound("backup.db");
    EXPECT_EQ(tidemark({"backup", "a.db", "backup.db"}).exit_code, 1);
    EXPECT_FALSE(fs::exists(path("backup.db.partial")));
    EXPECT_EQ(tidemark({"backup", "missing.db", "other.db"}).exit_code, 1);
    EXPECT_FALSE(fs::exists(path("other.db")));
}

TEST_F(Safety, F4ARestoredReplicaKeepsWhatItWasAndGoesOn) {
    ok({"backup", "a.db", "backup.db"});
    edit("a.db", "INSERT INTO tags VALUES ('later')");
    sync("a.db");
    EXPECT_EQ(tidemark({"restore", "a.db", "backup.db"}).exit_code, 5);
    const auto report = tidemark_json({"restore", "a.db", "backup.db", "--replace"});
    EXPECT_TRUE(report.at("replica").as_bool());
    const std::string kept = report.at("kept").as_string().c_str();
    EXPECT_EQ(dump_query(path(fs::path(kept).filename()), "SELECT name FROM tags"),
              (Dump{"'later'", "'urgent'"}));
    EXPECT_EQ(ask("a.db", "SELECT name FROM tags"), Dump{"'urgent'"});
    edit("a.db", "INSERT INTO tags VALUES ('after')");
    settle();
    EXPECT_EQ(ask("a.db", "SELECT name FROM tags"), (Dump{"'after'", "'later'", "'urgent'"}));
    ok({"restore", "new.db", "backup.db"});
    expect_same("new.db", "backup.db");
}

TEST_F(Safety, ADamagedBackupIsRefusedAndChangesNothing) {
    write("backup.db", std::string(5000, 'x'));
    const Dump before = dump_everything(path("a.db"));
    EXPECT_EQ(tidemark({"restore", "a.db", "backup.db", "--replace"}).exit_code, 1);
    EXPECT_EQ(tidemark({"restore", "a.db", "missing.db", "--replace"}).exit_code, 1);
    EXPECT_EQ(difference(before, dump_everything(path("a.db"))), "");
}

TEST_F(Safety, F8AnExportedDatabaseHoldsEverythingButTidemark) {
    ok({"export", "a.db", "--format", "sqlite", "--output", "plain.db"});
    EXPECT_EQ(ask("plain.db", "SELECT name FROM sqlite_schema WHERE name LIKE '%tidemark%'"),
              Dump{});
    expect_same("plain.db", "a.db");
    EXPECT_EQ(ask("plain.db", "SELECT rowid FROM found WHERE found MATCH 'quoted'"), Dump{"1"});
    EXPECT_EQ(ask("plain.db", "PRAGMA user_version"), Dump{"7"});
    EXPECT_EQ(tidemark({"export", "a.db", "--format", "sqlite", "-o", "plain.db"}).exit_code, 1);
    EXPECT_EQ(tidemark({"export", "a.db", "--format", "sqlite"}).exit_code, 2);
}

TEST_F(Safety, F8ExportedSqlMakesTheDatabaseAnewWithPlainSqlite) {
    ok({"export", "a.db", "--format", "sql", "--output", "all.sql"});
    EXPECT_EQ(read("all.sql").find("tidemark"), std::string::npos);
    make("again.db", "PRAGMA user_version = 0");
    shell("again.db", read("all.sql"));
    expect_same("again.db", "a.db");
    EXPECT_EQ(dump_schema(path("again.db")), dump_schema(path("a.db")));
    EXPECT_EQ(ask("again.db", "SELECT rowid FROM found WHERE found MATCH 'quoted'"), Dump{"1"});
    EXPECT_EQ(ask("again.db", "SELECT seq FROM sqlite_sequence WHERE name = 'notes'"), Dump{"3"});
    EXPECT_EQ(ask("again.db", "PRAGMA user_version"), Dump{"7"});
}

TEST_F(Safety, C14WhatWasExportedIsImportedAgainAndTravels) {
    ok({"export", "a.db", "--format", "json", "--output", "all.json"});
    const std::string csv = ok({"export", "a.db", "--format", "csv", "--table", "notes"}).out;
    const Dump before = dump_rows(path("a.db"));
    edit("a.db", "DELETE FROM notes; DELETE FROM tags");
    ok({"import", "a.db", "all.json"});
    EXPECT_EQ(difference(before, dump_rows(path("a.db"))), "");

    const Ran again = tidemark({"import", "a.db", "all.json"});
    EXPECT_EQ(again.exit_code, 1) << again.err;
    EXPECT_EQ(difference(before, dump_rows(path("a.db"))), "");
    EXPECT_EQ(tidemark_json({"import", "a.db", "all.json", "--on-conflict", "skip"}).at("rows"), 0);

    write("notes.csv", csv + "9,nine,2.5,\r\n");
    ok({"import", "a.db", "notes.csv", "--table", "notes", "--on-conflict", "skip"});
    settle();
    EXPECT_EQ(ask("b.db", "SELECT title, n = 2.5 FROM notes WHERE id = 9"), Dump{"'nine', 1"});
}

TEST_F(Safety, AnImportThatFailsHalfWayChangesNothing) {
    const Dump before = dump_everything(path("a.db"));
    write("bad.csv", "name\nnew\nurgent\n");
    EXPECT_EQ(tidemark({"import", "a.db", "bad.csv", "--table", "tags"}).exit_code, 1);
    write("short.csv", "id,title\n7,x\n8\n");
    const Ran ran = tidemark({"import", "a.db", "short.csv", "--table", "notes"});
    EXPECT_EQ(ran.exit_code, 1);
    EXPECT_NE(ran.err.find("line 3 has 1 field, not 2"), std::string::npos) << ran.err;
    write("wrong.json", R"({"tables": {"tags": [{"name": "a"}, {"nam": "b"}]}})");
    EXPECT_EQ(tidemark({"import", "a.db", "wrong.json"}).exit_code, 1);
    EXPECT_EQ(tidemark({"import", "a.db", "bad.csv"}).exit_code, 5);
    EXPECT_EQ(tidemark({"import", "a.db", "bad.csv", "--table", "nothing"}).exit_code, 2);
    EXPECT_EQ(difference(before, dump_everything(path("a.db"))), "");
}

}  // namespace
}  // namespace tidemark
