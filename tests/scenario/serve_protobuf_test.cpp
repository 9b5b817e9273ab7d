#include <string_view>

#include "hrana/protobuf.hpp"
#include "support/served.hpp"
#include "support/story.hpp"

namespace tidemark {
namespace {

namespace ws = hrana::ws;
using hrana::protobuf::write;

class ServeProtobuf : public Story {
protected:
    static hrana::Stmt stmt(const std::string& sql, std::vector<Value> args = {}) {
        hrana::Stmt made;
        made.sql.sql = sql;
        made.args = std::move(args);
        return made;
    }
};

TEST_F(ServeProtobuf, APipelineIsAnsweredInKindAndKeepsItsStream) {
    Served server(path("app.db"));
    HttpClient client(server.port());
    const auto send = [&](const hrana::PipelineReq& request) {
        std::string body;
        write(body, request);
        const HttpAnswer answer =
            client.post("/v3-protobuf/pipeline", body, {"Content-Type: application/x-protobuf"});
        EXPECT_EQ(answer.status, 200);
        EXPECT_EQ(answer.headers.at("content-type"), "application/x-protobuf");
        return hrana::protobuf::read_pipeline_resp(answer.body);
    };
    hrana::PipelineReq first;
    first.requests = {
        hrana::ExecuteReq{stmt("BEGIN")}, hrana::ExecuteReq{stmt("CREATE TABLE t(a, b)")},
        hrana::ExecuteReq{stmt("INSERT INTO t VALUES (?, ?)", {std::int64_t{-5}, 1.5})},
        hrana::ExecuteReq{stmt("SELEC")}};
    const hrana::PipelineResp begun = send(first);
    ASSERT_EQ(begun.results.size(), 4u);
    EXPECT_EQ(std::get<hrana::ProtocolError>(begun.results[3]).code, "SQL_PARSE_ERROR");
    ASSERT_TRUE(begun.baton);
    hrana::PipelineReq second;
    second.baton = begun.baton;
    second.requests = {hrana::ExecuteReq{stmt("SELECT a, b, NULL, x'00ff', 'text' FROM t")},
                       hrana::GetAutocommitReq{}, hrana::CloseReq{}};
    const hrana::PipelineResp read = send(second);
    EXPECT_FALSE(read.baton);
    const auto& rows =
        std::get<hrana::ExecuteResp>(std::get<hrana::StreamResponse>(read.results[0])).result.rows;
    EXPECT_EQ(rows, (std::vector<Row>{{std::int64_t{-5}, 1.5, std::monostate{},
                                       Blob{std::string("\0\xff", 2)}, std::string("text")}}));
    const auto& autocommit =
        std::get<hrana::GetAutocommitResp>(std::get<hrana::StreamResponse>(read.results[1]));
    EXPECT_FALSE(autocommit.is_autocommit);
    EXPECT_EQ(server.value("SELECT count(*) FROM sqlite_schema"), "0")
        << "rolled back by the close";
}

TEST_F(ServeProtobuf, ACursorSendsEntriesEachWithItsLength) {
    Served server(path("app.db"));
    hrana::CursorReq request;
    request.batch.steps.push_back({{}, stmt("SELECT value FROM json_each('[1,2,3]')")});
    request.batch.steps.push_back({{}, stmt("SELECT * FROM none")});
    std::string body;
    write(body, request);
    const HttpAnswer answer = HttpClient(server.port()).post("/v3-protobuf/cursor", body);
    EXPECT_EQ(answer.status, 200);
    std::string_view rest = answer.body;
    std::string_view message;
    ASSERT_TRUE(hrana::protobuf::next_message(rest, message));
    EXPECT_TRUE(hrana::protobuf::read_cursor_head(message).baton);
    std::vector<hrana::CursorEntry> entries;
    while (hrana::protobuf::next_message(rest, message)) {
        entries.push_back(hrana::protobuf::read_cursor_entry(message));
    }
    EXPECT_TRUE(rest.empty());
    ASSERT_EQ(entries.size(), 7u);
    EXPECT_TRUE(std::holds_alternative<hrana::StepBegin>(entries[0]));
    EXPECT_EQ(std::get<hrana::CursorRow>(entries[3]).values, Row{std::int64_t{3}});
    EXPECT_TRUE(std::holds_alternative<hrana::StepEnd>(entries[4]));
    EXPECT_EQ(std::get<hrana::StepError>(entries[5]).step, 1u);
    EXPECT_TRUE(std::holds_alternative<hrana::CursorDone>(entries[6]));
}

TEST_F(ServeProtobuf, ASocketMaySpeakIt) {
    Served server(path("app.db"));
    SocketClient socket(server.port(), "hrana3-protobuf, hrana2");
    EXPECT_EQ(socket.handshake().headers.at("sec-websocket-protocol"), "hrana3-protobuf");
    const auto ask = [&](const ws::ClientMsg& message) {
        std::string bytes;
        write(bytes, message);
        socket.send(bytes, 2);
        return hrana::protobuf::read_server_msg(socket.receive_bytes());
    };
    EXPECT_TRUE(std::holds_alternative<ws::HelloOk>(ask(ws::Hello{})));
    EXPECT_TRUE(std::holds_alternative<ws::ResponseOk>(ask(ws::Request{1, ws::OpenStream{4}})));
    const ws::ServerMsg answer = ask(ws::Request{2, ws::Execute{4, stmt("SELECT 'hello'")}});
    const auto& body = std::get<ws::ResponseOk>(answer).body;
    EXPECT_EQ(std::get<hrana::ExecuteResp>(body).result.rows,
              std::vector<Row>{{std::string("hello")}});
    const ws::ServerMsg unknown = ask(ws::Request{3, ws::Execute{5, stmt("SELECT 1")}});
    EXPECT_EQ(std::get<ws::ResponseError>(unknown).error.code, "STREAM_NOT_OPEN");
}

TEST_F(ServeProtobuf, BytesThatAreNoneAreRefused) {
    Served server(path("app.db"));
    HttpClient client(server.port());
    EXPECT_EQ(client.post("/v3-protobuf/pipeline", "\xff\xff\xff").status, 400);
    EXPECT_EQ(client.post("/v3-protobuf/cursor", "\x08\x01").status, 400);
    SocketClient socket(server.port(), "hrana3-protobuf");
    socket.send("\xff\xff\xff", 2);
    EXPECT_EQ(socket.close_code(), 1007);
    SocketClient text(server.port(), "hrana3-protobuf");
    text.send("{}");
    EXPECT_EQ(text.close_code(), 1003);
    EXPECT_EQ(server.value("SELECT 1"), "1");
}

}  // namespace
}  // namespace tidemark
