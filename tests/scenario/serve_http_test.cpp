#include <chrono>
#include <filesystem>
#include <functional>
#include <sstream>
#include <thread>

#include "support/served.hpp"
#include "support/story.hpp"

namespace tidemark {
namespace {

class Serve : public Story {};

std::string error_code(const boost::json::value& result) {
    return std::string(result.at("error").at("code").as_string());
}

TEST_F(Serve, AClientCreatesATableWritesAndReadsBack) {
    Served server(path("app.db"));
    const auto results = server.run({"CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT)",
                                     "INSERT INTO t(a) VALUES ('one'), ('two')",
                                     "SELECT last_insert_rowid(), changes()", "SELECT a FROM t"});
    const auto& inserted = results[1].at("response").at("result");
    EXPECT_EQ(inserted.at("affected_row_count"), 2);
    EXPECT_EQ(inserted.at("last_insert_rowid"), "2");
    EXPECT_EQ(inserted.at("rows_written"), 2);
    EXPECT_EQ(results[2].at("response").at("result").at("rows").at(0).at(1).at("value"), "2");
    EXPECT_EQ(results[3].at("response").at("result").at("rows").as_array().size(), 2u);
    EXPECT_EQ(server.stop(), 0);
    EXPECT_EQ(ask("app.db", "SELECT a FROM t"), (Dump{"'one'", "'two'"}));
    EXPECT_FALSE(std::filesystem::exists(path("app.db-wal"))) << "the log is back in the file";
}

TEST_F(Serve, AnErrorSaysWhatSqliteSaysAndWhatFollowsStillRuns) {
    Served server(path("app.db"));
    const auto results = server.run({"CREATE TABLE t(id INTEGER PRIMARY KEY, a NOT NULL)", "SELEC",
                                     "SELECT * FROM none", "INSERT INTO t VALUES (1, NULL)",
                                     "SELECT 1; SELECT 2", "-- nothing", "SELECT ?", "SELECT 7"});
    EXPECT_EQ(error_code(results[1]), "SQL_PARSE_ERROR");
    EXPECT_EQ(error_code(results[2]), "SQLITE_UNKNOWN");
    EXPECT_EQ(results[2].at("error").at("message"), "SQLite error: no such table: none");
    EXPECT_EQ(error_code(results[3]), "SQLITE_CONSTRAINT");
    EXPECT_EQ(results[3].at("error").at("extended_code"), "SQLITE_CONSTRAINT_NOTNULL");
    EXPECT_EQ(error_code(results[4]), "SQL_MANY_STATEMENTS");
    EXPECT_EQ(error_code(results[5]), "SQL_NO_STATEMENT");
    EXPECT_EQ(error_code(results[6]), "ARGS_INVALID");
    EXPECT_EQ(results[7].at("type"), "ok");
}

TEST_F(Serve, SqlThatWouldLeaveTheDatabaseIsRefused) {
    Served server(path("app.db"));
    make("other.db", "CREATE TABLE secret(a)");
    for (const std::string& sql :
         {"ATTACH '" + path("other.db") + "' AS other", "VACUUM INTO '" + path("copy.db") + "'",
          std::string("PRAGMA writable_schema = ON"), std::string("PRAGMA journal_mode = DELETE"),
          std::string("PRAGMA synchronous = OFF"), std::string("PRAGMA wal_checkpoint"),
          std::string("PRAGMA locking_mode = EXCLUSIVE"), std::string("PRAGMA mmap_size = 1000"),
          std::string("SELECT load_extension('x')"), std::string("CREATE TEMP TABLE x(a)"),
          std::string("CREATE TABLE tidemark_mine(a)"),
          std::string("CREATE TRIGGER tidemark_x AFTER INSERT ON t BEGIN SELECT 1; END")}) {
        EXPECT_TRUE(server.value(sql).starts_with("error SQL")) << sql << ": " << server.value(sql);
    }
    EXPECT_FALSE(std::filesystem::exists(path("copy.db")));
    for (const char* sql :
         {"PRAGMA user_version = 7", "PRAGMA table_list", "VACUUM", "PRAGMA foreign_keys = ON",
          "SELECT count(*) FROM pragma_table_info('t')"}) {
        EXPECT_FALSE(server.value(sql).starts_with("error")) << sql << ": " << server.value(sql);
    }
    EXPECT_EQ(server.value("PRAGMA user_version"), "7");
}

TEST_F(Serve, AStreamKeepsItsTransactionByItsBatonWhichServesOnce) {
    Served server(path("app.db"));
    server.run({"CREATE TABLE t(a)"});
    HttpClient client(server.port());
    const auto begun = client.post("/v2/pipeline", execute_body("BEGIN IMMEDIATE")).json();
    const std::string first(begun.at("baton").as_string());
    EXPECT_EQ(first.size(), 64u);
    const auto next =
        client.post("/v2/pipeline", execute_body("INSERT INTO t VALUES (1)", first)).json();
    EXPECT_EQ(server.value("SELECT count(*) FROM t"), "0") << "others do not see it yet";
    const HttpAnswer replayed = client.post("/v2/pipeline", execute_body("SELECT 1", first));
    EXPECT_EQ(replayed.status, 400);
    EXPECT_EQ(replayed.headers.at("content-type"), "text/plain");
    EXPECT_EQ(replayed.body, "Received a baton that has already been used");
    const std::string second(next.at("baton").as_string());
    const auto done = client.post("/v2/pipeline", execute_body("COMMIT", second)).json();
    EXPECT_EQ(done.at("results").at(0).at("type"), "ok");
    EXPECT_EQ(server.value("SELECT count(*) FROM t"), "1");
    const HttpAnswer forged =
        client.post("/v2/pipeline", execute_body("SELECT 1", std::string(64, 'A')));
    EXPECT_EQ(forged.status, 400);
    EXPECT_EQ(forged.body, "Received an invalid baton");
}

TEST_F(Serve, AnIdleStreamRollsBackAndExpires) {
    Served server(path("app.db"), {"--stream-idle", "300ms"});
    server.run({"CREATE TABLE t(a)"});
    HttpClient client(server.port());
    auto begun = client.post("/v2/pipeline", execute_body("BEGIN IMMEDIATE")).json();
    const std::string baton(begun.at("baton").as_string());
    EXPECT_EQ(server.run({"INSERT INTO t VALUES (2)"})[0].at("type"), "ok")
        << "a writer waits until the idle one has gone";
    const HttpAnswer late = client.post("/v2/pipeline", execute_body("COMMIT", baton));
    EXPECT_EQ(late.status, 400);
    EXPECT_EQ(late.headers.at("content-type"), "application/json");
    EXPECT_EQ(late.json().at("code"), "STREAM_EXPIRED");
}

TEST_F(Serve, AnIdleWriterLosesItsTransactionWhileOthersWait) {
    Served server(path("app.db"), {"--write-idle", "200ms"});
    server.run({"CREATE TABLE t(a)"});
    HttpClient client(server.port());
    const auto begun =
        client
            .post("/v2/pipeline",
                  R"json({"requests":[{"type":"execute","stmt":{"sql":"BEGIN IMMEDIATE"}},
        {"type":"execute","stmt":{"sql":"INSERT INTO t VALUES (1)"}}]})json")
            .json();
    EXPECT_EQ(server.run({"INSERT INTO t VALUES (2)"})[0].at("type"), "ok");
    const auto late =
        client
            .post("/v2/pipeline", execute_body("INSERT INTO t VALUES (3)",
                                               std::string(begun.at("baton").as_string())))
            .json();
    EXPECT_EQ(error_code(late.at("results").at(0)), "TRANSACTION_TIMEOUT");
    EXPECT_EQ(server.value("SELECT group_concat(a) FROM t"), "2");
}

TEST_F(Serve, AReadonlyTransactionWritesNothing) {
    Served server(path("app.db"));
    server.run({"CREATE TABLE t(a)"});
    const auto results = server.run({"BEGIN TRANSACTION READONLY", "INSERT INTO t VALUES (1)",
                                     "COMMIT", "INSERT INTO t VALUES (2)"});
    EXPECT_EQ(results[0].at("type"), "ok");
    EXPECT_EQ(error_code(results[1]), "SQLITE_READONLY");
    EXPECT_EQ(results[3].at("type"), "ok");
}

TEST_F(Serve, ABatchRunsAsItsConditionsSay) {
    Served server(path("app.db"));
    HttpClient client(server.port());
    const auto answer =
        client
            .post("/v2/pipeline", R"json({"requests":[{"type":"batch","batch":{"steps":[
        {"stmt":{"sql":"CREATE TABLE t(a UNIQUE)"}},
        {"stmt":{"sql":"INSERT INTO t VALUES (1)"},"condition":{"type":"ok","step":0}},
        {"stmt":{"sql":"INSERT INTO t VALUES (1)"}},
        {"stmt":{"sql":"INSERT INTO t VALUES (2)"},"condition":{"type":"error","step":2}},
        {"stmt":{"sql":"INSERT INTO t VALUES (3)"},"condition":{"type":"not","cond":{"type":"ok","step":1}}},
        {"stmt":{"sql":"SELECT 4"},"condition":{"type":"is_autocommit"}}]}}]})json")
            .json();
    const auto& result = answer.at("results").at(0).at("response").at("result");
    const auto& steps = result.at("step_results").as_array();
    EXPECT_FALSE(steps[1].is_null());
    EXPECT_EQ(result.at("step_errors").at(2).at("code"), "SQLITE_CONSTRAINT");
    EXPECT_FALSE(steps[3].is_null());
    EXPECT_TRUE(steps[4].is_null());
    EXPECT_FALSE(steps[5].is_null());
}

TEST_F(Serve, ACursorSendsEntriesAndSaysItsEnd) {
    Served server(path("app.db"));
    HttpClient client(server.port());
    const HttpAnswer answer = client.post("/v3/cursor", R"json({"batch":{"steps":[
        {"stmt":{"sql":"CREATE TABLE t(id INTEGER PRIMARY KEY)"}},
        {"stmt":{"sql":"INSERT INTO t VALUES (1), (2) RETURNING id"}},
        {"stmt":{"sql":"SELECT * FROM none"}}]}})json");
    EXPECT_EQ(answer.status, 200);
    std::vector<std::string> types;
    std::istringstream lines(answer.body);
    std::string line;
    std::getline(lines, line);
    EXPECT_TRUE(boost::json::parse(line).at("baton").is_string());
    while (std::getline(lines, line)) {
        types.emplace_back(boost::json::parse(line).at("type").as_string());
    }
    EXPECT_EQ(types, (std::vector<std::string>{"step_begin", "step_end", "step_begin", "row", "row",
                                               "step_end", "step_error", "replication_index"}));
}

TEST_F(Serve, AnswersAreCompressedWhereTheClientOffersIt) {
    Served server(path("app.db"));
    HttpClient client(server.port());
    const std::string body = execute_body("SELECT printf('%.5000c', 'x')");
    const HttpAnswer plain = client.post("/v2/pipeline", body);
    const HttpAnswer packed = client.post("/v2/pipeline", body, {"Accept-Encoding: gzip"});
    EXPECT_EQ(packed.headers.at("content-encoding"), "gzip");
    EXPECT_LT(packed.body.size(), plain.body.size() / 10);
    EXPECT_EQ(client.post("/v2/pipeline", body, {"Accept-Encoding: gzip, zstd"})
                  .headers.at("content-encoding"),
              "zstd");
}

TEST_F(Serve, TheServicesBesidesHranaAnswer) {
    Served server(path("app.db"));
    server.run({"CREATE TABLE t(a)", "INSERT INTO t VALUES ('it''s')"});
    HttpClient client(server.port());
    EXPECT_EQ(client.get("/health").status, 200);
    for (const char* probe : {"/v2", "/v3", "/v3-protobuf", "/version", "/"}) {
        EXPECT_EQ(client.get(probe).status, 200) << probe;
    }
    EXPECT_NE(client.get("/dump").body.find("INSERT INTO \"t\"(\"a\") VALUES('it''s');"),
              std::string::npos);
    EXPECT_NE(client.get("/metrics").body.find("tidemark_http_requests_total"), std::string::npos);
    EXPECT_EQ(client.get("/nothing").status, 404);
    EXPECT_EQ(client.get("/v2/pipeline").status, 405);
    EXPECT_EQ(client.request("OPTIONS", "/v2/pipeline", "", {}).status, 204);
    EXPECT_EQ(client.post("/v1/execute", R"({"stmt":{"sql":"SELECT 5"}})").status, 200);
    EXPECT_EQ(client.post("/v1/execute", R"({"stmt":{"sql":"SELEC"}})").status, 400);
    EXPECT_EQ(client.post("/", R"({"statements":["SELECT 6"]})")
                  .json()
                  .at(0)
                  .at("results")
                  .at("rows")
                  .at(0)
                  .at(0),
              6);
}

TEST_F(Serve, ADumpMadeAgainIsTheSameDatabase) {
    Served server(path("app.db"));
    server.run({"CREATE TABLE t(id INTEGER PRIMARY KEY AUTOINCREMENT, a, b BLOB)",
                "INSERT INTO t(a, b) VALUES (1.5, x'00ff'), (NULL, 'text')",
                "CREATE INDEX i ON t(a)", "CREATE VIEW v AS SELECT a FROM t",
                "CREATE TRIGGER g AFTER DELETE ON t BEGIN SELECT 1; END"});
    shell("copy.db", HttpClient(server.port()).get("/dump").body);
    server.stop();
    EXPECT_EQ(difference(dump_rows(path("app.db")), dump_rows(path("copy.db"))), "");
    EXPECT_EQ(dump_schema(path("app.db")), dump_schema(path("copy.db")));
}

TEST_F(Serve, WhoWaitsForNewsIsToldAtOnceAlsoOfOtherPrograms) {
    Served server(path("app.db"));
    make("device.db", "CREATE TABLE notes(id TEXT PRIMARY KEY, title)");
    server.run({"CREATE TABLE notes(id TEXT PRIMARY KEY, title)"});
    attach("device.db", {}, "app.db");
    HttpClient client(server.port());
    const auto now = client.get("/tidemark/wait").json();
    const std::string after = boost::json::serialize(now.at("seq"));
    EXPECT_EQ(client.get("/tidemark/wait?timeout_ms=100&after=" + after).json(), now);

    const auto waits_for = [&](const std::function<void()>& change) {
        client.send("GET /tidemark/wait?timeout_ms=20000&after=" + after +
                    " HTTP/1.1\r\nHost: x\r\n\r\n");
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        change();
        return client.answer().json();
    };
    const auto told = waits_for([&] { server.run({"INSERT INTO notes VALUES ('a', 'here')"}); });
    EXPECT_EQ(told.at("foreign"), true);
    sync("device.db");
    EXPECT_EQ(ask("device.db", "SELECT title FROM notes"), Dump{"'here'"});
}

TEST_F(Serve, AServedReplicaCapturesWhatItsClientsWriteAndSendsIt) {
    make("app.db", "CREATE TABLE notes(id TEXT PRIMARY KEY, title)");
    attach("app.db");
    Served server(path("app.db"), {"--sync-interval", "1s"});
    EXPECT_EQ(server.run({"INSERT INTO notes VALUES ('a', 'from a client')"})[0].at("type"), "ok");
    EXPECT_EQ(server.value("DELETE FROM tidemark_pending_notes"), "error SQLITE_AUTH");
    for (int i = 0; i < 200 && ask("primary.db", "SELECT title FROM notes").empty(); ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    EXPECT_EQ(ask("primary.db", "SELECT title FROM notes"), Dump{"'from a client'"});
    EXPECT_EQ(server.stop(), 0);
}

}  // namespace
}  // namespace tidemark
