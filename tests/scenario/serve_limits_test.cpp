#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "server/compression.hpp"
#include "sqlite/connection.hpp"
#include "support/served.hpp"
#include "support/story.hpp"

namespace tidemark {
namespace {

class ServeLimits : public Story {
protected:
    /// Whether others are still answered.
    static void expect_well(const Served& server) { EXPECT_EQ(server.value("SELECT 1"), "1"); }
};

const std::string endless =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";

TEST_F(ServeLimits, ABodyAndAHeaderMayBeSoLarge) {
    Served server(path("app.db"), {"--max-body", "10K", "--max-header", "2K"});
    EXPECT_EQ(HttpClient(server.port()).post("/v2/pipeline", std::string(20'000, ' ')).status, 413);
    EXPECT_EQ(HttpClient(server.port()).get("/", {"x: " + std::string(3'000, 'y')}).status, 431);
    HttpClient chunked(server.port());
    chunked.send("POST /v2/pipeline HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
    chunked.send("6000\r\n" + std::string(0x6000, ' ') + "\r\n");
    EXPECT_EQ(chunked.answer().status, 413);
    expect_well(server);
}

TEST_F(ServeLimits, ABodyThatGrowsWhenUnpackedIsCountedUnpacked) {
    Served server(path("app.db"), {"--max-body", "1M"});
    for (const char* encoding : {"gzip", "zstd"}) {
        std::string body = execute_body("SELECT 1") + std::string(100'000, ' ');
        server::compress(body, encoding);
        HttpClient client(server.port());
        const std::string header = std::string("Content-Encoding: ") + encoding;
        EXPECT_EQ(client.post("/v2/pipeline", body, {header}).status, 200);
        body.resize(body.size() / 2);
        EXPECT_EQ(client.post("/v2/pipeline", body, {header}).status, 400);
        body = std::string(50'000'000, ' ');
        server::compress(body, encoding);
        EXPECT_EQ(client.post("/v2/pipeline", body, {header}).status, 413);
    }
    expect_well(server);
}

TEST_F(ServeLimits, ABodyPackedInAnUnknownWayIsAnsweredWithTheKnownOnes) {
    Served server(path("app.db"));
    HttpClient client(server.port());
    const HttpAnswer refused =
        client.post("/v2/pipeline", execute_body("SELECT 1"), {"Content-Encoding: br"});
    EXPECT_EQ(refused.status, 415);
    EXPECT_EQ(refused.headers.at("accept-encoding"), "zstd, gzip");
    EXPECT_EQ(refused.json().at("code"), "ENCODING_UNKNOWN");
    const HttpAnswer taken = client.post("/v2/pipeline", execute_body("SELECT 1"));
    EXPECT_EQ(taken.status, 200);
    EXPECT_EQ(taken.headers.at("accept-encoding"), "zstd, gzip") << "said before anybody asks";
}

TEST_F(ServeLimits, SqlTextMayBeSoLong) {
    Served server(path("app.db"), {"--max-sql", "100"});
    const std::string sql = "SELECT 1 -- " + std::string(100, 'x');
    EXPECT_EQ(server.value(sql), "error SQL_INPUT_ERROR");
    EXPECT_EQ(server.value(sql.substr(0, 100)), "1");
}

TEST_F(ServeLimits, AnAnswerMayHaveSoManyRowsAndBytes) {
    Served server(path("app.db"), {"--max-rows", "10", "--max-response", "1000"});
    EXPECT_EQ(server.value("SELECT value FROM json_each('[1,2,3,4,5,6,7,8,9,10,11]')"),
              "error RESPONSE_TOO_LARGE");
    EXPECT_EQ(server.value("SELECT printf('%.2000c', 'x')"), "error RESPONSE_TOO_LARGE");
    server.run({"CREATE TABLE t(a)"});
    EXPECT_EQ(server.value("INSERT INTO t VALUES (printf('%.2000c', 'x')) RETURNING a"),
              "error RESPONSE_TOO_LARGE");
    EXPECT_EQ(server.value("SELECT count(*) FROM t"), "0") << "and nothing was written";
    const HttpAnswer cursor =
        HttpClient(server.port()).post("/v3/cursor", R"json({"batch":{"steps":[
        {"stmt":{"sql":"SELECT value FROM json_each('[1,2,3,4,5,6,7,8,9,10,11]')"}}]}})json");
    EXPECT_NE(cursor.body.find("\"11\""), std::string::npos) << "a cursor reads on and on";
}

TEST_F(ServeLimits, AStatementThatRunsTooLongIsInterrupted) {
    Served server(path("app.db"), {"--statement-timeout", "300ms"});
    EXPECT_EQ(server.value(endless), "error SQLITE_INTERRUPT");
    server.run({"CREATE TABLE t(a)"});
    EXPECT_EQ(server.value("INSERT INTO t " + endless), "error SQLITE_INTERRUPT");
    EXPECT_EQ(server.value("SELECT count(*) FROM t"), "0");
}

TEST_F(ServeLimits, LongStatementsHoldUpNobodyElse) {
    Served server(path("app.db"), {"--statement-timeout", "20s", "--threads", "1"});
    std::vector<std::unique_ptr<HttpClient>> clients;
    const std::string body = execute_body(endless);
    for (int i = 0; i < 4; ++i) {
        clients.push_back(std::make_unique<HttpClient>(server.port()));
        clients.back()->send_post("/v2/pipeline", body);
    }
    const auto began = std::chrono::steady_clock::now();
    for (int i = 0; i < 20; ++i) expect_well(server);
    EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(10));
}

TEST_F(ServeLimits, StoredSqlIsBounded) {
    Served server(path("app.db"), {"--max-stored-sql", "1", "--max-stored-sql-bytes", "20"});
    const auto answer = HttpClient(server.port())
                            .post("/v2/pipeline", R"({"requests":[
        {"type":"store_sql","sql_id":1,"sql":"SELECT 1"},
        {"type":"store_sql","sql_id":2,"sql":"SELECT 2"},
        {"type":"close_sql","sql_id":1},
        {"type":"store_sql","sql_id":3,"sql":"SELECT 'a text that is too long'"}]})")
                            .json();
    EXPECT_EQ(answer.at("results").at(1).at("error").at("code"), "SQL_STORE_TOO_MANY");
    EXPECT_EQ(answer.at("results").at(3).at("error").at("code"), "SQL_STORE_TOO_LARGE");
}

TEST_F(ServeLimits, StreamsAndConnectionsAreBounded) {
    Served server(path("app.db"), {"--max-streams", "1", "--max-connections", "3"});
    HttpClient one(server.port());
    EXPECT_EQ(one.post("/v2/pipeline", execute_body("BEGIN")).status, 200);
    EXPECT_EQ(one.post("/v2/pipeline", execute_body("BEGIN")).status, 429);
    HttpClient two(server.port());
    HttpClient three(server.port());
    EXPECT_EQ(two.get("/health").status, 200);
    EXPECT_EQ(three.get("/health").status, 200);
    EXPECT_NE(HttpClient(server.port()).rest().find("503"), std::string::npos);
    EXPECT_EQ(two.get("/health").status, 200);
}

TEST_F(ServeLimits, StreamsOfOneSocketAreBounded) {
    Served server(path("app.db"), {"--max-socket-streams", "2"});
    SocketClient socket(server.port(), "hrana3");
    socket.ask(R"({"type":"hello","jwt":null})");
    const auto open = [&](int stream) {
        const std::string id = std::to_string(stream);
        return socket.ask(R"({"type":"request","request_id":)" + id +
                          R"(,"request":{"type":"open_stream","stream_id":)" + id + "}}");
    };
    EXPECT_EQ(open(1).at("type"), "response_ok");
    EXPECT_EQ(open(2).at("type"), "response_ok");
    EXPECT_EQ(open(3).at("error").at("code"), "STREAM_LIMIT");
    socket.ask(
        R"({"type":"request","request_id":4,"request":{"type":"close_stream","stream_id":1}})");
    EXPECT_EQ(open(3).at("type"), "response_ok");
}

TEST_F(ServeLimits, SoManyMayWaitForNews) {
    Served server(path("app.db"), {"--max-waiters", "1"});
    HttpClient first(server.port());
    first.send("GET /tidemark/wait?after=0&timeout_ms=800 HTTP/1.1\r\nHost: x\r\n\r\n");
    HttpClient second(server.port());
    HttpAnswer refused;
    for (int i = 0; i < 100 && refused.status != 429; ++i) {  // until the first has been read
        refused = second.get("/tidemark/wait?after=0&timeout_ms=1");
    }
    EXPECT_EQ(refused.status, 429);
    EXPECT_EQ(refused.json().at("code"), "WAITER_LIMIT");
    EXPECT_EQ(first.answer().status, 200);
    EXPECT_EQ(second.get("/tidemark/wait?after=0&timeout_ms=1").status, 200);
}

TEST_F(ServeLimits, AWriteWaitsForItsTurnNoLongerThanTheBusyTimeout) {
    Served server(path("app.db"), {"--busy-timeout", "300ms", "--write-idle", "20s"});
    server.run({"CREATE TABLE t(a)"});
    const auto writes = [&](const char* expected) {
        for (const char* sql : {"INSERT INTO t VALUES (1)", "BEGIN IMMEDIATE"}) {
            const auto began = std::chrono::steady_clock::now();
            EXPECT_EQ(server.value(sql), expected) << sql;
            EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(5));
        }
    };
    HttpClient client(server.port());
    const auto begun = client.post("/v2/pipeline", execute_body("BEGIN IMMEDIATE")).json();
    writes("error SQLITE_BUSY");
    const std::string baton(begun.at("baton").as_string());
    client.post("/v2/pipeline", execute_body("ROLLBACK", baton));
    writes("no rows");
    Connection other(path("app.db"));
    other.execute("BEGIN IMMEDIATE");
    writes("error SQLITE_BUSY");
    other.execute("ROLLBACK");
    writes("no rows");
    expect_well(server);
}

TEST_F(ServeLimits, WritesShareACommitNoMoreThanTheyMay) {
    Served server(path("app.db"), {"--group-writes", "1"});
    server.run({"CREATE TABLE t(a)"});
    HttpClient holder(server.port());
    const auto begun = holder.post("/v2/pipeline", execute_body("BEGIN IMMEDIATE")).json();
    std::vector<std::unique_ptr<HttpClient>> crowd;
    for (int i = 0; i < 20; ++i) {
        crowd.push_back(std::make_unique<HttpClient>(server.port()));
        crowd.back()->send_post("/v2/pipeline", execute_body("INSERT INTO t VALUES (1)"));
    }
    const std::string baton(begun.at("baton").as_string());
    holder.post("/v2/pipeline", execute_body("COMMIT", baton));
    for (const auto& client : crowd) EXPECT_EQ(client->answer().status, 200);
    const std::string metrics = holder.get("/metrics").body;
    for (const char* name : {"commits", "grouped_writes"}) {
        const std::string line =
            "tidemark_" + std::string(name) + "_total{database=\"default\"} 21\n";
        EXPECT_NE(metrics.find(line), std::string::npos) << "20 inserts and a table: " << line;
    }
}

TEST_F(ServeLimits, MoreStatementsThanAreKeptAreStillRight) {
    Served server(path("app.db"), {"--cached-statements", "2"});
    std::vector<std::string> sql;
    for (int i = 0; i < 20; ++i) sql.push_back("SELECT " + std::to_string(i % 5));
    const auto results = server.run(sql);
    for (std::size_t i = 0; i < sql.size(); ++i) {
        const auto& rows = results[i].at("response").at("result").at("rows");
        EXPECT_EQ(rows.at(0).at(0).at("value").as_string(), std::to_string(i % 5));
    }
}

TEST_F(ServeLimits, AServerThatStopsWaitsSoLongForWhatIsUnderWay) {
    Served server(path("app.db"), {"--shutdown-timeout", "300ms", "--statement-timeout", "1s"});
    HttpClient client(server.port());
    client.send_post("/v2/pipeline", execute_body(endless));
    HttpClient idle(server.port());
    idle.get("/health");
    const auto began = std::chrono::steady_clock::now();
    EXPECT_EQ(server.stop(), 0);
    EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(8));
    EXPECT_TRUE(idle.ends_within(0));
}

TEST_F(ServeLimits, ADatabaseThatNobodyUsesIsClosedAndOpensAgain) {
    Served server(path("app.db"), {"--database-idle", "300ms"});
    server.run({"CREATE TABLE t(a)", "INSERT INTO t VALUES (7)"});
    HttpClient client(server.port());
    const auto open = [&](const char* databases) {
        const std::string line = std::string("\ntidemark_databases ") + databases + "\n";
        for (int i = 0; i < 200; ++i) {
            if (client.get("/metrics").body.find(line) != std::string::npos) return true;
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
        }
        return false;
    };
    EXPECT_TRUE(open("0"));
    EXPECT_FALSE(std::filesystem::exists(path("app.db-wal"))) << "the log is back in the file";
    EXPECT_EQ(server.value("SELECT a FROM t"), "7");
    SocketClient socket(server.port(), "hrana3");
    socket.ask(R"({"type":"hello","jwt":null})");
    std::this_thread::sleep_for(std::chrono::seconds(1));
    EXPECT_TRUE(open("1")) << "a WebSocket uses it";
}

TEST_F(ServeLimits, WhatIsNotHttpOrNotHranaIsRefusedAsSuch) {
    Served server(path("app.db"));
    HttpClient noise(server.port());
    noise.send("\x16\x03\x01 hello\r\n\r\n");
    EXPECT_EQ(noise.answer().status, 400);
    HttpClient client(server.port());
    for (const char* body : {"", "{", "[]", R"({"requests":[{"type":"none"}]})",
                             R"({"requests":[{"type":"execute","stmt":{}}]})"}) {
        const HttpAnswer answer = client.post("/v2/pipeline", body);
        EXPECT_EQ(answer.status, 400) << body;
        EXPECT_EQ(answer.headers.at("content-type"), "application/json");
        EXPECT_TRUE(answer.json().at("message").is_string());
    }
}

}  // namespace
}  // namespace tidemark
