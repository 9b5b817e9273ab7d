// Storing, searching and asking the graph.

#include "memorygraph/memories.hpp"

#include <gtest/gtest.h>

#include "memorygraph/match.hpp"
#include "memorygraph/sqlite_backend.hpp"
#include "memorygraph/tests/heard.hpp"
#include "support/temp_folder.hpp"

namespace memorygraph {
namespace {

namespace json = boost::json;
using tidemark::Error;
using Names = std::vector<std::string>;

class Remembering : public testing::Test {
protected:
    Remembering() { prepare(backend); }

    static void prepare(GraphBackend& backend) {
        backend.connect();
        backend.initialize_schema();
    }
    std::string store(const std::string& title, const std::string& content = {},
                      const Vector& embedding = {}) {
        return memories.store({{"title", title}, {"content", content}}, embedding);
    }
    static std::string title(const Node& node) {
        return std::string(node.properties.at("title").as_string());
    }
    static Names titles(const std::vector<Found>& found) {
        Names names;
        for (const Found& one : found) names.push_back(title(one.node));
        return names;
    }
    Names search(const std::string& words) { return titles(memories.search(words)); }

    tidemark::TempFolder folder;
    Heard heard;
    SqliteBackend backend{folder / "memory.db", heard.log()};
    Memories memories{backend};
};

TEST_F(Remembering, WhatIsStoredCanBeReadChangedAndForgotten) {
    const std::string id = memories.store({{"title", "One"}, {"type", "fact"}});
    ASSERT_TRUE(memories.get(id));
    EXPECT_EQ(memories.get(id)->label, "Memory");
    memories.update(id, {{"title", "Two"}, {"type", nullptr}, {"summary", "s"}});
    EXPECT_EQ(memories.get(id)->properties, (json::object{{"title", "Two"}, {"summary", "s"}}));
    EXPECT_TRUE(memories.remove(id));
    EXPECT_FALSE(memories.remove(id));
    EXPECT_FALSE(memories.get(id));
    EXPECT_THROW(memories.update(id, {}), Error);
}

TEST_F(Remembering, TheNewestComeFirst) {
    store("old");
    store("new");
    memories.store({{"title", "else"}}, {}, "Entity");
    const auto listed = memories.list({"Memory", 10});
    ASSERT_EQ(listed.size(), 2U);
    EXPECT_EQ(title(listed[0]), "new");
    EXPECT_EQ(memories.list().size(), 3U);
}

TEST_F(Remembering, SearchLooksIntoTitleContentAndSummary) {
    store("Write-ahead log", "Readers never wait");
    memories.store({{"title", "Checkpoints"}, {"summary", "when the log is copied back"}});
    memories.store({{"title", "Tea"}, {"tags", {"log"}}});
    EXPECT_EQ(search("log"), (Names{"Write-ahead log", "Checkpoints"}));  // a title counts more
    EXPECT_EQ(search("reader waiting"), Names{"Write-ahead log"});        // by their stems
    EXPECT_EQ(search("log copied"), Names{"Checkpoints"});                // all words
    EXPECT_EQ(search("tea copied"), (Names{"Tea", "Checkpoints"}));       // or else any
    EXPECT_EQ(search("\"never wait\""), Names{"Write-ahead log"});
    EXPECT_EQ(search("\"wait never\""), Names{});
    EXPECT_EQ(search("check*"), Names{"Checkpoints"});
    EXPECT_EQ(memories.search("copied")[0].snippet, "when the log is [copied] back");
    EXPECT_GT(memories.search("copied")[0].score, 0);
}

TEST_F(Remembering, NothingThatAPersonTypesIsAnError) {
    store("can't stop", "C++ and naïve e-mail AND more");
    for (const char* typed :
         {"can't", "C++", "NAIVE", "e-mail", "AND", "\"naïve", "(stop)", "stop -stop", "sto*"}) {
        EXPECT_EQ(search(typed), Names{"can't stop"}) << typed;
    }
    for (const char* typed : {"", " ", "\"\"", "***", "-- ;", "content:stop", "NEAR(stop)", "^"}) {
        EXPECT_EQ(search(typed), Names{}) << typed;
    }
}

TEST(SearchTerms, AreWordsPhrasesAndBeginnings) {
    EXPECT_EQ(search_terms("one \"two three\" four* - \"open"),
              (Names{"\"one\"", "\"two three\"", "\"four\"*", "\"open\""}));
}

TEST_F(Remembering, TheIndexFollowsEveryProgramThatWrites) {
    const std::string id = store("first");
    backend.execute_query("UPDATE nodes SET properties = '{\"title\": \"second\"}'", {}, true);
    EXPECT_EQ(search("first"), Names{});
    EXPECT_EQ(search("second"), Names{"second"});
    backend.execute_query("INSERT INTO nodes(id, label, properties) VALUES ('x', 'Memory', 'no')",
                          {}, true);
    EXPECT_EQ(memories.get("x")->properties, (json::object{{"properties", "no"}}));
    memories.remove(id);
    EXPECT_EQ(search("second"), Names{});
    backend.execute_query("INSERT INTO nodes_fts(nodes_fts) VALUES ('integrity-check')", {}, true);
}

TEST_F(Remembering, SearchFindsTheSameAfterAVacuum) {
    for (const char* one : {"a", "b", "c"}) store(one, "same");
    memories.remove(memories.search("b")[0].node.id);
    backend.execute_query("VACUUM", {}, true);
    EXPECT_EQ(search("c"), Names{"c"});
    EXPECT_EQ(search("same").size(), 2U);
    backend.execute_query("INSERT INTO nodes_fts(nodes_fts) VALUES ('integrity-check')", {}, true);
}

TEST_F(Remembering, ADatabaseOfAnEarlierVersionBecomesSearchable) {
    SqliteBackend old(folder / "old.db", heard.log());
    old.connect();
    old.execute_query(
        "CREATE TABLE nodes(id TEXT PRIMARY KEY, label TEXT NOT NULL, properties TEXT "
        "NOT NULL, created_at TIMESTAMP, updated_at TIMESTAMP)",
        {}, true);
    old.execute_query(
        "CREATE VIRTUAL TABLE nodes_fts USING fts5(id, title, content, summary, "
        "content='nodes', content_rowid='rowid')",
        {}, true);
    old.execute_query("INSERT INTO nodes VALUES ('a', 'Memory', '{\"title\": \"ancient\"}', 1, 1)",
                      {}, true);
    old.initialize_schema();
    EXPECT_EQ(titles(Memories(old).search("ancient")), Names{"ancient"});
}

TEST_F(Remembering, WithoutAFullTextIndexItStillFinds) {
    SqliteBackend bare(folder / "bare.db", heard.log());
    bare.connect();
    bare.execute_query("CREATE TABLE nodes_fts_data(in_the_way)", {}, true);
    bare.initialize_schema();
    Memories found(bare);
    found.store({{"title", "One Thing"}});
    EXPECT_EQ(titles(found.search("one thing")), Names{"One Thing"});
    EXPECT_EQ(titles(found.search("another")), Names{});
}

TEST_F(Remembering, TheNearestEmbeddingsAreFound) {
    const std::string east = store("east", "", {1, 0});
    store("north", "", {0, 1});
    store("none");
    store("three", "", {1, 0, 0});
    const auto nearest = [&](const Vector& vector, Metric metric = Metric::cosine) {
        return titles(memories.nearest(vector, metric, 10));
    };
    EXPECT_EQ(nearest({2, 1}), (Names{"east", "north"}));
    EXPECT_EQ(nearest({2, 1}, Metric::l2), (Names{"east", "north"}));
    EXPECT_EQ(nearest({1, 0, 0}), Names{"three"});
    EXPECT_EQ(nearest({1, 0, 0, 0}), Names{});
    memories.update(east, {{"title", "west"}}, {-1, 0});
    EXPECT_EQ(nearest({2, 1}), (Names{"north", "west"}));
    memories.update(east, {{"title", "West"}});
    memories.remove(memories.nearest({0, 1}, Metric::cosine, 1)[0].node.id);
    EXPECT_EQ(nearest({2, 1}), Names{"West"});
    memories.update(east, {}, {0, 0, 1});
    EXPECT_EQ(nearest({2, 1}), Names{});
    EXPECT_EQ(nearest({0, 0, 1}), (Names{"West", "three"}));
    EXPECT_THROW(memories.nearest({}, Metric::l2), Error);
    EXPECT_THROW(store("x", "", {1, std::numeric_limits<float>::infinity()}), Error);
}

TEST_F(Remembering, EmbeddingsThatAnotherProgramWritesAreFoundToo) {
    store("ours", "", {1, 0});
    EXPECT_EQ(memories.nearest({1, 0}, Metric::l2).size(), 1U);
    SqliteBackend other(folder / "memory.db", heard.log());
    other.connect();
    Memories(other).store({{"title", "theirs"}}, {1, 0});
    EXPECT_EQ(memories.nearest({1, 0}, Metric::l2).size(), 2U);
    backend.execute_query("DELETE FROM nodes", {}, true);
    EXPECT_TRUE(memories.nearest({1, 0}, Metric::l2).empty());
}

class Graph : public Remembering {
protected:
    /// Makes what "a-KNOWS->b" says, and the nodes a and b.
    void draw(const std::vector<std::array<const char*, 3>>& arrows) {
        for (const auto& [from, type, to] : arrows) {
            for (const char* node : {from, to}) {
                backend.execute_query(
                    "INSERT INTO nodes(id, label, properties) VALUES (?, "
                    "'Memory', '{}') ON CONFLICT DO NOTHING",
                    Row{node}, true);
            }
            memories.relate({from, type, to, {}});
        }
    }
    /// "b1 c2": what is found, and how far away.
    std::string around(const std::string& id, const Reach& reach) {
        std::string text;
        for (const auto& [node, depth] : memories.related(id, reach).places) {
            text += (text.empty() ? "" : " ") + node.id + std::to_string(depth);
        }
        return text;
    }
    Names ways(const std::string& from, const std::string& to, const Reach& reach) {
        Names ways;
        for (const Path& path : memories.paths(from, to, reach)) {
            std::string& way = ways.emplace_back();
            for (const Relationship& hop : path) {
                way += (way.empty() ? "" : " ") + hop.from + hop.type + hop.to;
            }
        }
        return ways;
    }
    using D = Reach::Direction;
};

TEST_F(Graph, RelatedGoesAsFarAndAlongWhatIsAsked) {
    draw({{"a", "S", "b"}, {"b", "S", "c"}, {"c", "S", "a"}, {"a", "T", "d"}, {"e", "T", "a"}});
    EXPECT_EQ(around("a", {}), "b1 c1 d1 e1");
    EXPECT_EQ(around("a", {D::out, {}, 1, 100}), "b1 d1");
    EXPECT_EQ(around("a", {D::in, {}, 1, 100}), "c1 e1");
    EXPECT_EQ(around("a", {D::out, {}, 10, 100}), "b1 d1 c2");
    EXPECT_EQ(around("a", {D::both, {"T"}, 3, 100}), "d1 e1");
    EXPECT_EQ(around("a", {D::out, {"S", "T"}, 2, 2}), "b1 d1");
    EXPECT_EQ(around("d", {D::out, {}, 5, 100}), "");
    const Surroundings surroundings = memories.related("a", {D::out, {"S"}, 2, 100});
    EXPECT_EQ(surroundings.relationships.size(), 3U);  // also c -> a, between the two
    EXPECT_THROW(memories.related("nobody", {}), Error);
    EXPECT_THROW(memories.related("a", {D::out, {}, 0, 1}), Error);
    EXPECT_THROW(memories.related("a", {D::out, {}, 11, 1}), Error);
}

TEST_F(Graph, PathsComeTheShortestFirstAndNeverInCircles) {
    draw({{"a", "S", "b"}, {"b", "S", "c"}, {"a", "T", "c"}, {"c", "S", "a"}, {"c", "S", "d"}});
    EXPECT_EQ(ways("a", "d", {D::out, {}, 6, 10}), (Names{"aTc cSd", "aSb bSc cSd"}));
    EXPECT_EQ(ways("a", "d", {D::out, {}, 2, 10}), Names{"aTc cSd"});
    EXPECT_EQ(ways("a", "d", {D::out, {"S"}, 6, 10}), Names{"aSb bSc cSd"});
    EXPECT_EQ(ways("d", "a", {D::out, {}, 6, 10}), Names{});
    EXPECT_EQ(ways("d", "a", {D::in, {"T", "S"}, 6, 1}), Names{"cSd aTc"});
    EXPECT_EQ(ways("a", "d", {D::both, {}, 6, 10}).size(), 3U);  // c -> a backwards too
    EXPECT_EQ(ways("a", "a", {D::out, {}, 6, 10}), Names{});
    EXPECT_THROW(memories.paths("a", "nobody", {}), Error);
}

TEST_F(Graph, TheShortestWayIsFoundInADenseGraphToo) {
    std::vector<std::array<const char*, 3>> arrows;
    static const std::string names = "abcdefghijklmnopqrstuvwxyz";
    static std::vector<std::string> letters;
    for (const char letter : names) letters.emplace_back(1, letter);
    for (const auto& from : letters) {
        for (const auto& to : letters) {
            if (from != to && to != "z") arrows.push_back({from.c_str(), "S", to.c_str()});
        }
    }
    arrows.push_back({"y", "S", "z"});
    backend.transaction([&] { draw(arrows); });
    EXPECT_EQ(ways("a", "z", {D::out, {}, 10, 1}), Names{"aSy ySz"});
    EXPECT_EQ(ways("a", "z", {D::out, {}, 10, 20}).size(), 20U);
}

TEST_F(Graph, TheSameRelationshipTwiceIsOne) {
    draw({{"a", "S", "b"}, {"a", "S", "b"}, {"a", "T", "b"}});
    memories.relate({"a", "S", "b", {{"strength", 1}}});
    const auto found = memories.related("a", {D::out, {"S"}, 1, 10}).relationships;
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].properties, (json::object{{"strength", 1}}));
    EXPECT_TRUE(memories.unrelate("a", "S", "b"));
    EXPECT_FALSE(memories.unrelate("a", "S", "b"));
    EXPECT_THROW(memories.relate({"a", "S", "nobody", {}}), Error);
}

}  // namespace
}  // namespace memorygraph
