#include "support/answering.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>
#include <tuple>
#include <utility>

namespace tidemark {
namespace {

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return address;
}

/// A socket that listens on a port of its own, and that port.
std::pair<int, std::uint16_t> listening(int backlog) {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    if (socket < 0 || ::bind(socket, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0 ||
        ::listen(socket, backlog) != 0) {
        throw std::runtime_error("no port to listen on");
    }
    return {socket, ntohs(address.sin_port)};
}

}  // namespace

Answering::Answering(std::string reply) : reply_(std::move(reply)) {
    std::tie(socket_, port_) = listening(16);
    thread_ = std::thread([this] { serve(); });
}

Answering::~Answering() {
    ::shutdown(socket_, SHUT_RDWR);
    thread_.join();
    ::close(socket_);
}

void Answering::serve() {
    while (true) {
        const int peer = ::accept(socket_, nullptr, nullptr);
        if (peer < 0) return;
        char request[4096];
        if (::recv(peer, request, sizeof request, 0) > 0) {
            ::send(peer, reply_.data(), reply_.size(), MSG_NOSIGNAL);
        }
        ::close(peer);
    }
}

std::string http(const std::string& status, const std::string& type, const std::string& body) {
    return "HTTP/1.1 " + status + "\r\nContent-Type: " + type +
           "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

Unanswering::Unanswering(bool full) {
    std::tie(socket_, port_) = listening(full ? 0 : 16);
    if (!full) return;
    // Who comes when nobody more may wait is dropped, and hears nothing of it.
    const sockaddr_in address = loopback(port_);
    for (int& each : waiting_) {
        each = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        (void)::connect(each, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    }
}

Unanswering::~Unanswering() {
    for (const int each : waiting_) {
        if (each >= 0) ::close(each);
    }
    ::close(socket_);
}

}  // namespace tidemark
