#include <chrono>
#include <thread>

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

TEST_F(ServeLimits, AnAnswerMayHaveSoManyRowsAndBytes) {
    Served server(path("app.db"), {"--max-rows", "10", "--max-response", "1000"});
    EXPECT_EQ(server.value("SELECT value FROM json_each('[1,2,3,4,5,6,7,8,9,10,11]')"),
              "error RESPONSE_TOO_LARGE");
    EXPECT_EQ(server.value("SELECT printf('%.2000c', 'x')"), "error RESPONSE_TOO_LARGE");
    server.run({"CREATE TABLE t(a)"});
    EXPECT_EQ(server.value("INSERT INTO t VALUES (printf('%.2000c', 'x')) RETURNING a"),
              "error RESPONSE_TOO_LARGE");
    EXPECT_EQ(server.value("SELECT count(*) FROM t"), "0") << "and nothing was written";
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
        clients.back()->send("POST /v2/pipeline HTTP/1.1\r\nHost: x\r\nContent-Length: " +
                             std::to_string(body.size()) + "\r\n\r\n" + body);
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

TEST_F(ServeLimits, ASlowHeaderAnEndlessBodyAndSilenceAreCutOff) {
    Served server(path("app.db"), {"--header-timeout", "300ms", "--body-timeout", "600ms",
                                   "--keep-alive", "900ms"});
    HttpClient header(server.port());
    header.send("GET / HT");
    HttpClient body(server.port());
    body.send("POST /v2/pipeline HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{");
    HttpClient silent(server.port());
    EXPECT_TRUE(header.ends_within(5'000));
    EXPECT_TRUE(body.ends_within(5'000));
    EXPECT_TRUE(silent.ends_within(5'000));
    expect_well(server);
}

TEST_F(ServeLimits, AClientThatNeverReadsIsCutOffAndHoldsUpNoWriter) {
    Served server(path("app.db"), {"--write-timeout", "500ms"});
    server.run({"CREATE TABLE t(a)"});
    HttpClient client(server.port());
    const std::string body =
        R"({"batch":{"steps":[{"stmt":{"sql":"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT printf('%.1000c', 'x') FROM n"}}]}})";
    client.send("POST /v3/cursor HTTP/1.1\r\nHost: x\r\nContent-Length: " +
                std::to_string(body.size()) + "\r\n\r\n" + body);
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(server.run({"INSERT INTO t VALUES (1)"})[0].at("type"), "ok");
    }
    std::this_thread::sleep_for(std::chrono::seconds(2));
    EXPECT_TRUE(client.ends_within(5'000)) << "what was in the pipes, and then the end";
    expect_well(server);
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
