#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "auth/ed25519.hpp"
#include "auth/issuer.hpp"
#include "base/clock.hpp"
#include "support/served.hpp"
#include "support/story.hpp"

namespace tidemark {
namespace {

class ServeAccess : public Story {
protected:
    void write(const std::string& file, const std::string& text) {
        std::ofstream(path(file)) << text;
    }
    void make_folder() {
        std::filesystem::create_directory(path("dbs"));
        make("dbs/one.db", "CREATE TABLE t(a); INSERT INTO t VALUES ('one')");
        make("dbs/two.db", "CREATE TABLE t(a); INSERT INTO t VALUES ('two')");
    }
    static std::string header(const std::string& token) { return "Authorization: Bearer " + token; }
};

TEST_F(ServeAccess, AFolderServesEachFileByItsName) {
    make_folder();
    Served server(path("dbs"));
    const std::string sql = "SELECT a FROM t";
    EXPECT_EQ(server.value(sql, {"x-namespace: one"}), "one");
    EXPECT_EQ(server.value(sql, {"x-namespace-bin: dHdv"}), "two");
    HttpClient client(server.port());
    const auto by_path = client.post("/dev/two/v2/pipeline", execute_body(sql));
    EXPECT_NE(by_path.body.find("two"), std::string::npos);
    client.send("POST /v2/pipeline HTTP/1.1\r\nHost: one.example.com:80\r\nContent-Length: " +
                std::to_string(execute_body(sql).size()) + "\r\n\r\n" + execute_body(sql));
    EXPECT_NE(client.answer().body.find("\"one\""), std::string::npos);
    for (const char* name : {"none", "../one", "..", "one.db", "/etc/passwd"}) {
        EXPECT_EQ(
            client.post("/v2/pipeline", execute_body(sql), {std::string("x-namespace: ") + name})
                .status,
            404)
            << name;
    }
    EXPECT_EQ(server.value("SELECT 1"), "1") << "the default database was made";
}

TEST_F(ServeAccess, AnAdministratorMakesForksListsAndRemovesDatabases) {
    make_folder();
    write("key", "secret\n");
    Served server(path("dbs"), {"--admin-listen", "127.0.0.1:0", "--admin-key-file", path("key")});
    HttpClient admin(server.admin_port());
    const HttpClient::Headers key{"Authorization: Basic secret", "Content-Type: application/json"};
    EXPECT_EQ(admin.post("/v1/namespaces/new/create", "{}").status, 401);
    EXPECT_EQ(admin.post("/v1/namespaces/new/create", "{}", key).status, 200);
    EXPECT_EQ(admin.post("/v1/namespaces/new/create", "{}", key).status, 400);
    EXPECT_EQ(admin.post("/v1/namespaces/..%2fx/create", "{}", key).status, 400);
    EXPECT_EQ(admin.post("/v1/namespaces/one/fork/copy", "{}", key).status, 200);
    EXPECT_EQ(server.value("SELECT a FROM t", {"x-namespace: copy"}), "one");
    EXPECT_EQ(admin.request("DELETE", "/v1/namespaces/two", "", key).status, 200);
    EXPECT_EQ(admin.request("DELETE", "/v1/namespaces/two", "", key).status, 404);
    EXPECT_FALSE(std::filesystem::exists(path("dbs/two.db")));
    EXPECT_EQ(admin.get("/v1/namespaces", key).body,
              R"({"namespaces":["copy","default","new","one"]})");
}

TEST_F(ServeAccess, ADatabaseIsRemovedWhileItIsInUse) {
    make_folder();
    Served server(path("dbs"), {"--admin-listen", "127.0.0.1:0"});
    HttpClient admin(server.admin_port());
    const HttpClient::Headers two{"x-namespace: two"};
    HttpClient writer(server.port());
    const auto begun = writer.post("/v2/pipeline", execute_body("BEGIN IMMEDIATE"), two).json();
    HttpClient waiting(server.port());
    waiting.send_post("/v2/pipeline", execute_body("INSERT INTO t VALUES (1)"), two);
    HttpClient news(server.port());
    news.send("GET /tidemark/wait?after=0&timeout_ms=20000 HTTP/1.1\r\nHost: x\r\n" + two[0] +
              "\r\n\r\n");
    SocketClient socket(server.port(), "hrana3", two);
    socket.ask(R"({"type":"hello","jwt":null})");
    socket.ask(
        R"({"type":"request","request_id":1,"request":{"type":"open_stream","stream_id":1}})");
    std::this_thread::sleep_for(std::chrono::milliseconds(200));

    EXPECT_EQ(admin.request("DELETE", "/v1/namespaces/two", "", {}).status, 200);
    EXPECT_FALSE(std::filesystem::exists(path("dbs/two.db")));
    EXPECT_EQ(news.answer().status, 404) << "it need not wait any longer";
    EXPECT_EQ(waiting.answer().status, 404);
    const std::string baton(begun.at("baton").as_string());
    EXPECT_EQ(writer.post("/v2/pipeline", execute_body("COMMIT", baton), two).status, 404);
    const auto told = socket.ask(
        R"({"type":"request","request_id":2,"request":{"type":"execute","stream_id":1,"stmt":{"sql":"SELECT 1"}}})");
    EXPECT_EQ(told.at("error").at("code"), "NAMESPACE_NOT_FOUND");

    const HttpClient::Headers json{"Content-Type: application/json"};
    EXPECT_EQ(admin.post("/v1/namespaces/two/create", "{}", json).status, 200);
    EXPECT_EQ(server.run({"CREATE TABLE mine(a)"}, two)[0].at("type"), "ok");
    EXPECT_EQ(server.value("SELECT group_concat(name) FROM sqlite_schema", two), "mine");
    EXPECT_EQ(server.stop(), 0);
    EXPECT_EQ(ask("dbs/two.db", "SELECT name FROM sqlite_schema"), Dump{"'mine'"});
}

TEST_F(ServeAccess, AFolderNeedNotHaveADefaultDatabase) {
    make_folder();
    EXPECT_EQ(Served(path("dbs"), {"--default-database", "one"}).value("SELECT a FROM t"), "one");
    Served server(path("dbs"), {"--default-database", "", "--subdomains=false"});
    HttpClient client(server.port());
    EXPECT_EQ(client.post("/v2/pipeline", execute_body("SELECT 1")).status, 404);
    EXPECT_FALSE(std::filesystem::exists(path("dbs/default.db")));
    const std::string body = execute_body("SELECT 1");
    client.send("POST /v2/pipeline HTTP/1.1\r\nHost: one.example.com\r\nContent-Length: " +
                std::to_string(body.size()) + "\r\n\r\n" + body);
    EXPECT_EQ(client.answer().status, 404) << "subdomains are off";
    EXPECT_EQ(tidemark({"serve", "dbs", "--default-database", "../x", "--check-config"}).exit_code,
              2);
}

TEST_F(ServeAccess, ATokenOpensWhatItNamesAndNoMore) {
    make_folder();
    const auto key = auth::PrivateKey::generate();
    write("key.pub", key.public_pem());
    Served server(path("dbs"), {"--auth-jwt-key", path("key.pub")});
    const std::int64_t now = system_clock().now_ms() / 1000;
    const std::string all = auth::issue_token(key, {{}, false, "", now, {}});
    const std::string reader = auth::issue_token(key, {{"one"}, true, "", now, {}});
    const std::string old = auth::issue_token(key, {{}, false, "", now - 900, now - 600});
    HttpClient client(server.port());
    const auto status = [&](const std::string& token, const std::string& database,
                            const std::string& sql) {
        HttpClient::Headers headers{"x-namespace: " + database};
        if (!token.empty()) headers.push_back(header(token));
        return client.post("/v2/pipeline", execute_body(sql), headers).status;
    };
    EXPECT_EQ(status(all, "two", "INSERT INTO t VALUES (1)"), 200);
    EXPECT_EQ(status(reader, "one", "SELECT 1"), 200);
    EXPECT_EQ(status(reader, "one", "INSERT INTO t VALUES (1)"), 403);
    EXPECT_EQ(status(reader, "two", "SELECT 1"), 404);
    EXPECT_EQ(status(old, "one", "SELECT 1"), 401);
    EXPECT_EQ(status("nonsense", "one", "SELECT 1"), 401);
    EXPECT_EQ(status("", "one", "SELECT 1"), 401);
    EXPECT_EQ(client.get("/health").status, 200);
    EXPECT_EQ(server.log().find(all.substr(0, 30)), std::string::npos) << "no token in the log";
}

TEST_F(ServeAccess, ADatabaseMayAskForTokensOfItsOwnKey) {
    make_folder();
    const auto all = auth::PrivateKey::generate();
    const auto ann = auth::PrivateKey::generate();
    write("key.pub", all.public_pem());
    const std::vector<std::string> options{"--auth-jwt-key", path("key.pub"), "--admin-listen",
                                           "127.0.0.1:0"};
    const std::int64_t now = system_clock().now_ms() / 1000;
    const std::string of_all = auth::issue_token(all, {{}, false, "", now, {}});
    const std::string of_ann = auth::issue_token(ann, {{}, false, "", now, {}});
    const auto expect_locked = [&](const Served& server) {
        HttpClient client(server.port());
        const auto status = [&](const std::string& token, const std::string& database) {
            return client
                .post("/v2/pipeline", execute_body("SELECT 1"),
                      {"x-namespace: " + database, header(token)})
                .status;
        };
        EXPECT_EQ(status(of_ann, "one"), 200);
        EXPECT_EQ(status(of_all, "one"), 401);
        EXPECT_EQ(status(of_all, "two"), 200);
        EXPECT_EQ(status(of_ann, "two"), 401);
        EXPECT_EQ(status(of_ann, "none"), 401) << "it says nothing of what is there";
        for (const std::string& token : {of_ann, of_all}) {
            SocketClient socket(server.port(), "hrana3", {"x-namespace: one"});
            const auto answer = socket.ask(R"({"type":"hello","jwt":")" + token + R"("})");
            EXPECT_EQ(answer.at("type"), token == of_ann ? "hello_ok" : "hello_error");
        }
    };
    const HttpClient::Headers json{"Content-Type: application/json"};
    {
        Served server(path("dbs"), options);
        const boost::json::object body{
            {"block_reads", false}, {"block_writes", false}, {"jwt_key", ann.public_pem()}};
        EXPECT_EQ(HttpClient(server.admin_port())
                      .post("/v1/namespaces/one/config", boost::json::serialize(body), json)
                      .status,
                  200);
        expect_locked(server);
    }
    Served again(path("dbs"), options);
    expect_locked(again);
    HttpClient admin(again.admin_port());
    EXPECT_EQ(admin.post("/v1/namespaces/one/fork/copy", "{}", json).status, 200);
    EXPECT_EQ(
        HttpClient(again.port())
            .post("/v2/pipeline", execute_body("SELECT 1"), {"x-namespace: copy", header(of_all)})
            .status,
        401)
        << "a copy is as closed as its original";
    EXPECT_EQ(admin.request("DELETE", "/v1/namespaces/one", "", {}).status, 200);
    EXPECT_EQ(admin.post("/v1/namespaces/one/create", "{}", json).status, 200);
    EXPECT_EQ(again.value("SELECT 1", {"x-namespace: one", header(of_all)}), "1")
        << "a new one has nothing of the removed one";
}

TEST_F(ServeAccess, AnAdministratorBlocksADatabaseAndLimitsItsSize) {
    make_folder();
    Served server(path("dbs"), {"--admin-listen", "127.0.0.1:0"});
    HttpClient admin(server.admin_port());
    const std::string config = "/v1/namespaces/one/config";
    const auto set = [&](const std::string& body) {
        return admin.post(config, body, {"Content-Type: application/json"}).status;
    };
    const HttpClient::Headers one{"x-namespace: one"};
    EXPECT_EQ(admin.get(config).body,
              R"({"block_reads":false,"block_writes":false,"block_reason":null,"max_db_size":null,)"
              R"("heartbeat_url":null,"jwt_key":null,"allow_attach":false,"txn_timeout_s":null,)"
              R"("durability_mode":"strong"})");

    HttpClient writer(server.port());
    const auto begun = writer.post("/v2/pipeline", execute_body("BEGIN IMMEDIATE"), one).json();
    const std::string baton(begun.at("baton").as_string());
    EXPECT_EQ(set(R"({"block_reads":false,"block_writes":true,"block_reason":"moving"})"), 200);
    const auto told =
        writer.post("/v2/pipeline", execute_body("INSERT INTO t VALUES (1)", baton), one).json();
    EXPECT_EQ(told.at("results").at(0).at("error").at("message"), "Operation was blocked: moving")
        << "a transaction that was open already";
    EXPECT_EQ(writer
                  .post("/v2/pipeline",
                        execute_body("COMMIT", std::string(told.at("baton").as_string())), one)
                  .json()
                  .at("results")
                  .at(0)
                  .at("type"),
              "ok");
    EXPECT_EQ(server.value("INSERT INTO t VALUES (1)", one), "error BLOCKED");
    EXPECT_EQ(server.value("SELECT a FROM t", one), "one");
    EXPECT_EQ(set(R"({"block_reads":true,"block_writes":true})"), 200);
    EXPECT_EQ(server.value("SELECT a FROM t", one), "error BLOCKED");
    const HttpAnswer cursor =
        HttpClient(server.port())
            .post("/v3/cursor", R"({"batch":{"steps":[{"stmt":{"sql":"SELECT 1"}}]}})", one);
    EXPECT_NE(cursor.body.find("BLOCKED"), std::string::npos);
    EXPECT_EQ(HttpClient(server.port()).get("/dump", one).status, 500);
    EXPECT_EQ(server.value("SELECT a FROM t", {"x-namespace: two"}), "two");

    const std::string large = "INSERT INTO t VALUES (zeroblob(100000))";
    EXPECT_EQ(set(R"({"block_reads":false,"block_writes":false,"max_db_size":"50 KB"})"), 200);
    EXPECT_EQ(server.value(large, one), "error SQLITE_FULL");
    const auto results = server.run({"BEGIN IMMEDIATE", large}, one);
    EXPECT_EQ(results[1].at("error").at("code"), "SQLITE_FULL");
    EXPECT_EQ(server.value("INSERT INTO t VALUES ('small')", one), "no rows");
    EXPECT_EQ(set(R"({"block_reads":false,"block_writes":false})"), 200);
    EXPECT_EQ(server.value(large, one), "error SQLITE_FULL") << "a size that is not said stays";
    EXPECT_EQ(set(R"({"block_reads":false,"block_writes":false,"max_db_size":0})"), 200);
    EXPECT_EQ(server.value(large, one), "no rows");

    EXPECT_EQ(set("{}"), 400);
    EXPECT_EQ(set(R"({"block_reads":false,"block_writes":false,"jwt_key":"none"})"), 400);
    EXPECT_EQ(admin.get("/v1/namespaces/none/config").status, 404);
    EXPECT_EQ(admin
                  .post("/v1/namespaces/small/create", R"({"max_db_size":"20 KB"})",
                        {"Content-Type: application/json"})
                  .status,
              200);
    server.run({"CREATE TABLE t(a)"}, {"x-namespace: small"});
    EXPECT_EQ(server.value(large, {"x-namespace: small"}), "error SQLITE_FULL");
}

TEST_F(ServeAccess, ATransactionMayBeIdleForAsLongAsItsDatabaseSays) {
    make_folder();
    Served server(path("dbs"), {"--admin-listen", "127.0.0.1:0", "--write-idle", "60s"});
    EXPECT_EQ(HttpClient(server.admin_port())
                  .post("/v1/namespaces/one/config",
                        R"({"block_reads":false,"block_writes":false,"txn_timeout_s":1})",
                        {"Content-Type: application/json"})
                  .status,
              200);
    const HttpClient::Headers one{"x-namespace: one"};
    HttpClient writer(server.port());
    const auto begun = writer.post("/v2/pipeline", execute_body("BEGIN IMMEDIATE"), one).json();
    EXPECT_EQ(server.value("INSERT INTO t VALUES (1)", one), "no rows") << "it waits for a second";
    const std::string baton(begun.at("baton").as_string());
    EXPECT_EQ(writer.post("/v2/pipeline", execute_body("COMMIT", baton), one)
                  .json()
                  .at("results")
                  .at(0)
                  .at("error")
                  .at("code"),
              "TRANSACTION_TIMEOUT");
}

TEST_F(ServeAccess, WithoutAKeyItListensOnThisMachineOnly) {
    const Ran open = tidemark({"serve", "app.db", "--listen", "0.0.0.0:0"});
    EXPECT_EQ(open.exit_code, 2);
    EXPECT_NE(open.err.find("--auth-jwt-key"), std::string::npos);
    const Ran admin = tidemark({"serve", "app.db", "--admin-listen", "0.0.0.0:0"});
    EXPECT_EQ(admin.exit_code, 2);
}

TEST_F(ServeAccess, AReadOnlyServerLetsNobodyWrite) {
    make("app.db", "CREATE TABLE t(a)");
    Served server(path("app.db"), {"--read-only"});
    EXPECT_EQ(server.value("SELECT count(*) FROM t"), "0");
    EXPECT_EQ(HttpClient(server.port())
                  .post("/v2/pipeline", execute_body("INSERT INTO t VALUES (1)"))
                  .status,
              403);
}

TEST_F(ServeAccess, TheCommandLineBeatsTheEnvironmentAndThatTheFile) {
    write("tidemark.toml", "max-rows = 5\nstatement-timeout = \"1s\"\nread-only = true\n");
    const std::vector<std::string> from_file{"--config", path("tidemark.toml")};
    const std::string two = "SELECT 1 UNION ALL SELECT 2";
    const std::string six = two + " UNION ALL " + two + " UNION ALL " + two;
    EXPECT_EQ(Served(path("app.db"), from_file).value(six), "error RESPONSE_TOO_LARGE");
    {
        Served server(path("app.db"), from_file, {"TIDEMARK_SERVE_MAX_ROWS=1"});
        EXPECT_EQ(server.value(two), "error RESPONSE_TOO_LARGE");
    }
    Served server(path("app.db"),
                  {"--config", path("tidemark.toml"), "--max-rows", "9", "--read-only=false"},
                  {"TIDEMARK_SERVE_MAX_ROWS=1"});
    EXPECT_EQ(server.value(six), "1");
    EXPECT_EQ(server.run({"CREATE TABLE t(a)"})[0].at("type"), "ok");
}

TEST_F(ServeAccess, AConfigurationIsCheckedWithoutServing) {
    write("good.toml", "listen = \"127.0.0.1:0\"\nmax-body = \"1M\"\n");
    write("bad.toml", "lisen = \"127.0.0.1:0\"\n");
    write("worse.toml", "max-body = \"much\"\n");
    EXPECT_EQ(tidemark({"serve", "a.db", "--config", "good.toml", "--check-config"}).exit_code, 0);
    const Ran bad = tidemark({"serve", "a.db", "--config", "bad.toml", "--check-config"});
    EXPECT_EQ(bad.exit_code, 2);
    EXPECT_NE(bad.err.find("lisen"), std::string::npos);
    EXPECT_EQ(tidemark({"serve", "a.db", "--config", "worse.toml", "--check-config"}).exit_code, 2);
}

TEST_F(ServeAccess, TlsIsSpokenWithACertificateWhichMayBeRenewed) {
    const auto certify = [&](const char* name) {
        const Ran made =
            run_program({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                         "ec_paramgen_curve:P-256", "-nodes", "-keyout", "key.pem", "-out",
                         "cert.pem", "-days", "2", "-subj", std::string("/CN=") + name},
                        folder.path().string());
        EXPECT_EQ(made.exit_code, 0) << made.err;
    };
    certify("first");
    Served server(path("app.db"), {"--tls-cert", path("cert.pem"), "--tls-key", path("key.pem")});
    // Whom the server says to be, once it trusts the certificate that lies there.
    const auto name = [&] {
        return run_program(
                   {"python3", "-c",
                    "import ssl, sys, http.client\n"
                    "c = ssl.create_default_context(cafile='cert.pem')\n"
                    "c.check_hostname = False\n"
                    "h = http.client.HTTPSConnection('127.0.0.1', int(sys.argv[1]), context=c)\n"
                    "h.request('GET', '/health')\n"
                    "names = dict(pair[0] for pair in h.sock.getpeercert()['subject'])\n"
                    "print(h.getresponse().status, names['commonName'])",
                    std::to_string(server.port())},
                   folder.path().string())
            .out;
    };
    const auto logged = [&](const char* text) {
        for (int i = 0; i < 200; ++i) {
            if (server.log().find(text) != std::string::npos) return true;
            std::this_thread::sleep_for(std::chrono::milliseconds(25));
        }
        return false;
    };
    EXPECT_EQ(name(), "200 first\n");
    certify("second");
    EXPECT_EQ(name(), "") << "it still has the first";
    server.reload();
    EXPECT_TRUE(logged("read the TLS files again"));
    EXPECT_EQ(name(), "200 second\n");
    const std::filesystem::path good = path("cert.pem");
    std::filesystem::copy(good, path("good.pem"));
    write("cert.pem", "no certificate");
    server.reload();
    EXPECT_TRUE(logged("kept the old TLS files"));
    std::filesystem::rename(path("good.pem"), good);
    EXPECT_EQ(name(), "200 second\n") << "a bad file changes nothing";
    EXPECT_EQ(server.stop(), 0);
}

TEST_F(ServeAccess, AServerThatMayOpenTooFewFilesSaysSo) {
    const Ran ran = run_program({"bash", "-c",
                                 "ulimit -n 300; timeout -s TERM 2 '" TIDEMARK_COMMAND
                                 "' serve app.db --listen 127.0.0.1:0"},
                                folder.path().string());
    EXPECT_NE(ran.err.find("too few for --max-connections 4096"), std::string::npos) << ran.err;
    const Ran enough = run_program({"bash", "-c",
                                    "ulimit -Sn 300; timeout -s TERM 2 '" TIDEMARK_COMMAND
                                    "' serve app.db --listen 127.0.0.1:0 --max-connections 40"},
                                   folder.path().string());
    EXPECT_EQ(enough.err.find("too few"), std::string::npos) << enough.err;
}

TEST_F(ServeAccess, TheLogIsReadableByPeopleOrPrograms) {
    Served server(path("app.db"), {"--log-format", "json", "--log-level", "debug"});
    server.run({"SELECT 1"});
    EXPECT_EQ(server.stop(), 0);
    std::istringstream log(server.log());
    int requests = 0;
    for (std::string line; std::getline(log, line);) {
        if (line.starts_with("warning: ")) continue;  // said before it serves
        const auto entry = boost::json::parse(line);
        if (entry.at("event") == "request") ++requests;
    }
    EXPECT_EQ(requests, 1);
    Served quiet(path("app.db"), {"--log-level", "off"});
    quiet.run({"SELECT 1"});
    EXPECT_EQ(quiet.stop(), 0);
    EXPECT_EQ(quiet.log().find("stopping"), std::string::npos);
}

}  // namespace
}  // namespace tidemark
