#include "memorygraph/vectors.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

namespace memorygraph {
namespace {

using Ids = std::vector<std::string>;

Ids ids(const std::vector<Neighbour>& neighbours) {
    Ids ids;
    for (const Neighbour& neighbour : neighbours) ids.push_back(neighbour.id);
    return ids;
}

std::vector<Vector> random_vectors(std::size_t count, std::size_t dimensions) {
    std::mt19937 random(7);
    std::normal_distribution<float> normal;
    std::vector<Vector> vectors(count, Vector(dimensions));
    for (Vector& vector : vectors) {
        for (float& number : vector) number = normal(random);
    }
    return vectors;
}

/// The plain definition, in double precision.
double measure(const Vector& a, const Vector& b, Metric metric) {
    double dot = 0, aa = 0, bb = 0, squares = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        dot += double{a[i]} * b[i];
        aa += double{a[i]} * a[i];
        bb += double{b[i]} * b[i];
        squares += (double{a[i]} - b[i]) * (double{a[i]} - b[i]);
    }
    return metric == Metric::l2 ? std::sqrt(squares) : dot / std::sqrt(aa * bb);
}

TEST(Vectors, TheCosineIgnoresLengthsAndTheDistanceDoesNot) {
    VectorIndex index(2);
    index.put("same way, far", Vector{10, 0});
    index.put("near", Vector{1, 1});
    index.put("opposite", Vector{-1, 0});
    EXPECT_EQ(ids(index.nearest(Vector{1, 0}, 3, Metric::cosine)),
              (Ids{"same way, far", "near", "opposite"}));
    EXPECT_EQ(ids(index.nearest(Vector{1, 0}, 3, Metric::l2)),
              (Ids{"near", "opposite", "same way, far"}));
    EXPECT_FLOAT_EQ(index.nearest(Vector{2, 0}, 1, Metric::cosine)[0].value, 1);
    EXPECT_FLOAT_EQ(index.nearest(Vector{1, 4}, 1, Metric::l2)[0].value, 3);
}

TEST(Vectors, TheNearestAreExactlyThoseOfTheDefinition) {
    for (const std::size_t dimensions : {1, 15, 16, 17, 384}) {
        const auto vectors = random_vectors(6'000, dimensions);  // enough for two threads
        VectorIndex index(dimensions);
        for (std::size_t i = 0; i < vectors.size(); ++i) index.put(std::to_string(i), vectors[i]);
        const Vector query = random_vectors(1, dimensions)[0];
        for (const Metric metric : {Metric::cosine, Metric::l2}) {
            const double sign = metric == Metric::l2 ? 1 : -1;
            std::vector<double> expected;
            for (const Vector& vector : vectors) {
                expected.push_back(sign * measure(query, vector, metric));
            }
            std::sort(expected.begin(), expected.end());
            const auto found = index.nearest(query, 20, metric);
            ASSERT_EQ(found.size(), 20U);
            for (std::size_t i = 0; i < found.size(); ++i) {
                EXPECT_NEAR(sign * found[i].value, expected[i], 1e-4) << dimensions << " " << i;
                EXPECT_NEAR(found[i].value,
                            measure(query, vectors[std::stoul(found[i].id)], metric), 1e-4);
            }
        }
    }
}

TEST(Vectors, AChangedOneIsReplacedAndARemovedOneIsGone) {
    VectorIndex index(1);
    for (int i = 0; i < 10; ++i) index.put(std::to_string(i), Vector{static_cast<float>(i)});
    index.put("3", Vector{100});
    index.remove("9");
    index.remove("0");
    index.remove("nobody");
    EXPECT_EQ(index.size(), 8U);
    EXPECT_EQ(ids(index.nearest(Vector{0}, 3, Metric::l2)), (Ids{"1", "2", "4"}));
    EXPECT_EQ(ids(index.nearest(Vector{100}, 2, Metric::l2)), (Ids{"3", "8"}));
}

TEST(Vectors, EquallyNearOnesComeInTheOrderOfTheirIds) {
    VectorIndex index(2);
    for (const char* id : {"d", "a", "c", "b"}) index.put(id, Vector{1, 0});
    index.put("zero", Vector{0, 0});
    EXPECT_EQ(ids(index.nearest(Vector{1, 0}, 2, Metric::cosine)), (Ids{"a", "b"}));
    EXPECT_EQ(index.nearest(Vector{1, 0}, 9, Metric::cosine).back().id, "zero");
    EXPECT_TRUE(VectorIndex(2).nearest(Vector{1, 0}, 2, Metric::cosine).empty());
}

TEST(Vectors, KeepEveryBitInTheDatabase) {
    const Vector vector{1.5F, -0.1F, 3e30F};
    EXPECT_EQ(to_blob(vector).bytes.substr(0, 4), std::string("\0\0\xc0\x3f", 4));
    EXPECT_EQ(from_blob(to_blob(vector)), vector);
    EXPECT_TRUE(from_blob({"abc"}).empty());
    EXPECT_TRUE(from_blob(to_blob(Vector{1, std::nanf("")})).empty());
}

}  // namespace
}  // namespace memorygraph
