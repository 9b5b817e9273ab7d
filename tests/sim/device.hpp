#pragma once

#include <memory>
#include <string>

#include "sim/application.hpp"
#include "sim/faulty_endpoint.hpp"
#include "sim/machine.hpp"
#include "sqlite/connection.hpp"
#include "sync/session.hpp"

namespace tidemark::sim {

/// A machine with a replica on it, and the programs that use the replica. They are started where
/// they are needed, anew after each power failure.
struct Device {
    Device(const std::string& name, VirtualClock& clock, SeededRng& rng)
        : machine(name, clock, rng) {}

    Machine machine;
    std::unique_ptr<Application> application;
    std::unique_ptr<Connection> connection;  ///< of the syncs
    int connection_start = 0;
    std::unique_ptr<FaultyEndpoint> endpoint;
    std::unique_ptr<Session> session;  ///< of the connection and the endpoint
    bool syncing = false;
};

}  // namespace tidemark::sim
