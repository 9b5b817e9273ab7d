#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <tidemark/report.hpp>

#include "sqlite/connection.hpp"
#include "sync/spool.hpp"
#include "sync/store.hpp"

/// Compares a table here with the whole of it from the primary, in its spool.
namespace tidemark {

TableDifference measure(Connection& connection, const Spool& spool);

/// The same for a table that is being synced: rows that are pending here, or whose keys stand in
/// `incoming`, are told apart. Of an incoming row, what the primary had changed up to `mark` has to
/// be here already.
TableVerification verify_table(Connection& connection, const Spool& spool, const Spool& incoming,
                               std::int64_t mark);

/// Enters what only this device has, and what it has otherwise, as edits made at `at` (in this
/// device's time).
void note_as_edits(Connection& connection, const Spool& spool, std::int64_t at);
/// The same where both had everything in common that the primary committed up to `mark`: then a row
/// that was born there since is another one than ours of the same key, and one that is gone there
/// was ours too.
void note_as_edits_since(Connection& connection, const Spool& spool, std::int64_t mark,
                         std::int64_t at);
/// Enters rows that only the primary has as deleted here at `at`.
void note_as_deleted(Connection& connection, const Spool& spool, std::int64_t at);
/// The same for those that both had in common at `mark`; what was born there since is news.
void note_as_deleted_since(Connection& connection, const Spool& spool, std::int64_t mark,
                           std::int64_t at);
/// A row that refers to one of ours which is about to take a fresh number is another one than the
/// primary's, though the two look alike: enters it as born here at `at`.
void note_children_of_namesakes(Connection& connection,
                                const std::vector<std::unique_ptr<Spool>>& spools,
                                const std::vector<TableSetting>& settings, std::int64_t mark,
                                std::int64_t at);
/// Where it is not known what was deleted at the primary, everything that it does not have was, at
/// nobody knows what time: enters that into the spool.
void yield_to(Connection& connection, Spool& spool);
/// Deletes what the primary does not have, and forgets what is pending.
void drop_own(Connection& connection, const Spool& spool);
/// Takes rows that the primary has not changed after `mark` out of the spool: where they differ,
/// that is pending here.
/// Those with the keys `but` stay.
void drop_seen(Connection& connection, Spool& spool, std::int64_t mark,
               const std::vector<Row>& but);
/// Takes rows that are the same on both sides, and not pending here, out of the spool.
void drop_same(Connection& connection, Spool& spool);

}  // namespace tidemark
