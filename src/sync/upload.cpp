#include <algorithm>

#include "base/text.hpp"
#include "base/tuning.hpp"
#include "capture/pending.hpp"
#include "primary/ledger.hpp"
#include "schema/key.hpp"

#include "sqlite/transaction.hpp"
#include "sync/first_contact.hpp"
#include "sync/row_sql.hpp"
#include "sync/tracking.hpp"

namespace tidemark {
namespace {

/// Rows travel in key order, so the last key at the primary tells where an upload that was cut off
/// has to go on.
Row last_key(SqlEndpoint& endpoint, const Table& table) {
    std::vector<std::string> order;
    for (const std::size_t c : table.key) order.push_back(quoted(table.columns[c].name) + " DESC");
    const auto found =
        run_all(endpoint, {{"SELECT " + key_columns(table) + " FROM " + quoted(table.name) +
                            " ORDER BY " + join(order, ", ") + " LIMIT 1"}});
    return found[0].rows.empty() ? Row{} : found[0].rows[0];
}

/// The next rows of a table past `after`, up to a page.
std::vector<Row> next_rows(Connection& connection, const Table& table, const Row& after,
                           const BatchSize& batch) {
    std::vector<std::string> tests;
    for (const std::size_t c : table.key)
        tests.push_back(quoted(table.columns[c].name) + " IS NOT NULL");
    if (!after.empty()) {
        tests.push_back("(" + key_columns(table) + ") > (" + parameter_list(after.size()) + ")");
    }
    Statement& select =
        connection.cached("SELECT " + column_list(table, "") + " FROM " + quoted(table.name) +
                          " WHERE " + join(tests, " AND ") + " ORDER BY " + key_columns(table));
    const Reset reset(select);
    select.bind_all(after);
    std::vector<Row> rows;
    std::int64_t bytes = 0;
    while (static_cast<std::int64_t>(rows.size()) < batch.rows && bytes < batch.bytes &&
           select.step()) {
        rows.push_back(select.row());
        bytes += static_cast<std::int64_t>(size_of(rows.back()));
    }
    return rows;
}

class Upload {
public:
    Upload(Connection& connection, SqlEndpoint& endpoint, const OnProgress& progress)
        : connection_(connection), endpoint_(endpoint), progress_(progress), store_(connection) {}

    std::int64_t run() {
        meta_ = store_.meta();
        tables_ = store_.tables();
        if (!PrimaryView::read(endpoint_).tracked) begin();
        std::vector<std::string> names;
        for (const Table& table : tables_) names.push_back(table.name);
        endpoint_.quiet(names);
        const auto who = run_all(endpoint_, {{"SELECT lineage, uploader FROM tidemark_meta"}});
        if (as_text(who[0].rows.at(0)[0]) != meta_.lineage) {
            throw Error(ErrorCode::choice_needed,
                        "the primary " + endpoint_.name() + " was made by another device meanwhile",
                        "Run 'tidemark detach " + connection_.path() +
                            "', then attach again with --merge, --keep-local or --keep-primary.");
        }
        if (as_text(who[0].rows.at(0)[1]) == meta_.replica) {
            for (const Table& table : tables_)
                total_ += connection_.integer("SELECT count(*) FROM " + quoted(table.name));
            // Rows that break a CHECK were there before, and are not ours to fix or to fail on.
            // Where the server does not know this, it says which they are.
            endpoint_.run({{"PRAGMA ignore_check_constraints = ON"}});
            for (const Table& table : tables_) upload(table);
            endpoint_.run({{"PRAGMA ignore_check_constraints = OFF"}});
            finish();
        }
        make_ready();
        return done_;
    }

private:
    void begin() {
        // A server that has an encoding of its own keeps it.
        endpoint_.run(
            {{"PRAGMA encoding = " + quoted(as_text(connection_.scalar("PRAGMA encoding")))}});
        std::vector<Step> steps{{"BEGIN IMMEDIATE"}};
        for (Step& step : initialise_steps(meta_.lineage, meta_.nonce, meta_.replica))
            steps.push_back(std::move(step));
        for (std::string& sql : creation_of(read_catalog(connection_)).before_load)
            steps.push_back({std::move(sql)});
        steps.push_back({"COMMIT"});
        run_all(endpoint_, steps);
        for (const SchemaObject& object : read_schema(connection_)) {
            const bool set = object.type == SchemaObject::mark && object.sql != "0";
            // A server that does not let it be set keeps its own.
            if (set) endpoint_.run({{"PRAGMA " + object.name + " = " + object.sql}});
        }
    }

    void upload(const Table& table) {
        Row after = last_key(endpoint_, table);
        if (!after.empty()) {
            done_ += as_int(
                run_all(endpoint_, {{"SELECT count(*) FROM " + quoted(table.name)}})[0].rows[0][0]);
        }
        const std::string insert = ledger::upload_sql(table);
        bool more = true;
        while (more) {
            // Many pages in one transaction: each commit waits for the disk.
            run_all(endpoint_, {{"BEGIN IMMEDIATE"}});
            std::int64_t in_transaction = 0;
            while (more && in_transaction < tuning::first_contact_rows) {
                std::vector<Row> rows = next_rows(connection_, table, after, endpoint_.batch());
                more = !rows.empty();
                if (!more) break;
                after = key_of(table, rows.back());
                in_transaction += static_cast<std::int64_t>(rows.size());
                done_ += static_cast<std::int64_t>(rows.size());
                run_all(endpoint_, {{insert, std::move(rows)}});
                if (progress_) progress_({"uploading", table.name, done_, std::max(total_, done_)});
            }
            run_all(endpoint_, {{"COMMIT"}});
        }
    }

    void finish() {
        std::vector<Step> steps{{"BEGIN IMMEDIATE"}};
        for (std::string& sql : creation_of(read_catalog(connection_)).after_load)
            steps.push_back({std::move(sql)});
        for (const Table& table : tables_) {
            for (Step& step : track_steps(table)) steps.push_back(std::move(step));
        }
        steps.push_back({"UPDATE tidemark_meta SET uploader = ''"});
        steps.push_back({"COMMIT"});
        run_all(endpoint_, steps);
    }

    /// What was edited during the upload is sent whole: a row whose unique value moved to another
    /// one meanwhile may be missing at the primary.
    void make_ready() {
        Transaction transaction(connection_, Transaction::Kind::write);
        for (const Table& table : tables_) {
            const std::string pending = "main." + quoted(capture::pending_table(table.name));
            connection_.execute("INSERT INTO " + pending + " SELECT " + key_list(table, "") +
                                ", -1, max(at), 1 FROM " + pending + " WHERE cols > 0 GROUP BY " +
                                key_list(table, "") + " ON CONFLICT DO UPDATE SET rev = rev + 1");
            connection_.execute("DELETE FROM " + pending + " WHERE cols > 0");
        }
        meta_ = store_.meta();
        meta_.state = state::ready;
        store_.save(meta_);
        transaction.commit();
    }

    Connection& connection_;
    SqlEndpoint& endpoint_;
    const OnProgress& progress_;
    Store store_;
    Meta meta_;
    std::vector<Table> tables_;
    std::int64_t done_ = 0;
    std::int64_t total_ = 0;
};

}  // namespace

std::int64_t continue_upload(Connection& connection, SqlEndpoint& endpoint,
                             const OnProgress& progress) {
    return Upload(connection, endpoint, progress).run();
}

}  // namespace tidemark
