#pragma once

#include "server/limits.hpp"
#include "server/log.hpp"
#include "server/metrics.hpp"
#include "server/threads.hpp"

namespace tidemark::server {

/// What everything in a server has in common. The server owns it and outlives whatever has it.
struct Shared {
    Threads& threads;
    const Limits& limits;
    Metrics& metrics;
    Log& log;
};

}  // namespace tidemark::server
