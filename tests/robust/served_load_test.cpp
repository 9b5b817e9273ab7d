// Many clients at one server, and a server that dies among them. The long run, two minutes:
//
//     TIDEMARK_TEST_CLIENTS=1000 TIDEMARK_TEST_SECONDS=60
//         build/bin/tidemark-tests --gtest_filter='ServedLoad.*'

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "sqlite/connection.hpp"
#include "support/served.hpp"
#include "support/temp_folder.hpp"

namespace tidemark {
namespace {

using Clock = std::chrono::steady_clock;

int number(const char* variable, int standard) {
    const char* text = std::getenv(variable);
    return text ? std::atoi(text) : standard;
}

bool all_ok(const HttpAnswer& answer) {
    if (answer.status != 200) return false;
    const boost::json::value json = answer.json();
    for (const auto& result : json.at("results").as_array()) {
        if (result.at("type") != "ok") return false;
    }
    return true;
}

/// What the clients saw. Each has one of its own, so that noting costs the run nothing.
struct Noted {
    std::int64_t reads = 0;
    std::int64_t writes = 0;  ///< acknowledged
    std::vector<float> read_ms;
    std::vector<float> write_ms;
    std::string failure;

    /// Sends the request and notes how long the answer took. Throws where there is none.
    HttpAnswer ask(HttpClient& http, const std::string& body, bool writes_something) {
        const auto began = Clock::now();
        const HttpAnswer answer = http.post("/v2/pipeline", body);
        const std::chrono::duration<float, std::milli> took = Clock::now() - began;
        (writes_something ? write_ms : read_ms).push_back(took.count());
        if (!all_ok(answer)) {
            failure = std::to_string(answer.status) + ": " + answer.body;
        } else {
            ++(writes_something ? writes : reads);
        }
        return answer;
    }
};

class ServedLoad : public testing::Test {
protected:
    const int clients = number("TIDEMARK_TEST_CLIENTS", 100);
    const std::chrono::seconds time{number("TIDEMARK_TEST_SECONDS", 4)};

    void SetUp() override {
        rlimit limit{};
        getrlimit(RLIMIT_NOFILE, &limit);
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
        ASSERT_GT(limit.rlim_max, static_cast<rlim_t>(clients) + 100) << "raise it: ulimit -Hn";
    }

    /// `clients` threads; each does its job until `goes_on` says no.
    void together(
        const std::function<void(int client, Noted&, const std::function<bool()>& goes_on)>& job) {
        const auto until = Clock::now() + time;
        noted_.resize(static_cast<std::size_t>(clients));
        std::vector<std::thread> threads;
        for (int i = 0; i < clients; ++i) {
            threads.emplace_back([&, i] {
                Noted& own = noted_[static_cast<std::size_t>(i)];
                job(i, own, [&] { return Clock::now() < until && own.failure.empty(); });
            });
        }
        for (std::thread& thread : threads) thread.join();
    }

    Noted sum() const {
        Noted all;
        for (const Noted& each : noted_) {
            all.reads += each.reads;
            all.writes += each.writes;
            all.read_ms.insert(all.read_ms.end(), each.read_ms.begin(), each.read_ms.end());
            all.write_ms.insert(all.write_ms.end(), each.write_ms.begin(), each.write_ms.end());
            if (all.failure.empty()) all.failure = each.failure;
        }
        return all;
    }

    /// How many were not answered once.
    std::ptrdiff_t left_out() const {
        return std::count_if(noted_.begin(), noted_.end(),
                             [](const Noted& each) { return each.reads + each.writes == 0; });
    }

    void print(const char* what) const {
        Noted all = sum();
        std::printf("%s: %d clients, %lld s: %lld reads and %lld writes answered\n", what, clients,
                    static_cast<long long>(time.count()), static_cast<long long>(all.reads),
                    static_cast<long long>(all.writes));
        for (auto* each : {&all.read_ms, &all.write_ms}) {
            if (each->empty()) continue;
            std::sort(each->begin(), each->end());
            const auto at = [&](double part) {
                return static_cast<double>(
                    (*each)[static_cast<std::size_t>(part * double(each->size() - 1))]);
            };
            std::printf("  %s: p50 %.1f ms, p99 %.1f ms, longest %.1f ms\n",
                        each == &all.read_ms ? "reads" : "writes", at(0.5), at(0.99), at(1));
        }
    }

private:
    std::vector<Noted> noted_;
};

TEST_F(ServedLoad, ManyClientsReadAndWriteWithoutAnError) {
    TempFolder folder;
    Served server(folder / "app.db");
    server.run(
        {"CREATE TABLE t(id INTEGER PRIMARY KEY, client, a)", "CREATE INDEX i ON t(client)"});
    const std::string transaction = R"json({"requests":[{"type":"batch","batch":{"steps":[
        {"stmt":{"sql":"BEGIN IMMEDIATE"}},
        {"stmt":{"sql":"INSERT INTO t(client, a) VALUES (-1, 1)"},"condition":{"type":"ok","step":0}},
        {"stmt":{"sql":"COMMIT"},"condition":{"type":"ok","step":1}}]}},{"type":"close"}]})json";
    together([&](int client, Noted& noted, const std::function<bool()>& goes_on) {
        const std::string who = std::to_string(client);
        const std::string read = execute_body("SELECT count(*) FROM t WHERE client = " + who +
                                              " AND id > (SELECT max(id) - 1000 FROM t)");
        const std::string insert = execute_body("INSERT INTO t(client, a) VALUES (" + who + ", 1)");
        try {
            HttpClient http(server.port());
            for (int i = client; goes_on(); ++i) {
                const bool in_batch = i % 16 == 1;
                const bool writes = i % 4 == 0 || in_batch;
                noted.ask(http, in_batch ? transaction : writes ? insert : read, writes);
            }
        } catch (const std::exception& error) {
            noted.failure = error.what();
        }
    });
    const Noted all = sum();
    EXPECT_EQ(all.failure, "");
    EXPECT_EQ(left_out(), 0);
    EXPECT_EQ(server.value("SELECT count(*) FROM t"), std::to_string(all.writes));
    print("without a kill");
    EXPECT_EQ(server.stop(), 0);
}

TEST_F(ServedLoad, EveryAcknowledgedWriteOutlivesAKilledServer) {
    TempFolder folder;
    const std::string path = folder / "app.db";
    auto server = std::make_unique<Served>(path);
    server->run({"CREATE TABLE t(client, n, PRIMARY KEY(client, n)) WITHOUT ROWID"});
    std::atomic<std::uint16_t> port = server->port();
    std::atomic<int> kills = 0;
    struct Written {
        int tried = 0;
        std::vector<int> unanswered;
    };
    std::vector<Written> written(static_cast<std::size_t>(clients));
    const auto job = [&](int client, Noted& noted, const std::function<bool()>& goes_on) {
        Written& own = written[static_cast<std::size_t>(client)];
        const std::string who = std::to_string(client);
        while (goes_on()) {
            bool in_flight = false;
            try {
                HttpClient http(port);
                while (goes_on()) {
                    const std::string n = std::to_string(own.tried++);
                    in_flight = true;
                    noted.ask(http, execute_body("INSERT INTO t VALUES (" + who + ", " + n + ")"),
                              true);
                    in_flight = false;
                    noted.ask(http, execute_body("SELECT max(n) FROM t WHERE client = " + who),
                              false);
                }
            } catch (const std::exception& error) {
                if (in_flight) own.unanswered.push_back(own.tried - 1);
                if (kills == 0) noted.failure = error.what();
                std::this_thread::sleep_for(std::chrono::milliseconds(20));
            }
        }
    };
    std::thread crowd([&] { together(job); });
    for (int i = 0; i < 2; ++i) {
        std::this_thread::sleep_for(time / 3);
        ++kills;  // before it shows
        server->kill();
        server = std::make_unique<Served>(path);
        port = server->port();
    }
    crowd.join();
    EXPECT_EQ(sum().failure, "");
    EXPECT_EQ(left_out(), 0);
    EXPECT_EQ(server->stop(), 0);
    Connection connection(path);
    EXPECT_EQ(connection.scalar("PRAGMA integrity_check"), Value("ok"));
    std::size_t unanswered = 0;
    for (int client = 0; client < clients; ++client) {
        const Written& own = written[static_cast<std::size_t>(client)];
        boost::json::array without;
        for (const int n : own.unanswered) without.emplace_back(n);
        EXPECT_EQ(connection.integer("SELECT count(*) FROM t WHERE client = ?1 "
                                     "AND n NOT IN (SELECT value FROM json_each(?2))",
                                     {client, boost::json::serialize(without)}),
                  own.tried - static_cast<std::int64_t>(without.size()))
            << "client " << client;
        unanswered += without.size();
    }
    print("with two kills");
    std::printf("  %zu writes had no answer\n", unanswered);
}

}  // namespace
}  // namespace tidemark
