// In what form a device's requests reach a server: JSON until it is known that protobuf is taken,
// and packed by zstd where the server unpacks it.

#include <algorithm>

#include <tidemark/network.hpp>

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

/// A is attached through a relay, which sees what it sends; B is beside it.
class Wire : public Story {
protected:
    void SetUp() override {
        make("a.db", "CREATE TABLE t(id INTEGER PRIMARY KEY, v, w TEXT)");
        Replica::attach(path("a.db"), relay.url());
        Replica::clone(server.url(), path("b.db"));
        relay.treat({});
    }

    void insert(int rows) {
        edit("a.db", "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " +
                         std::to_string(rows) +
                         ") INSERT INTO t SELECT i, i / 3.0, printf('the text of row %d, ', i) || "
                         "'which resembles that of all others' FROM n");
    }

    std::size_t requests_as(const char* form, bool packed = false) {
        const auto heads = relay.heads();
        const auto is_so = [&](const std::string& head) {
            return head.starts_with(form) && (!packed || is_packed(head));
        };
        return static_cast<std::size_t>(std::count_if(heads.begin(), heads.end(), is_so));
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
    sync("a.db");
    EXPECT_EQ(relay.requests(), 1);
    expect_all_arrived();
}

TEST_F(Wire, ALargePushAsksOnceAndGoesInProtobufPackedByZstd) {
    insert(900);
    sync("a.db");
    const auto heads = relay.heads();
    ASSERT_EQ(heads.size(), 2U);
    EXPECT_TRUE(heads[0].starts_with(question)) << heads[0];
    EXPECT_TRUE(heads[1].starts_with(better_form)) << heads[1];
    EXPECT_TRUE(is_packed(heads[1])) << heads[1];
    EXPECT_LT(relay.body_bytes(), 900U * 30) << "for some 70 bytes of text in each row";
    expect_all_arrived();
}

TEST_F(Wire, AnUploadAndACloneOfManyPagesAreInProtobufAfterTheFirstAnswer) {
    make("c.db", "");
    edit("a.db", "DELETE FROM t");
    insert(25'000);
    sync("a.db");
    EXPECT_GT(requests_as(better_form, true), 20U);
    EXPECT_LE(requests_as(plain_form), 1U);
    EXPECT_LT(relay.body_bytes(), 25'000U * 30);
    relay.treat({});
    Replica::clone(relay.url(), path("d.db"));
    EXPECT_GT(requests_as(better_form), 20U);
    EXPECT_EQ(requests_as(plain_form), 1U);
    expect_same("a.db", "d.db");
    expect_all_arrived();
}

TEST_F(Wire, AServerThatNoLongerTakesTheFormIsSentPlainJsonAndNothingTwice) {
    insert(2'500);
    relay.treat([](int request) {
        return request < 2 ? Relay::Fate::pass : Relay::Fate::plain;  // in the middle of the push
    });
    EXPECT_EQ(sync("a.db").pushed, 2'500);
    EXPECT_GE(requests_as(better_form), 2U);
    EXPECT_GE(requests_as(plain_form), 2U);
    EXPECT_EQ(server.value("SELECT count(*) FROM t"), "2500");
    expect_all_arrived();
}

TEST_F(Wire, AServerThatTakesOnlyPlainJsonIsAskedOnceAndSyncsAsWell) {
    relay.treat([](int) { return Relay::Fate::plain; });
    insert(2'500);
    sync("a.db");
    EXPECT_EQ(requests_as(better_form), 0U);
    EXPECT_EQ(requests_as(question), 1U);
    expect_all_arrived();
    relay.treat([](int) { return Relay::Fate::plain; });
    Replica::clone(relay.url(), path("d.db"));
    expect_same("a.db", "d.db");
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
    relay.treat([](int) { return Relay::Fate::plain; });
    edit("b.db", "DELETE FROM t");
    sync("b.db");
    sync("a.db");
    edit("a.db", "INSERT INTO t VALUES " + values);
    sync("a.db");
    EXPECT_EQ(requests_as(better_form), 0U);
    expect_all_arrived();
}

TEST_F(Wire, AnInfiniteNumberWaitsForAServerThatCanCarryIt) {
    edit("a.db", "INSERT INTO t VALUES (1, 9e999, 'e')");
    relay.treat([](int) { return Relay::Fate::plain; });
    const Error error = expect_error(ErrorCode::failed, [&] { sync("a.db"); });
    EXPECT_NE(error.message().find("infinite"), std::string::npos) << error.message();
    EXPECT_EQ(Replica::open(path("a.db")).status().pending, 1);
    relay.treat({});
    sync("a.db");
    expect_all_arrived();
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

}  // namespace
}  // namespace tidemark
