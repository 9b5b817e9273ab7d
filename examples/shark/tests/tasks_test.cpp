#include "shark/tasks.hpp"

#include <gtest/gtest.h>

#include <tidemark/error.hpp>

#include "shark/schema.hpp"
#include "support/temp_folder.hpp"

namespace shark {
namespace {

using tidemark::Error;
using tidemark::ErrorCode;

class SharkTasks : public testing::Test {
protected:
    SharkTasks() { initialize_schema(database); }

    tidemark::TempFolder folder;
    examples::Database database{folder / "shark.db"};
    Tasks tasks{database};
};

TEST_F(SharkTasks, NumbersCountWithinTheirParent) {
    EXPECT_EQ(tasks.add_epic("one").key.text(), "E01");
    EXPECT_EQ(tasks.add_epic("cloud", 13).key.text(), "E13");
    EXPECT_EQ(tasks.add_epic("next").key.text(), "E14");
    EXPECT_EQ(tasks.add_feature(13, "base").key.text(), "E13-F01");
    EXPECT_EQ(tasks.add_feature(13, "turso").key.text(), "E13-F02");
    EXPECT_EQ(tasks.add_feature(14, "other").key.text(), "E14-F01");
    EXPECT_EQ(tasks.add_task({13, 2}, "driver", "", 9).key.text(), "T-E13-F02-001");
    EXPECT_EQ(tasks.add_task({13, 2}, "replica", "", 8).key.text(), "T-E13-F02-002");
    EXPECT_EQ(tasks.add_task({13, 1}, "layer", "", 8).key.text(), "T-E13-F01-001");
    EXPECT_EQ(tasks.tasks({13, 2, ""}).size(), 2u);
    EXPECT_EQ(tasks.tasks({13, 0, ""}).size(), 3u);
}

TEST_F(SharkTasks, ATaskGoesThroughItsLife) {
    tasks.add_epic("e");
    tasks.add_feature(1, "f");
    const Key key = tasks.add_task({1, 1}, "write", "a page", 3).key;
    EXPECT_EQ(tasks.task(key).status, "todo");
    TaskChange change;
    change.status = "in_progress";
    change.priority = 7;
    EXPECT_EQ(tasks.update(key, change).priority, 7);
    EXPECT_EQ(tasks.task(key).description, "a page");
    EXPECT_TRUE(tasks.task(key).completed_at.empty());
    EXPECT_FALSE(tasks.complete(key).completed_at.empty());
    change.status = "todo";
    EXPECT_TRUE(tasks.update(key, change).completed_at.empty());
}

TEST_F(SharkTasks, WhatMakesNoSenseIsRefusedAndChangesNothing) {
    tasks.add_epic("e");
    tasks.add_feature(1, "f");
    const Key key = tasks.add_task({1, 1}, "t", "", 5).key;
    const auto refused = [&](ErrorCode code, auto action) {
        try {
            action();
            ADD_FAILURE() << "it was taken";
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), code) << error.message();
        }
    };
    TaskChange change;
    change.title = "new";
    change.priority = 11;
    refused(ErrorCode::usage, [&] { tasks.update(key, change); });
    change.priority = 5;
    change.status = "done";
    refused(ErrorCode::usage, [&] { tasks.update(key, change); });
    EXPECT_EQ(tasks.task(key).title, "t");
    refused(ErrorCode::usage, [&] { tasks.add_task({1, 1}, "  ", "", 5); });
    refused(ErrorCode::usage, [&] { tasks.add_task({1, 1}, "t", "", 0); });
    refused(ErrorCode::failed, [&] { tasks.add_task({1, 9}, "t", "", 5); });
    refused(ErrorCode::failed, [&] { tasks.add_feature(9, "f"); });
    refused(ErrorCode::failed, [&] { tasks.add_epic("again", 1); });
    refused(ErrorCode::failed, [&] { tasks.add_feature(1, "again", 1); });
    refused(ErrorCode::failed, [&] { tasks.task({1, 1, 9}); });
}

}  // namespace
}  // namespace shark
