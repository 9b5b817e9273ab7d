#pragma once

#include <functional>
#include <string>

#include "shark/places.hpp"

namespace shark {

struct Token {
    std::string value;   ///< never shown, never logged
    std::string source;  ///< where it was found, for a person
};

using Environment = std::function<const char*(const char* name)>;

/// TURSO_AUTH_TOKEN, else the file ~/.shark/turso-token. Throws Error{unauthorized} where there is
/// neither or it has not the form of a token, Error{failed} where others may read the file.
Token find_token(const Places& places, const Environment& environment);
Token find_token(const Places& places);

/// Whether there is one in either place, whatever it looks like.
bool knows_token(const Places& places);

/// Saves it in ~/.shark/turso-token. Throws Error{unauthorized} where it has not the form of one.
void save_token(const Places& places, const std::string& token);

/// Whether it has the form of a JWT. Whether it is right only the server knows.
bool is_token(std::string_view text);

}  // namespace shark
