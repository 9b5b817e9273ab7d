#pragma once

/// How far a message may go before it is refused as malformed. Its size is bounded by whoever
/// receives it.
namespace tidemark::hrana {

/// Conditions inside conditions. Clients nest three deep; each level costs a frame of the stack
/// wherever a condition is read or evaluated.
inline constexpr int max_condition_depth = 32;

/// Objects and arrays inside each other, in JSON: a condition in a batch in a request takes five
/// levels and two more for each condition around it.
inline constexpr int max_json_depth = 2 * max_condition_depth + 16;

}  // namespace tidemark::hrana
