#pragma once

#include <cstdint>

#include <tidemark/report.hpp>

#include "sqlite/connection.hpp"
#include "sync/spool.hpp"

/// Compares a table here with the whole of it from the primary, in its spool.
namespace tidemark {

TableDifference measure(Connection& connection, const Spool& spool);

/// The same for a table that is being synced: rows that are pending here, or whose keys stand in
/// `incoming`, are told apart.
TableVerification verify_table(Connection& connection, const Spool& spool, const Spool& incoming);

/// Enters what only this device has, and what it has otherwise, as edits made at `at` (in this
/// device's time), and takes rows that are the same on both sides out of the spool.
void note_as_edits(Connection& connection, Spool& spool, std::int64_t at);
/// Enters rows that only the primary has as deleted here at `at`.
void note_as_deleted(Connection& connection, const Spool& spool, std::int64_t at);
/// Where other programs wrote to the primary uncaptured, what is not pending here yields to it:
/// deletes what only this device has, and takes rows that are the same out of the spool.
void yield_to(Connection& connection, Spool& spool);
/// Deletes what the primary does not have, and forgets what is pending.
void drop_own(Connection& connection, const Spool& spool);

}  // namespace tidemark
