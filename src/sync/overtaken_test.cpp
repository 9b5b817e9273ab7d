// Another device pushes between two requests of one sync.

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>

#include "base/clock.hpp"
#include "base/rng.hpp"
#include "primary/file_endpoint.hpp"
#include "sync/session.hpp"

namespace tidemark {
namespace {

/// A file for which something happens before the second request.
class Overtaken final : public SqlEndpoint {
public:
    Overtaken(const std::string& path, std::function<void()> meanwhile)
        : file_(path, false), meanwhile_(std::move(meanwhile)) {}

    Answer run(const std::vector<Step>& steps) override {
        if (++requests_ == 2) meanwhile_();
        return file_.run(steps);
    }
    void quiet(const std::vector<std::string>& tables) override { file_.quiet(tables); }
    std::string name() const override { return file_.name(); }

private:
    FileEndpoint file_;
    std::function<void()> meanwhile_;
    int requests_ = 0;
};

class Overtaking : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = (std::filesystem::temp_directory_path() / "tidemark-XXXXXX").string();
        folder = mkdtemp(pattern.data());
        a = folder + "/a.db";
        b = folder + "/b.db";
        primary = folder + "/primary.db";
    }
    void TearDown() override { std::filesystem::remove_all(folder); }

    void two_devices(const std::string& schema) {
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
    void sync_overtaken(const std::string& file, std::function<void()> meanwhile) {
        Connection connection(file);
        Overtaken endpoint(primary, std::move(meanwhile));
        const SyncOptions options;
        Session(connection, endpoint, system_clock(), system_rng(), options).sync();
    }

    std::string folder, a, b, primary;
};

TEST_F(Overtaking, ARowThatHasToGiveWayMayHaveBeenDeletedAtThePrimaryMeanwhile) {
    two_devices(
        "CREATE TABLE t(id TEXT PRIMARY KEY, n TEXT UNIQUE); INSERT INTO t VALUES ('1', 'a')");
    edit(b, "UPDATE t SET n = 'wanted' WHERE id = '1'");
    edit(a, "INSERT INTO t VALUES ('2', 'wanted')");
    sync(a);
    sync_overtaken(b, [&] {
        edit(a, "DELETE FROM t WHERE id = '1'");
        sync(a);
    });
    for (const std::string& file : {a, b, primary}) {
        EXPECT_EQ(Connection(file).scalar("SELECT group_concat(id || n) FROM t"),
                  Value{std::string("2wanted")})
            << file;
    }
    EXPECT_EQ(Replica::open(b).conflicts().size(), 1U);
}

TEST_F(Overtaking, ItsTableMayHaveBeenRenamed) {
    two_devices(
        "CREATE TABLE t(id TEXT PRIMARY KEY, n TEXT UNIQUE); INSERT INTO t VALUES ('1', 'a')");
    edit(b, "UPDATE t SET n = 'wanted' WHERE id = '1'");
    edit(a, "INSERT INTO t VALUES ('2', 'wanted')");
    sync(a);
    sync_overtaken(b, [&] {
        edit(a, "ALTER TABLE t RENAME TO renamed");
        sync(a);
    });
    for (const std::string& file : {a, b, primary}) {
        EXPECT_EQ(Connection(file).scalar(
                      "SELECT group_concat(id || n) FROM (SELECT * FROM renamed ORDER BY id)"),
                  Value{std::string("1a,2wanted")})
            << file;
    }
}

}  // namespace
}  // namespace tidemark
