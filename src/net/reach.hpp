#pragma once

#include <cstdint>
#include <string>

#include "net/url.hpp"

namespace tidemark::net {

/// Whether anybody listens there, which costs less to find out than a request that fails. True,
/// too, where a proxy stands between: then only a request can tell.
bool can_connect(const Url& url, std::int64_t timeout_ms);

}  // namespace tidemark::net
