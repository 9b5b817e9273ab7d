#include "server/http_session.hpp"

#include <algorithm>
#include <exception>
#include <optional>
#include <sstream>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <tidemark/error.hpp>

#include "base/text.hpp"
#include "hrana/malformed.hpp"
#include "server/compression.hpp"

namespace tidemark::server {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

using Parser = http::request_parser<http::string_body>;

std::string_view view(boost::beast::string_view text) { return {text.data(), text.size()}; }

Method method_of(http::verb verb) {
    switch (verb) {
        case http::verb::get: return Method::get;
        case http::verb::head: return Method::head;
        case http::verb::post: return Method::post;
        case http::verb::delete_: return Method::del;
        case http::verb::options: return Method::options;
        default: return Method::other;
    }
}

void note_custom_field(Request& request, std::string_view name, std::string_view value) {
    if (same_name(name, "x-namespace")) request.database = value;
    if (same_name(name, "x-namespace-bin")) request.database_base64 = value;
    if (same_name(name, "tidemark-role")) request.role = value;
    if (same_name(name, "tidemark-quiet")) request.quiet = value == "1";
}

void note_field(Request& request, http::field field, std::string_view name,
                std::string_view value) {
    switch (field) {
        case http::field::host: request.host = value; break;
        case http::field::authorization: request.authorization = value; break;
        case http::field::content_type: request.content_type = value; break;
        case http::field::content_encoding: request.content_encoding = value; break;
        case http::field::accept_encoding: request.accept_encoding = value; break;
        case http::field::sec_websocket_protocol: request.socket_protocols = value; break;
        case http::field::upgrade: request.upgrade = same_name(value, "websocket"); break;
        case http::field::unknown: note_custom_field(request, name, value); break;
        default: break;
    }
}

/// The views are into the message, but for its body, which moves.
Request request_of(http::request<http::string_body>& message) {
    Request request;
    request.method = method_of(message.method());
    const std::string_view target = view(message.target());
    const std::size_t question = target.find('?');
    request.path = target.substr(0, question);
    if (question != std::string_view::npos) request.query = target.substr(question + 1);
    for (const auto& field : message) {
        note_field(request, field.name(), view(field.name_string()), view(field.value()));
    }
    request.keep_alive = message.keep_alive();
    request.chunks = message.version() >= 11;
    request.body = std::move(message.body());
    return request;
}

HttpFault refusal_of(const boost::system::error_code& error, const Limits& limits) {
    if (error == http::error::body_limit) {
        return {413, "BODY_TOO_LARGE",
                "The request is larger than the server's limit of " +
                    std::to_string(limits.body_bytes) + " bytes"};
    }
    if (error == http::error::header_limit) {
        return {431, "HEADER_TOO_LARGE",
                "The header is larger than the server's limit of " +
                    std::to_string(limits.header_bytes) + " bytes"};
    }
    return {400, "HTTP_INVALID", "The request is not HTTP: " + error.message()};
}

/// One connection.
class Session {
public:
    Session(Peer& peer, Handler& handler, const Limits& limits, const std::atomic<bool>& stopping)
        : peer_(peer), handler_(handler), limits_(limits), stopping_(stopping) {}

    Task<> run() {
        const bool begun = co_await peer_.begin();
        if (!begun) co_return;
        input_.resize(limits_.header_bytes + 1);  // one more than may be, to see that it is more
        while (!stopping_) {
            parser_.emplace();
            parser_->header_limit(static_cast<std::uint32_t>(limits_.header_bytes));
            parser_->body_limit(limits_.body_bytes);
            parser_->eager(true);
            const bool readable = co_await read();
            if (!readable) break;
            const bool goes_on = co_await answer();
            if (!goes_on) break;
        }
        co_await peer_.close();
    }

private:
    /// The next request. False where there is none, or none that can be answered as such.
    Task<bool> read() {
        bool begun = begin_ != end_;
        bool in_body = false;
        peer_.deadline().allow(begun ? limits_.header_ms : limits_.keep_alive_ms, !begun);
        while (true) {
            if (begin_ != end_) {
                boost::system::error_code error;
                begin_ += parser_->put(asio::buffer(input_.data() + begin_, end_ - begin_), error);
                if (parser_->is_done()) break;
                if (error && error != http::error::need_more) {
                    co_await refuse(refusal_of(error, limits_));
                    co_return false;
                }
            }
            if (parser_->is_header_done() && !std::exchange(in_body, true)) {
                const bool reached = co_await begin_body();
                if (!reached) co_return false;
            }
            const bool received = co_await receive();
            if (!received) co_return false;
            if (!std::exchange(begun, true)) peer_.deadline().allow(limits_.header_ms);
        }
        peer_.deadline().stop();
        co_return true;
    }

    Task<bool> begin_body() {
        const auto expects = parser_->get().find(http::field::expect);
        const bool asked =
            expects != parser_->get().end() && same_name(view(expects->value()), "100-continue");
        if (asked) {
            const bool reached = co_await peer_.write("HTTP/1.1 100 Continue\r\n\r\n", {});
            if (!reached) co_return false;
        }
        peer_.deadline().allow(limits_.body_ms);
        co_return true;
    }

    /// More bytes into the input.
    Task<bool> receive() {
        std::copy(input_.begin() + static_cast<std::ptrdiff_t>(begin_),
                  input_.begin() + static_cast<std::ptrdiff_t>(end_), input_.begin());
        end_ -= std::exchange(begin_, 0);
        if (end_ == input_.size()) {
            co_await refuse(refusal_of(http::error::header_limit, limits_));
            co_return false;
        }
        const std::size_t count = co_await peer_.read(input_.data() + end_, input_.size() - end_);
        end_ += count;
        co_return count > 0;
    }

    /// What could not be read to its end cannot be followed by anything.
    Task<> refuse(const HttpFault& fault) {
        const Request none;
        Reply reply(peer_, none, head_);
        reply.close_after();
        co_await reply.send(fault);
    }

    /// False where nothing may follow.
    Task<bool> answer() {
        Request request = request_of(parser_->get());
        Reply reply(peer_, request, head_);
        if (stopping_) reply.close_after();
        std::optional<HttpFault> fault;
        try {
            if (request.upgrade && request.method == Method::get)
                co_return co_await upgrade(request);
            if (!request.content_encoding.empty() && request.content_encoding != "identity") {
                request.body =
                    decompress(request.body, request.content_encoding, limits_.body_bytes);
            }
            co_await handler_.respond(request, reply);
        } catch (const HttpFault& what) {
            fault = what;
        } catch (const hrana::Malformed& what) {
            fault.emplace(400, "HRANA_INVALID", what.message());
        } catch (const Fault& what) {
            fault.emplace(500, what.error.code, what.error.message);
        } catch (const std::exception& what) {
            handler_.failed(request, what);
            fault.emplace(500, "INTERNAL", "The server failed; its log says how");
        }
        if (fault && reply.begun()) {
            co_return false;  // what was promised cannot be kept, and an end would look like one
        }
        if (fault) co_await reply.send(*fault);
        co_return reply.keeps_alive();
    }

    Task<bool> upgrade(const Request& request) {
        const std::string protocol = handler_.subprotocol(request);
        std::ostringstream header;
        header << parser_->get().base();
        std::string text = std::move(header).str();
        text.append(input_, begin_, end_ - begin_);
        const auto socket = co_await peer_.upgrade(std::move(text), protocol);
        if (socket) co_await handler_.serve(*socket, protocol, request);
        co_return false;
    }

    Peer& peer_;
    Handler& handler_;
    const Limits& limits_;
    const std::atomic<bool>& stopping_;
    std::optional<Parser> parser_;
    std::string input_;
    std::size_t begin_ = 0;  ///< of what has not been parsed yet
    std::size_t end_ = 0;
    std::string head_;  ///< of the answer; kept to spare its memory
};

}  // namespace

Task<> serve_http(std::unique_ptr<Peer> peer, Handler& handler, const Limits& limits,
                  const std::atomic<bool>& stopping) {
    Session session(*peer, handler, limits, stopping);
    co_await session.run();
}

}  // namespace tidemark::server
