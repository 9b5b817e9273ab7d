#pragma once

#include "sqlite/value.hpp"

/// Values that number things: 17, 'T-E13-F02-001'.
namespace tidemark::merge {

/// The next value of the same pattern: the last run of digits counts up and keeps its zeros; a text
/// without digits gets "-2". Throws Error{failed} where a number has none after it.
Value next_number(const Value& value);

/// Whether two values differ in their number at most.
bool same_pattern(const Value& a, const Value& b);
/// Orders two values of one pattern by their number.
bool numbers_below(const Value& a, const Value& b);

}  // namespace tidemark::merge
