#include <tidemark/network.hpp>

#include <string>

#include <tidemark/error.hpp>

#include "net/curl_transport.hpp"

namespace tidemark {
namespace {

void require(bool sensible, const char* what, std::int64_t given) {
    if (sensible) return;
    throw Error(ErrorCode::usage, std::string(what) + " cannot be " + std::to_string(given),
                "See tidemark/network.hpp for what is usual.");
}

}  // namespace

void set_network_options(const NetworkOptions& options) {
    require(options.connections >= 1, "the number of connections", options.connections);
    require(options.idle_ms >= 0, "the time of an idle connection", options.idle_ms);
    require(options.retries >= 0, "the number of retries", options.retries);
    require(options.patience_ms >= 0, "the patience with a server", options.patience_ms);
    require(options.connect_timeout_ms >= 1, "the timeout of connecting",
            options.connect_timeout_ms);
    require(options.silence_timeout_ms >= 1, "the timeout of silence", options.silence_timeout_ms);
    require(options.request_timeout_ms >= 1, "the timeout of a request",
            options.request_timeout_ms);
    net::process_transport().set_options(options);
}

NetworkOptions network_options() { return net::process_transport().options(); }

NetworkUse network_use() { return net::process_transport().use(); }

}  // namespace tidemark
