#include "cli/json.hpp"

#include <gtest/gtest.h>

#include <limits>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace tidemark::cli {
namespace {

std::string written(const Value& value) { return boost::json::serialize(to_json(value)); }

TEST(Json, NothingOfAValueIsLost) {
    EXPECT_EQ(written(Value()), "null");
    EXPECT_EQ(written(std::int64_t{1}), "1");
    EXPECT_EQ(written(std::numeric_limits<std::int64_t>::max()), "9223372036854775807");
    EXPECT_EQ(written(std::string("a\x1b\"")), "\"a\\u001b\\\"\"");
    EXPECT_EQ(written(std::string("a\0b", 3)), "\"a\\u0000b\"");
    EXPECT_EQ(written(Blob{std::string("\0\xff", 2)}), "{\"blob\":\"00ff\"}");
    EXPECT_EQ(written(std::string("\xff")), "{\"text\":\"ff\"}");
    EXPECT_EQ(written(std::numeric_limits<double>::infinity()), "{\"real\":\"inf\"}");
}

TEST(Json, ARealIsNeverMistakenForAnInteger) {
    for (const double real : {1.0, -0.5, 0.1, 1e300, 5e-324, 9007199254740993.0}) {
        const std::string text = written(real);
        EXPECT_NE(text.find_first_of(".eE"), std::string::npos) << text;
        const boost::json::value back = boost::json::parse(text);
        ASSERT_TRUE(back.is_double()) << text;
        EXPECT_EQ(back.get_double(), real) << text;
    }
}

TEST(Json, NamesThatAreNotUtf8StillMakeValidJson) {
    EXPECT_EQ(json_text("na\xc3\xafve"), "na\xc3\xafve");
    EXPECT_EQ(json_text("caf\xe9!"), "caf\xef\xbf\xbd!");
    EXPECT_EQ(json_text("\xe2\x82"), "\xef\xbf\xbd\xef\xbf\xbd");
}

TEST(Json, ErrorsHaveTheNameOfTheirExitCode) {
    const Error error(ErrorCode::choice_needed, "both have data", "choose");
    EXPECT_EQ(boost::json::serialize(to_json(error)),
              R"({"error":{"code":"choice_needed","message":"both have data","hint":"choose"}})");
    EXPECT_TRUE(to_json(Error(ErrorCode::failed, "no"))["error"].as_object()["hint"].is_null());
}

TEST(Json, ADeletedSideOfAConflictIsNull) {
    Conflict conflict;
    conflict.key = {{"id", std::int64_t{1}}};
    conflict.here = {{"id", std::int64_t{1}}, {"title", std::string("milk")}};
    const boost::json::object object = to_json(conflict);
    EXPECT_EQ(object.at("here").as_object().at("title"), "milk");
    EXPECT_TRUE(object.at("there").is_null());
    EXPECT_EQ(object.at("state"), "open");
}

TEST(Json, APlanCountsOnlyTheDirectionAskedFor) {
    SyncPlan plan;
    plan.tables = {{"notes", 3, 12, 1}, {"tags", 1, 0, 0}};
    EXPECT_EQ(to_json(plan, Direction::both).at("push"), 4);
    EXPECT_EQ(to_json(plan, Direction::both).at("pull"), 12);
    EXPECT_EQ(to_json(plan, Direction::push).at("pull"), 0);
    EXPECT_EQ(to_json(plan, Direction::pull).at("push"), 0);
}

}  // namespace
}  // namespace tidemark::cli
