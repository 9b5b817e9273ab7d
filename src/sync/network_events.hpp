#pragma once

namespace tidemark {

/// Tells when this machine's network has changed: a cable, a wireless network, an address, a route.
/// Use it from one thread.
class NetworkEvents {
public:
    NetworkEvents();
    ~NetworkEvents();
    NetworkEvents(const NetworkEvents&) = delete;
    NetworkEvents& operator=(const NetworkEvents&) = delete;

    /// Becomes readable when something happened; -1 where the system does not tell.
    int descriptor() const { return socket_; }
    /// Takes what has happened since the last call: whether anything did.
    bool changed();

private:
    int socket_;
};

}  // namespace tidemark
