#pragma once

#include <vector>

#include <tidemark/report.hpp>

#include "sqlite/connection.hpp"
#include "sync/store.hpp"

namespace tidemark {

/// Each table of the replica, whether it syncs, and what waits in it.
std::vector<TableStatus> table_status(Connection& connection, Store& store);

}  // namespace tidemark
