// The primary takes a push, and its answer never arrives.

#include <gtest/gtest.h>

#include <filesystem>

#include "base/clock.hpp"
#include "base/rng.hpp"
#include "primary/file_endpoint.hpp"
#include "sync/session.hpp"

namespace tidemark {
namespace {

/// A file whose next commit is answered by nothing.
class LosesAnAnswer final : public SqlEndpoint {
public:
    explicit LosesAnAnswer(const std::string& path) : file_(path, false) {}

    Answer run(const std::vector<Step>& steps) override {
        Answer answer = file_.run(steps);
        const bool commits = steps.back().sql == "COMMIT" && steps.size() > 1 &&
                             steps[steps.size() - 2].sql.find("clock") != std::string::npos;
        if (commits && !answer.failure && loses_) {
            loses_ = false;
            throw Error(ErrorCode::unreachable, "the answer is lost");
        }
        return answer;
    }
    void quiet(const std::vector<std::string>& tables) override { file_.quiet(tables); }
    std::string name() const override { return file_.name(); }

private:
    FileEndpoint file_;
    bool loses_ = true;
};

class LostAnswer : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = (std::filesystem::temp_directory_path() / "tidemark-XXXXXX").string();
        folder = mkdtemp(pattern.data());
        run(a(),
            "CREATE TABLE t(id INTEGER PRIMARY KEY, title TEXT, n INTEGER);"
            "INSERT INTO t VALUES (1, 'one', 0), (2, 'two', 0)");
        AttachOptions options;
        options.allow_copied_folder = true;
        Replica::attach(a(), primary(), options);
    }
    void TearDown() override { std::filesystem::remove_all(folder); }

    std::string a() const { return folder + "/a.db"; }
    std::string primary() const { return folder + "/primary.db"; }

    static void run(const std::string& file, const std::string& sql) {
        Connection(file, Connection::Open::create).execute(sql);
    }
    static std::string text(const std::string& file, const std::string& sql) {
        return as_text(Connection(file).scalar(sql));
    }
    void sync_without_answer() {
        Connection connection(a());
        LosesAnAnswer endpoint(primary());
        const SyncOptions options;
        Session session(connection, endpoint, system_clock(), system_rng(), options);
        EXPECT_THROW(session.sync(), Error);
    }

    std::string folder;
};

TEST_F(LostAnswer, WhatArrivedIsNotSentAgainAndIsNoConflict) {
    run(a(), "UPDATE t SET title = 'first' WHERE id = 1; INSERT INTO t VALUES (3, 'born', 0)");
    sync_without_answer();
    run(a(), "UPDATE t SET title = 'second' WHERE id = 1");
    Replica replica = Replica::open(a());
    const std::string id = replica.status().replica;
    const SyncReport report = replica.sync();
    EXPECT_EQ(report.pushed, 1);
    EXPECT_EQ(report.pulled, 0);
    EXPECT_EQ(report.conflicts, 0);
    EXPECT_EQ(report.pending, 0);
    EXPECT_EQ(replica.status().replica, id) << "it took itself for a copy";
    EXPECT_EQ(text(primary(), "SELECT group_concat(title) FROM t"), "second,two,born");
}

TEST_F(LostAnswer, RowsOfATableMadeSinceThenAreSent) {
    run(a(), "UPDATE t SET title = 'first' WHERE id = 1");
    sync_without_answer();
    run(a(), "CREATE TABLE u(id TEXT PRIMARY KEY); INSERT INTO u VALUES ('new')");
    Replica::open(a()).sync();
    EXPECT_EQ(text(primary(), "SELECT group_concat(id) FROM u"), "new");
}

TEST_F(LostAnswer, AnotherDevicesLaterEditIsNoConflictEither) {
    run(a(), "UPDATE t SET title = 'first' WHERE id = 1; DELETE FROM t WHERE id = 2");
    sync_without_answer();
    const std::string b = folder + "/b.db";
    Replica::clone(primary(), b);
    run(b, "UPDATE t SET title = 'by b' WHERE id = 1");
    Replica::open(b).sync();

    const SyncReport report = Replica::open(a()).sync();
    EXPECT_EQ(report.conflicts, 0);
    EXPECT_EQ(report.pushed, 0);
    EXPECT_EQ(text(a(), "SELECT group_concat(title) FROM t"), "by b");
}

TEST_F(LostAnswer, APushThatNeverArrivedIsSentAgain) {
    run(a(), "UPDATE t SET title = 'first' WHERE id = 1");
    std::filesystem::copy_file(primary(), primary() + ".before");
    sync_without_answer();
    std::filesystem::rename(primary() + ".before", primary());
    EXPECT_EQ(Replica::open(a()).sync().pushed, 1);
    EXPECT_EQ(text(primary(), "SELECT title FROM t WHERE id = 1"), "first");
}

TEST_F(LostAnswer, TheClockDoesNotRunAheadBecauseOfIt) {
    run(a(), "UPDATE t SET title = 'first' WHERE id = 1");
    const auto clock = [&] { return Connection(a()).integer("SELECT clock FROM tidemark_meta"); };
    const std::int64_t before = clock();
    sync_without_answer();
    EXPECT_GT(clock(), before) << "edits made meanwhile are told apart by their time";
    Replica::open(a()).sync();
    EXPECT_LE(clock(), system_clock().now_ms());
}

}  // namespace
}  // namespace tidemark
