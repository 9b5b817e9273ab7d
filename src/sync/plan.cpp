#include "capture/pending.hpp"
#include "capture/quiet.hpp"
#include "sqlite/transaction.hpp"
#include "sync/identity.hpp"
#include "sync/pending_entries.hpp"
#include "sync/row_sql.hpp"
#include "sync/session.hpp"

namespace tidemark {

/// Pulls into temporary tables only, and counts.
SyncPlan Session::plan() {
    const std::int64_t started = clock_.steady_ms();
    SyncPlan plan;
    try {
        look_at_one_schema([&] { return plan_rows(plan); }, plan.schema_push, plan.schema_pull);
    } catch (const SqlError& error) {
        throw explained(error);
    }
    plan.duration_ms = clock_.steady_ms() - started;
    const Traffic& traffic = primary_.endpoint().traffic();
    plan.round_trips = traffic.round_trips;
    plan.bytes_sent = traffic.bytes_sent;
    plan.bytes_received = traffic.bytes_received;
    return plan;
}

Session::Turn Session::plan_rows(SyncPlan& plan) {
    begin();
    if (comparing_) return plan_comparison(plan);
    Exchanged exchanged;
    do {
        exchanged = exchange(nullptr, nullptr);
        if (exchanged.head.schema_moved) return Turn::again;
        judge_identity(meta_, exchanged.head, primary_.endpoint().name());
        spool(exchanged);
    } while (!exchanged.complete);
    count_planned(plan, exchanged.head);
    return Turn::done;
}

/// What differs is noted as the sync would do it. That is inside the transactions of try_out.
Session::Turn Session::plan_comparison(SyncPlan& plan) {
    const Head head = primary_.head(caller(), tables_);
    if (head.schema_moved) return Turn::again;
    judge_identity(meta_, head, primary_.endpoint().name());
    shift_ = ClockShift::between(local_now_ms(), head.now_ms);
    const auto pulled = pull_in_full(head);
    if (!pulled) return Turn::again;
    capture::Quiet quiet(connection_, table_names());
    quiet.suspend();
    note_differences({});
    count_planned(plan, *pulled);
    return Turn::done;
}

void Session::count_planned(SyncPlan& plan, const Head& head) {
    for (std::size_t i = 0; i < tables_.size(); ++i) {
        const Table& table = tables_[i];
        SyncPlan::TablePlan rows{table.name, count_pending(connection_, table), spools_[i]->rows(),
                                 0};
        rows.both = connection_.integer("SELECT count(*) FROM " + spools_[i]->name() +
                                        " s WHERE EXISTS (SELECT 1 FROM main." +
                                        quoted(capture::pending_table(table.name)) + " p WHERE " +
                                        key_match(table, "p", "s") + ")");
        if (head.foreign) {  // written there by other programs, and not numbered yet
            const auto counted =
                run_all(primary_.endpoint(),
                        {{"SELECT count(*) FROM (SELECT DISTINCT " + key_list(table, "") +
                          " FROM " + quoted(capture::pending_table(table.name)) + ")"}});
            rows.pull += as_int(counted[0].rows.at(0)[0]);
        }
        plan.tables.push_back(rows);
    }
    plan.mark = meta_.mark;
    plan.head = head.seq;
}

}  // namespace tidemark
