#include <set>

#include "support/served.hpp"
#include "support/story.hpp"

namespace tidemark {
namespace {

class ServeSocket : public Story {
protected:
    static constexpr const char* hello = R"({"type":"hello","jwt":null})";
    static std::string request(int id, const std::string& body) {
        return R"({"type":"request","request_id":)" + std::to_string(id) + R"(,"request":)" + body +
               "}";
    }
    static std::string execute(int stream, const std::string& sql) {
        return R"({"type":"execute","stream_id":)" + std::to_string(stream) +
               R"(,"stmt":{"sql":")" + sql + R"("}})";
    }
    static std::string open(int stream) {
        return R"({"type":"open_stream","stream_id":)" + std::to_string(stream) + "}";
    }
};

TEST_F(ServeSocket, AClientTalksOverOneSocket) {
    Served server(path("app.db"));
    SocketClient socket(server.port(), "hrana2, hrana3");
    EXPECT_EQ(socket.handshake().status, 101);
    EXPECT_EQ(socket.handshake().headers.at("sec-websocket-protocol"), "hrana3");
    EXPECT_EQ(socket.ask(hello).at("type"), "hello_ok");
    EXPECT_EQ(socket.ask(request(1, open(5))).at("type"), "response_ok");
    EXPECT_EQ(socket.ask(request(2, execute(5, "CREATE TABLE t(a)"))).at("type"), "response_ok");
    EXPECT_EQ(socket.ask(request(3, execute(5, "INSERT INTO t VALUES (1), (2)")))
                  .at("response")
                  .at("result")
                  .at("affected_row_count"),
              2);
    socket.ask(request(4, R"({"type":"store_sql","sql_id":9,"sql":"SELECT count(*) FROM t"})"));
    const auto counted =
        socket.ask(request(5, R"({"type":"execute","stream_id":5,"stmt":{"sql_id":9}})"));
    EXPECT_EQ(counted.at("response").at("result").at("rows").at(0).at(0).at("value"), "2");
    const auto unknown = socket.ask(request(6, execute(7, "SELECT 1")));
    EXPECT_EQ(unknown.at("error").at("code"), "STREAM_NOT_OPEN");
    EXPECT_EQ(socket.ask(request(7, R"({"type":"close_stream","stream_id":5})")).at("type"),
              "response_ok");
}

TEST_F(ServeSocket, ACursorIsFetchedBitByBit) {
    Served server(path("app.db"));
    SocketClient socket(server.port(), "hrana3");
    socket.ask(hello);
    socket.ask(request(1, open(1)));
    socket.ask(
        request(2, R"json({"type":"open_cursor","stream_id":1,"cursor_id":4,"batch":{"steps":[
        {"stmt":{"sql":"SELECT value FROM json_each('[1,2,3]')"}}]}})json"));
    const std::string fetch = R"({"type":"fetch_cursor","cursor_id":4,"max_count":3})";
    const auto first = socket.ask(request(3, fetch)).at("response").as_object();
    EXPECT_EQ(first.at("entries").as_array().size(), 3u);
    EXPECT_EQ(first.at("done"), false);
    const auto second = socket.ask(request(4, fetch)).at("response").as_object();
    EXPECT_EQ(second.at("entries").as_array().size(), 3u);
    EXPECT_EQ(second.at("done"), true);
    socket.ask(request(5, R"({"type":"close_cursor","cursor_id":4})"));
    EXPECT_EQ(socket.ask(request(6, fetch)).at("error").at("code"), "CURSOR_NOT_OPEN");
}

TEST_F(ServeSocket, AWriterOnAnotherStreamWaitsForTheTransactionOfTheFirst) {
    Served server(path("app.db"));
    server.run({"CREATE TABLE t(a)"});
    SocketClient socket(server.port(), "hrana3");
    socket.ask(hello);
    socket.ask(request(1, open(1)));
    socket.ask(request(2, open(2)));
    socket.ask(request(3, execute(1, "BEGIN IMMEDIATE")));
    socket.send(request(4, execute(2, "INSERT INTO t VALUES (2)")));
    EXPECT_EQ(socket.ask(request(5, execute(1, "INSERT INTO t VALUES (1)"))).at("request_id"), 5);
    socket.send(request(6, execute(1, "COMMIT")));
    std::set<std::int64_t> answered;
    for (int i = 0; i < 2; ++i) {
        const auto answer = socket.receive();
        EXPECT_EQ(answer.at("type"), "response_ok");
        answered.insert(answer.at("request_id").as_int64());
    }
    EXPECT_EQ(answered, (std::set<std::int64_t>{4, 6}));
    EXPECT_EQ(server.value("SELECT group_concat(a) FROM t"), "1,2");
}

TEST_F(ServeSocket, ASocketThatBreaksTheRulesIsClosedWithTheReason) {
    Served server(path("app.db"));
    const auto code_after = [&](const std::string& text, int opcode = 1) {
        SocketClient socket(server.port(), "hrana2");
        socket.send(text, opcode);
        return socket.close_code();
    };
    EXPECT_EQ(code_after("{"), 1007);
    EXPECT_EQ(code_after("x", 2), 1003);
    EXPECT_EQ(code_after(request(1, open(1))), 1008) << "a request before the hello";
    EXPECT_EQ(SocketClient(server.port(), "none").handshake().status, 400);
    EXPECT_FALSE(
        SocketClient(server.port(), "").handshake().headers.contains("sec-websocket-protocol"));
    Served small(path("other.db"), {"--max-frame", "1K"});
    SocketClient socket(small.port(), "hrana2");
    socket.send(std::string(5'000, ' '));
    EXPECT_EQ(socket.close_code(), 1009);
}

TEST_F(ServeSocket, AnIdleTransactionOfASocketIsRolledBackAndSaysSo) {
    Served server(path("app.db"), {"--write-idle", "200ms"});
    server.run({"CREATE TABLE t(a)"});
    SocketClient socket(server.port(), "hrana3");
    socket.ask(hello);
    socket.ask(request(1, open(1)));
    socket.ask(request(2, execute(1, "BEGIN IMMEDIATE")));
    EXPECT_EQ(server.run({"INSERT INTO t VALUES (2)"})[0].at("type"), "ok");
    EXPECT_EQ(socket.ask(request(3, execute(1, "INSERT INTO t VALUES (1)"))).at("error").at("code"),
              "TRANSACTION_TIMEOUT");
    EXPECT_EQ(socket.ask(request(4, execute(1, "ROLLBACK"))).at("type"), "response_ok");
    EXPECT_EQ(socket.ask(request(5, execute(1, "INSERT INTO t VALUES (3)"))).at("type"),
              "response_ok");
}

TEST_F(ServeSocket, ASocketThatEndsWhileItsStreamsWaitForEachOtherHoldsUpNobody) {
    Served server(path("app.db"), {"--write-idle", "60s"});
    server.run({"CREATE TABLE t(a)"});
    SocketClient socket(server.port(), "hrana3");
    socket.ask(hello);
    socket.ask(request(1, open(1)));
    socket.ask(request(2, open(2)));
    socket.ask(request(3, execute(1, "BEGIN IMMEDIATE")));
    socket.send(request(4, execute(2, "BEGIN IMMEDIATE")));
    EXPECT_EQ(socket.ask(request(5, execute(1, "SELECT 1"))).at("request_id"), 5);
    socket.send("{");
    EXPECT_EQ(server.run({"INSERT INTO t VALUES (1)"})[0].at("type"), "ok");
}

}  // namespace
}  // namespace tidemark
