#pragma once

#include <gtest/gtest.h>

#include <string>

#include "common/database.hpp"
#include "testing/device.hpp"

/// What a person does on a machine with tasks, and what two such machines have in common.
namespace shark {

inline std::string create(const examples::Device& machine, const std::string& title) {
    return machine.ok({"task", "create", "--epic", "E13", "--feature", "F02", title});
}

inline std::string list(const examples::Device& machine) { return machine.ok({"task", "list"}); }

/// The same tasks, in two replicas that are sound.
inline void expect_same(const examples::Device& one, const examples::Device& other) {
    EXPECT_EQ(list(one), list(other));
    for (const examples::Device* machine : {&one, &other}) {
        examples::Database database(machine->path(".shark/turso-replica.db"));
        EXPECT_EQ(database.query("PRAGMA integrity_check").at(0).text("integrity_check"), "ok");
        EXPECT_TRUE(database.query("PRAGMA foreign_key_check").empty());
    }
}

}  // namespace shark
