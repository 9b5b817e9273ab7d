#include "memorygraph/vectors.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <thread>

namespace memorygraph {
namespace {

/// Floats that are worked on together: one AVX-512 register, two of AVX, four of SSE.
constexpr std::size_t lanes = 16;

/// Below this many floats a second thread costs more than it brings.
constexpr std::size_t floats_per_thread = 1'000'000;

float dot(const float* a, const float* b, std::size_t count) {
    float sum = 0;
#pragma omp simd reduction(+ : sum)
    for (std::size_t i = 0; i < count; ++i) sum += a[i] * b[i];
    return sum;
}

float squared_distance(const float* a, const float* b, std::size_t count) {
    float sum = 0;
#pragma omp simd reduction(+ : sum)
    for (std::size_t i = 0; i < count; ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
    return sum;
}

struct Candidate {
    float badness;  ///< smaller is nearer
    std::size_t slot;
};

}  // namespace

VectorIndex::VectorIndex(std::size_t dimensions)
    : dimensions_(dimensions), stride_((dimensions + lanes - 1) / lanes * lanes) {}

void VectorIndex::put(const std::string& id, std::span<const float> vector) {
    assert(vector.size() == dimensions_);
    const auto [known, added] = slots_.try_emplace(id, ids_.size());
    const std::size_t slot = known->second;
    if (added) {
        ids_.push_back(id);
        block_.resize(block_.size() + stride_);
        lengths_.push_back(0);
    }
    std::copy(vector.begin(), vector.end(), block_.begin() + static_cast<long>(slot * stride_));
    lengths_[slot] = std::sqrt(dot(row(slot), row(slot), stride_));
}

void VectorIndex::remove(const std::string& id) {
    const auto known = slots_.find(id);
    if (known == slots_.end()) return;
    const std::size_t slot = known->second;
    const std::size_t last = ids_.size() - 1;
    if (slot != last) {
        std::copy_n(row(last), stride_, block_.begin() + static_cast<long>(slot * stride_));
        lengths_[slot] = lengths_[last];
        slots_[ids_[last]] = slot;
        ids_[slot] = std::move(ids_[last]);
    }
    slots_.erase(known);
    ids_.pop_back();
    lengths_.pop_back();
    block_.resize(block_.size() - stride_);
}

std::vector<Neighbour> VectorIndex::nearest(std::span<const float> query, std::size_t limit,
                                            Metric metric) const {
    assert(query.size() == dimensions_);
    limit = std::min(limit, size());
    if (limit == 0) return {};
    Vector padded(query.begin(), query.end());
    padded.resize(stride_);
    const float length = std::sqrt(dot(padded.data(), padded.data(), stride_));

    const auto badness = [&](std::size_t slot) {
        if (metric == Metric::l2) return squared_distance(padded.data(), row(slot), stride_);
        const float lengths = length * lengths_[slot];
        return lengths > 0 ? -dot(padded.data(), row(slot), stride_) / lengths : 0.0F;
    };
    const auto nearer = [&](const Candidate& a, const Candidate& b) {
        return a.badness != b.badness ? a.badness < b.badness : ids_[a.slot] < ids_[b.slot];
    };
    // A heap whose top is the worst that is still among the nearest.
    const auto scan = [&](std::size_t begin, std::size_t end, std::vector<Candidate>& heap) {
        heap.reserve(limit + 1);
        for (std::size_t slot = begin; slot < end; ++slot) {
            const Candidate candidate{badness(slot), slot};
            if (heap.size() == limit && !nearer(candidate, heap.front())) continue;
            heap.push_back(candidate);
            std::push_heap(heap.begin(), heap.end(), nearer);
            if (heap.size() <= limit) continue;
            std::pop_heap(heap.begin(), heap.end(), nearer);
            heap.pop_back();
        }
    };

    const std::size_t threads = std::clamp<std::size_t>(
        block_.size() / floats_per_thread, 1, std::max(1U, std::thread::hardware_concurrency()));
    std::vector<std::vector<Candidate>> parts(threads);
    {
        std::vector<std::jthread> others;
        for (std::size_t part = 1; part < threads; ++part) {
            others.emplace_back(scan, size() * part / threads, size() * (part + 1) / threads,
                                std::ref(parts[part]));
        }
        scan(0, size() / threads, parts[0]);
    }
    std::vector<Candidate> found;
    for (const auto& part : parts) found.insert(found.end(), part.begin(), part.end());
    std::sort(found.begin(), found.end(), nearer);
    found.resize(limit);

    std::vector<Neighbour> neighbours;
    for (const Candidate& candidate : found) {
        const float value =
            metric == Metric::l2 ? std::sqrt(candidate.badness) : -candidate.badness;
        neighbours.push_back({ids_[candidate.slot], value});
    }
    return neighbours;
}

static_assert(std::endian::native == std::endian::little, "vectors are kept little-endian");

tidemark::Blob to_blob(std::span<const float> vector) {
    std::string bytes(vector.size_bytes(), '\0');
    std::memcpy(bytes.data(), vector.data(), bytes.size());
    return {std::move(bytes)};
}

Vector from_blob(const tidemark::Blob& blob) {
    if (blob.bytes.size() % sizeof(float) != 0) return {};
    Vector vector(blob.bytes.size() / sizeof(float));
    std::memcpy(vector.data(), blob.bytes.data(), blob.bytes.size());
    const bool finite = std::all_of(vector.begin(), vector.end(),
                                    [](float number) { return std::isfinite(number); });
    return finite ? vector : Vector();
}

}  // namespace memorygraph
