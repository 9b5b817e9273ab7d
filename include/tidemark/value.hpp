#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace tidemark {

struct Blob {
    std::string bytes;
    bool operator==(const Blob&) const = default;
};

/// One SQLite value with its storage class: 1 and 1.0, 'a' and x'61' are different values.
using Value = std::variant<std::monostate, std::int64_t, double, std::string, Blob>;
using Row = std::vector<Value>;

}  // namespace tidemark
