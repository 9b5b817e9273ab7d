#include "server/compression.hpp"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <memory>

#include "base/text.hpp"
#include "server/fault.hpp"

namespace tidemark::server {
namespace {

/// Fast: an answer is computed once and read once.
constexpr int gzip_level = 1;
constexpr int zstd_level = 1;
constexpr int gzip_window = 15 + 16;  // zlib's way to say gzip

/// Whether a list such as "gzip;q=0.8, zstd" offers `name`.
bool offers(std::string_view accepted, std::string_view name) {
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

std::string with_zstd(std::string_view body) {
    std::string out(ZSTD_compressBound(body.size()), '\0');
    const std::size_t size =
        ZSTD_compress(out.data(), out.size(), body.data(), body.size(), zstd_level);
    out.resize(ZSTD_isError(size) ? 0 : size);
    return out;
}

std::string with_gzip(std::string_view body) {
    z_stream stream{};
    if (deflateInit2(&stream, gzip_level, Z_DEFLATED, gzip_window, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
        return {};
    }
    const std::unique_ptr<z_stream, int (*)(z_stream*)> end(&stream, &deflateEnd);
    std::string out(deflateBound(&stream, static_cast<uLong>(body.size())), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(body.data()));
    stream.avail_in = static_cast<uInt>(body.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    out.resize(deflate(&stream, Z_FINISH) == Z_STREAM_END ? stream.total_out : 0);
    return out;
}

[[noreturn]] void refuse_damaged() {
    throw HttpFault(400, "BODY_INVALID", "The compressed body of the request is damaged");
}

[[noreturn]] void refuse_large(std::size_t most_bytes) {
    throw HttpFault(413, "BODY_TOO_LARGE",
                    "The request is larger than the server's limit of " +
                        std::to_string(most_bytes) + " bytes");
}

std::string from_gzip(std::string_view body, std::size_t most_bytes) {
    z_stream stream{};
    if (inflateInit2(&stream, gzip_window) != Z_OK) refuse_damaged();
    const std::unique_ptr<z_stream, int (*)(z_stream*)> end(&stream, &inflateEnd);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(body.data()));
    stream.avail_in = static_cast<uInt>(body.size());
    std::string out;
    char part[64 * 1024];
    int rc = Z_OK;
    while (rc != Z_STREAM_END) {
        stream.next_out = reinterpret_cast<Bytef*>(part);
        stream.avail_out = sizeof part;
        rc = inflate(&stream, Z_NO_FLUSH);
        if (rc != Z_OK && rc != Z_STREAM_END) refuse_damaged();
        out.append(part, sizeof part - stream.avail_out);
        if (out.size() > most_bytes) refuse_large(most_bytes);
    }
    return out;
}

std::string from_zstd(std::string_view body, std::size_t most_bytes) {
    const std::unique_ptr<ZSTD_DStream, std::size_t (*)(ZSTD_DStream*)> stream(ZSTD_createDStream(),
                                                                               &ZSTD_freeDStream);
    ZSTD_inBuffer in{body.data(), body.size(), 0};
    std::string out;
    char part[64 * 1024];
    std::size_t rest = 1;
    while (rest != 0) {
        ZSTD_outBuffer to{part, sizeof part, 0};
        const std::size_t before = in.pos;
        rest = ZSTD_decompressStream(stream.get(), &to, &in);
        if (ZSTD_isError(rest) || (to.pos == 0 && in.pos == before)) refuse_damaged();
        out.append(part, to.pos);
        if (out.size() > most_bytes) refuse_large(most_bytes);
    }
    return out;
}

}  // namespace

std::string_view compress(std::string& body, std::string_view accepted) {
    for (const std::string_view name : {std::string_view("zstd"), std::string_view("gzip")}) {
        if (!offers(accepted, name)) continue;
        std::string compressed = name == "zstd" ? with_zstd(body) : with_gzip(body);
        if (compressed.empty() || compressed.size() >= body.size()) return {};
        body = std::move(compressed);
        return name;
    }
    return {};
}

std::string decompress(std::string_view body, std::string_view encoding, std::size_t most_bytes) {
    if (same_name(encoding, "gzip")) return from_gzip(body, most_bytes);
    if (same_name(encoding, "zstd")) return from_zstd(body, most_bytes);
    throw HttpFault(415, "ENCODING_UNKNOWN",
                    "The content encoding of the request is neither gzip nor zstd");
}

}  // namespace tidemark::server
