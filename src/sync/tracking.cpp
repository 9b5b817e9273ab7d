#include "sync/tracking.hpp"

#include <algorithm>

#include <tidemark/error.hpp>

#include "base/text.hpp"
#include "base/tuning.hpp"
#include "capture/pending.hpp"
#include "capture/triggers.hpp"
#include "primary/ledger.hpp"
#include "sync/identity.hpp"

namespace tidemark {

std::vector<Step> initialise_steps(const std::string& lineage, const std::string& nonce,
                                   const std::string& uploader) {
    std::vector<Step> steps;
    for (std::string& sql : ledger::create_sql()) steps.push_back({std::move(sql)});
    steps.push_back({R"(
        INSERT INTO tidemark_meta(id, role, format, lineage, seq, schema, uploader, clock,
            horizon_days, pruned)
        VALUES (1, 'primary', ?1, ?2, 1, 0, ?3, 0, ?4, 0))",
                     {{std::int64_t{ledger::format}, lineage, uploader, tuning::horizon_days}}});
    steps.push_back(
        {"INSERT INTO tidemark_commits(seq, nonce, replica, at, rows) VALUES (1, ?1, '', " +
             capture::now_ms_sql() + ", 0)",
         {{nonce}}});
    return steps;
}

std::vector<Step> track_steps(const Table& table) {
    std::vector<Step> steps;
    for (std::string& sql : ledger::create_rows_sql(table)) steps.push_back({std::move(sql)});
    steps.push_back({capture::create_plain_pending_sql(table)});
    for (std::string& sql : capture::trigger_sql(table)) steps.push_back({std::move(sql)});
    steps.push_back({"INSERT INTO tidemark_tables(name) VALUES (?1)", {{table.name}}});
    return steps;
}

PrimaryView PrimaryView::read(SqlEndpoint& endpoint) {
    PrimaryView view;
    const auto found =
        run_all(endpoint,
                {{catalog_sql()},
                 {"SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'tidemark_meta'"}});
    view.catalog = read_catalog(found[0].rows);
    view.tracked = !found[1].rows.empty();
    if (!view.tracked) return view;
    const auto meta = run_all(endpoint, {{"SELECT role, format FROM tidemark_meta"},
                                         {"SELECT name FROM tidemark_tables"}});
    require_known_format(as_int(meta[0].rows.at(0)[1]), endpoint.name());
    if (as_text(meta[0].rows.at(0)[0]) != "primary") {
        throw Error(ErrorCode::usage,
                    endpoint.name() + " is itself a replica, and a replica cannot be a primary",
                    "Name its primary instead ('tidemark status " + endpoint.name() +
                        "' shows it), or detach it first.");
    }
    for (const Row& row : meta[1].rows) view.tables.push_back(as_text(row[0]));
    return view;
}

void check_alike(SqlEndpoint& endpoint, const Table& table) {
    const auto columns = run_all(
        endpoint, {{"SELECT name FROM pragma_table_xinfo(?1) WHERE hidden = 0", {{table.name}}}});
    std::vector<std::string> there, here;
    for (const Row& row : columns[0].rows) there.push_back(lower(as_text(row[0])));
    for (const Column& column : table.columns) here.push_back(lower(column.name));
    std::sort(there.begin(), there.end());
    std::sort(here.begin(), here.end());
    if (here == there) return;
    throw Error(ErrorCode::failed,
                "the table " + table.name + " has other columns here (" + join(here, ", ") +
                    ") than at the primary " + endpoint.name() + " (" + join(there, ", ") + ")",
                "Bring both to the same version of the schema, then try again; edits are kept.");
}

}  // namespace tidemark
