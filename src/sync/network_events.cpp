#include "sync/network_events.hpp"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <unistd.h>

namespace tidemark {

NetworkEvents::NetworkEvents()
    : socket_(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE)) {
    if (socket_ < 0) return;
    sockaddr_nl address{};
    address.nl_family = AF_NETLINK;
    address.nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE |
                        RTMGRP_IPV6_ROUTE;
    if (::bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return;
    ::close(socket_);  // a sandbox may forbid it; then attempts are only repeated
    socket_ = -1;
}

NetworkEvents::~NetworkEvents() {
    if (socket_ >= 0) ::close(socket_);
}

bool NetworkEvents::changed() {
    bool any = false;
    char buffer[8'192];
    while (socket_ >= 0 && ::recv(socket_, buffer, sizeof buffer, 0) > 0) any = true;
    return any;
}

}  // namespace tidemark
