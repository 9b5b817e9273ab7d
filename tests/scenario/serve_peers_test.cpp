// What a slow, silent or vanished peer costs: itself.

#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

#include "support/served.hpp"
#include "support/story.hpp"

namespace tidemark {
namespace {

class ServePeers : public Story {
protected:
    /// Whether others are still answered.
    static void expect_well(const Served& server) { EXPECT_EQ(server.value("SELECT 1"), "1"); }
    static std::string request(int id, const std::string& body) {
        return R"({"type":"request","request_id":)" + std::to_string(id) + R"(,"request":)" + body +
               "}";
    }
    static constexpr const char* hello = R"({"type":"hello","jwt":null})";
    static constexpr const char* open = R"({"type":"open_stream","stream_id":1})";
};

TEST_F(ServePeers, ASlowHeaderAnEndlessBodyAndSilenceAreCutOff) {
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

TEST_F(ServePeers, AClientThatNeverReadsIsCutOffAndHoldsUpNoWriter) {
    Served server(path("app.db"), {"--write-timeout", "500ms"});
    server.run({"CREATE TABLE t(a)"});
    HttpClient client(server.port());
    const std::string body =
        R"({"batch":{"steps":[{"stmt":{"sql":"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT printf('%.1000c', 'x') FROM n"}}]}})";
    client.send_post("/v3/cursor", body);
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(server.run({"INSERT INTO t VALUES (1)"})[0].at("type"), "ok");
    }
    std::this_thread::sleep_for(std::chrono::seconds(2));
    EXPECT_TRUE(client.ends_within(5'000)) << "what was in the pipes, and then the end";
    expect_well(server);
}

TEST_F(ServePeers, AHeaderThatTricklesInIsCutOffToo) {
    Served server(path("app.db"), {"--header-timeout", "500ms"});
    HttpClient client(server.port());
    client.send("GET / HTTP/1.1\r\n");
    bool cut = false;
    for (int i = 0; i < 100 && !cut; ++i) {
        try {
            client.send("X: y\r\n");
        } catch (const std::exception&) {
            cut = true;
        }
        cut = cut || client.ends_within(50);
    }
    EXPECT_TRUE(cut) << "each line came in time, the whole did not";
    expect_well(server);
}

TEST_F(ServePeers, ACrowdOfSilentOnesTakesAllConnectionsForAMomentOnly) {
    Served server(path("app.db"), {"--max-connections", "20", "--keep-alive", "500ms"});
    std::vector<std::unique_ptr<HttpClient>> silent;
    for (int i = 0; i < 20; ++i) silent.push_back(std::make_unique<HttpClient>(server.port()));
    EXPECT_NE(HttpClient(server.port()).rest().find("503"), std::string::npos);
    for (const auto& each : silent) EXPECT_TRUE(each->ends_within(10'000));
    expect_well(server);
}

TEST_F(ServePeers, ACrowdAtTheDoorIsLetInThoughOthersAreBusy) {
    Served server(path("app.db"), {"--threads", "1"});
    const std::string request = "GET /health HTTP/1.1\r\nHost: x\r\n\r\n";
    std::string many;
    for (int i = 0; i < 400; ++i) many += request;
    HttpClient regular(server.port());
    std::vector<std::unique_ptr<HttpClient>> busy;
    for (int i = 0; i < 200; ++i) busy.push_back(std::make_unique<HttpClient>(server.port()));
    for (const auto& each : busy) each->send(many);
    std::vector<std::unique_ptr<HttpClient>> crowd;
    for (int i = 0; i < 100; ++i) {
        crowd.push_back(std::make_unique<HttpClient>(server.port()));
        crowd.back()->send(request);
    }
    std::atomic<bool> all_in = false;
    int rounds = 0;  // in which somebody who is in already is served
    std::thread meanwhile([&] {
        for (; !all_in; ++rounds) regular.get("/health");
    });
    for (const auto& each : crowd) EXPECT_EQ(each->answer().status, 200);
    all_in = true;
    meanwhile.join();
    EXPECT_LT(rounds, 25);
}

TEST_F(ServePeers, RunningOutOfDescriptorsCostsNobodyWhoIsInAlready) {
    Served server(path("app.db"));
    HttpClient first(server.port());
    EXPECT_EQ(first.post("/v2/pipeline", execute_body("SELECT 1")).status, 200);
    const rlimit few{40, 40};
    ASSERT_EQ(::prlimit(server.pid(), RLIMIT_NOFILE, &few, nullptr), 0);
    std::vector<std::unique_ptr<HttpClient>> crowd;
    for (int i = 0; i < 60; ++i) crowd.push_back(std::make_unique<HttpClient>(server.port()));
    for (int i = 0; i < 200 && server.log().find("accept failed") == std::string::npos; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(25));
    }
    EXPECT_NE(server.log().find("accept failed"), std::string::npos);
    EXPECT_EQ(first.post("/v2/pipeline", execute_body("SELECT 1")).status, 200);
    crowd.clear();
    expect_well(server);
    EXPECT_EQ(server.stop(), 0);
}

TEST_F(ServePeers, ATlsHandshakeThatNeverEndsIsCutOff) {
    const Ran made = run_program({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                                  "ec_paramgen_curve:P-256", "-nodes", "-keyout", "key.pem", "-out",
                                  "cert.pem", "-days", "2", "-subj", "/CN=localhost"},
                                 folder.path().string());
    ASSERT_EQ(made.exit_code, 0) << made.err;
    Served server(path("app.db"), {"--tls-cert", path("cert.pem"), "--tls-key", path("key.pem"),
                                   "--header-timeout", "300ms"});
    HttpClient silent(server.port());
    HttpClient half(server.port());
    half.send("\x16\x03\x01");
    HttpClient plain(server.port());
    plain.send("GET / HTTP/1.1\r\n\r\n");
    for (HttpClient* each : {&silent, &half, &plain}) EXPECT_TRUE(each->ends_within(5'000));
}

TEST_F(ServePeers, ASilentSocketIsCutOff) {
    Served server(path("app.db"), {"--socket-idle", "500ms"});
    SocketClient socket(server.port(), "hrana3");
    socket.ask(hello);
    EXPECT_TRUE(socket.ends_within(5'000));
    expect_well(server);
}

TEST_F(ServePeers, ASocketThatNeverReadsIsCutOff) {
    Served server(path("app.db"), {"--write-timeout", "500ms"});
    SocketClient socket(server.port(), "hrana3");
    socket.ask(hello);
    socket.ask(request(1, open));
    const std::string large =
        R"json({"type":"execute","stream_id":1,"stmt":{"sql":"SELECT printf('%.1000000c', 'x')"}})json";
    bool cut = false;
    for (int i = 2; i < 2'000 && !cut; ++i) {
        try {
            socket.send(request(i, large));
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        } catch (const std::exception&) {
            cut = true;  // it no longer reads either
        }
    }
    EXPECT_TRUE(cut);
    expect_well(server);
}

TEST_F(ServePeers, WhoVanishesInATransactionGivesTheTurnBackAtOnce) {
    Served server(path("app.db"), {"--write-idle", "60s", "--stream-idle", "60s"});
    server.run({"CREATE TABLE t(a)"});
    {
        SocketClient socket(server.port(), "hrana3");
        socket.ask(hello);
        socket.ask(request(1, open));
        socket.ask(
            request(2, R"({"type":"execute","stream_id":1,"stmt":{"sql":"BEGIN IMMEDIATE"}})"));
    }
    const auto began = std::chrono::steady_clock::now();
    EXPECT_EQ(server.run({"INSERT INTO t VALUES (1)"})[0].at("type"), "ok");
    EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(10));
}

}  // namespace
}  // namespace tidemark
