// Pulled rows into this file, in one transaction.

#include <sqlite3.h>

#include <algorithm>
#include <optional>

#include "capture/quiet.hpp"
#include "primary/ledger.hpp"
#include "sqlite/sql_error.hpp"
#include "sqlite/transaction.hpp"
#include "sync/apply.hpp"
#include "sync/row_sql.hpp"
#include "sync/session.hpp"

namespace tidemark {

/// Returns false where the schema here, or the primary, has changed meanwhile. An attempt that does
/// not succeed demands rows that none before it demanded, or finds that triggers refuse rows: so
/// there are never more of them than rows, and one.
bool Session::merge_pulled(const Head& head) {
    meta_.forget_intent();
    Demands demands;
    bool refused = false;
    std::int64_t ahead = 0, fetched = 0;
    while (true) {
        const auto more = fetch_overruled(demands, head, ahead);
        if (!more) return false;
        fetched += *more;
        if (*more > 0) ahead = std::min(ahead * 8 + 8, primary_.endpoint().batch().rows);
        capture::Quiet quiet(connection_, table_names(), quiet_at_);
        Transaction transaction(connection_, Transaction::Kind::write);
        if (!schema_is_as_read()) return false;
        quiet.suspend();
        if (refused) quiet.suspend_refusing();
        quiet_at_ = quiet.clean_at();
        MergeSetting setting{meta_,    settings_,         shift_,
                             devices_, options_.resolver, clock_.now_ms()};
        setting.unseen_there = meta_.state == state::reread || meta_.state == state::comparing;
        setting.compared = comparing_ && !state::marked(meta_.state);
        if (meta_.state == state::repairing) setting.unnoted_at = unnoted;
        if (rows_first_) setting.unfit = &rows_first_->reason;
        if (meta_.state == state::keeping_local || meta_.state == state::keeping_primary) {
            const bool local = meta_.state == state::keeping_local;
            setting.resolver = [local](const Clash&) {
                return local ? Winner::here : Winner::there;
            };
            setting.record_conflicts = false;
        }
        Applier applier(connection_, setting, spools_, contested_, demands);
        try {
            if (comparing_) note_differences(demands);
            if (!applier.apply()) {
                transaction.rollback();
                continue;
            }
        } catch (const SqlError& error) {
            // Each part of what was merged passed where it was written.
            if (error.extended_code() != SQLITE_CONSTRAINT_TRIGGER || refused) throw;
            transaction.rollback();
            refused = true;
            report_.warnings.push_back("A trigger refused a row from another device (" +
                                       error.message() + "); it was written without the trigger.");
            continue;
        }
        for (const auto& spool : spools_) {
            report_.pulled += spool->rows();
            meta_.clock = std::max(meta_.clock, std::min(spool->clock(), shift_.latest_ms));
        }
        report_.pulled -= fetched;
        quiet.resume();
        meta_.mark = head.seq;
        meta_.nonce = head.nonce;
        meta_.state = state::ready;
        store_.save(meta_);
        transaction.commit();
        report_.conflicts += applier.conflicts();
        return true;
    }
}

/// Returns how many rows came; nothing where the primary has moved on since the pull, because then
/// its rows say nothing about it.
/// A row that goes back to what the primary has may push out the next one, and so on. So where rows
/// are missing, up to `ahead` others of the same table come with them that were edited here: to
/// merge a row that has not changed at the primary changes nothing.
std::optional<std::int64_t> Session::fetch_overruled(const Demands& demands, const Head& head,
                                                     std::int64_t ahead) {
    std::vector<Step> steps{primary_.opening("BEGIN"), {"SELECT seq FROM tidemark_meta"}};
    std::vector<Spool*> asking;
    for (const auto& spool : spools_) {
        const auto wanted = demands.overruled.find(spool->table().name);
        if (wanted == demands.overruled.end()) continue;
        std::vector<Row> missing;
        for (const Row& key : wanted->second) {
            if (!spool->find(key)) missing.push_back(key);
        }
        if (missing.empty()) continue;
        const Table& table = spool->table();
        Statement others(connection_,
                         "SELECT " + key_list(table, "p.") + " FROM " + pending_name(table) +
                             " p WHERE NOT EXISTS (SELECT 1 FROM " + spool->name() + " s WHERE " +
                             key_match(table, "s", "p") + ") GROUP BY " + key_list(table, "p.") +
                             " HAVING min(p.cols) >= 0 AND max(p.cols) > 0 LIMIT ?1");
        others.bind(0, ahead);
        while (others.step()) missing.push_back(others.row());
        steps.push_back({ledger::fetch_sql(table), std::move(missing)});
        asking.push_back(spool.get());
    }
    if (asking.empty()) return 0;
    steps.push_back(primary_.closing());
    const Answer answer = primary_.endpoint().run(steps);
    if (answer.failure) {
        if (primary_.head(caller(), tables_).schema_moved) return std::nullopt;
        throw *answer.failure;
    }
    if (as_int(answer.results[1].rows.at(0)[0]) != head.seq) return std::nullopt;
    std::int64_t fetched = 0;
    for (std::size_t i = 0; i < asking.size(); ++i) {
        fetched -= asking[i]->rows();
        asking[i]->add(answer.results[2 + i].rows);
        fetched += asking[i]->rows();
    }
    return fetched;
}

}  // namespace tidemark
