// In what form a device's requests reach a server: JSON until it is known that protobuf is taken,
// and packed by zstd where the server unpacks it.

#include <algorithm>

#include "support/process.hpp"
#include "support/relay.hpp"
#include "support/served.hpp"
#include "support/story.hpp"

namespace tidemark {
namespace {

constexpr const char* plain_form = "POST /v2/pipeline";
constexpr const char* better_form = "POST /v3-protobuf/pipeline";
constexpr const char* question = "GET /v3-protobuf";

bool is_packed(const std::string& head) {
    return head.find("Content-Encoding: zstd\r\n") != head.npos;
}

/// A is attached through a relay, which sees what it sends; B is beside it. What this process has
/// learned of the server, a command does not know.
class Wire : public Story {
protected:
    void SetUp() override {
        make("a.db", "CREATE TABLE t(id INTEGER PRIMARY KEY, v, w TEXT)");
        Replica::attach(path("a.db"), relay.url());
        Replica::clone(server.url(), path("b.db"));
        relay.treat({});
    }

    static std::string insert_rows(int count) {
        return "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " +
               std::to_string(count) +
               ") INSERT INTO t SELECT i, i / 3.0, printf('the text of row %d, ', i) || "
               "'which resembles that of all others' FROM n";
    }
    void insert(int rows) { edit("a.db", insert_rows(rows)); }

    static std::size_t requests_of(const Relay& relay, const char* form, bool packed = false) {
        const auto heads = relay.heads();
        const auto is_so = [&](const std::string& head) {
            return head.starts_with(form) && (!packed || is_packed(head));
        };
        return static_cast<std::size_t>(std::count_if(heads.begin(), heads.end(), is_so));
    }
    std::size_t requests_as(const char* form, bool packed = false) {
        return requests_of(relay, form, packed);
    }

    void expect_all_arrived() {
        sync("b.db");
        expect_same("a.db", "b.db");
        EXPECT_EQ(Replica::open(path("a.db")).status().pending, 0);
    }

    Served server{path("primary.db")};
    Relay relay{server.port()};
};

TEST_F(Wire, ASmallChangeIsOneRequest) {
    insert(10);
    EXPECT_EQ(run_tidemark({"sync", "a.db"}, folder.path()).exit_code, 0);
    EXPECT_EQ(relay.requests(), 1);
    EXPECT_EQ(requests_as(plain_form), 1U);
    expect_all_arrived();
}

TEST_F(Wire, WhatAProcessHasLearnedOfAServerItKnowsAtItsNextSync) {
    insert(100);
    sync("a.db");
    EXPECT_EQ(relay.requests(), 1);
    EXPECT_EQ(requests_as(better_form, true), 1U);
    expect_all_arrived();
}

TEST_F(Wire, ALargePushOfACommandAsksOnceAndGoesInProtobufPackedByZstd) {
    insert(900);
    EXPECT_EQ(run_tidemark({"sync", "a.db"}, folder.path()).exit_code, 0);
    const auto heads = relay.heads();
    ASSERT_EQ(heads.size(), 2U);
    EXPECT_TRUE(heads[0].starts_with(question)) << heads[0];
    EXPECT_TRUE(heads[1].starts_with(better_form)) << heads[1];
    EXPECT_TRUE(is_packed(heads[1])) << heads[1];
    EXPECT_LT(relay.body_bytes(), 900U * 30) << "for some 70 bytes of text in each row";
    expect_all_arrived();
}

TEST_F(Wire, AnUploadAndACloneOfManyPagesAreInProtobufAfterTheFirstAnswer) {
    insert(25'000);
    EXPECT_EQ(run_tidemark({"sync", "a.db"}, folder.path()).exit_code, 0);
    EXPECT_GT(requests_as(better_form, true), 20U);
    EXPECT_LE(requests_as(plain_form), 1U);
    EXPECT_LT(relay.body_bytes(), 25'000U * 30);
    relay.treat({});
    EXPECT_EQ(run_tidemark({"clone", relay.url(), "d.db"}, folder.path()).exit_code, 0);
    EXPECT_GT(requests_as(better_form), 20U);
    EXPECT_EQ(requests_as(plain_form), 1U);
    expect_same("a.db", "d.db");
    expect_all_arrived();
}

TEST_F(Wire, AServerThatNoLongerTakesTheFormIsSentPlainJsonAndNothingTwice) {
    for (int from = 0; from < 5; ++from) {  // at once, and in the middle of the push
        SCOPED_TRACE(from);
        Relay fading(server.port());
        const std::string device = "device" + std::to_string(from) + ".db";
        Replica::clone(fading.url(), path(device));
        edit("b.db", "INSERT INTO t VALUES (-1, 'something new', 'w')");
        sync("b.db");
        edit(device, insert_rows(2'500));
        fading.treat(
            [=](int request) { return request < from ? Relay::Fate::pass : Relay::Fate::plain; });
        EXPECT_EQ(sync(device).pushed, 2'500);
        EXPECT_GE(requests_of(fading, better_form), 1U);
        EXPECT_GE(requests_of(fading, plain_form), 1U);
        EXPECT_EQ(server.value("SELECT count(*) FROM t"), "2501");
        fading.treat([](int) { return Relay::Fate::plain; });
        edit(device, "DELETE FROM t");
        sync(device);
        EXPECT_EQ(requests_of(fading, better_form), 0U) << "which it knows at the next sync";
        sync("b.db");
        expect_same(device, "b.db");
    }
}

TEST_F(Wire, AServerThatTakesOnlyPlainJsonIsAskedOnceAndSyncsAsWell) {
    insert(2'500);
    sync("a.db");
    Relay plain(server.port());
    plain.treat([](int) { return Relay::Fate::plain; });
    Replica::clone(plain.url(), path("d.db"));
    expect_same("a.db", "d.db");
    edit("d.db", "UPDATE t SET v = 'd'");
    sync("d.db");
    sync("a.db");
    expect_same("a.db", "d.db");
    EXPECT_EQ(requests_of(plain, question), 1U);
    EXPECT_EQ(requests_of(plain, better_form), 0U);
}

TEST_F(Wire, EveryKindOfValueComesThroughInEitherForm) {
    const std::string values = R"(
        (1, NULL, ''), (2, 'x', NULL), (3, '', 'a' || char(0) || 'b'), (4, -0.0, char(0)),
        (5, 9223372036854775807, '🦉'), (6, -9223372036854775808, char(0xFEFF)), (7, x'', 'e'),
        (8, x'00ff', 'e'), (9, 1.0, 'e'), (10, 1, 'e'), (11, 0, 'e'), (12, 4.9e-324, 'e'),
        (13, 0.1, 'e'), (14, zeroblob(200000), 'e'), (15, '1', 'e'))";
    edit("a.db", "INSERT INTO t VALUES " + values + ", (16, 9e999, 'e'), (17, -9e999, 'e')");
    sync("a.db");
    EXPECT_EQ(requests_as(better_form), 1U);
    expect_all_arrived();
    edit("a.db", "DELETE FROM t");
    sync("a.db");
    Relay plain(server.port());
    plain.treat([](int) { return Relay::Fate::plain; });
    Replica::clone(plain.url(), path("d.db"));
    edit("d.db", "INSERT INTO t VALUES " + values);
    sync("d.db");
    Replica::clone(plain.url(), path("e.db"));
    expect_same("d.db", "e.db");
    sync("a.db");
    expect_same("d.db", "a.db");
}

TEST_F(Wire, AnInfiniteNumberWaitsForAServerThatCanCarryIt) {
    Relay plain(server.port());
    plain.treat([](int) { return Relay::Fate::plain; });
    Replica::clone(plain.url(), path("d.db"));
    edit("d.db", "INSERT INTO t VALUES (1, 9e999, 'e')");
    const Error error = expect_error(ErrorCode::failed, [&] { sync("d.db"); });
    EXPECT_NE(error.message().find("infinite"), std::string::npos) << error.message();
    EXPECT_EQ(Replica::open(path("d.db")).status().pending, 1);
    plain.treat({});
    EXPECT_EQ(run_tidemark({"sync", "d.db"}, folder.path()).exit_code, 0);
    sync("a.db");
    expect_same("a.db", "d.db");
}

TEST_F(Wire, TextThatIsNotUtf8IsRefusedAndKept) {
    edit("a.db", "INSERT INTO t VALUES (1, zeroblob(100000), CAST(x'ff80' AS TEXT))");
    const Error error = expect_error(ErrorCode::failed, [&] { sync("a.db"); });
    EXPECT_NE(error.message().find("not UTF-8"), std::string::npos) << error.message();
    EXPECT_EQ(Replica::open(path("a.db")).status().pending, 1);
    edit("a.db", "UPDATE t SET w = CAST(w AS BLOB)");
    sync("a.db");
    expect_all_arrived();
}

TEST_F(Wire, TextThatIsNotUtf8IsNotReceivedAsAnother) {
    edit("primary.db", "INSERT INTO t VALUES (1, 'v', CAST(x'ff80' AS TEXT))");
    const Error error = expect_error(ErrorCode::failed, [&] { sync("a.db"); });
    EXPECT_NE(error.message().find("not UTF-8"), std::string::npos) << error.message();
    EXPECT_EQ(ask("a.db", "SELECT count(*) FROM t"), Dump{"0"});
    edit("primary.db", "UPDATE t SET w = CAST(w AS BLOB)");
    sync("a.db");
    EXPECT_EQ(ask("a.db", "SELECT w FROM t"), Dump{"x'ff80'"});
    expect_all_arrived();
}

}  // namespace
}  // namespace tidemark
