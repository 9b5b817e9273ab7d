#include "primary/packed.hpp"

#include <gtest/gtest.h>

namespace tidemark {
namespace {

std::vector<Row> numbers(std::int64_t count) {
    std::vector<Row> rows;
    for (std::int64_t i = 1; i <= count; ++i) rows.push_back({i, std::string("x")});
    return rows;
}

TEST(Packed, InsertsTakeManyRowsAtOnce) {
    std::vector<Row> rows = numbers(2);
    const auto statements = packed(
        "INSERT INTO t(a, b) VALUES (?1, coalesce(?2, ?1)) ON CONFLICT(a) DO NOTHING", {}, rows);
    ASSERT_EQ(statements.size(), 1U);
    EXPECT_EQ(statements[0].sql,
              "INSERT INTO t(a, b) VALUES (?1, coalesce(?2, ?1)), (?3, coalesce(?4, ?3)) "
              "ON CONFLICT(a) DO NOTHING");
    EXPECT_EQ(statements[0].arguments,
              (Row{std::int64_t{1}, std::string("x"), std::int64_t{2}, std::string("x")}));
}

TEST(Packed, QuestionMarksAndBracketsInNamesAndTextAreLeftAlone) {
    std::vector<Row> rows = numbers(2);
    const auto statements =
        packed(R"(INSERT INTO "t?1("("VALUES (", [b)?]) VALUES (?1, '?2'')' || ?2))", {}, rows);
    ASSERT_EQ(statements.size(), 1U);
    EXPECT_EQ(
        statements[0].sql,
        R"(INSERT INTO "t?1("("VALUES (", [b)?]) VALUES (?1, '?2'')' || ?2), (?3, '?2'')' || ?4))");
}

TEST(Packed, StatementsOfOtherKindsAreRepeated) {
    for (const char* sql : {"UPDATE t SET b = ?2 WHERE a = ?1", "DELETE FROM t WHERE a = ?1",
                            "INSERT INTO t(a) SELECT ?1 WHERE ?2",
                            "INSERT INTO t(a) VALUES (?1) ON CONFLICT DO UPDATE SET b = ?2"}) {
        std::vector<Row> rows = numbers(3);
        const auto statements = packed(sql, {}, rows);
        ASSERT_EQ(statements.size(), 3U) << sql;
        EXPECT_EQ(statements[2].sql, sql);
        EXPECT_EQ(statements[2].arguments, (Row{std::int64_t{3}, std::string("x")}));
    }
}

TEST(Packed, AnyStatementTakesManyRowsWhereItIsWrittenForMany) {
    std::vector<Row> rows = numbers(2);
    const auto statements =
        packed("UPDATE t SET b = ?2 WHERE a = ?1",
               "UPDATE t SET b = v.column2 FROM (VALUES (?1, ?2)) v WHERE a = v.column1", rows);
    ASSERT_EQ(statements.size(), 1U);
    EXPECT_EQ(statements[0].sql,
              "UPDATE t SET b = v.column2 FROM (VALUES (?1, ?2), (?3, ?4)) v WHERE a = v.column1");
    std::vector<Row> one = numbers(1);
    EXPECT_EQ(packed("UPDATE t SET b = ?2 WHERE a = ?1", "UPDATE …", one)[0].sql,
              "UPDATE t SET b = ?2 WHERE a = ?1");
}

TEST(Packed, NoStatementHasTooManyParameters) {
    std::vector<Row> rows = numbers(12'001);
    const auto statements = packed("INSERT INTO t(a, b) VALUES (?1, ?2)", {}, rows);
    std::size_t parameters = 0;
    for (const BoundSql& statement : statements) {
        EXPECT_LE(statement.arguments.size(), 10'000U);
        parameters += statement.arguments.size();
    }
    EXPECT_EQ(parameters, 24'002U);
    EXPECT_EQ(statements.back().arguments[0], Value(std::int64_t{10'001}));
}

TEST(Packed, OneRowIsLeftAsItIs) {
    std::vector<Row> rows{{}};
    const auto statements = packed("INSERT INTO t VALUES (1)", {}, rows);
    ASSERT_EQ(statements.size(), 1U);
    EXPECT_EQ(statements[0].sql, "INSERT INTO t VALUES (1)");
}

}  // namespace
}  // namespace tidemark
