#pragma once

#include "support/story.hpp"

namespace tidemark {

/// What plain sqlite3 and Alembic do where ALTER TABLE is not enough: create, copy some, drop,
/// rename.
inline std::string rebuilt_with(const std::string& copy) {
    return "CREATE TABLE note_new(id TEXT PRIMARY KEY, title, body); INSERT INTO note_new " + copy +
           "; DROP TABLE note; ALTER TABLE note_new RENAME TO note";
}

/// Two devices with notes, whose schema is about to change.
class Schema : public Story {
protected:
    void SetUp() override {
        two_devices(
            "CREATE TABLE note(id TEXT PRIMARY KEY, title, body); "
            "INSERT INTO note VALUES ('n1', 'one', 'x'), ('n2', 'two', 'y')");
    }
    Dump dump_schema_of(const std::string& file) const { return dump_schema(path(file)); }
    /// Until nothing moves; then the schemas are the same too, but for how they are written.
    void settle_all() {
        sync("a.db");
        sync("b.db");
        settle();
        for (const char* file : {"a.db", "b.db"}) {
            EXPECT_EQ(columns(file), columns("primary.db")) << file;
            EXPECT_TRUE(Replica::open(path(file)).status().warnings.empty());
        }
    }
    Dump columns(const std::string& file) const {
        return ask(file,
                   "SELECT s.type, s.name, s.tbl_name, x.name, x.type, x.pk FROM sqlite_schema s "
                   "LEFT JOIN pragma_table_xinfo(s.name) x WHERE s.name NOT GLOB 'sqlite_*' "
                   "AND s.name NOT GLOB 'tidemark_*' ORDER BY s.type, s.name, x.cid");
    }
};

}  // namespace tidemark
