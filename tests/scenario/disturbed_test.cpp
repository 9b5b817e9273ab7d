// Devices whose way to the primary's server fails them in the middle of a sync.

#include <atomic>
#include <chrono>
#include <cstdlib>

#include <tidemark/network.hpp>

#include "support/relay.hpp"
#include "support/served.hpp"
#include "support/story.hpp"

namespace tidemark {
namespace {

using Fate = Relay::Fate;

/// The request with this number comes to this end, all others arrive.
Relay::Treatment only(int number, Fate fate) {
    return [=](int request) { return request == number ? fate : Fate::pass; };
}

/// A pushes through a relay, in several requests; B is beside it.
class Disturbed : public Story {
protected:
    void SetUp() override {
        make("a.db",
             "CREATE TABLE t(id INTEGER PRIMARY KEY, v INTEGER NOT NULL, w INTEGER NOT NULL);"
             "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500) "
             "INSERT INTO t SELECT i, 0, 0 FROM n");
        Replica::attach(path("a.db"), relay.url());
        Replica::clone(server.url(), path("b.db"));
    }

    std::int64_t pending() { return Replica::open(path("a.db")).status().pending; }

    /// After a sync that failed: the next one sends the rest, and nobody finds a conflict.
    void expect_nothing_lost() {
        relay.treat({});
        sync("a.db");
        EXPECT_EQ(pending(), 0);
        sync("b.db");
        sync("a.db");
        EXPECT_EQ(conflicts("a.db").size() + conflicts("b.db").size(), 0U);
        expect_same("a.db", "b.db");
    }

    Served server{path("primary.db"), {"--write-idle", "100ms"}};
    Relay relay{server.port()};
};

TEST_F(Disturbed, AConnectionCutAnywhereInAPushLosesNothingAndMakesNoConflict) {
    for (const Fate fate : {Fate::lose, Fate::lose_answer, Fate::cut_answer}) {
        int requests = 0;
        for (int at = 0; at <= requests; ++at) {
            SCOPED_TRACE("fate " + std::to_string(static_cast<int>(fate)) + ", request " +
                         std::to_string(at));
            edit("a.db", "UPDATE t SET v = v + 1");
            edit("b.db", "UPDATE t SET w = w + 1 WHERE id = 1");
            relay.treat(only(at, fate));
            try {
                sync("a.db");
            } catch (const Error& error) {
                EXPECT_EQ(error.code(), ErrorCode::unreachable) << error.message();
                EXPECT_NE(error.hint().find("is kept"), std::string::npos);
            }
            requests = std::max(requests, relay.requests() - 1);
            expect_nothing_lost();
        }
        EXPECT_GE(requests, 4) << "a push of several requests";
    }
    EXPECT_EQ(ask("a.db", "SELECT count(DISTINCT v) FROM t"), Dump{"1"});
}

TEST_F(Disturbed, APageOfACloneWhoseAnswerIsCutIsAskedForAgain) {
    relay.treat({});
    Replica::clone(relay.url(), path("c.db"));
    const int late = relay.requests() - 3;
    std::atomic<int> lost{0};
    relay.treat([&lost, late](int request) {
        if (request != late) return Fate::pass;
        ++lost;
        return Fate::cut_answer;
    });
    Replica::clone(relay.url(), path("d.db"));
    EXPECT_EQ(lost, 1);
    expect_same("a.db", "d.db");
}

TEST_F(Disturbed, AServerThatIsBusyForASecondIsNotNoticed) {
    for (const std::string scheme : {"http://", "ws://"}) {
        const std::string copy = scheme.substr(0, 2) + ".db";
        Replica::clone(scheme + relay.place(), path(copy));
        edit(copy, "UPDATE t SET v = v + 1");
        relay.treat(only(0, Fate::busy));
        const auto started = std::chrono::steady_clock::now();
        EXPECT_EQ(sync(copy).pushed, 2500) << scheme;
        EXPECT_GE(std::chrono::steady_clock::now() - started, std::chrono::seconds(1));
    }
}

TEST_F(Disturbed, ATokenRevokedHalfWayStopsTheSyncAndKeepsWhatIsPending) {
    for (int at = 0;; ++at) {
        SCOPED_TRACE("request " + std::to_string(at));
        edit("a.db", "UPDATE t SET v = v + 1");
        relay.treat([=](int request) { return request >= at ? Fate::refuse : Fate::pass; });
        std::optional<Error> refused;
        try {
            sync("a.db");
        } catch (const Error& error) {
            refused = error;
        }
        if (!refused) {
            EXPECT_GE(at, 4) << "a push of several requests";
            break;
        }
        EXPECT_EQ(refused->code(), ErrorCode::unauthorized) << refused->message();
        EXPECT_NE(refused->message().find("does not accept this device's token"),
                  std::string::npos);
        EXPECT_EQ(pending(), 2500);
        expect_nothing_lost();
    }
    expect_nothing_lost();
}

TEST_F(Disturbed, AServerThatTakesARequestAndSaysNothingIsGivenUpInTime) {
    edit("a.db", "UPDATE t SET v = v + 1 WHERE id <= 10");
    NetworkOptions impatient;
    impatient.silence_timeout_ms = 1'000;
    impatient.retries = 0;
    set_network_options(impatient);
    relay.treat(only(0, Fate::ignore));
    const Error error = expect_error(ErrorCode::unreachable, [&] { sync("a.db"); });
    EXPECT_NE(error.message().find("stopped answering"), std::string::npos) << error.message();
    EXPECT_NE(error.hint().find("is kept"), std::string::npos) << error.hint();
    impatient.silence_timeout_ms = 60'000;
    impatient.request_timeout_ms = 1'000;
    set_network_options(impatient);
    relay.treat(only(0, Fate::ignore));
    const Error late = expect_error(ErrorCode::unreachable, [&] { sync("a.db"); });
    EXPECT_NE(late.message().find("stopped answering"), std::string::npos) << late.message();
    set_network_options({});
    EXPECT_EQ(pending(), 10);
    expect_nothing_lost();
}

TEST_F(Disturbed, ACertificateOfNobodyKnownIsRefusedUntilItsAuthorityIsNamed) {
    const Ran made = run_program(
        {"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-keyout", "key.pem", "-out", "cert.pem", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost"},
        folder.path().string());
    ASSERT_EQ(made.exit_code, 0) << made.err;
    const Served secret(path("secret.db"),
                        {"--tls-cert", path("cert.pem"), "--tls-key", path("key.pem")});
    const std::string at_port = ":" + std::to_string(secret.port());
    make("c.db", "CREATE TABLE t(id INTEGER PRIMARY KEY)");
    const auto attach_to = [&](const std::string& host) {
        return tidemark({"attach", "c.db", "https://" + host + at_port});
    };
    const Ran unknown = attach_to("localhost");
    EXPECT_EQ(unknown.exit_code, 3) << unknown.err;
    EXPECT_NE(unknown.err.find("is not safe, so nothing was sent"), std::string::npos);
    EXPECT_NE(unknown.err.find("SSL_CERT_FILE"), std::string::npos) << unknown.err;

    ::unsetenv("CURL_CA_BUNDLE");  // it would count for more
    ::setenv("SSL_CERT_FILE", path("cert.pem").c_str(), 1);
    EXPECT_EQ(attach_to("127.0.0.1").exit_code, 3) << "a certificate of another name";
    const Ran known = attach_to("localhost");
    EXPECT_EQ(known.exit_code, 0) << known.err;
    ::unsetenv("SSL_CERT_FILE");
}

}  // namespace
}  // namespace tidemark
