// A memory on two devices from the first run to opting out, through its command alone, with a file
// and with a real `tidemark serve` between them.

#include <gtest/gtest.h>

#include "memorygraph/tests/machine.hpp"
#include "testing/cloud.hpp"
#include "testing/secret.hpp"

namespace memorygraph {
namespace {

using examples::Cloud;

class GraphLife : public testing::TestWithParam<Cloud::Kind> {
protected:
    GraphLife() {
        for (Machine* device : {&laptop, &phone}) {
            device->environment["TURSO_DATABASE_URL"] = cloud.url();
            device->environment["TURSO_AUTH_TOKEN"] = cloud.token();
        }
    }

    tidemark::TempFolder folder;
    Cloud cloud{GetParam(), folder / "cloud"};
    Machine laptop{folder / "laptop"};
    Machine phone{folder / "phone"};
};

TEST_P(GraphLife, TwoDevicesFromTheFirstRunToOptingOut) {
    // A memory from before there was a primary.
    laptop.environment.erase("TURSO_DATABASE_URL");
    const std::string plan = laptop.store("Plan", "Use WAL mode");
    EXPECT_EQ(laptop.run({"sync"}).err,
              "memorygraph: warning: Sync called but not in embedded replica mode\n");

    // The first run with a primary uploads it, the second device has it at once.
    laptop.environment["TURSO_DATABASE_URL"] = cloud.url();
    EXPECT_EQ(laptop.json({"sync"}).at("pending").as_int64(), 0);
    EXPECT_EQ(phone.titles(), titles("Plan"));
    EXPECT_EQ(phone.json({"search", "wal"}).at("memories").as_array().size(), 1U);

    // Both go on working without the primary, and say so.
    cloud.go_away();
    const std::string bug = laptop.store("Bug", "database is locked");
    laptop.ok({"relate", plan, "SOLVES", bug});
    laptop.ok({"update", plan, "--content", "WAL mode, by the laptop"});
    const std::string idea = phone.store("Idea", "a second index");
    phone.ok({"relate", idea, "FOLLOWS", plan});
    EXPECT_NE(phone.run({"update", plan, "--content", "WAL mode, by the phone"})
                  .err.find("Working offline: "),
              std::string::npos);
    EXPECT_EQ(laptop.titles(), titles("Bug, Plan"));
    EXPECT_EQ(phone.titles(), titles("Idea, Plan"));
    EXPECT_EQ(laptop.run({"sync"}).exit_code, 3);

    // Back online, nothing is missing; of the two edits the later one stands.
    cloud.come_back();
    phone.ok({"sync"});
    laptop.ok({"sync"});
    phone.ok({"sync"});
    for (const Machine* device : {&laptop, &phone}) {
        EXPECT_EQ(device->titles(), titles("Bug, Idea, Plan"));
        EXPECT_EQ(device->property(plan, "content"), "WAL mode, by the phone");
        EXPECT_NE(device->ok({"path", idea, bug}).find(" -SOLVES-> " + bug), std::string::npos);
    }

    // The other edit is kept, and can be brought back.
    int restored = 0;
    const auto listed = laptop.json({"conflicts"});
    for (const auto& conflict : listed.at("conflicts").as_array()) {
        EXPECT_EQ(conflict.at("key").at("id").as_string(), plan);
        // Where the two edits were made in different seconds, updated_at lost too.
        const bool is_edit = conflict.at("columns").at(0).as_string() == "properties";
        restored += is_edit ? 1 : 0;
        laptop.ok({"conflicts", is_edit ? "restore" : "dismiss",
                   std::to_string(conflict.at("id").as_int64())});
    }
    EXPECT_EQ(restored, 1);
    EXPECT_EQ(laptop.ok({"conflicts"}), "No conflicts.\n");
    EXPECT_EQ(phone.property(plan, "content"), "WAL mode, by the laptop");

    // Opting out keeps the data, and the primary's.
    laptop.ok({"detach"});
    laptop.environment.erase("TURSO_DATABASE_URL");
    EXPECT_EQ(laptop.titles(), titles("Bug, Idea, Plan"));
    EXPECT_FALSE(laptop.json({"health"}).at("replica_mode").as_bool());
    EXPECT_EQ(laptop.ok({"query", "SELECT name FROM sqlite_master WHERE name LIKE 'tidemark%'"}),
              "");
    EXPECT_EQ(phone.titles(), titles("Bug, Idea, Plan"));

    // The same file works with the plain backend, and back again.
    laptop.environment["MEMORY_BACKEND"] = "sqlite";
    laptop.environment["MEMORY_SQLITE_PATH"] = "~/.memorygraph/memory.db";
    laptop.store("Alone", "on the laptop");
    EXPECT_EQ(laptop.run({"sync"}).exit_code, 2);
    laptop.environment["MEMORY_BACKEND"] = "turso";
    laptop.environment["TURSO_DATABASE_URL"] = cloud.url();
    laptop.ok({"sync"});
    EXPECT_EQ(phone.titles(), titles("Alone, Bug, Idea, Plan"));

    if (cloud.token().empty()) return;
    for (Machine* device : {&laptop, &phone}) {
        for (const char* command : {"sync", "health", "list"}) device->ok({command, "--verbose"});
        examples::Secret(cloud.token()).expect_hidden(*device);
    }
    examples::Secret(cloud.token()).expect_hidden(folder / "cloud");
}

INSTANTIATE_TEST_SUITE_P(Over, GraphLife, testing::Values(Cloud::Kind::file, Cloud::Kind::server),
                         [](const auto& kind) { return Cloud::name(kind); });

TEST(GraphCrash, E8InTheMiddleOfASyncLeavesNoTokenBehind) {
    const tidemark::TempFolder folder;
    Cloud cloud(Cloud::Kind::server, folder / "cloud");
    Machine laptop(folder / "laptop");
    laptop.environment["TURSO_DATABASE_URL"] = cloud.url();
    laptop.environment["TURSO_AUTH_TOKEN"] = cloud.token();
    cloud.go_away();  // the sync tries again for seconds
    examples::Secret(cloud.token()).expect_hidden_after_a_crash(laptop, {"sync"});
}

}  // namespace
}  // namespace memorygraph
