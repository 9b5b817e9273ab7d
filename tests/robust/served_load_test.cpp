// Many clients at one server, and a server that dies among them. The long run:
//
//     TIDEMARK_TEST_CLIENTS=1000 TIDEMARK_TEST_SECONDS=60
//         build/bin/tidemark-tests --gtest_filter='ServedLoad.*'

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "sqlite/connection.hpp"
#include "support/served.hpp"
#include "support/temp_folder.hpp"

namespace tidemark {
namespace {

int number(const char* variable, int standard) {
    const char* text = std::getenv(variable);
    return text ? std::atoi(text) : standard;
}

/// `clients` threads, each with a connection of its own, until the time is over.
void together(int clients, std::chrono::milliseconds time,
              const std::function<void(int client, const std::function<bool()>& goes_on)>& job) {
    const auto until = std::chrono::steady_clock::now() + time;
    std::vector<std::thread> threads;
    for (int i = 0; i < clients; ++i) {
        threads.emplace_back(
            [&, i] { job(i, [&] { return std::chrono::steady_clock::now() < until; }); });
    }
    for (std::thread& thread : threads) thread.join();
}

bool all_ok(const HttpAnswer& answer) {
    if (answer.status != 200) return false;
    const boost::json::value json = answer.json();
    for (const auto& result : json.at("results").as_array()) {
        if (result.at("type") != "ok") return false;
    }
    return true;
}

TEST(ServedLoad, ManyClientsReadAndWriteWithoutAnError) {
    TempFolder folder;
    const int clients = number("TIDEMARK_TEST_CLIENTS", 100);
    Served server(folder / "app.db");
    server.run(
        {"CREATE TABLE t(id INTEGER PRIMARY KEY, client, a)", "CREATE INDEX i ON t(client)"});
    std::atomic<std::int64_t> requests = 0;
    std::atomic<std::int64_t> inserted = 0;
    std::mutex mutex;
    std::string failure;
    const auto body = [](const std::string& sql) { return execute_body(sql); };
    const std::string transaction = R"json({"requests":[{"type":"batch","batch":{"steps":[
        {"stmt":{"sql":"BEGIN IMMEDIATE"}},
        {"stmt":{"sql":"INSERT INTO t(client, a) VALUES (-1, 1)"},"condition":{"type":"ok","step":0}},
        {"stmt":{"sql":"COMMIT"},"condition":{"type":"ok","step":1}}]}},{"type":"close"}]})json";
    together(clients, std::chrono::seconds(number("TIDEMARK_TEST_SECONDS", 4)),
             [&](int client, const std::function<bool()>& goes_on) {
                 try {
                     HttpClient http(server.port());
                     for (int i = client; goes_on(); ++i) {
                         const std::string who = std::to_string(client);
                         std::string text = body("SELECT count(*) FROM t WHERE client = " + who);
                         if (i % 4 == 0) {
                             text = body("INSERT INTO t(client, a) VALUES (" + who + ", 1)");
                         } else if (i % 16 == 1) {
                             text = transaction;
                         }
                         const HttpAnswer answer = http.post("/v2/pipeline", text);
                         if (!all_ok(answer)) throw std::runtime_error(answer.body);
                         ++requests;
                         if (i % 4 == 0 || i % 16 == 1) ++inserted;
                     }
                 } catch (const std::exception& error) {
                     const std::lock_guard lock(mutex);
                     failure = error.what();
                 }
             });
    EXPECT_EQ(failure, "");
    EXPECT_EQ(server.value("SELECT count(*) FROM t"), std::to_string(inserted));
    std::printf("%d clients: %lld requests, %lld of them writes\n", clients,
                static_cast<long long>(requests), static_cast<long long>(inserted));
    EXPECT_EQ(server.stop(), 0);
}

TEST(ServedLoad, EveryAcknowledgedWriteOutlivesAKilledServer) {
    TempFolder folder;
    const std::string path = folder / "app.db";
    for (int round = 0; round < number("TIDEMARK_TEST_KILLS", 3); ++round) {
        Served server(path);
        server.run({"CREATE TABLE IF NOT EXISTS t(a TEXT PRIMARY KEY)"});
        std::mutex mutex;
        std::set<std::string> acknowledged;
        std::thread killer([&] {
            std::this_thread::sleep_for(std::chrono::milliseconds(300 + 150 * round));
            server.kill();
        });
        together(
            16, std::chrono::seconds(20), [&](int client, const std::function<bool()>& goes_on) {
                try {
                    HttpClient http(server.port());
                    for (int i = 0; goes_on(); ++i) {
                        const std::string key = std::to_string(round) + "-" +
                                                std::to_string(client) + "-" + std::to_string(i);
                        const HttpAnswer answer = http.post(
                            "/v2/pipeline", execute_body("INSERT INTO t VALUES ('" + key + "')"));
                        if (!all_ok(answer)) break;
                        const std::lock_guard lock(mutex);
                        acknowledged.insert(key);
                    }
                } catch (const std::exception&) {  // it is dead
                }
            });
        killer.join();
        EXPECT_GT(acknowledged.size(), 0u);
        Connection connection(path);
        EXPECT_EQ(connection.scalar("PRAGMA integrity_check"), Value("ok"));
        for (const std::string& key : acknowledged) {
            EXPECT_EQ(connection.integer("SELECT count(*) FROM t WHERE a = ?1", {key}), 1) << key;
        }
    }
}

}  // namespace
}  // namespace tidemark
