// What a device suffers: the process is gone from one instruction to the next. Each test kills the
// command at random moments and looks at all files after every kill.
//
//   TIDEMARK_TEST_KILLS=100 TIDEMARK_TEST_ROWS=50000 build/bin/tidemark-tests
//   --gtest_filter='Killed.*'

#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <random>

#include "robust/child.hpp"
#include "robust/files.hpp"

namespace tidemark::robust {
namespace {

using std::chrono::microseconds;

/// Two devices that edit the same rows in different columns, make rows whose automatic keys clash,
/// and refer to them. Every row carries a tag that is never given twice.
class Devices {
public:
    Devices(const Folder& folder, std::int64_t rows, const std::string& journal_mode)
        : a(folder / "a.db"), b(folder / "b.db"), primary(folder / "primary.db"), rows_(rows) {
        make(a, journal_mode, R"(
            CREATE TABLE items(id INTEGER PRIMARY KEY, tag TEXT NOT NULL, a INTEGER NOT NULL,
                b INTEGER NOT NULL, body TEXT);
            CREATE TABLE notes(id TEXT PRIMARY KEY, item INTEGER NOT NULL REFERENCES items(id),
                tag TEXT NOT NULL);
            CREATE INDEX notes_item ON notes(item))");
        run(a, numbers(1, rows) +
                   "INSERT INTO items SELECT i, 'seed-' || i, 0, 0, "
                   "hex(randomblob(20)) FROM n");
        EXPECT_EQ(run_command({"attach", a, primary, "--name", "A"}).exit_code, 0);
        EXPECT_EQ(run_command({"clone", primary, b, "--name", "B"}).exit_code, 0);
    }

    /// One transaction each: A edits all rows, B a fifth of them; both make `births` rows.
    void edit() {
        ++round_;
        edit(a, "A", "a", rows_);
        edit(b, "B", "b", rows_ / 5);
    }

    /// What must hold at any moment.
    void check() const {
        for (const std::string& file : {a, b, primary}) {
            SCOPED_TRACE(file);
            ASSERT_EQ(integrity(file), "ok");
            // Each edit was one transaction, so nobody sees half of one.
            ASSERT_EQ(number(file, "SELECT count(DISTINCT a) FROM items WHERE id <= " +
                                       std::to_string(rows_)),
                      1);
            ASSERT_EQ(number(file, "SELECT count(DISTINCT b) FROM items WHERE id <= " +
                                       std::to_string(rows_ / 5)),
                      1);
            ASSERT_EQ(number(file, "SELECT count(*) - count(DISTINCT tag) FROM items"), 0)
                << "a row is there twice";
            ASSERT_EQ(number(file,
                             "SELECT count(*) FROM notes JOIN items ON items.id = notes.item "
                             "WHERE items.tag <> notes.tag"),
                      0)
                << "a note refers to another item than it was written for";
        }
        check_own(a, "A", "a");
        check_own(b, "B", "b");
    }

    /// After a last sync of everybody: all equal, and every edit of either side is in.
    void check_end() const {
        for (const std::string& file : {a, b, a}) {
            const Ending ending = run_command({"sync", file});
            ASSERT_EQ(ending.exit_code, 0) << ending.output;
        }
        check();
        for (const char* table : {"items", "notes"}) {
            EXPECT_EQ(differing_rows(a, primary, table), 0);
            EXPECT_EQ(differing_rows(b, primary, table), 0);
        }
        EXPECT_EQ(number(primary, "SELECT count(*) FROM items"), rows_ + 2 * births * round_);
        EXPECT_EQ(number(primary, "SELECT count(*) FROM notes"), 2 * births * round_);
        EXPECT_EQ(number(primary, "SELECT min(a) FROM items WHERE id <= " + std::to_string(rows_)),
                  round_);
        EXPECT_EQ(
            number(primary, "SELECT min(b) FROM items WHERE id <= " + std::to_string(rows_ / 5)),
            round_);
        EXPECT_EQ(
            number(a,
                   "SELECT count(*) FROM tidemark_conflicts WHERE reason NOT LIKE 'renumbered%'"),
            0);
        EXPECT_EQ(
            number(b,
                   "SELECT count(*) FROM tidemark_conflicts WHERE reason NOT LIKE 'renumbered%'"),
            0);
    }

    const std::string a, b, primary;

private:
    static constexpr std::int64_t births = 40;

    void edit(const std::string& file, const std::string& who, const std::string& column,
              std::int64_t count) const {
        const std::string round = std::to_string(round_);
        const std::string tag = "'" + who + "-" + round + "-' || i";
        run(file, "BEGIN IMMEDIATE; UPDATE items SET " + column + " = " + round +
                      " WHERE id <= " + std::to_string(count) + "; " + numbers(1, births) +
                      "INSERT INTO items(tag, a, b) SELECT " + tag + ", 0, 0 FROM n; " +
                      numbers(1, births) + "INSERT INTO notes SELECT " + tag +
                      ", (SELECT id FROM items WHERE tag = " + tag + " AND id > " +
                      std::to_string(rows_) + "), " + tag + " FROM n; COMMIT");
    }

    /// A device never loses what it wrote itself.
    void check_own(const std::string& file, const std::string& who,
                   const std::string& column) const {
        SCOPED_TRACE(file);
        EXPECT_EQ(number(file, "SELECT min(" + column +
                                   ") FROM items WHERE id <= " + std::to_string(rows_ / 5)),
                  round_);
        EXPECT_EQ(number(file, "SELECT count(*) FROM items WHERE tag LIKE '" + who + "-%'"),
                  births * round_);
        EXPECT_EQ(number(file, "SELECT count(*) FROM notes WHERE tag LIKE '" + who + "-%'"),
                  births * round_);
    }

    std::int64_t rows_;
    std::int64_t round_ = 0;
};

/// Random moments within the time that the command takes when it is left alone.
class Moments {
public:
    Moments()
        : seed_(static_cast<unsigned>(setting("TIDEMARK_TEST_SEED", std::random_device()()))),
          random_(seed_) {}
    unsigned seed() const { return seed_; }
    microseconds within(std::int64_t ms) {
        return microseconds(std::uniform_int_distribution<std::int64_t>(0, ms * 1'100)(random_));
    }

private:
    unsigned seed_;
    std::mt19937 random_;
};

void kill_syncs(const std::string& journal_mode, int signal) {
    const Folder folder;
    const std::int64_t rows = setting("TIDEMARK_TEST_ROWS", 50'000);
    const std::int64_t kills = setting("TIDEMARK_TEST_KILLS", 8);
    Devices devices(folder, rows, journal_mode);
    Moments moments;
    SCOPED_TRACE("TIDEMARK_TEST_SEED=" + std::to_string(moments.seed()));

    devices.edit();
    const Ending push = run_command({"sync", devices.a});
    ASSERT_EQ(push.exit_code, 0) << push.output;
    const Ending pull = run_command({"sync", devices.b});
    ASSERT_EQ(pull.exit_code, 0) << pull.output;

    std::int64_t hits = 0;
    std::int64_t window_ms = std::max(push.ms, pull.ms);
    for (std::int64_t attempt = 0; hits < kills && attempt < 8 * kills; ++attempt) {
        SCOPED_TRACE("attempt " + std::to_string(attempt));
        if (attempt % 2 == 0) devices.edit();  // otherwise what the last kill left is taken up
        const bool a = attempt % 4 < 2;
        Child sync = Child::command({"sync", a ? devices.a : devices.b});
        std::this_thread::sleep_for(moments.within(window_ms));
        sync.send(signal);
        const Ending ending = sync.wait();
        // The first syncs may have been measured while the machine was busy with something else.
        if (ending.killed()) {
            ++hits;
        } else {
            window_ms = std::max<std::int64_t>(window_ms * 3 / 4, 5);
        }
        ASSERT_TRUE(ending.killed() || ending.exit_code == 0) << ending.output;
        devices.check();
        if (testing::Test::HasFailure()) return;
    }
    EXPECT_GE(hits, kills);
    devices.check_end();
}

TEST(Killed, ASyncLosesAndDoublesNothingInWalMode) { kill_syncs("wal", SIGKILL); }
TEST(Killed, ASyncLosesAndDoublesNothingInRollbackMode) { kill_syncs("delete", SIGKILL); }
TEST(Interrupted, ASyncIsTakenUpByTheNext) { kill_syncs("wal", SIGINT); }

std::string wide_rows(std::int64_t from, std::int64_t to) {
    return numbers(from, to) +
           "INSERT INTO t SELECT i, 'title ' || i, hex(randomblob(30)), i % 7 FROM n";
}

constexpr const char* wide_table =
    "CREATE TABLE t(id INTEGER PRIMARY KEY, title TEXT, body TEXT, n INTEGER);"
    "CREATE INDEX t_title ON t(title)";

/// Kills the command again and again long before it can be done; each run has to get a bit further.
/// `goes_on` is called after each kill. Returns how often it said that there is more to do.
int kill_until_done(const std::vector<std::string>& arguments, std::int64_t needed_ms,
                    const std::function<bool(int)>& goes_on) {
    constexpr int patience = 60;
    for (int kills = 0; kills < patience; ++kills) {
        // A fifth of what it took once, when the machine may have been busy; then longer, because
        // its last step is whole or not at all.
        const auto moment = microseconds(needed_ms * (200 + 20 * kills));
        const Ending ending = Child::command(arguments).kill_after(moment);
        if (!ending.killed()) {
            EXPECT_EQ(ending.exit_code, 0) << ending.output;
            return kills;
        }
        if (!goes_on(kills)) return kills;
    }
    ADD_FAILURE() << "it never got done";
    return patience;
}

TEST(Killed, AFirstUploadGoesOnWhereItStopped) {
    const Folder folder;
    const std::int64_t rows = setting("TIDEMARK_TEST_UPLOAD_ROWS", 400'000);
    make(folder / "a.db", "wal", wide_table);
    run(folder / "a.db", wide_rows(1, rows));
    make(folder / "measure.db", "wal", wide_table);
    run(folder / "measure.db", wide_rows(1, rows));
    const Ending whole = run_command({"attach", folder / "measure.db", folder / "elsewhere.db"});
    ASSERT_EQ(whole.exit_code, 0) << whole.output;

    const int kills = kill_until_done(
        {"attach", folder / "a.db", folder / "primary.db"}, whole.ms, [&](int kill) {
            EXPECT_EQ(integrity(folder / "a.db"), "ok");
            // The application goes on writing meanwhile: at both ends, and in the middle.
            const std::string now = std::to_string(kill);
            run(folder / "a.db", "UPDATE t SET n = 100 + " + now + " WHERE id % 1000 = " + now +
                                     "; DELETE FROM t WHERE id = 500 + " + now +
                                     "; INSERT INTO t VALUES (-1 - " + now +
                                     ", 'early', '', 0), (" + std::to_string(2 * rows) + " + " +
                                     now + ", 'late', '', 0)");
            return true;
        });
    EXPECT_GE(kills, 2);
    ASSERT_EQ(run_command({"sync", folder / "a.db"}).exit_code, 0);
    EXPECT_EQ(integrity(folder / "primary.db"), "ok");
    EXPECT_EQ(number(folder / "primary.db", "SELECT count(*) FROM t"), rows + kills);
    EXPECT_EQ(differing_rows(folder / "a.db", folder / "primary.db", "t"), 0);
}

TEST(Killed, ACloneGoesOnWhereItStopped) {
    const Folder folder;
    const std::int64_t rows = setting("TIDEMARK_TEST_UPLOAD_ROWS", 400'000);
    make(folder / "primary.db", "wal", wide_table);
    run(folder / "primary.db", wide_rows(1, rows));
    const Ending whole = run_command({"clone", folder / "primary.db", folder / "measure.db"});
    ASSERT_EQ(whole.exit_code, 0) << whole.output;

    const int kills =
        kill_until_done({"clone", folder / "primary.db", folder / "b.db"}, whole.ms, [&](int kill) {
            // The kill may have come between the last step and the end of the process.
            if (std::filesystem::exists(folder / "b.db")) return false;
            const std::string now = std::to_string(kill);
            run(folder / "primary.db",
                "UPDATE t SET n = 100 + " + now + " WHERE id % 1000 = " + now +
                    "; DELETE FROM t WHERE id = 500 + " + now + "; INSERT INTO t VALUES (-1 - " +
                    now + ", 'early', '', 0), (" + std::to_string(2 * rows) + " + " + now +
                    ", 'late', '', 0)");
            return true;
        });
    EXPECT_GE(kills, 2);
    EXPECT_EQ(integrity(folder / "b.db"), "ok");
    EXPECT_EQ(number(folder / "b.db", "SELECT count(*) FROM t"), rows + kills);
    EXPECT_EQ(differing_rows(folder / "b.db", folder / "primary.db", "t"), 0);
    EXPECT_FALSE(std::filesystem::exists(folder / "b.db.tidemark-partial"));
    // It is a replica like any other.
    run(folder / "b.db", "UPDATE t SET title = 'from b' WHERE id = 7");
    ASSERT_EQ(run_command({"sync", folder / "b.db"}).exit_code, 0);
    EXPECT_EQ(text(folder / "primary.db", "SELECT title FROM t WHERE id = 7"), "from b");
}

}  // namespace
}  // namespace tidemark::robust
