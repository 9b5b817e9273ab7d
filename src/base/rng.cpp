#include "base/rng.hpp"

#include <random>

#include "base/text.hpp"

namespace tidemark {
namespace {

class SystemRng final : public Rng {
public:
    std::uint64_t next() override {
        std::random_device device;
        return (std::uint64_t{device()} << 32) | device();
    }
};

}  // namespace

std::string Rng::identity() {
    std::string bytes;
    for (int half = 0; half < 2; ++half) {
        const std::uint64_t word = next();
        for (int shift = 56; shift >= 0; shift -= 8) {
            bytes.push_back(static_cast<char>((word >> shift) & 0xff));
        }
    }
    return to_hex(bytes);
}

Rng& system_rng() {
    static SystemRng rng;
    return rng;
}

}  // namespace tidemark
