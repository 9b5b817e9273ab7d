#include <algorithm>
#include <atomic>
#include <filesystem>
#include <thread>
#include <vector>

#include "sqlite/connection.hpp"
#include "support/served.hpp"
#include "support/story.hpp"

namespace tidemark {
namespace {

class ServeWrites : public Story {};

TEST_F(ServeWrites, WritesThatWaitTogetherShareACommitAndEachGetsItsOwnAnswer) {
    Served server(path("app.db"));
    server.run({"CREATE TABLE t(id INTEGER PRIMARY KEY, a UNIQUE)"});
    std::atomic<int> ok = 0;
    std::atomic<int> refused = 0;
    std::vector<std::thread> writers;
    for (int w = 0; w < 16; ++w) {
        writers.emplace_back([&, w] {
            HttpClient client(server.port());
            for (int i = 0; i < 50; ++i) {
                // Of two writers that take the same value, one is refused.
                const std::string value = std::to_string((w / 2) * 1000 + i);
                const auto answer =
                    client
                        .post("/v2/pipeline",
                              execute_body("INSERT INTO t(a) VALUES (" + value + ")"))
                        .json();
                (answer.at("results").at(0).at("type") == "ok" ? ok : refused)++;
            }
        });
    }
    for (std::thread& writer : writers) writer.join();
    EXPECT_EQ(ok, 400);
    EXPECT_EQ(refused, 400);
    EXPECT_EQ(server.value("SELECT count(*) FROM t"), "400");
    const std::string metrics = HttpClient(server.port()).get("/metrics").body;
    const auto number = [&](const std::string& name) {
        return std::stoi(metrics.substr(metrics.find(name + "{database=\"default\"} ") +
                                        name.size() +
                                        std::string("{database=\"default\"} ").size()));
    };
    EXPECT_GT(number("tidemark_grouped_writes_total"), number("tidemark_commits_total"));
}

TEST_F(ServeWrites, AStatementThatRollsBackTakesNobodyElsesWriteWithIt) {
    Served server(path("app.db"));
    server.run({"CREATE TABLE p(id INTEGER PRIMARY KEY)", "CREATE TABLE t(a UNIQUE)",
                "CREATE TABLE c(p REFERENCES p DEFERRABLE INITIALLY DEFERRED)"});
    std::atomic<int> wrong = 0;
    std::vector<std::thread> writers;
    for (int w = 0; w < 12; ++w) {
        writers.emplace_back([&, w] {
            HttpClient client(server.port());
            for (int i = 0; i < 30; ++i) {
                const std::string value = std::to_string(w * 1000 + i);
                std::string sql = "INSERT INTO t VALUES (" + value + ")";
                if (w % 4 == 1) sql = "INSERT OR ROLLBACK INTO t VALUES (-1), (-1)";
                if (w % 4 == 2) sql = "INSERT INTO c VALUES (" + value + ")";
                const auto answer = client.post("/v2/pipeline", execute_body(sql)).json();
                const bool ok = answer.at("results").at(0).at("type") == "ok";
                if (ok != (w % 4 == 0 || w % 4 == 3)) ++wrong;
            }
        });
    }
    for (std::thread& writer : writers) writer.join();
    EXPECT_EQ(wrong, 0);
    EXPECT_EQ(server.value("SELECT count(*) FROM t"), "180");
    EXPECT_EQ(server.value("SELECT count(*) FROM c"), "0");
    EXPECT_EQ(server.value("PRAGMA foreign_key_check"), "no rows");
}

/// How often a process has a file open.
std::ptrdiff_t times_open(pid_t pid, const std::string& file) {
    const std::filesystem::directory_iterator open("/proc/" + std::to_string(pid) + "/fd");
    return std::count_if(begin(open), end(open), [&](const auto& each) {
        std::error_code gone;
        return std::filesystem::read_symlink(each.path(), gone) == file;
    });
}

TEST_F(ServeWrites, ACrowdThatWaitsForItsTurnOpensTheFileNoMoreOften) {
    Served server(path("app.db"));
    server.run({"CREATE TABLE t(a)"});
    HttpClient first(server.port());
    const auto begun = first.post("/v2/pipeline", execute_body("BEGIN IMMEDIATE")).json();
    const std::pair<const char*, const char*> writes[] = {
        {"/v2/pipeline",
         R"json({"requests":[{"type":"execute","stmt":{"sql":"INSERT INTO t VALUES (1)"}}]})json"},
        {"/v2/pipeline",
         R"json({"requests":[{"type":"sequence","sql":"INSERT INTO t VALUES (1)"}]})json"},
        {"/v2/pipeline", R"json({"requests":[{"type":"batch","batch":{"steps":[
            {"stmt":{"sql":"BEGIN IMMEDIATE"}}, {"stmt":{"sql":"INSERT INTO t VALUES (1)"}},
            {"stmt":{"sql":"COMMIT"}}]}}]})json"},
        {"/v3/cursor",
         R"json({"batch":{"steps":[{"stmt":{"sql":"INSERT INTO t VALUES (1)"}}]}})json"},
    };
    std::vector<std::unique_ptr<HttpClient>> crowd;
    for (int i = 0; i < 25; ++i) {
        for (const auto& [target, body] : writes) {
            crowd.push_back(std::make_unique<HttpClient>(server.port()));
            crowd.back()->send_post(target, body);
        }
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    EXPECT_LT(times_open(server.pid(), path("app.db")), 10);
    const std::string baton(begun.at("baton").as_string());
    EXPECT_EQ(first.post("/v2/pipeline", execute_body("COMMIT", baton)).status, 200);
    for (const auto& client : crowd) EXPECT_EQ(client->answer().status, 200);
    EXPECT_EQ(server.value("SELECT count(*) FROM t"), "100");
}

TEST_F(ServeWrites, AnotherProgramMayWriteTheSameFile) {
    Served server(path("app.db"));
    server.run({"CREATE TABLE t(a)"});
    std::thread other([&] {
        for (int i = 0; i < 20; ++i) {
            Connection connection(path("app.db"));
            connection.execute("BEGIN IMMEDIATE; INSERT INTO t VALUES ('other')");
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
            connection.execute("COMMIT");
        }
    });
    for (int i = 0; i < 40; ++i) {
        EXPECT_EQ(server.run({"INSERT INTO t VALUES ('client')"})[0].at("type"), "ok");
    }
    other.join();
    EXPECT_EQ(server.value("SELECT count(*) FROM t"), "60");
}

TEST_F(ServeWrites, AWriterWaitsWhileASqliteShellHoldsTheLock) {
    Served server(path("app.db"));
    server.run({"CREATE TABLE t(a)"});
    std::thread shell([&] {
        const Ran ran = run_program({"sqlite3", "-bail", "app.db"}, folder.path().string(),
                                    "BEGIN IMMEDIATE;\nINSERT INTO t VALUES ('shell');\n"
                                    ".shell touch held; sleep 1\nCOMMIT;\n");
        EXPECT_EQ(ran.exit_code, 0) << ran.err;
    });
    while (!std::filesystem::exists(path("held"))) std::this_thread::yield();
    EXPECT_EQ(server.value("SELECT count(*) FROM t"), "0") << "readers do not wait";
    std::vector<std::unique_ptr<HttpClient>> clients;
    for (const char* sql : {"INSERT INTO t VALUES (1)", "BEGIN IMMEDIATE", "CREATE TABLE u(a)"}) {
        clients.push_back(std::make_unique<HttpClient>(server.port()));
        clients.back()->send_post(
            "/v2/pipeline", R"({"requests":[{"type":"execute","stmt":{"sql":")" + std::string(sql) +
                                R"("}},{"type":"close"}]})");
    }
    for (const auto& client : clients) {
        EXPECT_EQ(client->answer().json().at("results").at(0).at("type"), "ok");
    }
    shell.join();
    EXPECT_EQ(server.value("SELECT count(*) FROM t"), "2");
}

TEST_F(ServeWrites, AStreamsOwnCountsAreItsOwnThoughConnectionsAreShared) {
    Served server(path("app.db"));
    server.run({"CREATE TABLE t(id INTEGER PRIMARY KEY, a)"});
    server.run({"INSERT INTO t(a) VALUES (1), (2), (3)"});
    EXPECT_EQ(server.value("SELECT changes()"), "0");
    EXPECT_EQ(server.value("SELECT last_insert_rowid()"), "0");
    const auto results =
        server.run({"INSERT INTO t(a) VALUES (4), (5)", "INSERT INTO t(a) SELECT changes() * 10",
                    "SELECT a FROM t WHERE id = last_insert_rowid()"});
    EXPECT_EQ(results[2].at("response").at("result").at("rows").at(0).at(0).at("value"), "20");
}

TEST_F(ServeWrites, WhatAStreamSetsIsSetForNobodyElse) {
    Served server(path("app.db"), {"--threads", "1"});
    server.run({"CREATE TABLE t(a CHECK (a > 0))"});
    HttpClient client(server.port());
    for (const char* setting : {"PRAGMA ignore_check_constraints = ON", "PRAGMA query_only = ON",
                                "PRAGMA recursive_triggers = ON", "PRAGMA case_sensitive_like = ON",
                                "PRAGMA legacy_alter_table = ON", "PRAGMA foreign_keys = OFF"}) {
        const std::string sql = R"("sql":")" + std::string(setting);
        for (const std::string& request : {R"({"type":"execute","stmt":{)" + sql + "\"}}",
                                           R"({"type":"describe",)" + sql + "\"}",
                                           R"({"type":"execute","stmt":{)" + sql + "; SELECT 1\"}}",
                                           R"({"type":"sequence",)" + sql + "\"}"}) {
            const std::string body = R"({"requests":[)" + request + R"(,{"type":"close"}]})";
            EXPECT_EQ(client.post("/v3/pipeline", body).status, 200);
            EXPECT_EQ(server.value("INSERT INTO t VALUES (-1)"), "error SQLITE_CONSTRAINT");
            const auto others = server.run({"BEGIN", "INSERT INTO t VALUES (-1)",
                                            "INSERT INTO t VALUES (1)", "SELECT 'a' LIKE 'A'",
                                            "PRAGMA recursive_triggers", "PRAGMA foreign_keys"});
            EXPECT_EQ(others[1].at("type"), "error") << request;
            EXPECT_EQ(others[2].at("type"), "ok") << request;
            const auto value = [&](std::size_t at) {
                return others[at].at("response").at("result").at("rows").at(0).at(0).at("value");
            };
            EXPECT_EQ(value(3), "1") << request;
            EXPECT_EQ(value(4), "0") << request;
            EXPECT_EQ(value(5), "1") << request;
        }
    }
    const auto own = server.run({"PRAGMA query_only = ON", "INSERT INTO t VALUES (1)"});
    EXPECT_EQ(own[1].at("error").at("code"), "SQLITE_READONLY") << "it is set where it was set";
}

TEST_F(ServeWrites, ForeignKeysHoldUnlessAStreamSwitchesThemOffForItself) {
    Served server(path("app.db"));
    server.run({"CREATE TABLE p(id INTEGER PRIMARY KEY)", "CREATE TABLE c(p REFERENCES p)"});
    EXPECT_EQ(server.value("INSERT INTO c VALUES (1)"), "error SQLITE_CONSTRAINT");
    EXPECT_EQ(server.run({"PRAGMA foreign_keys = off", "INSERT INTO c VALUES (1)"})[1].at("type"),
              "ok");
    EXPECT_EQ(server.value("INSERT INTO c VALUES (1)"), "error SQLITE_CONSTRAINT");
}

}  // namespace
}  // namespace tidemark
