#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "net/http.hpp"

namespace tidemark::net {

/// What a pool of connections did and does.
struct PoolMetrics {
    std::int64_t requests = 0;
    std::int64_t failures = 0;  ///< requests without a response
    std::int64_t connections_opened = 0;
    std::int64_t connections_reused = 0;  ///< requests that needed no new one
    std::int64_t waits = 0;               ///< requests that waited for a connection to be free
    std::int64_t in_use = 0;
    std::int64_t idle = 0;
};

/// HTTP by libcurl, with connections that are kept and used again. The proxy and the certificate
/// authorities come from the environment: HTTPS_PROXY, http_proxy, ALL_PROXY, NO_PROXY;
/// SSL_CERT_FILE, SSL_CERT_DIR, CURL_CA_BUNDLE.
///
/// Safe from any thread: each request has a connection to itself, and those past the limit wait.
class CurlTransport final : public HttpTransport {
public:
    struct Limits {
        std::size_t connections;
        std::int64_t idle_ms;  ///< a connection unused for so long is closed
    };

    explicit CurlTransport(Limits limits);
    ~CurlTransport() override;
    CurlTransport(const CurlTransport&) = delete;
    CurlTransport& operator=(const CurlTransport&) = delete;

    HttpResponse send(const HttpRequest& request) override;

    PoolMetrics metrics() const;

private:
    class Handle;
    class Lease;

    std::unique_ptr<Handle> take();
    void give_back(std::unique_ptr<Handle> handle);

    const Limits limits_;
    mutable std::mutex mutex_;
    std::condition_variable freed_;
    std::vector<std::unique_ptr<Handle>> idle_;  ///< the one used last at the end
    PoolMetrics metrics_;
};

/// The connections of this process, made with its first request.
CurlTransport& process_transport();

}  // namespace tidemark::net
