#include "net/client.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <functional>

#include <tidemark/error.hpp>

#include "net/failure.hpp"

namespace tidemark::net {
namespace {

using Kind = TransportFailure::Kind;

/// Time that passes only by sleeping.
class TestClock final : public Clock {
public:
    std::int64_t now_ms() override { return 1'750'000'000'000 + slept_ms; }
    std::int64_t steady_ms() override { return slept_ms; }
    void sleep_ms(std::int64_t ms) override {
        slept_ms += ms;
        pauses.push_back(ms);
    }
    std::int64_t slept_ms = 0;
    std::vector<std::int64_t> pauses;
};

class TestRng final : public Rng {
public:
    std::uint64_t next() override { return state_ = state_ * 6364136223846793005U + 1442695U; }

private:
    std::uint64_t state_ = 1;
};

/// A network that answers as told; its last answer for ever.
class Told final : public HttpTransport {
public:
    using Reply = std::function<HttpResponse()>;
    HttpResponse send(const HttpRequest&) override {
        ++requests;
        const Reply reply = replies.front();
        if (replies.size() > 1) replies.pop_front();
        return reply();
    }
    void note_retry() override { ++retries; }
    std::deque<Reply> replies;
    int requests = 0;
    int retries = 0;
};

Told::Reply status(int code, std::map<std::string, std::string> headers = {},
                   const std::string& body = "{}") {
    return [=] { return HttpResponse{code, headers, body}; };
}
Told::Reply failure(Kind kind, bool may_have_arrived) {
    return [=]() -> HttpResponse { throw TransportFailure(kind, may_have_arrived, "as told"); };
}

class Client : public testing::Test {
protected:
    HttpResponse send(std::deque<Told::Reply> replies, bool repeatable = true) {
        network.replies = std::move(replies);
        return client.send({}, "http://server", repeatable);
    }
    Error error(std::deque<Told::Reply> replies, bool repeatable = true) {
        try {
            send(std::move(replies), repeatable);
        } catch (const Error& error) {
            return error;
        }
        ADD_FAILURE() << "there was no error";
        return {ErrorCode::failed, {}};
    }

    Told network;
    TestClock clock;
    TestRng rng;
    HttpClient client{network, clock, rng};
};

TEST_F(Client, AServerThatComesBackInTimeIsNotNoticed) {
    const auto gone = failure(Kind::refused, false);
    EXPECT_EQ(send({gone, gone, gone, status(200)}).status, 200);
    EXPECT_EQ(network.retries, 3);
    ASSERT_EQ(clock.pauses.size(), 3U);
    const std::int64_t pauses[] = {1000, 2000, 4000};
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_GE(clock.pauses[i], pauses[i] * 3 / 4);
        EXPECT_LE(clock.pauses[i], pauses[i] * 5 / 4);
    }
}

TEST_F(Client, AServerThatStaysAwayIsGivenUpAfterThreeMoreTries) {
    EXPECT_EQ(error({failure(Kind::no_such_host, false)}).code(), ErrorCode::unreachable);
    EXPECT_EQ(network.requests, 4);
}

TEST_F(Client, HowOftenItTriesAgainIsTheCallersChoice) {
    HttpRequest request;
    request.retries = 0;
    network.replies = {failure(Kind::refused, false)};
    EXPECT_THROW(client.send(request, "http://server", true), Error);
    EXPECT_EQ(network.requests, 1);
    request.retries = 5;
    EXPECT_THROW(client.send(request, "http://server", true), Error);
    EXPECT_EQ(network.requests, 1 + 6);
    EXPECT_GE(clock.pauses.back(), 3000) << "the longest pause stays";
}

TEST_F(Client, AllTriesTogetherTakeNoLongerThanTheCallersPatience) {
    HttpRequest request;
    request.patience_ms = 10'000;
    request.timeouts.connect_ms = 2'500;
    network.replies = {failure(Kind::refused, false)};
    EXPECT_THROW(client.send(request, "http://server", true), Error);
    EXPECT_EQ(network.requests, 3) << "after 4 s more, a fourth might end too late";
    request.timeouts.connect_ms = 1'000;
    EXPECT_THROW(client.send(request, "http://server", true), Error);
    EXPECT_EQ(network.requests, 3 + 4);
}

TEST_F(Client, WhatMayHaveArrivedIsSentAgainOnlyIfItNotices) {
    EXPECT_EQ(send({failure(Kind::cut, true), status(200)}).status, 200);
    network.requests = 0;
    EXPECT_EQ(error({failure(Kind::cut, true), status(200)}, false).code(), ErrorCode::unreachable);
    EXPECT_EQ(network.requests, 1);
    EXPECT_EQ(send({failure(Kind::refused, false), status(200)}, false).status, 200)
        << "nothing had been sent";
}

TEST_F(Client, ABusyServerIsAskedAgainWhenItSays) {
    EXPECT_EQ(send({status(429, {{"retry-after", "9"}}), status(200)}).status, 200);
    EXPECT_EQ(clock.pauses, std::vector<std::int64_t>{9000});
    EXPECT_EQ(send({status(503), status(200)}).status, 200);
    EXPECT_EQ(send({status(503), status(200)}, false).status, 503) << "it may have been done";
}

TEST_F(Client, NobodyWaitsForAServerThatWantsAnHour) {
    EXPECT_EQ(send({status(429, {{"retry-after", "3600"}})}).status, 429);
    EXPECT_EQ(network.requests, 1);
    EXPECT_EQ(clock.slept_ms, 0);
}

TEST_F(Client, ARefusalIsNotQuestioned) {
    for (const int code : {400, 401, 402, 403, 404, 413, 500}) {
        network.requests = 0;
        EXPECT_EQ(send({status(code)}).status, code);
        EXPECT_EQ(network.requests, 1) << code;
    }
    EXPECT_EQ(error({failure(Kind::tls, false)}).code(), ErrorCode::unreachable);
}

TEST(Failures, EachHasItsSentenceItsHintAndItsCode) {
    struct Case {
        HttpResponse response;
        std::string said;
        ErrorCode code;
        const char* words;
    };
    const std::map<std::string, std::string> html{{"content-type", "text/html"}};
    const Case cases[] = {
        {{401, {}, "{}"}, "no", ErrorCode::unauthorized, "does not accept"},
        {{403, {}, "{}"}, "no", ErrorCode::unauthorized, "does not allow"},
        {{404, {}, "{}"}, "no such namespace", ErrorCode::failed, "no such database"},
        {{404, {}, "Not Found"}, "", ErrorCode::failed, "no version of Hrana"},
        {{402, {}, "{}"}, "", ErrorCode::failed, "used up"},
        {{429, {}, "{}"}, "", ErrorCode::failed, "too often"},
        {{500, {}, "oops"}, "", ErrorCode::failed, "error of its own"},
        {{503, {}, ""}, "", ErrorCode::unreachable, "not available"},
        {{301, {}, ""}, "", ErrorCode::failed, "moved"},
        {{200, html, "<html>sign in</html>"}, "", ErrorCode::unreachable, "web page"},
        {{200, {}, "hello"}, "", ErrorCode::failed, "no sensible answer"},
    };
    for (const Case& one : cases) {
        const Error error = error_of(one.response, "PLACE", one.said);
        EXPECT_EQ(error.code(), one.code) << error.message();
        EXPECT_NE(error.message().find(one.words), std::string::npos) << error.message();
        EXPECT_NE(error.message().find("PLACE"), std::string::npos) << error.message();
        EXPECT_NE(error.hint().find("is kept"), std::string::npos) << error.hint();
    }
}

TEST(Failures, RetryAfterIsSecondsOrADate) {
    const auto after = [](const std::string& text) {
        return retry_after_ms({429, {{"retry-after", text}}, {}}, 1'445'412'470'000);
    };
    EXPECT_EQ(after("120"), 120'000);
    EXPECT_EQ(after("Wed, 21 Oct 2015 07:28:00 GMT"), 10'000);
    EXPECT_EQ(after("Wed, 21 Oct 2015 07:00:00 GMT"), 0) << "that is over";
    EXPECT_EQ(after("soon"), std::nullopt);
    EXPECT_EQ(after(""), std::nullopt);
}

}  // namespace
}  // namespace tidemark::net
