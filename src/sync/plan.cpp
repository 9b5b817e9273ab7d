#include "capture/pending.hpp"
#include "sync/identity.hpp"
#include "sync/pending_entries.hpp"
#include "sync/row_sql.hpp"
#include "sync/session.hpp"

namespace tidemark {

/// Pulls into temporary tables only, and counts.
SyncPlan Session::plan() {
    const std::int64_t started = clock_.steady_ms();
    Exchanged exchanged;
    try {
        begin();
        do {
            exchanged = exchange(nullptr, nullptr);
            if (exchanged.head.schema_moved) throw schema_differs();
            judge_identity(meta_, exchanged.head, primary_.endpoint().name());
            spool(exchanged);
        } while (!exchanged.complete);
    } catch (const SqlError& error) {
        throw explained(error);
    }
    SyncPlan plan;
    for (std::size_t i = 0; i < tables_.size(); ++i) {
        const Table& table = tables_[i];
        SyncPlan::TablePlan rows{table.name, count_pending(connection_, table), spools_[i]->rows(),
                                 0};
        rows.both = connection_.integer("SELECT count(*) FROM " + spools_[i]->name() +
                                        " s WHERE EXISTS (SELECT 1 FROM main." +
                                        quoted(capture::pending_table(table.name)) + " p WHERE " +
                                        key_match(table, "p", "s") + ")");
        if (exchanged.head.foreign) {  // written there by other programs, and not numbered yet
            const auto counted =
                run_all(primary_.endpoint(),
                        {{"SELECT count(*) FROM (SELECT DISTINCT " + key_list(table, "") +
                          " FROM " + quoted(capture::pending_table(table.name)) + ")"}});
            rows.pull += as_int(counted[0].rows.at(0)[0]);
        }
        plan.tables.push_back(rows);
    }
    plan.mark = meta_.mark;
    plan.head = exchanged.head.seq;
    plan.duration_ms = clock_.steady_ms() - started;
    const Traffic& traffic = primary_.endpoint().traffic();
    plan.round_trips = traffic.round_trips;
    plan.bytes_sent = traffic.bytes_sent;
    plan.bytes_received = traffic.bytes_received;
    return plan;
}

}  // namespace tidemark
