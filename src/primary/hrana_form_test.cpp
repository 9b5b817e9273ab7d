#include "primary/hrana_form.hpp"

#include <gtest/gtest.h>

#include "base/text.hpp"
#include "base/tuning.hpp"

namespace tidemark {
namespace {

net::HttpResponse answer(int status, std::map<std::string, std::string> headers = {},
                         std::string body = {}) {
    return {status, std::move(headers), std::move(body)};
}

const hrana::PipelineReq request{std::nullopt, {hrana::CloseReq{}}};

TEST(HranaForm, IsPlainJsonAtFirst) {
    const HranaForm form;
    EXPECT_TRUE(form.is_open());
    EXPECT_TRUE(form.is_plain());
    EXPECT_EQ(form.write(request).front(), '{');
    std::string body(100'000, 'x');
    EXPECT_EQ(form.pack(body), "");
    EXPECT_EQ(body.size(), 100'000U);
}

TEST(HranaForm, IsProtobufWithTidemarkServeFromItsFirstAnswer) {
    HranaForm form;
    form.learn(answer(200, {{"tidemark-server", "0.1.0"}}));
    EXPECT_EQ(std::string(form.resource()), "/v3-protobuf/pipeline");
    EXPECT_EQ(std::string(form.type()), "application/x-protobuf");
    EXPECT_EQ(to_hex(form.write(request)), "12020a00");
    EXPECT_TRUE(form.read(from_hex("0a0162")).baton);
}

TEST(HranaForm, IsProtobufWithAnyServerThatGreets) {
    HranaForm form;
    form.learn(answer(200));
    EXPECT_TRUE(form.is_open()) << "an answer in JSON says nothing of protobuf";
    form.learn_from_greeting(answer(200, {{"content-type", "text/plain"}}, "Hello"));
    EXPECT_TRUE(form.is_protobuf());
    for (const auto& other : {answer(404), answer(401), answer(500), answer(200, {}, "<html>")}) {
        HranaForm plain;
        plain.learn_from_greeting(other);
        EXPECT_TRUE(plain.is_plain() && !plain.is_open()) << other.status;
    }
}

TEST(HranaForm, PacksLargeBodiesWhereTheServerSaysThatItUnpacks) {
    HranaForm form;
    form.learn(answer(200, {{"accept-encoding", "gzip, zstd;q=0"}}));
    std::string body(tuning::packed_from_bytes, 'x');
    EXPECT_EQ(form.pack(body), "");
    form.learn(answer(200, {{"accept-encoding", "gzip, zstd"}}));
    EXPECT_EQ(form.pack(body), "zstd");
    EXPECT_EQ(to_hex(body.substr(0, 4)), "28b52ffd");
    std::string small(tuning::packed_from_bytes - 1, 'x');
    EXPECT_EQ(form.pack(small), "");
    std::string noise;
    for (std::uint32_t i = 0, x = 1; i < 10'000; ++i)
        noise += static_cast<char>((x = x * 1664525 + 1013904223) >> 24);
    EXPECT_EQ(form.pack(noise), "") << "nothing to gain";
    EXPECT_EQ(noise.size(), 10'000U);
}

TEST(HranaForm, StaysPlainOnceTheServerRefused) {
    for (const int status : {400, 404, 405, 406, 415, 501}) {
        EXPECT_TRUE(HranaForm::is_refused(answer(status))) << status;
    }
    for (const int status : {200, 401, 403, 413, 429, 500, 503}) {
        EXPECT_FALSE(HranaForm::is_refused(answer(status))) << status;
    }
    HranaForm form;
    const auto offer =
        answer(200, {{"tidemark-server", "0.1.0"}, {"accept-encoding", "zstd, gzip"}});
    form.learn(offer);
    EXPECT_FALSE(form.is_plain());
    form.be_plain();
    form.learn(offer);
    EXPECT_TRUE(form.is_plain());
}

TEST(HranaForm, IsKnownAtTheNextSyncWithTheSameDatabase) {
    HranaForm form;
    form.learn(answer(200, {{"tidemark-server", "0.1.0"}}));
    KnownForms known;
    known.keep("http://a/dev/x", form);
    EXPECT_TRUE(known.of("http://a/dev/x").is_protobuf());
    EXPECT_TRUE(known.of("http://a/dev/y").is_open());
    form.be_plain();
    known.keep("http://a/dev/x", form);
    EXPECT_TRUE(known.of("http://a/dev/x").is_plain() && !known.of("http://a/dev/x").is_open());
}

}  // namespace
}  // namespace tidemark
