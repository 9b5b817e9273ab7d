#pragma once

#include <cstdint>
#include <string_view>

#include "server/request.hpp"

namespace tidemark::server {

/// What a request is for.
enum class Endpoint : std::uint8_t {
    unknown,
    wrong_method,
    options,
    greeting,
    health,
    version,
    metrics,
    pipeline,
    cursor,
    execute,     ///< POST /v1/execute
    batch,       ///< POST /v1/batch
    statements,  ///< POST /, the oldest of all
    dump,
    wait,  ///< for news
};

struct Route {
    Endpoint endpoint = Endpoint::unknown;
    bool protobuf = false;
    std::string_view database;  ///< of /dev/NAME/…; empty: none was named there

    bool operator==(const Route&) const = default;
};

Route route_of(const Request& request);

}  // namespace tidemark::server
