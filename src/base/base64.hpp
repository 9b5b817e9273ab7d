#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tidemark {

/// Appends `bytes` in the standard alphabet, without padding.
void append_base64(std::string& out, std::string_view bytes);
/// The standard alphabet, with padding or without. Nothing where `text` is neither: a character
/// outside the alphabet, an impossible length, or bits left over that are not zero.
std::optional<std::string> from_base64(std::string_view text);

/// The URL-safe alphabet (- and _), without padding: tokens and keys.
std::string to_base64url(std::string_view bytes);
/// The URL-safe alphabet, without padding.
std::optional<std::string> from_base64url(std::string_view text);

}  // namespace tidemark
