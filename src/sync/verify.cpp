#include <algorithm>

#include "base/text.hpp"
#include "base/tuning.hpp"
#include "capture/triggers.hpp"
#include "sqlite/transaction.hpp"
#include "sync/compare.hpp"
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

/// Where the primary stands, once it and this replica agree who they are. Nothing where its schema
/// is another one.
std::optional<Head> Session::settled_head() {
    for (int rounds = 0; rounds < tuning::max_retakes; ++rounds) {
        begin();
        const Head head = primary_.head(caller(), tables_);
        if (head.schema_moved) return std::nullopt;
        shift_ = ClockShift::between(local_now_ms(), head.now_ms);
        if (settle_identity(head)) return head;
    }
    throw Error(ErrorCode::failed, "the primary changed too often to be compared",
                "Try again in a moment.");
}

// The pull comes after the scan: whatever changes while the scan is under way is in it, and so is
// not taken for a difference.
Session::Turn Session::verify_rows(std::vector<TableVerification>& found) {
    const auto head = settled_head();
    if (!head) return Turn::again;
    for (const Table& table : tables_) check_alike(primary_.endpoint(), table);
    if (!state::marked(meta_.state)) {
        cursors_.assign(tables_.size(), Cursor{head->seq});  // there is no mark to speak of
    }
    if (!scan_everything()) return Turn::again;
    std::vector<std::unique_ptr<Spool>> incoming;
    for (const Table& table : tables_) {
        incoming.push_back(std::make_unique<Spool>(connection_, table, "incoming"));
    }
    Exchanged exchanged;
    do {
        exchanged = exchange(nullptr, nullptr);
        if (exchanged.head.schema_moved) return Turn::again;
        for (std::size_t i = 0; i < incoming.size(); ++i)
            incoming[i]->add(exchanged.tables[i].rows);
        if (exchanged.head.foreign) primary_.fold(caller().schema, tables_, rng_.identity());
    } while (exchanged.head.foreign || !exchanged.complete);

    Transaction transaction(connection_, Transaction::Kind::read, Transaction::Inside::join);
    for (std::size_t i = 0; i < tables_.size(); ++i) {
        found.push_back(verify_table(connection_, *spools_[i], *incoming[i], meta_.mark));
    }
    transaction.commit();
    return Turn::done;
}

VerifyReport Session::verify() {
    require_primary();
    // A round of the schema puts triggers back, so this is looked at before one is tried out.
    std::vector<std::string> uncaptured;
    for (const Table& table : store_.tables()) {
        if (!capture::installed(connection_, table)) uncaptured.push_back(table.name);
    }
    VerifyReport report;
    look_at_one_schema([&] { return verify_rows(report.found); }, report.schema_pending,
                       report.schema_incoming);
    for (TableVerification& table : report.found) {
        table.captured = !contains_name(uncaptured, table.table);
    }
    return report;
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
