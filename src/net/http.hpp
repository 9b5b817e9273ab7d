#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

/// HTTP as the client needs it: an interface, so that a simulator or a test can be the network.
namespace tidemark::net {

struct Timeouts {
    std::int64_t connect_ms = 0;
    std::int64_t silence_ms = 0;  ///< with not one byte in either direction; in whole seconds
    std::int64_t total_ms = 0;
};

struct HttpRequest {
    std::string method = "POST";
    std::string url;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    Timeouts timeouts;
    std::int64_t max_response_bytes = 0;  ///< after decompression
    std::int64_t retries = 3;             ///< how often it may be sent again, where that can help
    std::int64_t patience_ms = 60'000;    ///< as in NetworkOptions
    /// Ends the request within about a second once it is true; outlives the request.
    const std::atomic<bool>* cancelled = nullptr;
};

struct HttpResponse {
    int status = 0;
    std::map<std::string, std::string> headers;  ///< names in lower case
    std::string body;                            ///< decompressed

    /// Empty where there is none.
    std::string header(const std::string& name) const {
        const auto found = headers.find(name);
        return found == headers.end() ? std::string() : found->second;
    }
};

/// There is no response: why, and whether the server may have had the request all the same.
class TransportFailure : public std::runtime_error {
public:
    enum class Kind {
        no_such_host,
        refused,  ///< nobody listens, or no way leads there
        connect_timeout,
        tls,        ///< the connection cannot be trusted, or made secret
        silence,    ///< connected, and then nothing for too long
        cut,        ///< the connection ended in the middle
        too_large,  ///< more than max_response_bytes
        not_http,   ///< what answers does not speak HTTP
    };

    TransportFailure(Kind kind, bool may_have_arrived, const std::string& detail)
        : std::runtime_error(detail), kind_(kind), may_have_arrived_(may_have_arrived) {}

    Kind kind() const { return kind_; }
    bool may_have_arrived() const { return may_have_arrived_; }

private:
    Kind kind_;
    bool may_have_arrived_;
};

class HttpTransport {
public:
    virtual ~HttpTransport() = default;
    /// Any response is one, whatever its status. Follows no redirect: it would take the token to
    /// somebody else. Throws TransportFailure.
    virtual HttpResponse send(const HttpRequest& request) = 0;
    /// What is sent next was sent before.
    virtual void note_retry() {}
};

}  // namespace tidemark::net
