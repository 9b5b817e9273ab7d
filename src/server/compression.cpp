#include "server/compression.hpp"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <memory>

#include "base/text.hpp"
#include "net/content_coding.hpp"
#include "server/fault.hpp"

namespace tidemark::server {
namespace {

/// Fast: an answer is computed once and read once.
constexpr int gzip_level = 1;
constexpr int gzip_window = 15 + 16;  // zlib's way to say gzip

/// The most of a zstd frame that its reader has to remember, as the power of two; RFC 9659 allows
/// no more in HTTP. A frame could otherwise ask for 128 MB in a few bytes.
constexpr int zstd_window = 23;

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
    // What follows a member is another one.
    while (rc != Z_STREAM_END || stream.avail_in > 0) {
        if (rc == Z_STREAM_END && inflateReset(&stream) != Z_OK) refuse_damaged();
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
    ZSTD_DCtx_setParameter(stream.get(), ZSTD_d_windowLogMax, zstd_window);
    ZSTD_inBuffer in{body.data(), body.size(), 0};
    // With room for all that a frame says it holds, it is unpacked in one go.
    std::size_t part = 64 * 1024;
    const auto said = ZSTD_getFrameContentSize(body.data(), body.size());
    if (said <= std::size_t{1} << zstd_window) part = std::max<std::size_t>(part, said);
    std::string out;
    std::size_t size = 0;
    std::size_t rest = 1;
    // What follows a frame is another one.
    while (rest != 0 || in.pos < in.size) {
        out.resize(size + part);
        ZSTD_outBuffer to{out.data() + size, part, 0};
        const std::size_t before = in.pos;
        rest = ZSTD_decompressStream(stream.get(), &to, &in);
        if (ZSTD_isError(rest) || (to.pos == 0 && in.pos == before)) refuse_damaged();
        size += to.pos;
        if (size > most_bytes) refuse_large(most_bytes);
    }
    out.resize(size);
    return out;
}

}  // namespace

std::string_view compress(std::string& body, std::string_view accepted) {
    for (const std::string_view name : {std::string_view("zstd"), std::string_view("gzip")}) {
        if (!net::accepts_coding(accepted, name)) continue;
        std::string compressed = name == "zstd" ? net::zstd_of(body) : with_gzip(body);
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
