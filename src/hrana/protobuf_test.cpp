#include "hrana/protobuf.hpp"

#include <gtest/gtest.h>

#include "base/text.hpp"

namespace tidemark::hrana::protobuf {
namespace {

template <typename Message>
std::string hex_of(const Message& message) {
    std::string out;
    write(out, message);
    return to_hex(out);
}

// The bytes were put together by hand from the field numbers of the protocol.

TEST(HranaProtobuf, WritesAPipelineByteForByte) {
    Stmt stmt;
    stmt.sql.sql = "S";
    stmt.args = {std::monostate(), std::int64_t{-1}, 1.0, "a", Blob{"\x01"}};
    const PipelineReq request{"b", {ExecuteReq{stmt}, CloseReq{}}};
    const std::string value_null =
        "1a02"
        "0a00";
    const std::string value_integer =
        "1a02"
        "1001";
    const std::string value_float =
        "1a09"
        "19"
        "000000000000f03f";
    const std::string value_text =
        "1a03"
        "220161";
    const std::string value_blob =
        "1a03"
        "2a0101";
    EXPECT_EQ(hex_of(request),
              "0a0162"
              "1226"
              "1224"
              "0a22"
              "0a0153" +
                  value_null + value_integer + value_float + value_text + value_blob + "2801" +
                  "1202"
                  "0a00");
    EXPECT_EQ(read_pipeline_req(from_hex(hex_of(request))), request);
}

TEST(HranaProtobuf, WritesABatchByteForByte) {
    Batch batch;
    batch.steps.resize(2);
    batch.steps[0].stmt.sql.sql = "B";
    batch.steps[1].condition = Cond{Cond::Kind::ok, 0, {}};
    batch.steps[1].stmt.sql.sql = "S";
    EXPECT_EQ(hex_of(PipelineReq{std::nullopt, {BatchReq{batch}}}),
              "121a"
              "1a18"
              "0a16"
              "0a07"
              "1205"
              "0a0142"
              "2801"
              "0a0b"
              "0a02"
              "0800"
              "1205"
              "0a0153"
              "2801");
}

TEST(HranaProtobuf, ReadsTheAnswerToABatchAsOthersWriteIt) {
    // Step 0 has a row, and is not named, since 0 is what a number is without a field; step 1
    // failed; a step 2 was skipped.
    const PipelineResp answer =
        read_pipeline_resp(from_hex("0a0162"
                                    "1a1e"
                                    "0a1c"
                                    "1a1a"
                                    "0a18"
                                    "0a0d"
                                    "120b"
                                    "1209"
                                    "0a02"
                                    "1001"
                                    "0a03"
                                    "220161"
                                    "1207"
                                    "0801"
                                    "1203"
                                    "0a016d"));
    EXPECT_EQ(answer.baton, "b");
    ASSERT_EQ(answer.results.size(), 1u);
    const auto& result = std::get<BatchResp>(std::get<StreamResponse>(answer.results[0])).result;
    ASSERT_EQ(result.step_results.size(), 2u);
    EXPECT_EQ(result.step_results.at(0)->rows,
              (std::vector<Row>{{std::int64_t{-1}, std::string("a")}}));
    EXPECT_FALSE(result.step_results.at(1));
    EXPECT_EQ(result.step_errors.at(1)->message, "m");
}

TEST(HranaProtobuf, RowidsAreZigzag) {
    EXPECT_EQ(hex_of(CursorEntry(StepEnd{3, -2})),
              "06"
              "1204"
              "0803"
              "1003");
    EXPECT_EQ(hex_of(CursorEntry(StepEnd{0, std::nullopt})),
              "02"
              "1200");
}

TEST(HranaProtobuf, CursorEntriesStandOneAfterAnotherWithTheirLengths) {
    std::string out;
    write(out, CursorHead{"b", std::nullopt});
    write(out, CursorEntry(StepBegin{1, {Col{"n", std::nullopt}}}));
    write(out, CursorEntry(CursorRow{{std::int64_t{1}}}));
    write(out, CursorEntry(CursorDone{}));
    EXPECT_EQ(to_hex(out),
              "03"
              "0a0162"
              "09"
              "0a07"
              "0801"
              "1203"
              "0a016e"
              "06"
              "2204"
              "0a02"
              "1002"
              "02"
              "3000");
}

TEST(HranaProtobuf, ACutOffMessageWaitsForTheRest) {
    std::string out;
    write(out, CursorEntry(CursorRow{{std::string(300, 'x')}}));
    std::string_view message;
    for (std::size_t size = 0; size < out.size(); ++size) {
        std::string_view part = std::string_view(out).substr(0, size);
        EXPECT_FALSE(next_message(part, message)) << size;
        EXPECT_EQ(part.size(), size);
    }
    std::string_view whole = out;
    EXPECT_TRUE(next_message(whole, message));
    EXPECT_TRUE(whole.empty());
    std::string_view endless("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 11);
    EXPECT_THROW(next_message(endless, message), Malformed);
}

TEST(HranaProtobuf, WebSocketMessagesHaveTheirNumbers) {
    EXPECT_EQ(hex_of(ws::ClientMsg(ws::Hello{"j"})),
              "0a03"
              "0a016a");
    EXPECT_EQ(hex_of(ws::ClientMsg(ws::Request{7, ws::OpenStream{5}})),
              "1206"
              "0807"
              "1202"
              "0805");
    EXPECT_EQ(hex_of(ws::ClientMsg(ws::Request{1, ws::GetAutocommit{5}})),
              "1206"
              "0801"
              "6a02"
              "0805");
    EXPECT_EQ(hex_of(ws::ServerMsg(ws::HelloOk{})), "0a00");
    EXPECT_EQ(hex_of(ws::ServerMsg(ws::ResponseOk{1, GetAutocommitResp{true}})),
              "1a06"
              "0801"
              "6a02"
              "0801");
    EXPECT_EQ(hex_of(ws::ServerMsg(ws::ResponseError{1, {"m", "C", ""}})),
              "220a"
              "0801"
              "1206"
              "0a016d"
              "120143");
}

TEST(HranaProtobuf, UnknownFieldsArePassedOver) {
    // Field 15 as a number, a text and a fixed64 in the request and in its parts.
    const auto request = from_hex(
        "7805"
        "7a0161"
        "79"
        "0000000000000000"
        "1209"
        "0a00"
        "7805"
        "7a0161"
        "7800");
    EXPECT_EQ(read_pipeline_req(request).requests, (std::vector<StreamRequest>{CloseReq{}}));
}

TEST(HranaProtobuf, RefusesWhatIsNoMessage) {
    const auto refused = [](std::string_view hex) {
        EXPECT_THROW(read_pipeline_req(from_hex(hex)), Malformed) << hex;
    };
    refused("0a");  // cut off
    refused(
        "0a05"
        "61");        // a length past the end
    refused("0801");  // a number for the baton
    refused(
        "0a01"
        "ff");        // not UTF-8
    refused("1200");  // a request of no type
    refused(
        "1202"
        "1200");  // execute without a statement
    refused(
        "1206"
        "1204"
        "0a02"
        "1a00");  // an empty value
    refused(
        "1207"
        "1205"
        "0a03"
        "1a01"
        "08");
    refused("ffffffffffffffffffffff01");
    refused("00");
    EXPECT_THROW(read_client_msg(""), Malformed);
    EXPECT_THROW(read_server_msg(""), Malformed);
}

// The sanitizer saw a read past the end.
TEST(HranaProtobuf, ABooleanCutOffAtTheEndIsRefused) {
    const std::string cut_off = from_hex(
        "1a05"
        "0801"
        "4201"
        "10");
    const std::vector<char> bytes(cut_off.begin(), cut_off.end());  // no byte after the last
    EXPECT_THROW(read_server_msg({bytes.data(), bytes.size()}), Malformed);
}

TEST(HranaProtobuf, AConditionIsHeldToTheSameBoundsAsInJson) {
    using Kind = Cond::Kind;
    const auto batch = [](Cond condition) {
        CursorReq request;
        request.batch.steps.resize(2);
        request.batch.steps[1].condition = std::move(condition);
        std::string out;
        write(out, request);
        return out;
    };
    EXPECT_NO_THROW(read_cursor_req(batch({Kind::ok, 0, {}})));
    EXPECT_THROW(read_cursor_req(batch({Kind::ok, 1, {}})), Malformed);
    EXPECT_THROW(read_cursor_req(batch({Kind::all, 0, {Cond{Kind::error, 9, {}}}})), Malformed);
    const auto nested = [](int depth) {
        Cond condition{Kind::is_autocommit, 0, {}};
        for (int i = 1; i < depth; ++i) condition = Cond{Kind::negation, 0, {condition}};
        return condition;
    };
    EXPECT_NO_THROW(read_cursor_req(batch(nested(32))));
    EXPECT_THROW(read_cursor_req(batch(nested(33))), Malformed);
}

TEST(HranaProtobuf, ABatchResultOfAStepThatCannotBeIsRefused) {
    // results[0].ok.batch.result.step_results[2^32 - 1]
    EXPECT_THROW(read_pipeline_resp(from_hex("1a11"
                                             "0a0f"
                                             "1a0d"
                                             "0a0b"
                                             "0a09"
                                             "08ffffffff0f"
                                             "1200")),
                 Malformed);
}

}  // namespace
}  // namespace tidemark::hrana::protobuf
