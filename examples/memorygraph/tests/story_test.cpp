// What a user does with the command, on two devices.

#include <gtest/gtest.h>

#include <filesystem>

#include "memorygraph/tests/machine.hpp"

namespace memorygraph {
namespace {

namespace fs = std::filesystem;

class Story : public testing::Test {
protected:
    Story() {
        fs::create_directory(folder / "reach");
        for (Machine* device : {&laptop, &phone}) {
            device->environment["TURSO_DATABASE_URL"] = folder / "reach/primary.db";
        }
    }
    /// The primary cannot be reached.
    void offline() { fs::rename(folder / "reach", folder / "away"); }
    void online() { fs::rename(folder / "away", folder / "reach"); }

    tidemark::TempFolder folder;
    Machine laptop{folder / "laptop"};
    Machine phone{folder / "phone"};
};

TEST_F(Story, TheSameConnectionMadeOnTwoDevicesIsOne) {
    const std::string a = laptop.store("A", "a");
    const std::string b = laptop.store("B", "b");
    phone.ok({"sync"});
    offline();
    laptop.ok({"relate", a, "SOLVES", b});
    phone.ok({"relate", a, "SOLVES", b});
    online();
    laptop.ok({"sync"});
    phone.ok({"sync"});
    laptop.ok({"sync"});
    for (const Machine* device : {&laptop, &phone}) {
        EXPECT_EQ(device->json({"related", a}).at("relationships").as_array().size(), 1U);
    }
}

TEST_F(Story, AMemoryDeletedHereAndConnectedThereIsNotTornOutOfTheGraph) {
    const std::string a = laptop.store("A", "a");
    const std::string b = laptop.store("B", "b");
    phone.ok({"sync"});
    offline();
    laptop.ok({"delete", a});
    phone.ok({"relate", a, "SOLVES", b});
    online();
    laptop.ok({"sync"});
    phone.ok({"sync"});
    laptop.ok({"sync"});
    EXPECT_EQ(laptop.titles(), phone.titles());
    EXPECT_EQ(laptop.json({"related", b}).at("nodes").as_array().size(), 1U);
    for (const Machine* device : {&laptop, &phone}) {
        EXPECT_EQ(device->ok({"query", "PRAGMA foreign_key_check"}), "");
    }
}

TEST_F(Story, MigratingBetweenTheTwoBackends) {
    laptop.environment["MEMORY_BACKEND"] = "sqlite";
    const std::string a = laptop.store("A", "a");
    EXPECT_EQ(laptop.run({"migrate", "turso"}).exit_code, 2);  // both use the same file
    laptop.environment["MEMORY_TURSO_PATH"] = folder / "laptop/turso.db";
    EXPECT_EQ(laptop.ok({"migrate", "turso"}),
              "Copied 1 memories, 0 relationships and 0 embeddings to " +
                  (folder / "laptop/turso.db") + ".\n");
    EXPECT_EQ(phone.titles(), titles("A"));
    phone.store("B", "b");
    laptop.environment["MEMORY_SQLITE_PATH"] = folder / "laptop/back.db";
    EXPECT_EQ(laptop.json({"migrate", "sqlite"}).at("nodes").as_int64(), 2);
    EXPECT_EQ(laptop.titles(), titles("A, B"));
}

TEST_F(Story, MistakesAreExplained) {
    const auto fails = [&](const std::vector<std::string>& arguments, int exit_code,
                           const std::string& part) {
        const std::string said = laptop.fails(exit_code, arguments);
        EXPECT_NE(said.find(part), std::string::npos) << said;
    };
    fails({"show", "nobody"}, 1, "there is no memory nobody");
    fails({"delete", "nobody"}, 1, "there is no memory nobody");
    fails({"related", "nobody"}, 1, "there is no memory nobody");
    fails({"search"}, 2, "search takes either words or --near");
    fails({"search", "--near", "[1, \"x\"]"}, 2, "an embedding is an array of numbers");
    fails({"store", "x", "--set", "novalue"}, 2, "Write --set NAME=JSON.");
    fails({"store", "x", "--set", "a=b"}, 2, "--set a must be JSON");
    fails({"query", "DELETE FROM nodes"}, 2, "the statement writes");
    fails({"related", "x", "--depth", "11"}, 2, "--depth");
    fails({"nonsense"}, 2, "nonsense");
    laptop.environment["MEMORY_TURSO_SYNC_INTERVAL"] = "soon";
    fails({"list"}, 2, "MEMORY_TURSO_SYNC_INTERVAL is 'soon'");
    EXPECT_EQ(laptop.json({"list"}, 2).at("error").at("code").as_string(), "usage");
}

TEST_F(Story, EveryCommandHasHelp) {
    const std::string help = laptop.ok({"--help"});
    for (const char* word : {"MEMORY_BACKEND", "MEMORY_TURSO_PATH", "TURSO_DATABASE_URL", "mcp"}) {
        EXPECT_NE(help.find(word), std::string::npos) << word;
    }
    for (const char* command :
         {"store", "search", "list", "show", "update", "delete", "query", "relate", "related",
          "path", "sync", "conflicts", "detach", "health", "migrate", "mcp", "bench"}) {
        EXPECT_NE(help.find(command), std::string::npos) << command;
        EXPECT_NE(laptop.ok({command, "--help"}), "") << command;
    }
}

TEST_F(Story, TheBenchMeasuresEverything) {
    const auto report =
        laptop.json({"bench", "--memories", "40", "--dimensions", "8", "--runs", "2"});
    EXPECT_EQ(report.at("rows").as_array().size(), 12U);
}

}  // namespace
}  // namespace memorygraph
