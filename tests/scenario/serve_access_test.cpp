#include <filesystem>
#include <fstream>

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

TEST_F(ServeAccess, TlsIsSpokenWithACertificate) {
    const Ran made = run_program({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                                  "ec_paramgen_curve:P-256", "-nodes", "-keyout", "key.pem", "-out",
                                  "cert.pem", "-days", "2", "-subj", "/CN=localhost"},
                                 folder.path().string());
    ASSERT_EQ(made.exit_code, 0) << made.err;
    Served server(path("app.db"), {"--tls-cert", path("cert.pem"), "--tls-key", path("key.pem")});
    const Ran got = run_program({"python3", "-c",
                                 "import ssl, urllib.request, sys\n"
                                 "c = ssl.create_default_context(cafile='cert.pem')\n"
                                 "c.check_hostname = False\n"
                                 "print(urllib.request.urlopen(sys.argv[1], context=c).status)",
                                 "https://127.0.0.1:" + std::to_string(server.port()) + "/health"},
                                folder.path().string());
    EXPECT_EQ(got.out, "200\n") << got.err;
    EXPECT_EQ(server.stop(), 0);
}

}  // namespace
}  // namespace tidemark
