#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include <tidemark/network.hpp>

#include "net/http.hpp"

namespace tidemark::net {

/// HTTP by libcurl, with connections that are kept and used again. The proxy and the certificate
/// authorities come from the environment: HTTPS_PROXY, http_proxy, ALL_PROXY, NO_PROXY;
/// SSL_CERT_FILE, SSL_CERT_DIR, CURL_CA_BUNDLE.
///
/// Safe from any thread: each request has a connection to itself, and those past the limit wait.
class CurlTransport final : public HttpTransport {
public:
    explicit CurlTransport(const NetworkOptions& options);
    ~CurlTransport() override;
    CurlTransport(const CurlTransport&) = delete;
    CurlTransport& operator=(const CurlTransport&) = delete;

    HttpResponse send(const HttpRequest& request) override;
    void note_retry() override;

    /// For requests from now on; more connections than that may still be under way.
    void set_options(const NetworkOptions& options);
    NetworkOptions options() const;
    NetworkUse use() const;

private:
    class Handle;
    class Lease;

    std::unique_ptr<Handle> take();
    void give_back(std::unique_ptr<Handle> handle);

    mutable std::mutex mutex_;  ///< guards what follows
    NetworkOptions options_;
    std::condition_variable freed_;
    std::vector<std::unique_ptr<Handle>> idle_;  ///< the one used last at the end
    NetworkUse use_;
};

/// The connections of this process, made with its first request.
CurlTransport& process_transport();

}  // namespace tidemark::net
