// Somebody else writes the primary while a sync is under way.

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>

#include "base/clock.hpp"
#include "base/rng.hpp"
#include "primary/file_endpoint.hpp"
#include "sync/session.hpp"

namespace tidemark {
namespace {

/// A file that something happens to, once, right before the request that `is_moment` tells.
class Interrupted final : public SqlEndpoint {
public:
    using Moment = std::function<bool(int number, const std::vector<Step>& steps)>;

    Interrupted(const std::string& path, Moment is_moment, std::function<void()> meanwhile)
        : file_(path, false), is_moment_(std::move(is_moment)), meanwhile_(std::move(meanwhile)) {}

    Answer run(const std::vector<Step>& steps) override {
        const bool now = is_moment_(++requests_, steps);
        if (now && meanwhile_) std::exchange(meanwhile_, nullptr)();
        return file_.run(steps);
    }
    void quiet(const std::vector<std::string>& tables) override { file_.quiet(tables); }
    std::string name() const override { return file_.name(); }
    bool happened() const { return !meanwhile_; }

private:
    FileEndpoint file_;
    Moment is_moment_;
    std::function<void()> meanwhile_;
    int requests_ = 0;
};

Interrupted::Moment before_the_second() {
    return [](int number, const auto&) { return number == 2; };
}

/// Before a request whose last step is this one.
Interrupted::Moment before(const std::string& text) {
    return
        [text](int, const std::vector<Step>& steps) { return steps.back().sql.starts_with(text); };
}

class Meanwhile : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = (std::filesystem::temp_directory_path() / "tidemark-XXXXXX").string();
        folder = mkdtemp(pattern.data());
        a = folder + "/a.db";
        b = folder + "/b.db";
        primary = folder + "/primary.db";
    }
    void TearDown() override { std::filesystem::remove_all(folder); }

    void two_devices(const std::string& schema) const {
        edit(a, schema);
        AttachOptions options;
        options.allow_copied_folder = true;
        Replica::attach(a, primary, options);
        Replica::clone(primary, b);
    }
    static void edit(const std::string& file, const std::string& sql) {
        Connection(file, Connection::Open::create).execute(sql);
    }
    static void sync(const std::string& file) { Replica::open(file).sync(); }
    void sync_interrupted(const std::string& file, Interrupted::Moment moment,
                          std::function<void()> meanwhile) const {
        Connection connection(file);
        Interrupted endpoint(primary, std::move(moment), std::move(meanwhile));
        const SyncOptions options;
        Session(connection, endpoint, system_clock(), system_rng(), options).sync();
        EXPECT_TRUE(endpoint.happened());
    }
    void expect_everywhere(const std::string& query, const std::string& value) const {
        for (const std::string& file : {a, b, primary}) {
            EXPECT_EQ(Connection(file).scalar(query), Value{value}) << file;
        }
    }

    std::string folder, a, b, primary;
};

constexpr const char* one_row =
    "CREATE TABLE t(id INTEGER PRIMARY KEY, d); INSERT INTO t VALUES (1, 'old')";
constexpr const char* unique_row =
    "CREATE TABLE t(id TEXT PRIMARY KEY, n TEXT UNIQUE); INSERT INTO t VALUES ('1', 'a')";

TEST_F(Meanwhile, AWriteDuringAChangeOfSchemaIsNotForgotten) {
    two_devices(one_row);
    edit(a, "ALTER TABLE t RENAME COLUMN d TO e");
    edit(b, "UPDATE t SET d = 'of b'");
    sync_interrupted(a, before("SELECT EXISTS (SELECT 1 FROM \"tidemark_pending_t\""),
                     [&] { edit(primary, "UPDATE t SET d = 'outside'"); });
    Replica::open(b).sync();
    EXPECT_EQ(Connection(b).scalar("SELECT e FROM t"), Value{std::string("outside")});
    EXPECT_EQ(Replica::open(b).conflicts().size(), 1U);
}

TEST_F(Meanwhile, AChangeOfSchemaStopsNoFullCompare) {
    two_devices(one_row);
    edit(a, "DROP TRIGGER tidemark_t_update; UPDATE t SET d = 'of a'");
    sync_interrupted(a, before("\n    SELECT 0, coalesce(r.seq"),
                     [&] { edit(primary, "ALTER TABLE t RENAME COLUMN d TO e"); });
    EXPECT_EQ(Connection(primary).scalar("SELECT e FROM t"), Value{std::string("of a")});
}

/// b has edited a row, and has to take that back for one that a made.
class Overtaking : public Meanwhile {
protected:
    void SetUp() override {
        Meanwhile::SetUp();
        two_devices(unique_row);
        edit(b, "UPDATE t SET n = 'wanted' WHERE id = '1'");
        edit(a, "INSERT INTO t VALUES ('2', 'wanted')");
        sync(a);
    }
};

TEST_F(Overtaking, ARowThatHasToGiveWayMayHaveBeenDeletedAtThePrimaryMeanwhile) {
    sync_interrupted(b, before_the_second(), [&] {
        edit(a, "DELETE FROM t WHERE id = '1'");
        sync(a);
    });
    expect_everywhere("SELECT group_concat(id || n) FROM t", "2wanted");
    EXPECT_EQ(Replica::open(b).conflicts().size(), 1U);
}

TEST_F(Overtaking, ItsTableMayHaveBeenRenamed) {
    sync_interrupted(b, before_the_second(), [&] {
        edit(a, "ALTER TABLE t RENAME TO renamed");
        sync(a);
    });
    expect_everywhere("SELECT group_concat(id || n) FROM (SELECT * FROM renamed ORDER BY id)",
                      "1a,2wanted");
}

}  // namespace
}  // namespace tidemark
