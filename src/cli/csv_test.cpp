#include "cli/csv.hpp"

#include <gtest/gtest.h>

#include "support/story.hpp"

namespace tidemark::cli {
namespace {

std::vector<CsvRecord> read(std::string_view text) {
    std::vector<CsvRecord> records;
    CsvReader reader(text);
    while (auto record = reader.next()) records.push_back(*record);
    return records;
}

TEST(Csv, FieldsKeepCommasQuotesLineEndsAndTheDifferenceOfNothingAndEmpty) {
    const std::vector<CsvRecord> expected = {
        {{"id", false}, {"t", false}},
        {{"1", false}, {"a,\"b\"\r\nc", true}},
        {{"", false}, {"", true}},
    };
    EXPECT_EQ(read("id,t\r\n1,\"a,\"\"b\"\"\r\nc\"\r\n,\"\"\r\n"), expected);
    EXPECT_EQ(read("id,t\n1,\"a,\"\"b\"\"\r\nc\"\n,\"\""), expected);
    EXPECT_EQ(read(""), std::vector<CsvRecord>{});
    EXPECT_EQ(read("a,\n"), (std::vector<CsvRecord>{{{"a", false}, {"", false}}}));
}

TEST(Csv, AQuoteOutOfPlaceNamesItsLine) {
    for (const char* text : {"a\n\"b", "a\n\"b\"c\n"}) {
        const Error error = expect_error(ErrorCode::failed, [&] { read(text); });
        EXPECT_EQ(error.message(), "line 2 has a quote out of place");
    }
}

TEST(Csv, WhatIsWrittenIsReadBack) {
    for (const std::string text : {"", "plain", "a,b", "\"", "a\nb", " x "}) {
        EXPECT_EQ(value_of(read(csv_field(text) + ",")[0][0]), Value{text});
    }
    EXPECT_EQ(csv_field(Value{}), "");
    EXPECT_EQ(csv_field(Value{std::int64_t{-5}}), "-5");
    EXPECT_EQ(csv_field(Value{0.1}), "0.1");
    EXPECT_EQ(csv_field(Value{Blob{"\x01\xff"}}), "01ff");
}

}  // namespace
}  // namespace tidemark::cli
