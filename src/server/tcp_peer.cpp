#include "server/tcp_peer.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>

namespace tidemark::server {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;

constexpr auto use_result = asio::as_tuple(use_task);

/// An answer is written in pieces, each of which has its time: a slow reader is one thing, a client
/// that does not read another.
constexpr std::size_t piece_bytes = 256 * 1024;

/// Reading and writing go on side by side, in whatever thread: a strand keeps the two apart inside
/// Beast. Each call enters it, and leaves it before it returns.
template <class Stream>
class BeastWebSocket final : public WebSocket {
public:
    BeastWebSocket(Stream& stream, int descriptor, Deadlines& deadlines, const Limits& limits)
        : strand_(stream.get_executor()),
          socket_(stream),
          reading_(deadlines, descriptor),
          writing_(deadlines, descriptor),
          limits_(limits) {}

    Task<bool> accept(const std::string& header, std::string_view protocol) {
        socket_.read_message_max(limits_.frame_bytes);
        socket_.set_option(websocket::stream_base::decorator(
            [protocol = std::string(protocol)](websocket::response_type& response) {
                if (!protocol.empty()) {
                    response.set(beast::http::field::sec_websocket_protocol, protocol);
                }
            }));
        writing_.allow(limits_.write_ms);
        co_await enter();
        const auto [error] = co_await socket_.async_accept(asio::buffer(header), in_strand());
        co_await leave();
        writing_.stop();
        co_return !error;
    }

    Task<Kind> read(std::string& message) override {
        message.clear();
        auto buffer = asio::dynamic_buffer(message);
        reading_.allow(limits_.socket_idle_ms, true);
        co_await enter();
        const auto [error, size] = co_await socket_.async_read(buffer, in_strand());
        const bool text = socket_.got_text();
        co_await leave();
        reading_.stop();
        if (error) co_return Kind::closed;
        co_return text ? Kind::text : Kind::binary;
    }

    Task<bool> write(std::string_view message, Kind kind) override {
        const auto pieces = static_cast<std::int64_t>(1 + message.size() / piece_bytes);
        writing_.allow(limits_.write_ms * pieces);
        co_await enter();
        socket_.text(kind == Kind::text);
        const auto [error, size] =
            co_await socket_.async_write(asio::buffer(message.data(), message.size()), in_strand());
        co_await leave();
        writing_.stop();
        co_return !error;
    }

    Task<> close(int code, std::string_view reason) override {
        writing_.allow(limits_.header_ms);
        websocket::close_reason why(static_cast<websocket::close_code>(code));
        why.reason.assign(reason.data(), std::min(reason.size(), why.reason.max_size()));
        co_await enter();
        co_await socket_.async_close(why, in_strand());
        co_await leave();
    }

private:
    using Strand = asio::strand<LoopExecutor>;

    auto in_strand() { return asio::bind_executor(strand_, use_result); }
    Task<> enter() { co_await asio::post(asio::bind_executor(strand_, use_task)); }
    Task<> leave() { co_await asio::post(use_task); }

    Strand strand_;
    websocket::stream<Stream&> socket_;
    Deadlines::Watch reading_;
    Deadlines::Watch writing_;
    const Limits& limits_;
};

template <class Stream>
class PeerOf : public Peer {
public:
    PeerOf(Stream stream, int descriptor, Deadlines& deadlines, const Limits& limits)
        : stream_(std::move(stream)),
          descriptor_(descriptor),
          deadlines_(deadlines),
          limits_(limits) {
        deadline_ = std::make_unique<Deadlines::Watch>(deadlines, descriptor);
    }
    ~PeerOf() override { deadline_.reset(); }  // before the descriptor is closed

    Task<std::size_t> read(char* into, std::size_t size) override {
        const auto [error, count] =
            co_await stream_.async_read_some(asio::buffer(into, size), use_result);
        co_return error ? 0 : count;
    }

    Task<bool> write(std::string_view head, std::string_view body) override {
        deadline_->allow(limits_.write_ms);
        const std::string_view first = body.substr(0, piece_bytes);
        const std::array<asio::const_buffer, 2> both{asio::buffer(head.data(), head.size()),
                                                     asio::buffer(first.data(), first.size())};
        const auto [error, count] = co_await asio::async_write(stream_, both, use_result);
        if (error) co_return false;
        for (body.remove_prefix(first.size()); !body.empty();) {
            deadline_->allow(limits_.write_ms);
            const std::string_view piece = body.substr(0, piece_bytes);
            const auto [failed, size] = co_await asio::async_write(
                stream_, asio::buffer(piece.data(), piece.size()), use_result);
            if (failed) co_return false;
            body.remove_prefix(piece.size());
        }
        deadline_->stop();
        co_return true;
    }

    Task<std::unique_ptr<WebSocket>> upgrade(std::string header,
                                             std::string_view protocol) override {
        auto socket =
            std::make_unique<BeastWebSocket<Stream>>(stream_, descriptor_, deadlines_, limits_);
        const bool accepted = co_await socket->accept(header, protocol);
        if (!accepted) co_return nullptr;
        co_return socket;
    }

protected:
    Stream stream_;
    const int descriptor_;
    Deadlines& deadlines_;
    const Limits& limits_;
};

class TcpPeer final : public PeerOf<Socket> {
public:
    using PeerOf::PeerOf;
    Task<bool> begin() override { co_return true; }
    Task<> close() override {
        boost::system::error_code ignored;
        stream_.shutdown(Socket::shutdown_both, ignored);
        co_return;
    }
};

class TlsPeer final : public PeerOf<asio::ssl::stream<Socket>> {
public:
    using PeerOf::PeerOf;
    Task<bool> begin() override {
        deadline_->allow(limits_.header_ms);
        const auto [error] =
            co_await stream_.async_handshake(asio::ssl::stream_base::server, use_result);
        co_return !error;
    }
    Task<> close() override {
        deadline_->allow(limits_.header_ms);
        co_await stream_.async_shutdown(use_result);
        boost::system::error_code ignored;
        stream_.next_layer().shutdown(Socket::shutdown_both, ignored);
    }
};

}  // namespace

std::unique_ptr<Peer> make_peer(Socket socket, asio::ssl::context* tls, Deadlines& deadlines,
                                const Limits& limits) {
    const int descriptor = socket.native_handle();
    if (!tls) {
        return std::make_unique<TcpPeer>(std::move(socket), descriptor, deadlines, limits);
    }
    return std::make_unique<TlsPeer>(asio::ssl::stream<Socket>(std::move(socket), *tls), descriptor,
                                     deadlines, limits);
}

}  // namespace tidemark::server
