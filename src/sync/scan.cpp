#include "sync/scan.hpp"

#include "primary/ledger.hpp"

namespace tidemark {

void scan_table(SqlEndpoint& endpoint, const Table& table, Row after, bool tracked,
                const std::function<void(const std::vector<Row>&)>& page) {
    const BatchSize& batch = endpoint.batch();
    while (true) {
        Row arguments{batch.rows};
        arguments.insert(arguments.end(), after.begin(), after.end());
        const auto answer = run_all(endpoint, {{ledger::scan_sql(table, !after.empty(), tracked),
                                                {std::move(arguments)},
                                                batch.bytes}});
        const std::vector<Row>& rows = answer[0].rows;
        if (rows.empty()) return;
        page(rows);
        const bool full = static_cast<std::int64_t>(rows.size()) >= batch.rows;
        if (!answer[0].cut && !full) return;
        const auto key = rows.back().begin() + ledger::pull_fields;
        after.assign(key, key + static_cast<std::ptrdiff_t>(table.key.size()));
    }
}

void scan_whole_table(SqlEndpoint& endpoint, Spool& spool, bool tracked,
                      const OnProgress& progress) {
    std::int64_t done = 0;
    scan_table(endpoint, spool.table(), {}, tracked, [&](const std::vector<Row>& rows) {
        spool.add(rows);
        done += static_cast<std::int64_t>(rows.size());
        if (progress) progress({"comparing", spool.table().name, done, 0});
    });
}

}  // namespace tidemark
