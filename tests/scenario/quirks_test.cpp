// What SQLite itself gets wrong does not reach anybody's data.

#include "support/story.hpp"

namespace tidemark {
namespace {

class Quirks : public Story {};

// SQLite's own upsert makes 7 a 7.0 here.
TEST_F(Quirks, ANumberStaysAsItIsBesideARealOneAfterAVirtualColumn) {
    two_devices(
        "CREATE TABLE t(id TEXT PRIMARY KEY, d TEXT, g TEXT AS (d || '!'), r REAL, x); "
        "INSERT INTO t VALUES ('a', 'd', 1, 5), ('b', 'd', 2, 6)");
    edit("a.db", "UPDATE t SET x = 7; INSERT OR REPLACE INTO t VALUES ('b', 'e', 3, 8)");
    edit("b.db", "UPDATE t SET d = 'f' WHERE id = 'a'");
    settle();
    edit("b.db", "INSERT OR REPLACE INTO t VALUES ('a', 'g', 4, 9)");
    settle();
    for (const char* file : {"a.db", "b.db", "primary.db"}) {
        EXPECT_EQ(ask(file, "SELECT id, d, x FROM t ORDER BY id"),
                  (Dump{"'a', 'g', 9", "'b', 'e', 8"}))
            << file;
    }
}

}  // namespace
}  // namespace tidemark
