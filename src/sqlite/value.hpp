#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include <tidemark/value.hpp>

namespace tidemark {

inline bool is_null(const Value& value) { return std::holds_alternative<std::monostate>(value); }

/// The same storage class and the same bytes. Unlike ==, tells 0.0 from -0.0.
bool identical(const Value& a, const Value& b);

/// SQLite's order of values under BINARY: NULL, numbers, text, blobs; 1 and 1.0 are equal.
int compare(const Value& a, const Value& b);

/// How many bytes a value takes on the wire, about.
std::size_t size_of(const Value& value);
std::size_t size_of(const Row& row);

std::int64_t as_int(const Value& value);
/// Text as it is; anything else throws Error{failed}.
const std::string& as_text(const Value& value);

}  // namespace tidemark
