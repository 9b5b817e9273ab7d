#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

struct x509_store_st;  // X509_STORE of OpenSSL

namespace tidemark::net {

/// The certificate authorities of this device, read once for all connections: libcurl would read
/// them for each, and each of a hundred and fifty certificates takes several kilobytes.
///
/// Safe from any thread.
class Authorities {
public:
    Authorities();
    ~Authorities();
    Authorities(const Authorities&) = delete;
    Authorities& operator=(const Authorities&) = delete;

    /// Gives them to a connection about to be made. `context` is an SSL_CTX of OpenSSL. The files
    /// are read again once they have changed. False where they cannot be read.
    bool give(void* context, const std::string& bundle, const std::string& folder);

private:
    struct Free {
        void operator()(x509_store_st* store) const;
    };

    std::mutex mutex_;
    std::string bundle_, folder_;
    std::int64_t changed_ns_ = 0;  ///< when the bundle was, at the time it was read
    std::unique_ptr<x509_store_st, Free> store_;
};

}  // namespace tidemark::net
