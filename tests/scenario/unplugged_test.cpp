// A replica whose server goes away in every way that servers do: what a person reads, that reading
// goes on, that nothing is lost, and that everything arrives once the server is back.

#include <filesystem>
#include <memory>

#include "base/base64.hpp"
#include "support/answering.hpp"
#include "support/served.hpp"
#include "support/story.hpp"
#include "support/terminal.hpp"

namespace tidemark {
namespace {

namespace fs = std::filesystem;

class Unplugged : public Story {
protected:
    void SetUp() override {
        fs::create_directories(path("home"));
        variables = {"env"};
        for (const char* name : {"TURSO_AUTH_TOKEN", "HTTPS_PROXY", "https_proxy", "http_proxy",
                                 "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy", "SSL_CERT_FILE",
                                 "SSL_CERT_DIR", "CURL_CA_BUNDLE"}) {
            variables.insert(variables.end(), {"-u", name});
        }
        variables.insert(variables.end(),
                         {"HOME=" + path("home"), "XDG_CONFIG_HOME=" + path("home")});
        make("a.db", "CREATE TABLE t(id INTEGER PRIMARY KEY, v); INSERT INTO t VALUES (1, 'x')");
        run({"keys", "create", "server.key"});
        run({"keys", "create", "other.key"});
        const std::string token = run({"token", "create", "--key", "server.key"}).out;
        variables.push_back("TIDEMARK_AUTH_TOKEN=" + token.substr(0, token.find('\n')));
        plug_in("server.key.pub");
        const Ran ran = run({"attach", "a.db", server->url(), "--name", "a"});
        ASSERT_EQ(ran.exit_code, 0) << ran.err;
        edit("a.db", "INSERT INTO t VALUES (2, 'offline')");
    }
    void plug_in(const std::string& key, std::vector<std::string> options = {}) {
        options.insert(options.begin(), {"--auth-jwt-key", path(key)});
        server = std::make_unique<Served>(path("primary.db"), options);
    }
    /// The replica looks for its primary there from now on.
    void point_at(const std::string& url) {
        edit("a.db", "UPDATE tidemark_meta SET primary_url = '" + url + "'");
    }
    Ran run(const std::vector<std::string>& arguments,
            const std::vector<std::string>& more = {}) const {
        std::vector<std::string> all = variables;
        all.insert(all.end(), more.begin(), more.end());
        all.push_back(TIDEMARK_COMMAND);
        all.insert(all.end(), arguments.begin(), arguments.end());
        return run_program(all, folder.path().string());
    }

    /// A sync fails like this, within the time that it was given; what is read stays readable, and
    /// what was written stays.
    void expect_unplugged(int exit_code, const std::string& words, const std::string& hint,
                          const std::vector<std::string>& more = {}) {
        const Dump before = ask("a.db", "SELECT * FROM t");
        const Ran sync = run({"sync", "a.db", "--set", "network.retries=0", "--set",
                              "network.connect_timeout=1", "--set", "network.silence_timeout=1"},
                             more);
        EXPECT_EQ(sync.exit_code, exit_code) << sync.out << sync.err;
        EXPECT_NE(sync.err.find(words), std::string::npos) << sync.err;
        EXPECT_NE(sync.err.find(hint), std::string::npos) << sync.err;
        const std::vector<std::vector<std::string>> reads = {{"status", "a.db"},
                                                             {"status", "a.db", "--short"},
                                                             {"status", "a.db", "--check"},
                                                             {"log", "a.db"},
                                                             {"conflicts", "a.db"},
                                                             {"export", "a.db", "--format", "sql"},
                                                             {"backup", "a.db", "copy.db"}};
        for (const auto& arguments : reads) {
            const Ran ran = run(arguments, more);
            EXPECT_EQ(ran.exit_code, 0) << arguments[0] << ": " << ran.err;
        }
        fs::remove(path("copy.db"));
        edit("a.db", "INSERT INTO t(v) VALUES ('meanwhile')");
        edit("a.db", "DELETE FROM t WHERE v = 'meanwhile'");
        EXPECT_EQ(ask("a.db", "SELECT * FROM t"), before);
        const auto status = boost::json::parse(run({"status", "a.db", "--json"}, more).out);
        EXPECT_GE(status.at("pending").as_int64(), 1);
    }
    void expect_back(const std::vector<std::string>& more = {}) {
        const Ran ran = run({"sync", "a.db"}, more);
        EXPECT_EQ(ran.exit_code, 0) << ran.err;
        EXPECT_EQ(ask("primary.db", "SELECT v FROM t ORDER BY id"), (Dump{"'x'", "'offline'"}));
    }

    std::vector<std::string> variables;
    std::unique_ptr<Served> server;
};

TEST_F(Unplugged, B7B8D4TheServerIsStopped) {
    server->stop();
    expect_unplugged(3, "cannot be reached: nothing answers there",
                     "Everything pending is kept and goes with the next sync.");
    plug_in("server.key.pub");
    point_at(server->url());
    expect_back();
}

TEST_F(Unplugged, D15AFirewallDropsWhatIsSent) {
    const Unanswering wall(true);
    point_at("http://" + wall.place());
    expect_unplugged(3, "cannot be reached: connecting took too long", "firewall");
    point_at(server->url());
    expect_back();
}

TEST_F(Unplugged, D15AServerTakesTheConnectionAndSaysNothing) {
    const Unanswering silent(false);
    point_at("http://" + silent.place());
    expect_unplugged(3, "stopped answering", "Everything pending is kept");
    point_at(server->url());
    expect_back();
}

TEST_F(Unplugged, D10TheNameIsNotKnown) {
    point_at("https://notes.invalid");
    expect_unplugged(3, "its host name is not known", "Check the name and this device's network.");
    point_at(server->url());
    expect_back();
}

TEST_F(Unplugged, D10AProxyAnswersWithAPageOfItsOwn) {
    const Answering proxy(http("200 OK", "text/html", "<html>Please sign in</html>"));
    expect_unplugged(3, "is a web page and not the database", "A proxy or a network's sign-in page",
                     {"http_proxy=http://" + proxy.place()});
    expect_back();
}

TEST_F(Unplugged, E10ACertificateThatNobodyVouchesForGetsNeitherDataNorToken) {
    const Ran made = run_program(
        {"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-keyout", "tls.key", "-out", "tls.pem", "-days", "2", "-subj", "/CN=127.0.0.1",
         "-addext", "subjectAltName=IP:127.0.0.1"},
        folder.path().string());
    ASSERT_EQ(made.exit_code, 0) << made.err;
    server->stop();
    plug_in("server.key.pub", {"--tls-cert", path("tls.pem"), "--tls-key", path("tls.key")});
    point_at("https://127.0.0.1:" + std::to_string(server->port()));
    expect_unplugged(3, "is not safe, so nothing was sent", "name its authority by SSL_CERT_FILE");
    expect_back({"SSL_CERT_FILE=" + path("tls.pem")});
}

TEST_F(Unplugged, D5TheTokenIsRevoked) {
    server->stop();
    plug_in("other.key.pub");
    point_at(server->url());
    expect_unplugged(4, "does not accept this device's token", "tidemark login");
    server->stop();
    plug_in("server.key.pub");
    point_at(server->url());
    expect_back();
}

TEST_F(Unplugged, A15WhatTheNetworkDidIsCounted) {
    const auto network = [&](const std::vector<std::string>& arguments, int exit_code) {
        const Ran ran = run(arguments);
        EXPECT_EQ(ran.exit_code, exit_code) << ran.out << ran.err;
        return boost::json::parse(ran.out).at("network").as_object();
    };
    auto use = network({"sync", "a.db", "--json"}, 0);
    EXPECT_GE(use.at("requests").as_int64(), 1);
    EXPECT_EQ(use.at("connections_opened").as_int64(), 1) << "one is used again";
    EXPECT_EQ(use.at("failures").as_int64(), 0);
    server->stop();
    use = network({"status", "a.db", "--probe", "--json", "--set", "network.retries=1"}, 3);
    EXPECT_EQ(use.at("requests").as_int64(), 2);
    EXPECT_EQ(use.at("retries").as_int64(), 1);
    EXPECT_EQ(use.at("failures").as_int64(), 2);
    ASSERT_EQ(run({"config", "set", "network.retries", "0"}).exit_code, 0);
    use = network({"status", "a.db", "--probe", "--json"}, 3);
    EXPECT_EQ(use.at("requests").as_int64(), 1);
    EXPECT_EQ(run({"sync", "a.db", "--set", "network.connections=0"}).exit_code, 2);
    EXPECT_EQ(run({"sync", "a.db", "--set", "network.retries"}).exit_code, 2);
}

TEST_F(Unplugged, E11ATokenThatExpiresSoonIsAnnounced) {
    const auto with = [&](const std::string& time) {
        const std::string token =
            run({"token", "create", "--key", "server.key", "--expires", time}).out;
        return std::vector<std::string>{"TIDEMARK_AUTH_TOKEN=" + token.substr(0, token.find('\n'))};
    };
    for (const char* command : {"sync", "status"}) {
        Ran ran = run({command, "a.db"}, with("80h"));
        EXPECT_EQ(ran.exit_code, 0) << ran.err;
        EXPECT_NE(ran.err.find("from TIDEMARK_AUTH_TOKEN expires in 3 days, at 20"),
                  std::string::npos)
            << command << ": " << ran.err;
        ran = run({command, "a.db"}, with("30d"));
        EXPECT_EQ(ran.err.find("expires"), std::string::npos) << ran.err;
    }
    const auto status = boost::json::parse(run({"status", "a.db", "--json"}, with("90m")).out);
    const std::string said = status.at("warnings").at(0).as_string().c_str();
    EXPECT_NE(said.find("expires in 1 hour"), std::string::npos) << said;
    // One that has expired is told by status too, before a sync fails of it.
    const std::string expired = "eyJhbGciOiJFZERTQSJ9." + to_base64url(R"({"exp":5})") + ".c2ln";
    const Ran ran = run({"status", "a.db"}, {"TIDEMARK_AUTH_TOKEN=" + expired});
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    EXPECT_NE(ran.err.find("expired at"), std::string::npos) << ran.err;
}

TEST_F(Unplugged, E11AWatchAnnouncesATokenThatExpiresSoonOnce) {
    const std::string token =
        run({"token", "create", "--key", "server.key", "--expires", "80h"}).out;
    std::vector<std::string> words = variables;
    words.insert(words.end(), {"TIDEMARK_AUTH_TOKEN=" + token.substr(0, token.find('\n')),
                               TIDEMARK_COMMAND, "watch", "a.db"});
    Terminal terminal(words, folder.path().string());
    const std::string notice = "from TIDEMARK_AUTH_TOKEN expires in 3 days, at 20";
    terminal.wait_for("Sent 1 row.");
    edit("a.db", "INSERT INTO t VALUES (3, 'later')");
    terminal.wait_for("Sent 1 row.");
    terminal.type("\x03");
    terminal.wait_for("Stopped.");
    EXPECT_EQ(terminal.finish(), 0);
    const std::string shown = terminal.shown();
    const std::size_t at = shown.find(notice);
    ASSERT_NE(at, std::string::npos) << shown;
    EXPECT_NE(shown.substr(0, at).find("a.db: The token for "), std::string::npos) << shown;
    EXPECT_EQ(shown.find(notice, at + 1), std::string::npos) << shown;
}

TEST_F(Unplugged, A16WatchTellsAtItsStartThatTheServerIsAway) {
    server->stop();
    const Ran ran = run_program(
        [&] {
            std::vector<std::string> all = variables;
            for (const char* word : {"TIDEMARK_SYNC_AT_START=false", "TIDEMARK_SYNC_ON_CLOSE=false",
                                     "TIDEMARK_NETWORK_RETRIES=0", "timeout", "-s", "INT", "3"}) {
                all.emplace_back(word);
            }
            all.insert(all.end(), {TIDEMARK_COMMAND, "watch", "a.db"});
            return all;
        }(),
        folder.path().string());
    EXPECT_NE(ran.out.find("Offline: the primary "), std::string::npos) << ran.out << ran.err;
    EXPECT_NE(ran.out.find("1 change waits"), std::string::npos) << ran.out;
}

}  // namespace
}  // namespace tidemark
