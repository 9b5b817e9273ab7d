#include "net/reach.hpp"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <memory>

namespace tidemark::net {
namespace {

bool proxy_is_set() {
    for (const char* name :
         {"HTTPS_PROXY", "https_proxy", "http_proxy", "ALL_PROXY", "all_proxy"}) {
        const char* value = std::getenv(name);
        if (value != nullptr && *value != '\0') return true;
    }
    return false;
}

bool connects(const addrinfo& address, std::int64_t timeout_ms) {
    const int socket =
        ::socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
    if (socket < 0) return false;
    bool connected = ::connect(socket, address.ai_addr, address.ai_addrlen) == 0;
    if (!connected && errno == EINPROGRESS) {
        pollfd ready{socket, POLLOUT, 0};
        int error = 0;
        socklen_t size = sizeof error;
        connected = ::poll(&ready, 1, static_cast<int>(timeout_ms)) == 1 &&
                    ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0;
    }
    ::close(socket);
    return connected;
}

}  // namespace

bool can_connect(const Url& url, std::int64_t timeout_ms) {
    if (proxy_is_set()) return true;
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    const int port = url.port != 0 ? url.port : url.http("").starts_with("https:") ? 443 : 80;
    if (::getaddrinfo(url.host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) {
        return false;
    }
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> addresses(found, ::freeaddrinfo);
    for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
        if (connects(*one, timeout_ms)) return true;
    }
    return false;
}

}  // namespace tidemark::net
