#pragma once

#include <vector>

#include <tidemark/report.hpp>

#include "sqlite/connection.hpp"
#include "sync/store.hpp"

namespace tidemark {

/// Each table of the replica, whether it syncs, and what waits in it.
std::vector<TableStatus> table_status(Connection& connection, Store& store);

/// How many rows of the table are left out because a part of their key is NULL.
std::int64_t rows_without_key(Connection& connection, const Table& table);

}  // namespace tidemark
