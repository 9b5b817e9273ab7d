#include "schema/difference.hpp"

#include <gtest/gtest.h>

#include "schema/migration.hpp"

namespace tidemark {
namespace {

SchemaObject table(const std::string& name, const std::string& items) {
    return {"table", name, name, "CREATE TABLE " + name + "(" + items + ")"};
}

Agreed agreed(const Catalog& catalog) {
    Agreed out;
    for (const SchemaObject& object : catalog) {
        out.push_back({object.type, object.name, object.table, object.sql, object.sql});
    }
    return out;
}

std::vector<std::string> columns(const Catalog& catalog, const std::string& name) {
    const SchemaObject* object = find(catalog, "table", name);
    return object ? TableText::parse(object->sql)->stored() : std::vector<std::string>{};
}

const Catalog before{table("note", "id TEXT PRIMARY KEY, title, body")};
using Names = std::vector<std::string>;

TEST(TableTextTest, ColumnsConstraintsAndOptionsAreToldApart) {
    const auto text = TableText::parse(
        "CREATE TABLE \"a b\" ( -- it's (a comment\n [check me] TEXT DEFAULT 'x,)(' , n "
        "DECIMAL(10,2),"
        " g AS (n * 2), \"primary\" INT, CONSTRAINT pk PRIMARY KEY (n) /* , */) WITHOUT ROWID, "
        "STRICT");
    ASSERT_TRUE(text);
    EXPECT_EQ(text->stored(), (Names{"check me", "n", "primary"}));
    EXPECT_EQ(text->constraints.size(), 1u);
    EXPECT_EQ(text->options, "without rowid , strict");
    EXPECT_FALSE(TableText::parse("CREATE VIRTUAL TABLE t USING fts5(a, b)"));
}

TEST(TableTextTest, LayoutQuotesAndCommentsMeanNothingAndStringsDo) {
    EXPECT_EQ(meaning_of("create  Table \"t\"(a)"), meaning_of("CREATE TABLE t ( A ) -- x"));
    EXPECT_NE(meaning_of("DEFAULT 'a'"), meaning_of("DEFAULT 'A'"));
}

TEST(DifferenceTest, WhatOnlyOneSideChangedIsTaken) {
    const Catalog longer{table("note", "id TEXT PRIMARY KEY, title, body, tag"),
                         table("tag", "id PRIMARY KEY")};
    for (const bool here : {true, false}) {
        const auto both =
            combine(agreed(before), here ? longer : before, here ? before : longer, {});
        EXPECT_TRUE(both.clashes.empty());
        EXPECT_EQ(columns(both.target, "note"), (Names{"id", "title", "body", "tag"}));
        EXPECT_EQ(both.target.size(), 2u);
    }
}

TEST(DifferenceTest, ColumnsOfBothSidesCombine) {
    const Catalog here{table("note", "id TEXT PRIMARY KEY, title, a, UNIQUE(a)")};
    const Catalog there{table("note", "id TEXT PRIMARY KEY, title TEXT, body, b")};
    const auto both = combine(agreed(before), here, there, {});
    EXPECT_TRUE(both.clashes.empty());
    EXPECT_EQ(columns(both.target, "note"), (Names{"id", "title", "b", "a"}));
    EXPECT_NE(both.target[0].sql.find("UNIQUE(a)"), std::string::npos);
    EXPECT_NE(both.target[0].sql.find("title TEXT"), std::string::npos);
}

TEST(DifferenceTest, TheSameChangeOnBothSidesIsOne) {
    const Catalog here{table("note", "id TEXT PRIMARY KEY, title, body, tag  INTEGER")};
    const Catalog there{table("note", "id TEXT PRIMARY KEY, title, body, \"tag\" integer")};
    EXPECT_TRUE(combine(agreed(before), here, there, {}).clashes.empty());
}

TEST(DifferenceTest, ContradictionsNameTheTableAndTheColumn) {
    const Catalog here{table("note", "id TEXT PRIMARY KEY, title INTEGER, body")};
    const Catalog there{table("note", "id TEXT PRIMARY KEY, body")};
    const auto both = combine(agreed(before), here, there, {});
    ASSERT_EQ(both.clashes.size(), 1u);
    EXPECT_NE(both.clashes[0].find("note"), std::string::npos);
    EXPECT_NE(both.clashes[0].find("title"), std::string::npos);
    EXPECT_EQ(combine(agreed(before), {}, there, {}).clashes.size(), 1u);
    EXPECT_EQ(combine(agreed(before), {}, {}, {}).clashes.size(), 0u);
}

TEST(DifferenceTest, OfTwoVersionsOfANewTableTheOneThatHasTheOthersColumnsIsTaken) {
    const Catalog older{table("tag", "id TEXT PRIMARY KEY, name")};
    const Catalog later{table("tag", "id TEXT PRIMARY KEY, colour DEFAULT 'red', name")};
    for (const bool here : {true, false}) {
        const auto both = combine({}, here ? later : older, here ? older : later, {});
        EXPECT_TRUE(both.clashes.empty());
        EXPECT_EQ(columns(both.target, "tag"), (Names{"id", "colour", "name"}));
    }
    for (const char* other : {"id TEXT PRIMARY KEY, title", "id TEXT PRIMARY KEY, name INTEGER, n",
                              "id TEXT, name PRIMARY KEY, n"}) {
        EXPECT_EQ(combine({}, later, {table("tag", other)}, {}).clashes.size(), 1u) << other;
    }
}

TEST(DifferenceTest, AnIndexOfATableThatTheOtherSideDroppedIsAContradiction) {
    Catalog here = before;
    here.push_back({"index", "i", "note", "CREATE INDEX i ON note(title)"});
    EXPECT_EQ(combine(agreed(before), here, {}, {}).clashes.size(), 1u);
}

TEST(DifferenceTest, ARenamedTableTakesTheOtherSidesColumnsAlong) {
    const Catalog here{table("memo", "id TEXT PRIMARY KEY, title, body")};
    const Catalog there{table("note", "id TEXT PRIMARY KEY, title, body, tag")};
    const auto both = combine(agreed(before), here, there, {{{"note", "memo"}}, {}});
    EXPECT_TRUE(both.clashes.empty());
    ASSERT_EQ(both.target.size(), 1u);
    EXPECT_EQ(both.target[0].name, "memo");
    EXPECT_EQ(columns(both.target, "memo"), (Names{"id", "title", "body", "tag"}));
    EXPECT_TRUE(both.target[0].sql.starts_with("CREATE TABLE \"memo\""));
}

TEST(MigrationTest, APlainColumnIsAddedAndAnyOtherChangeRebuilds) {
    const auto statements = [](const std::string& items) {
        return Migration::between(before, {table("note", items)}, {}).statements;
    };
    EXPECT_EQ(statements("id TEXT PRIMARY KEY, title, body, tag INT DEFAULT 1"),
              Names{"ALTER TABLE \"note\" ADD COLUMN tag INT DEFAULT 1"});
    EXPECT_GT(statements("id TEXT PRIMARY KEY, title, body, tag UNIQUE").size(), 1u);
    EXPECT_GT(statements("id TEXT PRIMARY KEY, title, body, tag NOT NULL").size(), 1u);
    EXPECT_GT(statements("id TEXT PRIMARY KEY, body, title").size(), 1u);
    EXPECT_TRUE(statements("id  text primary key, title, body").empty());
}

TEST(MigrationTest, IndexesAndTriggersOfARebuiltTableAreMadeAgain) {
    Catalog from = before, to{table("note", "id TEXT PRIMARY KEY, title")};
    for (Catalog* catalog : {&from, &to}) {
        catalog->push_back({"index", "i", "note", "CREATE INDEX i ON note(title)"});
    }
    const auto statements = Migration::between(from, to, {}).statements;
    EXPECT_EQ(statements.front(), "DROP index IF EXISTS \"i\"");
    EXPECT_EQ(statements.back(), "CREATE INDEX i ON note(title)");
}

}  // namespace
}  // namespace tidemark
