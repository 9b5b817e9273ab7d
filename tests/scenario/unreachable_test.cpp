// Servers that are not there, are none, or do not answer as they should.

#include "support/answering.hpp"
#include "support/story.hpp"

namespace tidemark {
namespace {

class Unreachable : public Story {
protected:
    void SetUp() override { make("a.db", "CREATE TABLE t(id INTEGER PRIMARY KEY, v)"); }

    /// `tidemark attach a.db URL` fails like this, and a.db stays as it was.
    void expect_refusal(const std::string& url, int exit_code, const std::string& words) {
        const Dump before = dump_everything(path("a.db"));
        const Ran ran = tidemark({"attach", "a.db", url});
        EXPECT_EQ(ran.exit_code, exit_code) << ran.err;
        EXPECT_NE(ran.err.find(words), std::string::npos) << ran.err;
        EXPECT_NE(ran.err.find("\n  "), std::string::npos) << "no hint in: " << ran.err;
        EXPECT_EQ(difference(before, dump_everything(path("a.db"))), "");
    }
    void expect_refusal_of_answer(const std::string& reply, int exit_code,
                                  const std::string& words) {
        const Answering server(reply);
        expect_refusal("http://" + server.place(), exit_code, words);
    }
};

TEST_F(Unreachable, ServersThatAreNotThereAreToldApart) {
    std::string closed;
    {
        const Answering gone("");
        closed = gone.place();
    }
    expect_refusal("http://" + closed, 3, "nothing answers there");
    expect_refusal("libsql://nowhere.invalid", 3, "host name is not known");
}

TEST_F(Unreachable, AConnectionThatCannotBeMadeSafeSendsNothing) {
    const Answering plain(http("200 OK", "application/json", "{}"));
    expect_refusal("libsql://" + plain.place(), 3, "is not safe, so nothing was sent");
}

TEST_F(Unreachable, ARefusedTokenAndARefusedRequestHaveTheirOwnExitCode) {
    expect_refusal_of_answer(http("401 Unauthorized", "application/json", R"({"error":"no"})"), 4,
                             "does not accept this device's token");
    expect_refusal_of_answer(http("403 Forbidden", "application/json", R"({"error":"no"})"), 4,
                             "does not allow this");
}

TEST_F(Unreachable, AnUnknownDatabaseAQuotaAndABrokenServerAreToldApart) {
    expect_refusal_of_answer(
        http("404 Not Found", "application/json", R"({"error":"Namespace x doesn't exist"})"), 1,
        "no such database");
    expect_refusal_of_answer(http("402 Payment Required", "application/json", "{}"), 1, "used up");
    expect_refusal_of_answer(http("500 Internal Server Error", "text/plain", "oops"), 1,
                             "an error of its own");
}

TEST_F(Unreachable, AServerThatWantsToBeLeftAloneForAnHourIsNotWaitedFor) {
    expect_refusal_of_answer(
        "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 3600\r\nContent-Length: 0\r\n\r\n", 1,
        "asked too often");
}

TEST_F(Unreachable, AProxysPageIsNotTakenForTheDatabase) {
    expect_refusal_of_answer(http("200 OK", "text/html", "<html>Please sign in</html>"), 3,
                             "is a web page");
    expect_refusal_of_answer(http("200 OK", "application/json", R"({"hello":"you"})"), 1,
                             "no sensible answer");
}

TEST_F(Unreachable, AnAnswerThatBreaksOffIsNoAnswer) {
    expect_refusal_of_answer("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"baton\":null,", 3,
                             "broke off");
}

TEST_F(Unreachable, NoMessageHoldsTheToken) {
    const Answering server(http("401 Unauthorized", "application/json", R"({"error":"no"})"));
    const std::string token = "eyJhbGciOiJFZERTQSJ9.eyJhIjoicncifQ.c2VjcmV0";
    const Ran ran = tidemark(
        {"attach", "a.db", "libsql://" + server.place() + "?tls=0&authToken=" + token, "--json"});
    EXPECT_EQ(ran.exit_code, 4) << ran.out << ran.err;
    EXPECT_EQ((ran.out + ran.err).find("c2VjcmV0"), std::string::npos) << ran.out << ran.err;
}

}  // namespace
}  // namespace tidemark
