#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include <tidemark/value.hpp>

namespace memorygraph {

using Vector = std::vector<float>;

/// Larger is nearer for the cosine (1: the same direction); smaller is nearer for the distance.
enum class Metric { cosine, l2 };

struct Neighbour {
    std::string id;
    float value = 0;  ///< the cosine, or the distance
};

/// Vectors of one length, in one block of memory, searched exactly: every one is compared. Large
/// searches use every core. Const functions may be called from several threads at once.
class VectorIndex {
public:
    explicit VectorIndex(std::size_t dimensions);

    /// Adds a vector, or replaces the one of that id. It must have the right length.
    void put(const std::string& id, std::span<const float> vector);
    void remove(const std::string& id);

    /// The nearest `limit`, the nearest first; of equally near ones the smaller id first.
    std::vector<Neighbour> nearest(std::span<const float> query, std::size_t limit,
                                   Metric metric) const;

    std::size_t size() const { return ids_.size(); }
    std::size_t dimensions() const { return dimensions_; }

private:
    const float* row(std::size_t slot) const { return block_.data() + slot * stride_; }

    std::size_t dimensions_;
    std::size_t stride_;  ///< dimensions, filled up with zeros to whole lanes
    std::vector<float> block_;
    std::vector<float> lengths_;
    std::vector<std::string> ids_;
    std::unordered_map<std::string, std::size_t> slots_;
};

/// A vector as it is kept in a database: 32-bit floats, little-endian.
tidemark::Blob to_blob(std::span<const float> vector);
/// Empty where the bytes are no vector of finite numbers.
Vector from_blob(const tidemark::Blob& blob);

}  // namespace memorygraph
