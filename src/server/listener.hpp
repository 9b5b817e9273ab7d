#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "server/deadlines.hpp"
#include "server/http_session.hpp"
#include "server/options.hpp"
#include "server/shared.hpp"

namespace tidemark::server {

struct TlsFiles {
    std::string certificate;
    std::string key;
};

/// Accepts connections at one address and has them served. Start and stop it from one thread.
class Listener {
public:
    /// Binds at once. Throws Error: where the address cannot be had, or the files are no
    /// certificate and key. The handler must outlive it.
    Listener(const Address& address, const TlsFiles& tls, Handler& handler, const Shared& shared);
    ~Listener();

    /// The address that it got.
    const Address& address() const;
    void start();

    /// Accepts no more, and closes what is idle. What is under way may end by itself.
    void stop();
    /// Cuts what is left.
    void cut();
    std::size_t connections() const;
    void sweep();
    /// Reads the certificate and the key again. Throws Error; then the old ones stay.
    void reload();

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace tidemark::server
