#include "support/relay.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <exception>
#include <stdexcept>

#include "support/served.hpp"

namespace tidemark {
namespace {

void send_all(int socket, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t count = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count <= 0) return;
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
}

std::size_t body_length(const std::string& head) {
    const std::size_t at = head.find("Content-Length: ");
    return at == head.npos ? 0 : std::stoul(head.substr(at + 16));
}

/// The next request out of what has arrived; empty where there are no more.
std::string receive_request(int socket, std::string& input) {
    while (true) {
        const std::size_t end = input.find("\r\n\r\n");
        if (end != input.npos) {
            const std::size_t size = end + 4 + body_length(input.substr(0, end + 2));
            if (input.size() >= size) {
                std::string request = input.substr(0, size);
                input.erase(0, size);
                return request;
            }
        }
        char part[65536];
        const ssize_t count = ::recv(socket, part, sizeof part, 0);
        if (count <= 0) return {};
        input.append(part, static_cast<std::size_t>(count));
    }
}

std::string text_of(const HttpAnswer& answer) {
    std::string text = "HTTP/1.1 " + std::to_string(answer.status) + " As the server says\r\n";
    for (const auto& [name, value] : answer.headers) {
        if (name == "content-length" || name == "transfer-encoding") continue;
        text += name + ": " + value + "\r\n";
    }
    return text + "content-length: " + std::to_string(answer.body.size()) + "\r\n\r\n" +
           answer.body;
}

constexpr const char* busy =
    "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n";
constexpr const char* refused =
    "HTTP/1.1 401 Unauthorized\r\nContent-Type: application/json\r\nContent-Length: 27\r\n\r\n"
    R"({"error":"token is revoked"})";

constexpr const char* no_such_path =
    "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n\r\nNot Found";
constexpr const char* unknown_coding =
    "HTTP/1.1 415 Unsupported Media Type\r\nContent-Length: 0\r\n\r\n";

/// How a server that knows nothing but plain JSON refuses the request; null where it takes it.
const char* refusal_of_form(const std::string& request) {
    const std::string head = request.substr(0, request.find("\r\n\r\n"));
    if (head.find("Content-Encoding: ") != head.npos) return unknown_coding;
    return head.find(" /v3-protobuf") != head.npos ? no_such_path : nullptr;
}

}  // namespace

Relay::Relay(std::uint16_t server) : server_(server) {
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(socket_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size) != 0 ||
        ::listen(socket_, 16) != 0) {
        throw std::runtime_error("no free port");
    }
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { accept(); });
}

Relay::~Relay() {
    stopping_ = true;
    ::shutdown(socket_, SHUT_RDWR);
    thread_.join();
    for (Line& line : lines_) {
        ::shutdown(line.socket, SHUT_RDWR);
        line.thread.join();
        ::close(line.socket);
    }
    ::close(socket_);
}

void Relay::treat(Treatment treatment) {
    const std::lock_guard lock(mutex_);
    treatment_ = std::move(treatment);
    heads_.clear();
    body_bytes_ = 0;
}

int Relay::requests() const {
    const std::lock_guard lock(mutex_);
    return static_cast<int>(heads_.size());
}

std::vector<std::string> Relay::heads() const {
    const std::lock_guard lock(mutex_);
    return heads_;
}

std::size_t Relay::body_bytes() const {
    const std::lock_guard lock(mutex_);
    return body_bytes_;
}

Relay::Fate Relay::next(const std::string& request) {
    const std::lock_guard lock(mutex_);
    const int number = static_cast<int>(heads_.size());
    heads_.push_back(request.substr(0, request.find("\r\n\r\n") + 2));
    body_bytes_ += request.size() - heads_.back().size() - 2;
    return treatment_ ? treatment_(number) : Fate::pass;
}

void Relay::accept() {
    while (!stopping_) {
        const int peer = ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
        if (peer < 0) return;
        lines_.push_back({peer, std::thread([this, peer] { serve(peer); })});
    }
}

void Relay::serve(int socket) {
    std::string input;
    while (true) {
        const std::string request = receive_request(socket, input);
        if (request.empty() || !pass_on(socket, request)) break;
    }
    ::shutdown(socket, SHUT_RDWR);
}

bool Relay::pass_on(int socket, const std::string& request) {
    const Fate fate = next(request);
    switch (fate) {
        case Fate::lose: return false;
        case Fate::busy: send_all(socket, busy); return true;
        case Fate::refuse: send_all(socket, refused); return true;
        case Fate::ignore:
            while (!stopping_) std::this_thread::sleep_for(std::chrono::milliseconds(20));
            return false;
        case Fate::plain:
            if (const char* refusal = refusal_of_form(request)) {
                send_all(socket, refusal);
                return true;
            }
            break;
        default: break;
    }
    try {
        HttpClient server(server_);
        server.send(request);
        HttpAnswer answered = server.answer();
        if (fate == Fate::plain) {
            answered.headers.erase("tidemark-server");
            answered.headers.erase("accept-encoding");
        }
        const std::string answer = text_of(answered);
        if (fate == Fate::lose_answer) return false;
        send_all(socket, fate == Fate::cut_answer
                             ? std::string_view(answer).substr(0, answer.size() - 5)
                             : answer);
        return fate == Fate::pass || fate == Fate::plain;
    } catch (const std::exception&) {
        return false;  // the server has ended it
    }
}

}  // namespace tidemark
