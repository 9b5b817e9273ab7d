#include "memorygraph/migration.hpp"

#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

#include "memorygraph/json_view.hpp"
#include "memorygraph/tests/heard.hpp"
#include "memorygraph/turso_backend.hpp"
#include "support/temp_folder.hpp"

namespace memorygraph {
namespace {

class Migrating : public testing::Test {
protected:
    Migrating() {
        sqlite.connect();
        sqlite.initialize_schema();
        first = memories.store({{"title", "first"}}, {1, 0});
        second = memories.store({{"title", "second"}});
        memories.relate({first, "KNOWS", second, {}});
    }
    /// Everything in a database that is the user's.
    static std::string content(GraphBackend& backend) {
        std::string content;
        for (const char* table : {"nodes", "relationships", "embeddings"}) {
            const std::string query = std::string("SELECT * FROM ") + table + " ORDER BY 1";
            content += boost::json::serialize(to_json(backend.execute_query(query))) + "\n";
        }
        return content;
    }
    std::unique_ptr<TursoBackend> replica(const char* file) {
        auto backend =
            TursoBackend::create({folder / file, folder / "primary.db", {}}, heard.log());
        backend->initialize_schema();
        return backend;
    }

    tidemark::TempFolder folder;
    Heard heard;
    SqliteBackend sqlite{folder / "memory.db", heard.log()};
    Memories memories{sqlite};
    std::string first, second;
};

TEST_F(Migrating, EverythingGoesToThePrimaryAndComesBack) {
    const auto laptop = replica("laptop.db");
    const Migration there = migrate(folder / "memory.db", *laptop);
    EXPECT_EQ(there.nodes, 2);
    EXPECT_EQ(there.relationships, 1);
    EXPECT_EQ(there.embeddings, 1);
    EXPECT_EQ(there.already_there + there.orphans, 0);
    EXPECT_EQ(content(*laptop), content(sqlite));
    EXPECT_EQ(content(*replica("phone.db")), content(sqlite));

    SqliteBackend back(folder / "back.db", heard.log());
    back.connect();
    back.initialize_schema();
    migrate(folder / "laptop.db", back);
    EXPECT_EQ(content(back), content(sqlite));
    EXPECT_TRUE(
        back.execute_query("SELECT 1 FROM sqlite_master WHERE name LIKE 'tidemark%'").empty());
    EXPECT_EQ(Memories(back).search("first").size(), 1U);
}

TEST_F(Migrating, OfANodeThatBothHaveTheLaterOneStays) {
    SqliteBackend target(folder / "target.db", heard.log());
    target.connect();
    target.initialize_schema();
    migrate(folder / "memory.db", target);
    const auto edit = [](GraphBackend& backend, const std::string& id, const char* time) {
        backend.execute_query("UPDATE nodes SET label = ?, updated_at = ? WHERE id = ?",
                              Row{time, time, id}, true);
    };
    edit(sqlite, first, "2101-01-01 00:00:00");
    edit(target, first, "2102-01-01 00:00:00");
    edit(sqlite, second, "2103-01-01 00:00:00");
    const Migration again = migrate(folder / "memory.db", target);
    EXPECT_EQ(again.nodes, 1);
    EXPECT_EQ(again.already_there, 1);
    EXPECT_EQ(Memories(target).get(first)->label, "2102-01-01 00:00:00");
    EXPECT_EQ(Memories(target).get(second)->label, "2103-01-01 00:00:00");
}

TEST_F(Migrating, ADatabaseOfAnEarlierVersionWithOrphansComesAlong) {
    sqlite.execute_query("DROP TABLE embeddings", {}, true);
    sqlite.execute_query("PRAGMA foreign_keys = OFF", {}, true);
    sqlite.execute_query("INSERT INTO relationships VALUES ('o', ?, 'nobody', 'KNOWS', '{}', NULL)",
                         Row{first}, true);
    const Migration migration = migrate(folder / "memory.db", *replica("laptop.db"));
    EXPECT_EQ(migration.nodes, 2);
    EXPECT_EQ(migration.relationships, 1);
    EXPECT_EQ(migration.orphans, 1);
}

TEST_F(Migrating, AFileWithoutMemoriesIsRefused) {
    SqliteBackend empty(folder / "empty.db", heard.log());
    empty.connect();
    EXPECT_THROW(migrate(folder / "empty.db", sqlite), tidemark::Error);
    EXPECT_THROW(migrate(folder / "nowhere.db", sqlite), tidemark::Error);
    EXPECT_FALSE(std::filesystem::exists(folder / "nowhere.db"));
}

}  // namespace
}  // namespace memorygraph
