#pragma once

#include <cstdint>
#include <string>

namespace tidemark {

/// Random numbers, handed in so that a test can replay them.
class Rng {
public:
    virtual ~Rng() = default;
    virtual std::uint64_t next() = 0;

    /// 16 random bytes as 32 hexadecimal digits: replica ids, lineages and nonces.
    std::string identity();
};

/// The operating system's randomness. Safe from any thread.
Rng& system_rng();

}  // namespace tidemark
