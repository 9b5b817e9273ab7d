#include "hrana/json.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace tidemark::hrana::json {
namespace {

template <typename Message>
std::string written(const Message& message) {
    std::string out;
    write(out, message);
    return out;
}

Stmt only_stmt(std::string_view body) {
    return std::get<ExecuteReq>(read_pipeline_req(body).requests.at(0)).stmt;
}

Value only_arg(const std::string& value) {
    return read_execute_req(R"({"stmt":{"sql":"x","args":[)" + value + "]}}").stmt.args.at(0);
}

std::string written_value(Value value) {
    PipelineReq request;
    Stmt stmt;
    stmt.args.push_back(std::move(value));
    request.requests.emplace_back(ExecuteReq{std::move(stmt)});
    const std::string text = written(request);
    const std::size_t start = text.find("[{", text.find("args")) + 1;
    return text.substr(start, text.rfind("]}}]}") - start);
}

// ---- What the official clients send
// --------------------------------------------------------------

TEST(HranaJson, ReadsTheCursorRequestOfTheServerlessClient) {
    const CursorReq request = read_cursor_req(R"json({"baton":null,"batch":{"steps":[
 {"stmt":{"sql":"create table if not exists sl(id integer primary key, a, b blob)","args":[],"named_args":[],"want_rows":true}},
 {"stmt":{"sql":"SELECT 1","args":[],"named_args":[],"want_rows":false},"condition":{"type":"is_autocommit"}}]}})json");
    EXPECT_FALSE(request.baton);
    ASSERT_EQ(request.batch.steps.size(), 2u);
    EXPECT_FALSE(request.batch.steps[0].condition);
    EXPECT_TRUE(request.batch.steps[0].stmt.want_rows);
    EXPECT_EQ(request.batch.steps[1].condition, (Cond{Cond::Kind::is_autocommit, 0, {}}));
    EXPECT_FALSE(request.batch.steps[1].stmt.want_rows);
}

TEST(HranaJson, ReadsAStepOfTheSyncEnginesPush) {
    const BatchReq request = read_batch_req(R"({"batch":{"steps":[
{"condition":{"type":"not","cond":{"type":"is_autocommit"}},
 "stmt":{"sql":"UPDATE \"t\" SET \"v\" = ? WHERE \"id\" = ?","sql_id":null,
         "args":[{"type":"text","value":"A-edit"},{"type":"integer","value":"1"}],
         "named_args":[],"want_rows":false,"replication_index":null}}],"replication_index":null}})");
    const BatchStep& step = request.batch.steps.at(0);
    EXPECT_EQ(step.condition,
              (Cond{Cond::Kind::negation, 0, {Cond{Cond::Kind::is_autocommit, 0, {}}}}));
    EXPECT_EQ(step.stmt.sql.sql, R"(UPDATE "t" SET "v" = ? WHERE "id" = ?)");
    EXPECT_FALSE(step.stmt.sql.sql_id);
    EXPECT_EQ(step.stmt.args, (Row{"A-edit", std::int64_t{1}}));
}

TEST(HranaJson, WritesTheCursorOfTheServerlessClientByteForByte) {
    std::string out;
    write(out, CursorHead{"pM6W", std::nullopt});
    write(out, CursorEntry(StepBegin{0, {}}));
    write(out, CursorEntry(StepEnd{0, std::nullopt}));
    write(out, CursorEntry(StepBegin{1, {Col{"1", std::nullopt}}}));
    write(out, CursorEntry(CursorRow{{std::int64_t{1}}}));
    write(out, CursorEntry(StepEnd{0, 7}));
    write(out, CursorEntry(StepError{2, {"no", "SQLITE_ERROR", ""}}));
    write(out, CursorEntry(ProtocolError{"gone", "STREAM_EXPIRED", ""}));
    write(out, CursorEntry(CursorDone{}));
    EXPECT_EQ(out, R"({"baton":"pM6W","base_url":null}
{"type":"step_begin","step":0,"cols":[]}
{"type":"step_end","affected_row_count":0,"last_insert_rowid":null}
{"type":"step_begin","step":1,"cols":[{"name":"1","decltype":null}]}
{"type":"row","row":[{"type":"integer","value":"1"}]}
{"type":"step_end","affected_row_count":0,"last_insert_rowid":7}
{"type":"step_error","step":2,"error":{"message":"no","code":"SQLITE_ERROR"}}
{"type":"error","error":{"message":"gone","code":"STREAM_EXPIRED"}}
{"type":"replication_index","replication_index":null}
)");
}

TEST(HranaJson, AResponseHasEveryKeyEvenWhereItIsNull) {
    StmtResult result;
    result.cols.push_back({"a", "INTEGER"});
    result.rows.push_back({Blob{"\xfb\xff"}});
    BatchResult batch;
    batch.step_results = {std::nullopt, std::nullopt};
    batch.step_errors = {ProtocolError{"m", "SQLITE_CONSTRAINT", "SQLITE_CONSTRAINT_UNIQUE"},
                         std::nullopt};
    const PipelineResp response{
        std::nullopt,
        std::nullopt,
        {StreamResponse(ExecuteResp{result}), StreamResponse(BatchResp{batch}),
         StreamResponse(CloseResp{}), ProtocolError{"bad", "SQL_PARSE_ERROR", ""}}};
    EXPECT_EQ(
        written(response),
        R"({"baton":null,"base_url":null,"results":[{"type":"ok","response":{"type":"execute","result":)"
        R"({"cols":[{"name":"a","decltype":"INTEGER"}],"rows":[[{"type":"blob","base64":"+/8"}]],)"
        R"("affected_row_count":0,"last_insert_rowid":null,"replication_index":null,"rows_read":0,)"
        R"("rows_written":0,"query_duration_ms":0.0}}},{"type":"ok","response":{"type":"batch","result":)"
        R"({"step_results":[null,null],"step_errors":[{"message":"m","code":"SQLITE_CONSTRAINT",)"
        R"("extended_code":"SQLITE_CONSTRAINT_UNIQUE"},null],"replication_index":null}}},)"
        R"({"type":"ok","response":{"type":"close"}},)"
        R"({"type":"error","error":{"message":"bad","code":"SQL_PARSE_ERROR"}}]})");
    EXPECT_EQ(read_pipeline_resp(written(response)), response);
}

// ---- Values
// --------------------------------------------------------------------------------------

TEST(HranaJson, KeepsEveryIntegerAndEveryFloatExactly) {
    constexpr auto least = std::numeric_limits<std::int64_t>::min();
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    EXPECT_EQ(written_value(least), R"({"type":"integer","value":"-9223372036854775808"})");
    EXPECT_EQ(only_arg(written_value(most)), Value(most));
    EXPECT_EQ(written_value(1.0), R"({"type":"float","value":1.0})");
    EXPECT_EQ(written_value(-0.0), R"({"type":"float","value":-0.0})");
    EXPECT_TRUE(std::signbit(std::get<double>(only_arg(written_value(-0.0)))));
    for (const double value : {0.1, 1e23, 5e-324, 1.7976931348623157e308, 2.2250738585072011e-308,
                               9007199254740993.0, 123456789012345680.0}) {
        EXPECT_EQ(only_arg(written_value(value)), Value(value));
    }
}

TEST(HranaJson, KeepsInfinityAndTakesAnUnknownFloatForNaN) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    EXPECT_EQ(written_value(-infinity), R"({"type":"float","value":-1e999})");
    EXPECT_EQ(only_arg(written_value(infinity)), Value(infinity));
    EXPECT_EQ(only_arg(written_value(-infinity)), Value(-infinity));
    EXPECT_TRUE(std::isnan(std::get<double>(only_arg(R"({"type":"float","value":null})"))));
}

TEST(HranaJson, ANumberTooSmallForADoubleIsZero) {
    const auto real = [](const std::string& number) {
        return std::get<double>(only_arg(R"({"type":"float","value":)" + number + "}"));
    };
    EXPECT_EQ(real("1e-999"), 0.0);
    EXPECT_TRUE(std::signbit(real("-1e-999")));
    EXPECT_EQ(real("0." + std::string(400, '0') + "1"), 0.0);
    EXPECT_TRUE(std::isinf(real("1" + std::string(400, '0'))));
    EXPECT_TRUE(std::isinf(real("1" + std::string(400, '0') + ".5e-2")));
    EXPECT_EQ(real("1" + std::string(400, '0') + "e-400"), 1.0);
    EXPECT_EQ(real("1e-99999999999999999999"), 0.0);
    EXPECT_TRUE(std::isinf(real("1e99999999999999999999")));
    EXPECT_EQ(real("0e99999999999999999999"), 0.0);
}

TEST(HranaJson, TakesAnIntegerThatWasSentAsANumber) {
    EXPECT_EQ(only_arg(R"({"type":"integer","value":-5})"), Value(std::int64_t{-5}));
    EXPECT_THROW(only_arg(R"({"type":"integer","value":1.5})"), Malformed);
    EXPECT_THROW(only_arg(R"({"type":"integer","value":"1.0"})"), Malformed);
    EXPECT_THROW(only_arg(R"({"type":"integer","value":""})"), Malformed);
    EXPECT_THROW(only_arg(R"({"type":"integer","value":"9223372036854775808"})"), Malformed);
}

TEST(HranaJson, TakesBase64WithAndWithoutPadding) {
    for (const std::string text : {"AP8Q", "AP8=", "AP8", "AA==", "AA", ""}) {
        EXPECT_NO_THROW(only_arg(R"({"type":"blob","base64":")" + text + "\"}")) << text;
    }
    EXPECT_EQ(only_arg(R"({"type":"blob","base64":"AP8="})"),
              Value(Blob{std::string("\0\xff", 2)}));
    for (const std::string text : {"A", "AP8-", "A===", "AP8Q=", "AP 8", "AP8=="}) {
        EXPECT_THROW(only_arg(R"({"type":"blob","base64":")" + text + "\"}"), Malformed) << text;
    }
}

TEST(HranaJson, TheTypeOfAValueMayComeLast) {
    EXPECT_EQ(only_arg(R"({"value":"a\nb","type":"text"})"), Value("a\nb"));
    EXPECT_EQ(only_arg(R"({"x":{"type":[1,{}]},"value":"7","type":"integer","y":null})"),
              Value(std::int64_t{7}));
    EXPECT_EQ(only_stmt(R"({"requests":[{"stmt":{"sql":"SELECT 1"},"type":"execute"}]})").sql.sql,
              "SELECT 1");
}

TEST(HranaJson, TextOfEveryKindSurvives) {
    constexpr char bytes[] =
        "quote \" back \\ slash / nul \0 tab \t \x1f \x7f \xe2\x82\xac \xf0\x9f\x99\x82";
    const std::string text(bytes, sizeof bytes - 1);
    EXPECT_EQ(only_arg(written_value(text)), Value(text));
    EXPECT_EQ(only_arg(R"({"type":"text","value":"\u20ac\ud83d\ude42\/\b\f\u0000"})"),
              Value(std::string("\xe2\x82\xac\xf0\x9f\x99\x82/\b\f\0", 11)));
    EXPECT_EQ(written_value("a/b"), R"({"type":"text","value":"a/b"})");
}

TEST(HranaJson, TextThatIsNotUtf8IsSentWithReplacementCharacters) {
    EXPECT_EQ(written_value("a\xff"
                            "b\xe2\x82"),
              "{\"type\":\"text\",\"value\":\"a\xef\xbf\xbd"
              "b\xef\xbf\xbd\xef\xbf\xbd\"}");
}

// ---- Tolerance
// -----------------------------------------------------------------------------------

TEST(HranaJson, OptionalMembersMayBeNullOrMissingAndUnknownOnesAreIgnored) {
    const Stmt stmt = only_stmt(
        R"({"baton":null,"new":[{"a":[]}],"requests":[{"type":"execute","stmt":{"sql":"x","sql_id":null,
            "args":null,"named_args":null,"want_rows":null,"replication_index":"12","more":{}},"later":1}]})");
    EXPECT_EQ(stmt.sql.sql, "x");
    EXPECT_TRUE(stmt.want_rows);
    EXPECT_TRUE(stmt.args.empty());
    EXPECT_EQ(only_stmt(R"({"requests":[{"type":"execute","stmt":{"sql_id":3}}]})").sql.sql_id, 3);
    const BatchReq batch = read_batch_req(R"({"batch":{"steps":[{"condition":null,"stmt":{}}]}})");
    EXPECT_FALSE(batch.batch.steps.at(0).condition);
}

TEST(HranaJson, RefusesWhatIsNoMessageAndSaysWhere) {
    const auto said = [](std::string_view body) -> std::string {
        try {
            read_pipeline_req(body);
        } catch (const Malformed& error) {
            return error.message();
        }
        return "nothing";
    };
    EXPECT_EQ(
        said(R"({"requests":[{"type":"frob"}]})"),
        "malformed message: a type of request that Hrana has, instead of 'frob', was expected "
        "at byte 27");
    EXPECT_EQ(said("{}"),
              "malformed message: a member 'requests' before here was expected at byte 2");
    EXPECT_EQ(said("{\"requests\":\"\xff\"}"), "malformed message: it is not UTF-8");
    for (const std::string_view body :
         {"",
          " ",
          "[]",
          "nul",
          "{",
          R"({"requests":)",
          R"({"requests":[})",
          R"({"requests":[],})",
          R"({"requests":[]}{)",
          R"({"requests":[{"type":"execute"}]})",
          R"({"requests":[{}]})",
          R"({"requests":[{"type":"store_sql","sql_id":1}]})",
          R"({"a":01,"requests":[]})",
          R"({"a":1.,"requests":[]})",
          R"({"a":-,"requests":[]})",
          R"({"a":1e,"requests":[]})",
          R"({"a":"\x","requests":[]})",
          R"({"a":"\ud800","requests":[]})",
          R"({"a":"\udc00\ud800","requests":[]})",
          R"({"a":"\u12g4","requests":[]})",
          R"({"a":tru,"requests":[]})",
          R"({"baton":5,"requests":[]})",
          R"({requests:[]})",
          "{\"a\":\"\n\",\"requests\":[]}",
          R"({"requests":[{"type":"execute","stmt":{"args":[{}]}}]})"}) {
        EXPECT_NE(said(body), "nothing") << body;
    }
}

TEST(HranaJson, AConditionMayReferOnlyToAnEarlierStep) {
    const auto batch = [](std::string_view condition) {
        return R"({"batch":{"steps":[{"stmt":{}},{"stmt":{},"condition":)" +
               std::string(condition) + "}]}}";
    };
    EXPECT_NO_THROW(read_batch_req(batch(R"({"type":"ok","step":0})")));
    EXPECT_THROW(read_batch_req(batch(R"({"type":"ok","step":1})")), Malformed);
    EXPECT_THROW(read_batch_req(batch(R"({"type":"and","conds":[{"type":"error","step":2}]})")),
                 Malformed);
    EXPECT_THROW(read_batch_req(batch(R"({"type":"ok"})")), Malformed);
    EXPECT_THROW(read_batch_req(batch(R"({"type":"not"})")), Malformed);
}

TEST(HranaJson, NestingIsBounded) {
    const auto nested = [](std::size_t depth) {
        std::string condition;
        for (std::size_t i = 1; i < depth; ++i) condition += R"({"type":"not","cond":)";
        condition += R"({"type":"is_autocommit"})" + std::string(depth - 1, '}');
        return R"({"batch":{"steps":[{"stmt":{},"condition":)" + condition + "}]}}";
    };
    EXPECT_NO_THROW(read_batch_req(nested(32)));
    EXPECT_THROW(read_batch_req(nested(33)), Malformed);
    EXPECT_THROW(read_batch_req(nested(100'000)), Malformed);
    EXPECT_THROW(read_pipeline_req("{\"a\":" + std::string(1'000'000, '[')), Malformed);
}

// ---- Errors
// --------------------------------------------------------------------------------------

TEST(HranaJson, AnErrorPageCarriesTheMessageWhereEveryClientLooks) {
    std::string out;
    write_error(out, {"no such \"db\"", "NOT_FOUND", ""});
    EXPECT_EQ(out, R"({"message":"no such \"db\"","code":"NOT_FOUND","error":"no such \"db\""})");
    EXPECT_EQ(read_error(out), (ProtocolError{R"(no such "db")", "NOT_FOUND", ""}));
}

TEST(HranaJson, UnderstandsTheErrorPagesOfOtherServers) {
    EXPECT_EQ(read_error(R"({"error":"Unauthorized: x"})").message, "Unauthorized: x");
    EXPECT_EQ(read_error(R"({"error":{"message":"m","code":"C"}})"), (ProtocolError{"m", "C", ""}));
    EXPECT_EQ(read_error("Received an invalid baton").message, "Received an invalid baton");
    EXPECT_EQ(read_error("<html>502</html>").message, "<html>502</html>");
    EXPECT_EQ(read_error("").message, "");
}

}  // namespace
}  // namespace tidemark::hrana::json
