// A device whose clock is wrong neither wins for ever nor loses its edits.

#include "support/story.hpp"

namespace tidemark {
namespace {

constexpr const char* in_2099 = "4070908800000";
constexpr const char* in_1999 = "915148800000";

class Clocks : public Story {
protected:
    Clocks() {
        two_devices(
            "CREATE TABLE t(id TEXT PRIMARY KEY, v, w); "
            "INSERT INTO t VALUES ('x', 'old', 0), ('y', 'old', 0), ('z', 'old', 0)");
    }
    /// An edit as a device with a wrong clock would record it.
    void edit_at(const std::string& file, const std::string& sql, const std::string& at) {
        edit(file, sql);
        edit(file, "UPDATE tidemark_pending_t SET at = " + at);
    }
    std::string value(const std::string& file, const std::string& id) {
        return ask(file, "SELECT v FROM t WHERE id = '" + id + "'").at(0);
    }
    static std::int64_t now_ms() {
        return std::chrono::duration_cast<std::chrono::milliseconds>(
                   std::chrono::system_clock::now().time_since_epoch())
            .count();
    }
};

TEST_F(Clocks, AnEditFrom2099DoesNotWinForEver) {
    edit_at("a.db", "UPDATE t SET v = 'from 2099' WHERE id = 'x'", in_2099);
    settle();
    EXPECT_EQ(value("b.db", "x"), "'from 2099'") << "nobody contradicted it yet";
    // What the primary holds is no later than its own present and the tolerance of a minute.
    EXPECT_EQ(ask("primary.db", "SELECT max(json_extract(edited, '$.v[0]')) <= " +
                                    std::to_string(now_ms() + 61'000) + " FROM tidemark_rows_t"),
              Dump{"1"});
    EXPECT_EQ(
        ask("b.db", "SELECT clock <= " + std::to_string(now_ms() + 61'000) + " FROM tidemark_meta"),
        Dump{"1"});
    edit("b.db", "UPDATE t SET v = 'later' WHERE id = 'x'");
    settle({"b.db", "a.db"});
    EXPECT_EQ(value("a.db", "x"), "'later'");
    EXPECT_TRUE(conflicts("a.db").empty() && conflicts("b.db").empty());
}

TEST_F(Clocks, AfterMeetingAnEditFrom2099ALaterOfflineEditStillWins) {
    edit_at("a.db", "UPDATE t SET v = 'from 2099' WHERE id = 'x'", in_2099);
    settle();
    edit("b.db", "UPDATE t SET v = 'b', w = 1 WHERE id = 'x'");
    edit("a.db", "UPDATE t SET v = 'a, later' WHERE id = 'x'");
    settle({"b.db", "a.db"});
    EXPECT_EQ(value("b.db", "x"), "'a, later'");
}

TEST_F(Clocks, ADeletionFrom2099LosesToNothingButIsNoBanForTheKey) {
    edit_at("a.db", "DELETE FROM t WHERE id = 'x'", in_2099);
    settle();
    edit("b.db", "INSERT INTO t VALUES ('x', 'again', 1)");
    settle({"b.db", "a.db"});
    EXPECT_EQ(value("a.db", "x"), "'again'");
    edit("a.db", "UPDATE t SET v = 'and on'");
    settle();
    EXPECT_EQ(value("b.db", "x"), "'and on'");
}

TEST_F(Clocks, AnEditFrom1999IsNotLostWhereNobodyContradictsIt) {
    edit_at("a.db", "UPDATE t SET v = 'from 1999' WHERE id = 'x'; DELETE FROM t WHERE id = 'y'",
            in_1999);
    edit("b.db", "UPDATE t SET w = 1 WHERE id = 'x'");
    settle({"b.db", "a.db"});
    EXPECT_EQ(ask("b.db", "SELECT * FROM t WHERE id < 'z'"), Dump{"'x', 'from 1999', 1"});
    edit_at("a.db", "UPDATE t SET v = 'lost' WHERE id = 'z'", in_1999);
    edit("b.db", "UPDATE t SET v = 'b' WHERE id = 'z'");
    settle({"b.db", "a.db"});
    EXPECT_EQ(value("b.db", "z"), "'b'");
    EXPECT_EQ(conflicts("a.db").size(), 1U);
}

TEST_F(Clocks, AnEditIsNeverEarlierThanWhatItsDeviceHadSeen) {
    const std::string ahead = std::to_string(now_ms() + 50'000);
    edit("a.db", "UPDATE tidemark_meta SET clock = " + ahead);
    edit("a.db", "UPDATE t SET v = 'a' WHERE id = 'x'");
    settle();
    edit("b.db", "UPDATE t SET v = 'b, which saw a' WHERE id = 'x'");
    EXPECT_EQ(ask("b.db", "SELECT at >= " + ahead + " FROM tidemark_pending_t"), Dump{"1"});
    settle({"b.db", "a.db"});
    EXPECT_EQ(value("a.db", "x"), "'b, which saw a'");
}

}  // namespace
}  // namespace tidemark
