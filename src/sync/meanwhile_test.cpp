// Another program writes the primary while a sync is under way.

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>

#include "base/clock.hpp"
#include "base/rng.hpp"
#include "primary/file_endpoint.hpp"
#include "sync/session.hpp"

namespace tidemark {
namespace {

/// A file that something happens to, once, right before a request whose last step is this one.
class Interrupted final : public SqlEndpoint {
public:
    Interrupted(const std::string& path, std::string text, std::function<void()> meanwhile)
        : file_(path, false), text_(std::move(text)), meanwhile_(std::move(meanwhile)) {}

    Answer run(const std::vector<Step>& steps) override {
        const bool now = meanwhile_ && steps.back().sql.starts_with(text_);
        if (now) std::exchange(meanwhile_, nullptr)();
        return file_.run(steps);
    }
    void quiet(const std::vector<std::string>& tables) override { file_.quiet(tables); }
    std::string name() const override { return file_.name(); }
    bool happened() const { return !meanwhile_; }

private:
    FileEndpoint file_;
    std::string text_;
    std::function<void()> meanwhile_;
};

class Meanwhile : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = (std::filesystem::temp_directory_path() / "tidemark-XXXXXX").string();
        folder = mkdtemp(pattern.data());
        run("a.db", "CREATE TABLE t(id INTEGER PRIMARY KEY, d); INSERT INTO t VALUES (1, 'old')");
        AttachOptions options;
        options.allow_copied_folder = true;
        Replica::attach(path("a.db"), path("primary.db"), options);
        Replica::clone(path("primary.db"), path("b.db"));
    }
    void TearDown() override { std::filesystem::remove_all(folder); }

    std::string path(const std::string& file) const { return folder + "/" + file; }
    void run(const std::string& file, const std::string& sql) const {
        Connection(path(file), Connection::Open::create).execute(sql);
    }
    std::string folder;
};

TEST_F(Meanwhile, AWriteDuringAChangeOfSchemaIsNotForgotten) {
    run("a.db", "ALTER TABLE t RENAME COLUMN d TO e");
    run("b.db", "UPDATE t SET d = 'of b'");
    {
        Connection connection(path("a.db"));
        Interrupted endpoint(path("primary.db"),
                             "SELECT EXISTS (SELECT 1 FROM \"tidemark_pending_t\"",
                             [&] { run("primary.db", "UPDATE t SET d = 'outside'"); });
        const SyncOptions options;
        Session(connection, endpoint, system_clock(), system_rng(), options).sync();
        EXPECT_TRUE(endpoint.happened());
    }
    Replica b = Replica::open(path("b.db"));
    b.sync();
    EXPECT_EQ(Connection(path("b.db")).scalar("SELECT e FROM t"), Value{std::string("outside")});
    EXPECT_EQ(b.conflicts().size(), 1U);
}

TEST_F(Meanwhile, AChangeOfSchemaStopsNoFullCompare) {
    run("a.db", "DROP TRIGGER tidemark_t_update; UPDATE t SET d = 'of a'");
    {
        Connection connection(path("a.db"));
        Interrupted endpoint(path("primary.db"), "\n    SELECT 0, coalesce(r.seq",
                             [&] { run("primary.db", "ALTER TABLE t RENAME COLUMN d TO e"); });
        const SyncOptions options;
        Session(connection, endpoint, system_clock(), system_rng(), options).sync();
        EXPECT_TRUE(endpoint.happened());
    }
    EXPECT_EQ(Connection(path("primary.db")).scalar("SELECT e FROM t"), Value{std::string("of a")});
}

}  // namespace
}  // namespace tidemark
