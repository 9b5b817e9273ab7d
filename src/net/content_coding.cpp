#include "net/content_coding.hpp"

#include <zstd.h>

#include <algorithm>

#include "base/text.hpp"

namespace tidemark::net {
namespace {

/// Fast: a message is packed once and read once.
constexpr int zstd_level = 1;

}  // namespace

bool accepts_coding(std::string_view accepted, std::string_view name) {
    while (!accepted.empty()) {
        std::string_view item = accepted.substr(0, accepted.find(','));
        accepted.remove_prefix(std::min(accepted.size(), item.size() + 1));
        while (!item.empty() && item.front() == ' ') item.remove_prefix(1);
        const std::string_view token = item.substr(0, item.find_first_of("; "));
        const bool refused = item.ends_with("q=0") || item.ends_with("q=0.0");
        if (same_name(token, name)) return !refused;
    }
    return false;
}

std::string zstd_of(std::string_view body) {
    std::string out(ZSTD_compressBound(body.size()), '\0');
    const std::size_t size =
        ZSTD_compress(out.data(), out.size(), body.data(), body.size(), zstd_level);
    out.resize(ZSTD_isError(size) ? 0 : size);
    return out;
}

}  // namespace tidemark::net
