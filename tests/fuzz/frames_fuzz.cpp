// Whatever frames come over a WebSocket that was opened rightly, Beast and the conversation take
// them, or end the connection.

#include <sys/socket.h>

#include <cerrno>
#include <system_error>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>

#include "fuzz/fuzz.hpp"
#include "fuzz/served.hpp"
#include "server/http_session.hpp"
#include "server/tcp_peer.hpp"

namespace tidemark::fuzz {
namespace {

namespace asio = boost::asio;
using server::Socket;
using server::Task;

constexpr auto use_result = asio::as_tuple(server::use_task);

std::string opening(std::string_view protocol) {
    return "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
           "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
           "Sec-WebSocket-Protocol: " +
           std::string(protocol) + "\r\n\r\n";
}

struct Connection {
    Connection(server::Loop& loop) : client(loop), served(loop) {
        int ends[2];
        if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
            throw std::system_error(errno, std::generic_category());
        }
        client.assign(asio::ip::tcp::v4(), ends[0]);
        served.assign(asio::ip::tcp::v4(), ends[1]);
    }
    Socket client;
    Socket served;
};

Task<> send(Socket& socket, std::string text) {
    co_await asio::async_write(socket, asio::buffer(text), use_result);
    boost::system::error_code ignored;
    socket.shutdown(Socket::shutdown_send, ignored);
}

/// The first answer has to be the one that opens the WebSocket.
Task<> receive_all(Socket& socket) {
    std::string piece(16 * 1024, '\0');
    for (bool opened = false;; opened = true) {
        const auto [error, size] =
            co_await socket.async_read_some(asio::buffer(piece.data(), piece.size()), use_result);
        if (!opened && !piece.starts_with("HTTP/1.1 101 ")) std::abort();
        if (error) co_return;
    }
}

}  // namespace

void fuzz_frames(std::string_view bytes) {
    static Served served;
    server::Loop& loop = served.threads.first();
    for (const std::string_view protocol : {"hrana3", "hrana3-protobuf"}) {
        Connection connection(loop);
        auto sent =
            asio::co_spawn(loop, send(connection.client, opening(protocol) + std::string(bytes)),
                           asio::use_future);
        auto received = asio::co_spawn(loop, receive_all(connection.client), asio::use_future);
        served.run(server::serve_http(server::make_peer(std::move(connection.served), nullptr,
                                                        served.deadlines, served.limits),
                                      served.service, served.limits, served.stopping));
        sent.get();
        received.get();
    }
}

}  // namespace tidemark::fuzz

TIDEMARK_FUZZ(tidemark::fuzz::fuzz_frames)
