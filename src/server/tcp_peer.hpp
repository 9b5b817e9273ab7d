#pragma once

#include <memory>

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include "server/peer.hpp"

namespace tidemark::server {

using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, LoopExecutor>;

/// The peer behind an accepted socket; with `tls`, once begin() has shaken hands.
std::unique_ptr<Peer> make_peer(Socket socket, boost::asio::ssl::context* tls, Deadlines& deadlines,
                                const Limits& limits);

}  // namespace tidemark::server
