// The backend itself: its two modes, the schema, queries, health, and what it says when something
// goes wrong.

#include "memorygraph/turso_backend.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "memorygraph/backend_factory.hpp"
#include "memorygraph/tests/heard.hpp"
#include "support/temp_folder.hpp"

namespace memorygraph {
namespace {

namespace fs = std::filesystem;
using tidemark::Error;
using tidemark::ErrorCode;
using tidemark::TempFolder;

class Turso : public testing::Test {
protected:
    std::unique_ptr<TursoBackend> in_memory() { return open({":memory:", {}, {}}); }
    std::unique_ptr<TursoBackend> device(const char* file) {
        return open({folder / file, folder / "primary.db", {}});
    }
    std::unique_ptr<TursoBackend> open(TursoOptions options) {
        auto backend = TursoBackend::create(std::move(options), heard.log());
        backend->initialize_schema();
        return backend;
    }
    static void add(GraphBackend& backend, const std::string& id, const std::string& title) {
        backend.execute_query("INSERT INTO nodes(id, label, properties) VALUES (?, ?, ?)",
                              Row{id, "Memory", R"({"title": ")" + title + "\"}"}, true);
    }
    static std::vector<std::string> ids(GraphBackend& backend) {
        std::vector<std::string> ids;
        for (const Record& node : backend.execute_query("SELECT id FROM nodes ORDER BY id")) {
            ids.push_back(node.text("id"));
        }
        return ids;
    }
    static std::string message_of(const std::function<void()>& action) {
        try {
            action();
        } catch (const Error& error) {
            return error.message();
        }
        return "there was no error";
    }

    TempFolder folder;
    Heard heard;
};

using Names = std::vector<std::string>;

TEST_F(Turso, WithoutAPrimaryItWorksOnTheLocalFileAlone) {
    TursoBackend backend({":memory:", {}, {}}, heard.log());
    EXPECT_TRUE(backend.connect());
    EXPECT_TRUE(backend.connected());
    EXPECT_EQ(backend.backend_name(), "turso");
    EXPECT_FALSE(backend.is_embedded_replica());
    backend.disconnect();
    EXPECT_FALSE(backend.connected());
}

TEST_F(Turso, TheSchemaHasItsTablesAndIndexes) {
    const auto backend = in_memory();
    Names found;
    for (const Record& object : backend->execute_query(
             "SELECT name FROM sqlite_master WHERE type IN ('table', 'index') AND name NOT LIKE "
             "'sqlite%' AND name NOT LIKE 'nodes_fts_%' ORDER BY name")) {
        found.push_back(object.text("name"));
    }
    EXPECT_EQ(found, (Names{"embeddings", "idx_nodes_created", "idx_nodes_label", "idx_rel_from",
                            "idx_rel_to", "idx_rel_type", "nodes", "nodes_fts", "relationships"}));
}

TEST_F(Turso, TheSchemaMayBeMadeAgain) {
    const auto backend = in_memory();
    add(*backend, "a", "Test");
    backend->initialize_schema();
    EXPECT_EQ(ids(*backend), Names{"a"});
    EXPECT_TRUE(backend->supports_fulltext_search());
}

TEST_F(Turso, ASchemaThatCannotBeMadeLeavesNothingBehind) {
    TursoBackend backend({":memory:", {}, {}}, heard.log());
    backend.connect();
    backend.execute_query("CREATE TABLE relationships(other)", {}, true);
    const std::string message = message_of([&] { backend.initialize_schema(); });
    EXPECT_TRUE(message.starts_with("Failed to initialize schema: ")) << message;
    EXPECT_TRUE(backend.execute_query("SELECT 1 FROM sqlite_master WHERE name = 'nodes'").empty());
}

TEST_F(Turso, QueriesTakeListsAndNamesAndReturnRecordsByColumn) {
    const auto backend = in_memory();
    backend->execute_query("INSERT INTO nodes (id, label, properties) VALUES (?, ?, ?)",
                           Row{"test-1", "Memory", R"({"title": "Test"})"}, true);
    const Records listed =
        backend->execute_query("SELECT * FROM nodes WHERE id = ?", Row{"test-1"});
    ASSERT_EQ(listed.size(), 1U);
    EXPECT_EQ(listed[0].text("id"), "test-1");
    EXPECT_NE(listed[0].text("created_at"), "");
    const Records named = backend->execute_query(
        "SELECT label, 1.5 AS r, NULL AS n, x'00ff' AS b FROM nodes WHERE id = :id",
        NamedValues{{"id", "test-1"}});
    ASSERT_EQ(named.size(), 1U);
    const NamedValues expected{
        {"label", "Memory"}, {"r", 1.5}, {"n", {}}, {"b", Blob{{"\0\xff", 2}}}};
    EXPECT_EQ(named[0].values, expected);
}

TEST_F(Turso, AQueryThatIsWrongSaysWhy) {
    const auto backend = in_memory();
    const auto message = [&](const char* query, const Parameters& parameters = {}) {
        return message_of([&] { backend->execute_query(query, parameters); });
    };
    EXPECT_EQ(message("SELECT nope FROM nodes"), "Query execution failed: no such column: nope");
    EXPECT_EQ(message("SELECT ?, ?", Row{std::int64_t{1}}),
              "Query execution failed: the query has 2 parameters, and 1 were given");
    EXPECT_EQ(message("SELECT :a", NamedValues{{"b", 1.0}}),
              "Query execution failed: no value for the parameter :a");
    EXPECT_EQ(message("SELECT 1; SELECT 2"),
              "Query execution failed: there must be exactly one statement");
    EXPECT_EQ(message("DELETE FROM nodes"), "Query execution failed: the statement writes");
}

TEST_F(Turso, ATransactionHappensAsAWholeOrNotAtAll) {
    const auto backend = in_memory();
    EXPECT_TRUE(backend->supports_transactions());
    EXPECT_THROW(backend->transaction([&] {
        add(*backend, "a", "Test");
        add(*backend, "a", "the same id");
    }),
                 Error);
    EXPECT_EQ(ids(*backend), Names{});
    backend->transaction([&] { add(*backend, "a", "Test"); });
    EXPECT_EQ(ids(*backend), Names{"a"});
}

TEST_F(Turso, DeletingANodeDeletesItsRelationships) {
    const auto backend = in_memory();
    add(*backend, "a", "A");
    add(*backend, "b", "B");
    backend->execute_query("INSERT INTO relationships VALUES ('r', 'a', 'b', 'KNOWS', '{}', NULL)",
                           {}, true);
    EXPECT_THROW(
        backend->execute_query(
            "INSERT INTO relationships VALUES ('s', 'a', 'nobody', 'KNOWS', '{}', NULL)", {}, true),
        Error);
    backend->execute_query("DELETE FROM nodes WHERE id = 'b'", {}, true);
    EXPECT_TRUE(backend->execute_query("SELECT * FROM relationships").empty());
}

TEST_F(Turso, HealthSaysWhatThereIs) {
    const auto backend = open({folder / "memory.db", {}, {}});
    add(*backend, "a", "A");
    backend->execute_query("INSERT INTO nodes VALUES ('e', 'Entity', '{}', NULL, NULL)", {}, true);
    const auto health = backend->health_check();
    EXPECT_TRUE(health.at("connected").as_bool());
    EXPECT_EQ(health.at("backend_type").as_string(), "turso");
    EXPECT_EQ(health.at("db_path").as_string(), folder / "memory.db");
    EXPECT_FALSE(health.at("replica_mode").as_bool());
    EXPECT_EQ(health.at("statistics").at("memory_count").as_int64(), 1);
    EXPECT_GT(health.at("database_size_bytes").as_uint64(), 0U);
    EXPECT_FALSE(health.contains("sync_url"));
    EXPECT_FALSE(health.contains("warning"));

    backend->execute_query("ALTER TABLE nodes RENAME TO gone", {}, true);
    EXPECT_EQ(backend->health_check().at("warning").as_string(), "no such table: nodes");
    EXPECT_TRUE(heard.warned_of("Could not get detailed health info: "));
    backend->disconnect();
    EXPECT_FALSE(backend->health_check().at("connected").as_bool());
}

TEST_F(Turso, WithoutAConnectionEverythingSaysSo) {
    TursoBackend backend({":memory:", {}, {}}, heard.log());
    EXPECT_EQ(message_of([&] { backend.execute_query("SELECT 1"); }),
              "Not connected to Turso. Call connect() first.");
    EXPECT_EQ(message_of([&] { backend.sync(); }), "Not connected to Turso");
    EXPECT_EQ(message_of([&] { backend.initialize_schema(); }), "Not connected to database");
    EXPECT_FALSE(backend.supports_fulltext_search());
    EXPECT_THROW(backend.execute_query("SELECT 1"), DatabaseConnectionError);
    EXPECT_THROW(backend.initialize_schema(), SchemaError);
}

TEST_F(Turso, AFileThatCannotBeOpenedSaysSo) {
    TursoBackend backend({"/proc/nowhere/memory.db", {}, {}}, heard.log());
    const std::string message = message_of([&] { backend.connect(); });
    EXPECT_TRUE(message.starts_with("Failed to connect to Turso: ")) << message;
    EXPECT_FALSE(backend.connected());
}

TEST_F(Turso, TheFolderOfTheFileIsMade) {
    open({folder / "deep/er/memory.db", {}, {}});
    EXPECT_TRUE(fs::exists(folder / "deep/er/memory.db"));
}

TEST_F(Turso, SyncingWithoutAPrimaryOnlyWarns) {
    const auto backend = in_memory();
    EXPECT_FALSE(backend->sync().has_value());
    EXPECT_EQ(heard.warnings, Names{"Sync called but not in embedded replica mode"});
}

TEST_F(Turso, AUrlWithoutATokenIsLocalOnlyAndSaysSo) {
    const TursoBackend backend({":memory:", "libsql://db-me.turso.io", {}}, heard.log());
    EXPECT_FALSE(backend.is_embedded_replica());
    EXPECT_TRUE(heard.warned_of("TURSO_AUTH_TOKEN is not"));
    EXPECT_TRUE(TursoBackend({":memory:", "libsql://db-me.turso.io", "t"}, heard.log())
                    .is_embedded_replica());
}

TEST_F(Turso, ADatabaseInMemoryCannotBeAReplica) {
    TursoBackend backend({":memory:", folder / "primary.db", {}}, heard.log());
    EXPECT_EQ(message_of([&] { backend.connect(); }),
              "Failed to connect to Turso: a database in memory cannot be a replica");
}

TEST_F(Turso, AFullTextIndexThatCannotBeMadeIsOnlyAWarning) {
    TursoBackend backend({":memory:", {}, {}}, heard.log());
    backend.connect();
    backend.execute_query("CREATE TABLE nodes_fts_data(in_the_way)", {}, true);
    backend.initialize_schema();
    EXPECT_TRUE(heard.warned_of("Could not create FTS5 table: "));
    EXPECT_FALSE(backend.supports_fulltext_search());
    add(backend, "a", "A");
}

TEST_F(Turso, TheFirstDeviceUploadsAndTheSecondDownloads) {
    const auto laptop = device("laptop.db");
    EXPECT_TRUE(laptop->is_embedded_replica());
    add(*laptop, "sync-test", "Sync Test");
    laptop->sync();
    const auto phone = device("phone.db");
    EXPECT_EQ(ids(*phone), Names{"sync-test"});
    EXPECT_TRUE(phone->supports_fulltext_search());
    const auto health = phone->health_check();
    EXPECT_TRUE(health.at("replica_mode").as_bool());
    EXPECT_EQ(health.at("sync_url").as_string(), folder / "primary.db");
    EXPECT_TRUE(health.at("auto_sync").as_bool());
    EXPECT_EQ(health.at("sync").at("pending").as_int64(), 0);
    EXPECT_GT(health.at("sync").at("recent_syncs").as_int64(), 0);
}

TEST_F(Turso, AWriteReachesThePrimaryAtOnceAndOtherDevicesWhenTheySync) {
    const auto laptop = device("laptop.db");
    const auto phone = device("phone.db");
    add(*laptop, "a", "A");
    EXPECT_EQ(ids(*phone), Names{});
    EXPECT_EQ(phone->sync()->pulled, 1);
    EXPECT_EQ(ids(*phone), Names{"a"});
}

TEST_F(Turso, WithoutAutoSyncNothingMovesByItself) {
    const TursoOptions manual{folder / "laptop.db", folder / "primary.db", {}, false};
    const auto laptop = open(manual);
    add(*laptop, "a", "A");
    laptop->disconnect();
    const auto phone = device("phone.db");
    EXPECT_EQ(ids(*phone), Names{});
    laptop->connect();
    EXPECT_EQ(laptop->sync()->pushed, 1);
    phone->sync();
    EXPECT_EQ(ids(*phone), Names{"a"});
}

TEST_F(Turso, DataFromBeforeThePrimaryIsUploadedByTheFirstRun) {
    const auto local = open({folder / "memory.db", {}, {}});
    add(*local, "old", "from before");
    local->disconnect();
    device("memory.db");
    EXPECT_EQ(ids(*device("phone.db")), Names{"old"});
}

TEST_F(Turso, TwoDevicesThatBothHadDataKeepAllOfIt) {
    for (const char* name : {"laptop", "phone"}) {
        const auto local = open({folder / (std::string(name) + ".db"), {}, {}});
        add(*local, name, name);
    }
    device("laptop.db");
    EXPECT_EQ(ids(*device("phone.db")), (Names{"laptop", "phone"}));
    EXPECT_TRUE(heard.warned_of("nodes: 1 rows were only here, 1 only at the primary"));
}

TEST_F(Turso, WithThePrimaryOutOfReachItWorksAndCatchesUpLater) {
    const std::string primary = folder / "usb" + std::string("/primary.db");
    const TursoOptions options{folder / "laptop.db", primary, {}};
    {
        const auto laptop = open(options);  // never in reach until now
        EXPECT_TRUE(heard.warned_of("Working offline: ")) << heard.warnings.at(0);
        add(*laptop, "first", "First");
        EXPECT_EQ(ids(*laptop), Names{"first"});
        EXPECT_TRUE(message_of([&] { laptop->sync(); }).starts_with("Sync failed: "));
        laptop->disconnect();
        EXPECT_TRUE(heard.warned_of("Final sync failed: "));
    }
    fs::create_directory(folder / "usb");
    open(options);
    fs::rename(folder / "usb", folder / "away");
    add(*open(options), "second", "Second");
    fs::rename(folder / "away", folder / "usb");
    open(options);
    EXPECT_EQ(ids(*open({folder / "phone.db", primary, {}})), (Names{"first", "second"}));
}

TEST_F(Turso, AFileThatBelongsToAnotherPrimaryIsRefused) {
    device("laptop.db");
    TursoBackend other({folder / "laptop.db", folder / "other.db", {}}, heard.log());
    const std::string message = message_of([&] { other.connect(); });
    EXPECT_TRUE(message.starts_with("Failed to connect to Turso: ")) << message;
    EXPECT_NE(message.find("primary.db"), std::string::npos) << message;
    EXPECT_FALSE(fs::exists(folder / "other.db"));
}

TEST_F(Turso, TheFactoryMakesWhatTheConfigurationNames) {
    Config config;
    config.backend = "turso";
    config.turso_path = config.sqlite_path = folder / "memory.db";
    EXPECT_EQ(BackendFactory::create_backend(config, heard.log())->backend_name(), "turso");
    config.backend = "sqlite";
    const auto sqlite = BackendFactory::create_backend(config, heard.log());
    EXPECT_EQ(sqlite->backend_name(), "sqlite");
    EXPECT_TRUE(sqlite->supports_fulltext_search());
    config.backend = "neo4j";
    EXPECT_EQ(message_of([&] { BackendFactory::create_backend(config, heard.log()); }),
              "there is no backend 'neo4j'");
    EXPECT_TRUE(BackendFactory::is_backend_configured("turso"));
    EXPECT_FALSE(BackendFactory::is_backend_configured("neo4j"));
    EXPECT_TRUE(Config::is_turso_configured());
}

}  // namespace
}  // namespace memorygraph
