#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tidemark::server {

/// Names an HTTP stream, and how often it has been used. Only this process can make one.
struct Baton {
    std::uint64_t stream = 0;
    std::uint64_t sequence = 0;
    bool operator==(const Baton&) const = default;
};

/// Writes and reads batons: 64 characters of base64 over the stream, the sequence (big-endian, 8
/// bytes each) and their HMAC-SHA256. Any thread may call it.
class BatonMaker {
public:
    /// With a key of its own, which nobody learns.
    BatonMaker();

    std::string write(const Baton& baton) const;
    /// Nothing where it is not one of ours.
    std::optional<Baton> read(std::string_view text) const;

private:
    std::array<unsigned char, 32> seal(std::string_view bytes) const;

    std::array<unsigned char, 32> key_;
};

}  // namespace tidemark::server
