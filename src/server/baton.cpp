#include "server/baton.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <tidemark/error.hpp>

#include "base/base64.hpp"

namespace tidemark::server {
namespace {

constexpr std::size_t number_bytes = 8;
constexpr std::size_t text_length = 64;

void append_number(std::string& out, std::uint64_t number) {
    for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(number >> shift);
}

std::uint64_t number_at(std::string_view bytes) {
    std::uint64_t number = 0;
    for (const char byte : bytes.substr(0, number_bytes)) {
        number = number << 8 | static_cast<unsigned char>(byte);
    }
    return number;
}

}  // namespace

BatonMaker::BatonMaker() : key_{} {
    if (RAND_bytes(key_.data(), static_cast<int>(key_.size())) != 1) {
        throw Error(ErrorCode::failed, "the system has no random numbers to give");
    }
}

std::array<unsigned char, 32> BatonMaker::seal(std::string_view bytes) const {
    std::array<unsigned char, 32> mac{};
    unsigned int length = 0;
    HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()),
         reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), mac.data(), &length);
    return mac;
}

std::string BatonMaker::write(const Baton& baton) const {
    std::string bytes;
    append_number(bytes, baton.stream);
    append_number(bytes, baton.sequence);
    const auto mac = seal(bytes);
    bytes.append(reinterpret_cast<const char*>(mac.data()), mac.size());
    std::string text;
    append_base64(text, bytes);
    return text;
}

std::optional<Baton> BatonMaker::read(std::string_view text) const {
    if (text.size() != text_length) return std::nullopt;
    const auto bytes = from_base64(text);
    if (!bytes || bytes->size() != 2 * number_bytes + 32) return std::nullopt;
    const std::string_view all = *bytes;
    const std::string_view numbers = all.substr(0, 2 * number_bytes);
    const auto mac = seal(numbers);
    if (CRYPTO_memcmp(mac.data(), all.data() + numbers.size(), mac.size()) != 0) {
        return std::nullopt;
    }
    return Baton{number_at(numbers), number_at(numbers.substr(number_bytes))};
}

}  // namespace tidemark::server
