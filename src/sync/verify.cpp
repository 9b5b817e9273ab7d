#include <algorithm>

#include "base/tuning.hpp"
#include "capture/triggers.hpp"
#include "sqlite/transaction.hpp"
#include "sync/compare.hpp"
#include "sync/scan.hpp"
#include "sync/session.hpp"
#include "sync/tracking.hpp"

namespace tidemark {
namespace {

bool all_equal(const std::vector<TableVerification>& tables) {
    return std::all_of(tables.begin(), tables.end(),
                       [](const TableVerification& table) { return table.equal(); });
}

}  // namespace

bool VerifyReport::equal() const { return all_equal(repaired ? after : found); }

/// Where the primary stands, once it and this replica agree who they are.
Head Session::settled_head() {
    for (int rounds = 0; rounds < tuning::max_retakes; ++rounds) {
        begin();
        const Head head = primary_.head(caller(), tables_);
        if (head.schema_moved) throw schema_differs();
        shift_ = ClockShift::between(local_now_ms(), head.now_ms);
        if (settle_identity(head)) return head;
    }
    throw Error(ErrorCode::failed, "the primary changed too often to be compared",
                "Try again in a moment.");
}

// The pull comes after the scan: whatever changes while the scan is under way is in it, and so is
// not taken for a difference.
std::vector<TableVerification> Session::verify() {
    require_primary();
    const Head head = settled_head();
    for (const Table& table : tables_) check_alike(primary_.endpoint(), table);
    if (!state::marked(meta_.state)) {
        cursors_.assign(tables_.size(), Cursor{head.seq, 0});  // there is no mark to speak of
    }
    for (const auto& spool : spools_) {
        scan_whole_table(primary_.endpoint(), *spool, true, options_.on_progress);
    }
    std::vector<std::unique_ptr<Spool>> incoming;
    for (const Table& table : tables_) {
        incoming.push_back(std::make_unique<Spool>(connection_, table, "incoming"));
    }
    Exchanged exchanged;
    do {
        exchanged = exchange(nullptr, nullptr);
        if (exchanged.head.schema_moved) throw schema_differs();
        for (std::size_t i = 0; i < incoming.size(); ++i)
            incoming[i]->add(exchanged.tables[i].rows);
        if (exchanged.head.foreign) primary_.fold(tables_, rng_.identity());
    } while (exchanged.head.foreign || !exchanged.complete);

    Transaction transaction(connection_, Transaction::Kind::read);
    std::vector<TableVerification> found;
    for (std::size_t i = 0; i < tables_.size(); ++i) {
        found.push_back(verify_table(connection_, *spools_[i], *incoming[i]));
        found.back().captured = capture::installed(connection_, tables_[i]);
    }
    transaction.commit();
    return found;
}

// What differs counts as edited here at the last sync: it yields to anything that the primary has
// changed since, and what it replaces is kept as a conflict.
SyncReport Session::repair() {
    Transaction transaction(connection_, Transaction::Kind::write);
    Meta meta = store_.meta();
    if (state::marked(meta.state)) meta.state = state::repairing;
    store_.save(meta);
    transaction.commit();
    return sync();
}

}  // namespace tidemark
