// One database with every kind of table and value there is goes to the primary, to another device,
// and is edited on both: what arrives is exactly what was written.

#include "support/story.hpp"

namespace tidemark {
namespace {

std::string wide_table() {
    std::string sql = "CREATE TABLE wide(id INTEGER PRIMARY KEY";
    for (int i = 0; i < 80; ++i) sql += ", w" + std::to_string(i);
    return sql + ")";
}

constexpr const char* keys_of_every_kind = R"(
    CREATE TABLE plain(id INTEGER PRIMARY KEY, v);
    CREATE TABLE counted(id INTEGER PRIMARY KEY AUTOINCREMENT, v);
    CREATE TABLE by_text(k TEXT PRIMARY KEY, v);
    CREATE TABLE by_blob(k BLOB PRIMARY KEY, v);
    CREATE TABLE by_anything(k PRIMARY KEY, v);
    CREATE TABLE by_real(k REAL PRIMARY KEY, v);
    CREATE TABLE by_two(a TEXT, b INTEGER, v, PRIMARY KEY(b, a));
    CREATE TABLE nocase(k TEXT PRIMARY KEY COLLATE NOCASE, v);
    CREATE TABLE bare(k TEXT PRIMARY KEY, v) WITHOUT ROWID;
    CREATE TABLE bare_two(a INTEGER, b TEXT COLLATE NOCASE, v, PRIMARY KEY(a, b)) WITHOUT ROWID;
    CREATE TABLE strict_one(id INTEGER PRIMARY KEY, i INT, r REAL, t TEXT, b BLOB, any ANY) STRICT;
    CREATE TABLE only_key(a, b, PRIMARY KEY(a, b));
    CREATE TABLE backwards(id INTEGER PRIMARY KEY DESC, v);
    CREATE TABLE computed(id INTEGER PRIMARY KEY, n INTEGER,
        twice INTEGER GENERATED ALWAYS AS (n * 2) STORED, thrice AS (n * 3) VIRTUAL, after TEXT);
    CREATE TABLE "odd ""name"" [x] 'y' {z}"("the key" INTEGER PRIMARY KEY, "a ""b""" TEXT, "c'd", "{T}", "select");
    CREATE TABLE cols(at INTEGER PRIMARY KEY, rev, seq, gone, k1, c1, born, cols, origin, edited, since, "by");
    CREATE TABLE k1(k1 TEXT, cols TEXT, at, rev, "new", "old", excluded, PRIMARY KEY(k1, cols));
    CREATE TABLE "new"(id INTEGER PRIMARY KEY, u UNIQUE, "held");
    CREATE TABLE s(t TEXT PRIMARY KEY, s, p, r, c);
    CREATE TABLE meta(id INTEGER PRIMARY KEY, v); CREATE TABLE rows_meta(id INTEGER PRIMARY KEY, v);
    CREATE TABLE "größe 📏"("schlüssel 🔑" TEXT PRIMARY KEY, "wert" TEXT);
    INSERT INTO plain VALUES (1, 'p'), (-5, 'negative'), (9223372036854775806, 'huge');
    INSERT INTO counted VALUES (10, 'c');
    INSERT INTO by_text VALUES ('a', 1), ('A', 2), ('', 3);
    INSERT INTO by_blob VALUES (x'00', 1), (x'', 2), (x'ff00ff', 3);
    INSERT INTO by_anything VALUES (1, 'int'), ('1', 'text'), (x'31', 'blob'), (1.5, 'real');
    INSERT INTO by_real VALUES (1, 'one'), (1.5, 'more'), (-1e300, 'less');
    INSERT INTO by_two VALUES ('a', 1, 'x'), ('b', 1, 'y'), ('a', 2, 'z');
    INSERT INTO nocase VALUES ('Ada', 1), ('bob', 2);
    INSERT INTO bare VALUES ('a', 1), ('b', 2);
    INSERT INTO bare_two VALUES (1, 'Ab', 1), (2, 'ab', 2);
    INSERT INTO strict_one VALUES (1, 1, 1.0, '1', x'31', 1), (2, NULL, 2, 'x', x'', '007');
    INSERT INTO only_key VALUES (1, 2), (1, 3);
    INSERT INTO backwards VALUES (1, 'a'), (2, 'b');
    INSERT INTO computed(id, n, after) VALUES (1, 5, 'z'), (2, 7, 'y');
    INSERT INTO "odd ""name"" [x] 'y' {z}" VALUES (1, 'v', 'w', 'x', 'y');
    INSERT INTO cols VALUES (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
    INSERT INTO k1 VALUES ('k', 'c', 1, 2, 3, 4, 5);
    INSERT INTO "new" VALUES (1, 'u', 'h');
    INSERT INTO s VALUES ('t', 's', 'p', 'r', 'c');
    INSERT INTO meta VALUES (1, 'm'); INSERT INTO rows_meta VALUES (1, 'r');
    INSERT INTO "größe 📏" VALUES ('länge', '1 m'))";

constexpr const char* edits_of_a = R"(
    UPDATE plain SET v = 'p2' WHERE id = 1; DELETE FROM plain WHERE id = -5;
    INSERT INTO counted(v) VALUES ('from a');
    UPDATE by_text SET v = v + 10; INSERT INTO by_text VALUES ('ä', 4);
    DELETE FROM by_blob WHERE k = x''; INSERT INTO by_blob VALUES (x'0001', 9);
    UPDATE by_anything SET v = v || '!' WHERE typeof(k) = 'text';
    UPDATE by_real SET v = 'uno' WHERE k = 1;
    UPDATE by_two SET v = 'xx' WHERE a = 'a' AND b = 1; UPDATE by_two SET a = 'c' WHERE v = 'y';
    UPDATE nocase SET k = 'ADA' WHERE k = 'ada'; UPDATE nocase SET v = 20 WHERE k = 'BOB';
    UPDATE bare SET v = 11 WHERE k = 'a'; DELETE FROM bare WHERE k = 'b';
    UPDATE bare_two SET v = 9 WHERE b = 'AB';
    UPDATE strict_one SET any = 1.0 WHERE id = 1;
    INSERT INTO only_key VALUES (2, 2); DELETE FROM only_key WHERE b = 3;
    UPDATE backwards SET v = 'aa' WHERE id = 1; INSERT INTO backwards VALUES (3, 'c');
    UPDATE computed SET n = 6 WHERE id = 1;
    UPDATE "odd ""name"" [x] 'y' {z}" SET "a ""b""" = 'v2', "{T}" = 'x2';
    UPDATE cols SET rev = 20, gone = 40, born = 70, c1 = 60; INSERT INTO cols(at, k1) VALUES (2, 'k');
    UPDATE k1 SET at = 10, "new" = 30; INSERT INTO k1(k1, cols) VALUES ('K', 'C');
    INSERT OR REPLACE INTO "new"(id, u) VALUES (2, 'u');
    UPDATE s SET s = 'S', p = 'P';
    UPDATE meta SET v = 'mm'; UPDATE rows_meta SET v = 'rr';
    UPDATE "größe 📏" SET wert = '2 m';
    UPDATE wide SET w3 = 'a', w75 = 'a' WHERE id = 1)";

constexpr const char* edits_of_b = R"(
    UPDATE plain SET v = 'bigger' WHERE id > 1000;
    INSERT INTO counted(v) VALUES ('from b');
    DELETE FROM by_text WHERE k = 'A';
    UPDATE by_blob SET v = 33 WHERE k = x'ff00ff';
    UPDATE by_anything SET v = v || '?' WHERE typeof(k) = 'integer';
    DELETE FROM by_real WHERE k = 1.5;
    UPDATE by_two SET v = 'zz' WHERE b = 2;
    INSERT INTO nocase VALUES ('Eve', 3);
    INSERT INTO bare VALUES ('c', 3);
    INSERT INTO bare_two VALUES (1, 'c', 3);
    UPDATE strict_one SET t = '2', b = x'32' WHERE id = 1;
    INSERT INTO only_key VALUES (x'00', x''), ('x', 'y');
    DELETE FROM backwards WHERE id = 2;
    UPDATE computed SET after = 'zzz' WHERE id = 1; DELETE FROM computed WHERE id = 2;
    UPDATE "odd ""name"" [x] 'y' {z}" SET "c'd" = 'w2', "select" = 'y2';
    UPDATE cols SET seq = 30, k1 = 50, cols = 80, origin = 90, edited = 100, since = 110, "by" = 120;
    UPDATE k1 SET rev = 20, "old" = 40, excluded = 50;
    UPDATE s SET r = 'R', c = 'C';
    INSERT INTO meta VALUES (2, 'n');
    INSERT INTO "größe 📏" VALUES ('🤷‍♀️', NULL);
    UPDATE wide SET w4 = 'b', w76 = 'b' WHERE id = 1)";

class EveryKind : public Story {
protected:
    void round_trip(const std::string& schema, const std::string& of_a, const std::string& of_b) {
        two_devices(schema);
        expect_same("a.db", "b.db");
        EXPECT_EQ(difference(dump_schema(path("a.db")), dump_schema(path("b.db"))), "");
        edit("a.db", of_a);
        edit("b.db", of_b);
        settle();
        EXPECT_EQ(difference(dump_schema(path("a.db")), dump_schema(path("primary.db"))), "");
    }
};

TEST_F(EveryKind, OfTableAndKeyGoesRoundWithEditsOfBothSides) {
    std::string schema = std::string(keys_of_every_kind) + ";" + wide_table() +
                         "; INSERT INTO wide(id, w3, w79) VALUES (1, 'x', 'y')";
    round_trip(schema, edits_of_a, edits_of_b);
    EXPECT_EQ(ask("b.db", "SELECT k, v FROM nocase ORDER BY k"),
              (Dump{"'ADA', 1", "'bob', 20", "'Eve', 3"}));
    EXPECT_EQ(ask("b.db", "SELECT * FROM computed"), Dump{"1, 6, 12, 18, 'zzz'"});
    EXPECT_EQ(ask("a.db", "SELECT * FROM cols WHERE at = 1"),
              Dump{"1, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120"});
    EXPECT_EQ(ask("a.db", "SELECT * FROM k1 WHERE k1 = 'k'"), Dump{"'k', 'c', 10, 20, 30, 40, 50"});
    EXPECT_EQ(ask("b.db", "SELECT * FROM \"new\""), Dump{"2, 'u', NULL"});
    EXPECT_EQ(ask("a.db", "SELECT * FROM s"), Dump{"'t', 'S', 'P', 'R', 'C'"});
    EXPECT_EQ(ask("b.db", "SELECT w3, w4, w79 FROM wide"), Dump{"'a', 'b', 'y'"});
    EXPECT_EQ(ask("b.db", "SELECT v FROM counted ORDER BY v"),
              (Dump{"'c'", "'from a'", "'from b'"}));
    EXPECT_EQ(ask("b.db", "SELECT any, typeof(any), t FROM strict_one WHERE id = 1"),
              Dump{"real:0x1p+0, 'real', '2'"});
    EXPECT_TRUE(conflicts("a.db").empty());
    Dump clashes;
    for (const Conflict& clash : conflicts("b.db"))
        clashes.push_back(clash.table + " " + clash.columns.at(0));
    // Of more than 60 columns the last ones count as one.
    EXPECT_EQ(clashes, (Dump{"counted id", "by_text v", "wide w75", "wide w76"}));
}

constexpr const char* values_of_every_kind = R"(
    (1, NULL), (2, 1), (3, 1.0), (4, '1'), (5, x'31'), (6, 0), (7, -0.0), (8, ''), (9, x''),
    (10, x'00'), (11, 'a' || char(0) || 'b'), (12, char(0)), (13, 9223372036854775807),
    (14, -9223372036854775808), (15, 9.2233720368547758e18),
    (18, 4.9e-324), (19, 1.7976931348623157e308), (20, 0.1), (21, '🦉 and ''quotes"'),
    (23, char(10) || char(13) || char(9)), (24, zeroblob(300000)),
    (25, replace(hex(zeroblob(100000)), '00', 'long ')), (26, '007'), (27, ' 1'), (28, 123456789012345678),
    (29, 1e15), (30, char(0xFEFF) || 'x'), (31, 'é'), (32, 'e' || char(0x301)))";

/// What JSON cannot carry, and what protobuf cannot either: a push with it is refused, and nothing
/// is lost.
constexpr const char* values_beyond_json = ", (16, 9e999), (17, -9e999)";
constexpr const char* values_for_files_only = ", (22, CAST(x'ff80' AS TEXT))";

TEST_F(EveryKind, OfValueKeepsItsTypeAndEveryByteThroughUploadDownloadAndEdit) {
    const std::string tables = R"(
        CREATE TABLE v(id INTEGER PRIMARY KEY, v);
        CREATE TABLE texts(id INTEGER PRIMARY KEY, v TEXT);
        CREATE TABLE numbers(id INTEGER PRIMARY KEY, v NUMERIC);
        CREATE TABLE reals(id INTEGER PRIMARY KEY, v REAL);
        CREATE TABLE any_strict(id INTEGER PRIMARY KEY, v ANY) STRICT;
        CREATE TABLE as_key(v PRIMARY KEY, id);)";
    std::string fill;
    for (const std::string table : {"v", "texts", "numbers", "reals", "any_strict"}) {
        fill += "INSERT INTO " + table + " VALUES " + values_of_every_kind +
                (PrimaryServer::kind() == "tursodb" ? "" : values_beyond_json) +
                (PrimaryServer::wanted() ? "" : values_for_files_only) + ";";
    }
    fill += "INSERT OR IGNORE INTO as_key SELECT v, id FROM v WHERE v IS NOT NULL;";
    two_devices(tables + fill);
    expect_same("a.db", "b.db");
    std::string empty;
    for (const std::string table : {"v", "texts", "numbers", "reals", "any_strict", "as_key"}) {
        empty += "DELETE FROM " + table + ";";
    }
    const Dump full = dump_rows(path("a.db"));
    edit("a.db", empty);
    settle();
    edit("b.db", fill);
    settle();
    EXPECT_EQ(difference(full, dump_rows(path("a.db"))), "") << "inserted on one device";
    // Each value becomes each other kind of value: an edit, however alike they look.
    edit("a.db", "UPDATE v SET v = (SELECT w.v FROM v w WHERE w.id = v.id % 32 + 1)");
    const Dump turned = dump_rows(path("a.db"));
    settle();
    EXPECT_EQ(difference(turned, dump_rows(path("b.db"))), "") << "updated on one device";
}

TEST_F(EveryKind, OfLookalikeIsAChange) {
    two_devices(
        "CREATE TABLE v(id INTEGER PRIMARY KEY, v, n NUMERIC, t TEXT COLLATE NOCASE); "
        "INSERT INTO v VALUES (1, 1, 5, 'ada'), (2, 0.0, 5, 'x'), (3, '1', 5, 'x '), (4, x'61', 5, "
        "'')");
    edit("a.db",
         "UPDATE v SET v = 1.0, t = 'Ada' WHERE id = 1; UPDATE v SET v = 0 WHERE id = 2; "
         "UPDATE v SET v = 1, t = 'x' WHERE id = 3; UPDATE v SET v = 'a', t = NULL WHERE id = 4");
    const Dump after = dump_rows(path("a.db"));
    settle();
    EXPECT_EQ(difference(after, dump_rows(path("b.db"))), "");
}

constexpr const char* full_text = R"(
    CREATE TABLE docs(id INTEGER PRIMARY KEY, title TEXT, body TEXT);
    CREATE VIRTUAL TABLE docs_fts USING fts5(title, body, content='docs', content_rowid='id');
    CREATE TRIGGER docs_ai AFTER INSERT ON docs BEGIN
        INSERT INTO docs_fts(rowid, title, body) VALUES (new.id, new.title, new.body);
    END;
    CREATE TRIGGER docs_ad AFTER DELETE ON docs BEGIN
        INSERT INTO docs_fts(docs_fts, rowid, title, body) VALUES ('delete', old.id, old.title, old.body);
    END;
    CREATE TRIGGER docs_au AFTER UPDATE ON docs BEGIN
        INSERT INTO docs_fts(docs_fts, rowid, title, body) VALUES ('delete', old.id, old.title, old.body);
        INSERT INTO docs_fts(rowid, title, body) VALUES (new.id, new.title, new.body);
    END;
    INSERT INTO docs VALUES (1, 'Owls', 'hunt at night'), (2, 'Bees', 'dance by day'), (3, 'Moles', 'dig'))";

std::string search(const std::string& word) {
    return "SELECT rowid FROM docs_fts WHERE docs_fts MATCH '" + word + "' ORDER BY 1";
}

TEST_F(EveryKind, OfFullTextSearchIsRightOnBothSides) {
    two_devices(full_text);
    EXPECT_EQ(ask("b.db", search("night")), Dump{"1"}) << "rebuilt after the first download";
    edit("a.db",
         "UPDATE docs SET body = 'sleep by day' WHERE id = 1; DELETE FROM docs WHERE id = 3");
    edit("b.db",
         "INSERT INTO docs VALUES (9, 'Bats', 'hunt at night'); "
         "UPDATE docs SET title = 'Honey bees' WHERE id = 2");
    settle();
    for (const std::string file : {"a.db", "b.db", "primary.db"}) {
        EXPECT_EQ(ask(file, search("night")), Dump{"9"}) << file;
        EXPECT_EQ(ask(file, search("day")), (Dump{"1", "2"})) << file;
        EXPECT_EQ(ask(file, search("honey")), Dump{"2"}) << file;
        EXPECT_EQ(ask(file, search("dig")), Dump{}) << file;
        edit(file, "INSERT INTO docs_fts(docs_fts, rank) VALUES ('integrity-check', 1)");
    }
}

TEST_F(EveryKind, OfFullTextSearchIsRightWhereRowsMoveAroundUniqueValues) {
    two_devices(std::string(full_text) + "; CREATE UNIQUE INDEX one_title ON docs(title)");
    edit("a.db",
         "UPDATE docs SET title = '-' WHERE id = 1; UPDATE docs SET title = 'Owls' WHERE id = 2; "
         "UPDATE docs SET title = 'Bees' WHERE id = 1");
    edit("b.db",
         "UPDATE docs SET body = 'dig deep' WHERE id = 3; INSERT INTO docs VALUES (8, 'Newts', "
         "'swim')");
    edit("a.db", "INSERT INTO docs VALUES (8, 'Newts', 'swim and dig')");
    settle();
    for (const std::string file : {"a.db", "b.db", "primary.db"}) {
        EXPECT_EQ(ask(file, search("title:owls")), Dump{"2"}) << file;
        EXPECT_EQ(ask(file, search("dig")), (Dump{"3", "8"})) << file;
        edit(file, "INSERT INTO docs_fts(docs_fts, rank) VALUES ('integrity-check', 1)");
    }
}

TEST_F(EveryKind, OfFullTextTableWithItsOwnContentIsFilledByTriggersOnEachDevice) {
    two_devices(R"(
        CREATE TABLE docs(id INTEGER PRIMARY KEY, body TEXT);
        CREATE VIRTUAL TABLE docs_fts USING fts5(body);
        CREATE TRIGGER i AFTER INSERT ON docs BEGIN
            INSERT INTO docs_fts(rowid, body) VALUES (new.id, new.body); END;
        CREATE TRIGGER u AFTER UPDATE ON docs BEGIN
            UPDATE docs_fts SET body = new.body WHERE rowid = new.id; END;
        CREATE TRIGGER d AFTER DELETE ON docs BEGIN DELETE FROM docs_fts WHERE rowid = old.id; END;
        INSERT INTO docs VALUES (1, 'owl'), (2, 'bee'))");
    edit("a.db", "UPDATE docs SET body = 'barn owl' WHERE id = 1; DELETE FROM docs WHERE id = 2");
    edit("b.db", "INSERT INTO docs VALUES (3, 'bat')");
    settle();
    for (const std::string file : {"a.db", "b.db", "primary.db"}) {
        EXPECT_EQ(ask(file, search("barn OR bat OR bee")), (Dump{"1", "3"})) << file;
    }
}

constexpr const char* with_triggers = R"(
    CREATE TABLE notes(id INTEGER PRIMARY KEY, title TEXT, updated_at INTEGER DEFAULT 0, edits INTEGER DEFAULT 0);
    CREATE TABLE files(id INTEGER PRIMARY KEY, note INTEGER, name TEXT);
    CREATE TABLE log(id INTEGER PRIMARY KEY, what TEXT);
    CREATE TRIGGER touch AFTER UPDATE OF title ON notes BEGIN
        UPDATE notes SET updated_at = updated_at + 1000, edits = edits + 1 WHERE id = new.id;
    END;
    CREATE TRIGGER sweep AFTER DELETE ON notes BEGIN
        DELETE FROM files WHERE note = old.id;
        INSERT INTO log(what) VALUES ('deleted ' || old.title);
    END;
    CREATE VIEW titles AS SELECT id, title FROM notes;
    CREATE TRIGGER retitle INSTEAD OF UPDATE ON titles BEGIN
        UPDATE notes SET title = new.title WHERE id = new.id;
    END;
    CREATE INDEX recent ON notes(updated_at DESC) WHERE edits > 0;
    CREATE INDEX by_length ON notes(length(title), lower(title));
    INSERT INTO notes(id, title) VALUES (1, 'one'), (2, 'two'), (3, 'three');
    INSERT INTO files VALUES (1, 1, 'a.txt'), (2, 2, 'b.txt'))";

TEST_F(EveryKind, OfTriggerRunsOnceForEachEditAndNotAgainWhereTheEditArrives) {
    two_devices(with_triggers);
    edit("a.db",
         "UPDATE notes SET title = 'ONE' WHERE id = 1; UPDATE titles SET title = 'THREE' WHERE id "
         "= 3");
    edit("b.db", "DELETE FROM notes WHERE id = 2");
    settle();
    for (const std::string file : {"a.db", "b.db", "primary.db"}) {
        EXPECT_EQ(ask(file, "SELECT * FROM notes ORDER BY id"),
                  (Dump{"1, 'ONE', 1000, 1", "3, 'THREE', 1000, 1"}))
            << file;
        EXPECT_EQ(ask(file, "SELECT name FROM files"), Dump{"'a.txt'"}) << file;
        EXPECT_EQ(ask(file, "SELECT what FROM log"), Dump{"'deleted two'"}) << file;
    }
}

TEST_F(EveryKind, OfTriggerThatDeletesElsewhereDoesNotTakeWhatAnotherDeviceAdded) {
    two_devices(with_triggers);
    edit("b.db", "INSERT INTO files VALUES (7, 2, 'wanted.txt')");
    sync("b.db");
    edit("a.db", "DELETE FROM notes WHERE id = 2");
    settle({"a.db", "b.db"});
    EXPECT_EQ(ask("a.db", "SELECT name FROM files ORDER BY id"), (Dump{"'a.txt'", "'wanted.txt'"}));
}

TEST_F(EveryKind, OfCascadeReachesTheOtherDevice) {
    round_trip(R"(
        CREATE TABLE parents(code TEXT PRIMARY KEY, name);
        CREATE TABLE children(id INTEGER PRIMARY KEY, parent TEXT REFERENCES parents ON DELETE CASCADE ON UPDATE CASCADE, v);
        CREATE TABLE wards(id INTEGER PRIMARY KEY, parent TEXT DEFAULT 'z' REFERENCES parents(code) ON DELETE SET NULL);
        CREATE TABLE links(parent TEXT REFERENCES parents ON DELETE CASCADE ON UPDATE CASCADE, n INTEGER, PRIMARY KEY(parent, n));
        INSERT INTO parents VALUES ('a', 1), ('b', 2), ('c', 3), ('z', 9);
        INSERT INTO children VALUES (1, 'a', 'x'), (2, 'b', 'y'), (3, 'c', 'z'), (4, 'c', 'w');
        INSERT INTO wards VALUES (1, 'a'), (2, 'b');
        INSERT INTO links VALUES ('a', 1), ('b', 1), ('c', 1))",
               "DELETE FROM parents WHERE code = 'a'; UPDATE parents SET code = 'bb' WHERE code = "
               "'b' AND 0; "
               "UPDATE parents SET code = 'cc' WHERE code = 'c'",
               "UPDATE children SET v = 'edited' WHERE id = 3");
    EXPECT_EQ(ask("b.db", "SELECT * FROM children ORDER BY id"),
              (Dump{"2, 'b', 'y'", "3, 'cc', 'edited'", "4, 'cc', 'w'"}));
    EXPECT_EQ(ask("b.db", "SELECT * FROM wards ORDER BY id"), (Dump{"1, NULL", "2, 'b'"}));
    EXPECT_EQ(ask("b.db", "SELECT * FROM links ORDER BY 1"), (Dump{"'b', 1", "'cc', 1"}));
}

TEST_F(EveryKind, OfReplaceRemovesOnTheOtherDeviceWhatItRemovedHere) {
    two_devices(R"(
        CREATE TABLE users(id INTEGER PRIMARY KEY, email TEXT UNIQUE, name TEXT COLLATE NOCASE, UNIQUE(name));
        INSERT INTO users VALUES (1, 'a@x', 'Ada'), (2, 'b@x', 'Bob'), (3, 'c@x', 'Cy'), (4, 'd@x', 'Di'))");
    edit("a.db", "INSERT OR REPLACE INTO users VALUES (9, 'a@x', 'BOB')");
    edit("b.db", "UPDATE OR REPLACE users SET email = 'd@x' WHERE id = 3");
    settle();
    EXPECT_EQ(ask("b.db", "SELECT * FROM users ORDER BY id"),
              (Dump{"3, 'd@x', 'Cy'", "9, 'a@x', 'BOB'"}));
}

TEST_F(EveryKind, OfRowWithoutAKeyStaysOnItsDeviceAndIsReported) {
    make("a.db", R"(
        CREATE TABLE scraps(v); INSERT INTO scraps VALUES ('mine');
        CREATE TABLE holes(k TEXT PRIMARY KEY, v); INSERT INTO holes VALUES (NULL, 'no key'), ('k', 'v'))");
    const AttachReport report = attach("a.db");
    ASSERT_EQ(report.tables.size(), 2U);
    EXPECT_EQ(report.tables[0].name, "holes");
    EXPECT_EQ(report.tables[0].null_keys, 1);
    EXPECT_FALSE(report.tables[1].syncs);
    EXPECT_NE(report.tables[1].reason.find("PRIMARY KEY"), std::string::npos);
    clone("b.db");
    edit("a.db",
         "INSERT INTO holes VALUES (NULL, 'again'); UPDATE holes SET v = 'vv' WHERE v = 'v'; "
         "UPDATE holes SET k = 'found' WHERE v = 'again'; INSERT INTO scraps VALUES ('more')");
    sync("a.db");
    sync("b.db");
    EXPECT_EQ(ask("b.db", "SELECT * FROM holes ORDER BY k"),
              (Dump{"'found', 'again'", "'k', 'vv'"}));
    EXPECT_EQ(ask("a.db", "SELECT count(*) FROM scraps"), Dump{"2"});
    edit("a.db", "UPDATE holes SET k = NULL WHERE k = 'k'");
    sync("a.db");
    sync("b.db");
    EXPECT_EQ(ask("b.db", "SELECT k FROM holes"), Dump{"'found'"});
}

TEST_F(EveryKind, OfEncodingSyncsWithItsOwn) {
    for (const std::string encoding : {"UTF-16le", "UTF-16be"}) {
        for (const std::string file : {"a.db", "b.db", "primary.db"}) remove(file);
        two_devices("PRAGMA encoding = '" + encoding +
                    "'; CREATE TABLE t(k TEXT PRIMARY KEY, v, u TEXT UNIQUE); "
                    "INSERT INTO t VALUES ('größe', '🦉', 'ä'), ('b', 'c' || char(0) || 'd', "
                    "'🦉🦉')");
        EXPECT_EQ(ask("b.db", "PRAGMA encoding"), Dump{"'" + encoding + "'"});
        edit("a.db", "UPDATE t SET v = '🐝' WHERE k = 'größe'; INSERT INTO t VALUES ('é', 1, 'n')");
        edit("b.db",
             "INSERT INTO t VALUES ('日本', '語', NULL); UPDATE t SET u = 'ö' WHERE k = 'größe'");
        settle();
        EXPECT_EQ(ask("b.db", "SELECT v, u FROM t WHERE k = 'größe'"), Dump{"'🐝', 'ö'"});
    }
}

TEST_F(EveryKind, OfEncodingSyncsWithAnother) {
    make("a.db",
         "PRAGMA encoding = 'UTF-16le'; CREATE TABLE t(k TEXT PRIMARY KEY, v); "
         "INSERT INTO t VALUES ('größe', '🦉')");
    make("primary.db", "CREATE TABLE t(k TEXT PRIMARY KEY, v)");
    attach("a.db");
    clone("b.db");
    edit("a.db", "UPDATE t SET v = 'a' || char(0) || '🐝'");
    edit("b.db", "INSERT INTO t VALUES ('日本', '語')");
    settle();
    EXPECT_EQ(ask("b.db", "SELECT count(*) FROM t WHERE v IN ('a' || char(0) || '🐝', '語')"),
              Dump{"2"});
}

TEST_F(EveryKind, OfMarkThatAnApplicationLeavesInTheFileIsTakenAlong) {
    two_devices(
        "PRAGMA user_version = 42; PRAGMA application_id = 1234567; PRAGMA page_size = 8192; "
        "CREATE TABLE t(id INTEGER PRIMARY KEY)");
    for (const std::string file : {"primary.db", "b.db"}) {
        EXPECT_EQ(ask(file, "PRAGMA user_version"), Dump{"42"}) << file;
        EXPECT_EQ(ask(file, "PRAGMA application_id"), Dump{"1234567"}) << file;
    }
}

TEST_F(EveryKind, OfJournalModeWorksAndIsLeftAsItWas) {
    for (const std::string mode : {"delete", "wal"}) {
        for (const std::string file : {"a.db", "b.db", "primary.db"}) remove(file);
        two_devices("PRAGMA journal_mode = " + mode +
                    "; CREATE TABLE t(id INTEGER PRIMARY KEY, v); "
                    "INSERT INTO t VALUES (1, 1)");
        edit("b.db", "PRAGMA journal_mode = " + mode);
        edit("primary.db", "PRAGMA journal_mode = " + mode);
        edit("a.db", "UPDATE t SET v = 2");
        edit("b.db", "INSERT INTO t VALUES (2, 2)");
        settle();
        for (const std::string file : {"a.db", "b.db", "primary.db"}) {
            EXPECT_EQ(ask(file, "PRAGMA journal_mode"), Dump{"'" + mode + "'"}) << file;
        }
    }
}

// A push writes many rows in one statement where its primary is a server.
TEST_F(EveryKind, OfKeyTakesManyEditsAndDeletionsAtOnce) {
    const std::vector<std::string> keys{
        "id INTEGER PRIMARY KEY, %",
        "id TEXT COLLATE NOCASE PRIMARY KEY, %",
        "id BLOB PRIMARY KEY, %",
        "column1 TEXT, id INT, %, PRIMARY KEY(id, column1)",
        "rowid TEXT, id INT PRIMARY KEY, %",
        "id REAL PRIMARY KEY, %",
    };
    std::string schema;
    std::vector<std::string> tables;
    for (std::string columns : keys) {
        columns.replace(columns.find('%'), 1, "a TEXT, b TEXT NOT NULL, column2 INT");
        tables.push_back("t" + std::to_string(tables.size()));
        schema += "CREATE TABLE " + tables.back() + "(" + columns + ");";
    }
    if (PrimaryServer::kind() != "tursodb") {
        tables.push_back("bare");
        schema +=
            "CREATE TABLE bare(id, x DEFAULT 'x', a, b, column2, PRIMARY KEY(x, id)) "
            "WITHOUT ROWID;";
    }
    two_devices(schema);
    for (const std::string& table : tables) {
        edit("a.db",
             "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 90) "
             "INSERT INTO " +
                 table + "(id, a, b, column2) SELECT i, 'a' || i, '', i FROM n");
    }
    edit("a.db",
         "UPDATE t1 SET id = 'Key' || id; UPDATE t2 SET id = CAST('Key' || id AS BLOB);"
         "UPDATE t3 SET column1 = 'Half' || id % 3; UPDATE t4 SET rowid = 'row ' || id;"
         "UPDATE t5 SET id = id + 0.25");
    settle();
    for (const std::string& table : tables) {
        edit("a.db", "UPDATE " + table +
                         " SET a = a || ' edited', b = NULLIF(a, a) IS NULL "
                         "WHERE column2 % 3 = 0");
        edit("a.db", "UPDATE " + table + " SET column2 = -column2 WHERE column2 % 3 = 1");
        edit("a.db", "DELETE FROM " + table + " WHERE column2 % 3 = 2");
        edit("b.db", "UPDATE " + table + " SET a = 'b' WHERE column2 % 3 = 1");
    }
    settle();
    for (const std::string& table : tables) {
        EXPECT_EQ(ask("b.db",
                      "SELECT sum(a LIKE '% edited' AND b = 1 AND column2 > 0), "
                      "sum(a = 'b' AND column2 < 0), count(*) FROM " +
                          table),
                  Dump{"30, 30, 60"})
            << table;
    }
    EXPECT_TRUE(conflicts("a.db").empty());
    EXPECT_TRUE(conflicts("b.db").empty());
}

}  // namespace
}  // namespace tidemark
