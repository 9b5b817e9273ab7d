#include "server/reply.hpp"

#include <charconv>

#include "hrana/json.hpp"
#include "server/compression.hpp"

namespace tidemark::server {
namespace {

/// A shorter answer costs more to compress than to send.
constexpr std::size_t compressed_from = 1'024;

std::string_view number(char (&buffer)[20], std::size_t value, int base = 10) {
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, value, base).ptr;
    return {buffer, static_cast<std::size_t>(end - buffer)};
}

}  // namespace

std::string_view reason_of(int status) {
    switch (status) {
        case 200: return "OK";
        case 204: return "No Content";
        case 400: return "Bad Request";
        case 401: return "Unauthorized";
        case 403: return "Forbidden";
        case 404: return "Not Found";
        case 405: return "Method Not Allowed";
        case 408: return "Request Timeout";
        case 409: return "Conflict";
        case 413: return "Content Too Large";
        case 415: return "Unsupported Media Type";
        case 429: return "Too Many Requests";
        case 431: return "Request Header Fields Too Large";
        case 501: return "Not Implemented";
        case 503: return "Service Unavailable";
        default: return "Internal Server Error";
    }
}

void Reply::header(std::string_view name, std::string_view value) {
    extra_.append(name).append(": ").append(value).append("\r\n");
}

void Reply::write_head(int status, std::string_view type, std::string_view length) {
    begun_ = true;
    status_ = status;
    keep_alive_ = keep_alive_ && request_.keep_alive;
    char digits[20];
    head_.assign("HTTP/1.1 ").append(number(digits, static_cast<std::size_t>(status)));
    head_.append(" ").append(reason_of(status)).append("\r\n");
    if (!type.empty()) head_.append("content-type: ").append(type).append("\r\n");
    head_.append(length);
    head_.append("tidemark-server: " TIDEMARK_VERSION "\r\naccess-control-allow-origin: *\r\n");
    head_.append("accept-encoding: ").append(decompressed_codings).append("\r\n");
    head_.append(extra_);
    if (!keep_alive_) {
        head_.append("connection: close\r\n");
    } else if (!request_.chunks) {
        head_.append("connection: keep-alive\r\n");  // HTTP/1.0
    }
    head_.append("\r\n");
}

Task<> Reply::send(int status, std::string_view type, std::string body) {
    if (body.size() >= compressed_from && !request_.accept_encoding.empty()) {
        const std::string_view encoding = compress(body, request_.accept_encoding);
        if (!encoding.empty()) header("content-encoding", encoding);
        header("vary", "accept-encoding");
    }
    char digits[20];
    std::string length;
    if (status != 204) {
        length.append("content-length: ").append(number(digits, body.size())).append("\r\n");
    }
    write_head(status, type, length);
    if (request_.method == Method::head) body.clear();
    const bool reached = co_await peer_.write(head_, body);
    if (!reached) close_after();
}

Task<> Reply::send(const HttpFault& fault) {
    if (fault.plain) {
        co_await send(fault.status, "text/plain", fault.error.message);
        co_return;
    }
    std::string body;
    hrana::json::write_error(body, fault.error);
    co_await send(fault.status, "application/json", std::move(body));
}

Task<> Reply::begin(int status, std::string_view type) {
    chunked_ = request_.chunks;
    if (!chunked_) close_after();
    write_head(status, type, chunked_ ? "transfer-encoding: chunked\r\n" : "");
    const bool reached = co_await peer_.write(head_, {});
    if (!reached) close_after();
}

Task<bool> Reply::write(std::string_view part) {
    if (part.empty()) co_return true;
    head_.clear();
    if (chunked_) {
        char digits[20];
        head_.append(number(digits, part.size(), 16)).append("\r\n");
    }
    head_.append(part);
    if (chunked_) head_.append("\r\n");
    const bool reached = co_await peer_.write({}, head_);
    if (!reached) close_after();
    co_return reached;
}

Task<> Reply::end() {
    if (!chunked_) co_return;
    const bool reached = co_await peer_.write("0\r\n\r\n", {});
    if (!reached) close_after();
}

}  // namespace tidemark::server
