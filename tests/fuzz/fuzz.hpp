#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "hrana/malformed.hpp"

/// What the fuzz targets have in common. A target is one function that takes any bytes and returns,
/// or aborts the program where something is wrong.
#define TIDEMARK_FUZZ(function)                                                         \
    extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);  \
    extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) { \
        function({reinterpret_cast<const char*>(data), size});                          \
        return 0;                                                                       \
    }

namespace tidemark::fuzz {

/// The message in `bytes`, or nothing where it is malformed. Any other exception is a finding.
template <typename Message>
std::optional<Message> read(std::string_view bytes, Message (*reader)(std::string_view)) {
    try {
        return reader(bytes);
    } catch (const hrana::Malformed&) {
        return std::nullopt;
    }
}

/// A message that can be read is the same after it was written and read again. It is written twice,
/// for NaN is not equal to itself and a text is.
template <typename Message, typename Write>
void check_round_trip(std::string_view bytes, Message (*reader)(std::string_view), Write write) {
    const std::optional<Message> message = read(bytes, reader);
    if (!message) return;
    std::string once;
    write(once, *message);
    std::string twice;
    write(twice, reader(once));
    if (once != twice) std::abort();
}

}  // namespace tidemark::fuzz
