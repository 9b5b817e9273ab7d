// The size of the pages that rows travel in: what it is set to holds, and nothing else depends on
// it.

#include "support/story.hpp"

namespace tidemark {
namespace {

constexpr const char* schema = "CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT)";
constexpr const char* hundred_rows =
    "; WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)"
    " INSERT INTO t SELECT i, 'row ' || i FROM n";

class Batch : public Story {
protected:
    SyncReport sync_by(const std::string& file, const BatchSize& batch) {
        return Replica::open(path(file), {{}, batch}).sync();
    }
    /// How many requests it takes to push an edit of all rows from a.db, and to pull it to b.db.
    std::pair<std::int64_t, std::int64_t> round_trips(const std::string& update,
                                                      const BatchSize& batch) {
        edit("a.db", update);
        const SyncReport pushed = sync_by("a.db", batch);
        const SyncReport pulled = sync_by("b.db", batch);
        EXPECT_EQ(pushed.pushed, 100);
        EXPECT_EQ(pulled.pulled, 100);
        expect_same("a.db", "b.db");
        return {pushed.round_trips, pulled.round_trips};
    }
};

TEST_F(Batch, B6RowsTravelInPagesOfTheSizeThatIsSet) {
    two_devices(std::string(schema) + hundred_rows);
    const auto usual = round_trips("UPDATE t SET v = 'once ' || id", {});
    EXPECT_EQ(usual, std::pair(std::int64_t{1}, std::int64_t{1}));
    const auto rows = round_trips("UPDATE t SET v = 'twice ' || id", {.rows = 10});
    EXPECT_GE(rows.first, 10);
    EXPECT_GE(rows.second, 10);
    // 300 KB in all.
    const auto bytes = round_trips("UPDATE t SET v = hex(zeroblob(1500))", {.bytes = 30'000});
    EXPECT_GE(bytes.first, 10);
    // A server counts rows alone, so its first page may hold more.
    EXPECT_GE(bytes.second, PrimaryServer::wanted() ? 1 : 10);
}

TEST_F(Batch, B6AFirstUploadAndDownloadKeepToItToo) {
    make("a.db", std::string(schema) + hundred_rows);
    AttachOptions attach;
    attach.batch.rows = 10;
    std::vector<std::int64_t> uploaded, downloaded;
    attach.on_progress = [&](const Progress& progress) { uploaded.push_back(progress.done); };
    Replica::attach(path("a.db"), location("primary.db"), attach);
    CloneOptions clone;
    clone.batch.rows = 10;
    clone.on_progress = [&](const Progress& progress) { downloaded.push_back(progress.done); };
    Replica::clone(location("primary.db"), path("b.db"), clone);
    const std::vector<std::int64_t> tens{10, 20, 30, 40, 50, 60, 70, 80, 90, 100};
    EXPECT_EQ(uploaded, tens);
    EXPECT_EQ(downloaded, tens);
    expect_same("a.db", "b.db");
}

TEST_F(Batch, B6ASizeThatMakesNoSenseIsRefused) {
    two_devices(schema);
    for (const BatchSize size : {BatchSize{.rows = 0}, BatchSize{.rows = -1},
                                 BatchSize{.rows = 1'000'000}, BatchSize{.bytes = 100}}) {
        const Error error = expect_error(ErrorCode::usage, [&] { sync_by("a.db", size); });
        EXPECT_NE(error.hint().find("It has from "), std::string::npos) << error.hint();
    }
    const Ran ran = tidemark({"config", "set", "sync.batch_rows", "9"});
    EXPECT_EQ(ran.exit_code, 2);
    EXPECT_NE(ran.err.find("from 10 to 100000"), std::string::npos) << ran.err;
}

TEST_F(Batch, B6TheCommandTakesItFromTheSettingsOfTheDatabase) {
    two_devices(std::string(schema) + hundred_rows);
    const auto requests = [&](const std::vector<std::string>& arguments) {
        edit("a.db", "UPDATE t SET v = v || '.'");
        const boost::json::object report = tidemark_json(arguments);
        EXPECT_EQ(report.at("pushed").as_int64(), 100);
        return report.at("round_trips").as_int64();
    };
    EXPECT_EQ(requests({"sync", "a.db"}), 1);
    tidemark_json({"config", "set", "sync.batch_rows", "20", "--database", "a.db"});
    const std::int64_t twenty = requests({"sync", "a.db"});
    EXPECT_GE(twenty, 5);
    EXPECT_GT(requests({"sync", "a.db", "--set", "sync.batch_rows=10"}), twenty);
    EXPECT_EQ(requests({"sync", "a.db", "--set", "sync.batch_rows=1000"}), 1);
    settle();
}

}  // namespace
}  // namespace tidemark
