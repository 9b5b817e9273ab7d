#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tidemark::cli {

/// What an output stream can show.
struct Screen {
    bool terminal = false;
    bool colour = false;
    std::size_t width = 0;  ///< in columns; 0: no limit, because nobody sees lines break
};

/// `fd` is 1 or 2. Colour needs a terminal that is not dumb, and no NO_COLOR in the environment.
Screen screen_of(int fd);

enum class Ink { plain, bold, dim, red, green, yellow };

/// `text` in that colour, or as it is where the screen has no colour.
std::string paint(const Screen& screen, Ink ink, std::string_view text);

}  // namespace tidemark::cli
