#include <algorithm>
#include <filesystem>

#include "base/text.hpp"
#include "base/tuning.hpp"
#include "capture/quiet.hpp"
#include "capture/triggers.hpp"
#include "merge/policy.hpp"
#include "primary/locate.hpp"
#include "sqlite/transaction.hpp"
#include "sync/first_contact.hpp"
#include "sync/lock.hpp"
#include "sync/row_sql.hpp"
#include "sync/scan.hpp"
#include "sync/session.hpp"
#include "sync/stand_aside.hpp"
#include "sync/table_status.hpp"
#include "sync/tracking.hpp"

namespace tidemark {
namespace {

namespace fs = std::filesystem;

std::string require_free(const std::string& path) {
    if (!fs::exists(path)) return path;
    throw Error(ErrorCode::usage, path + " exists already",
                "Name a new file, or use 'tidemark attach' for a database that is there.");
}

void remove_database(const std::string& path) {
    for (const char* suffix : {"", "-journal", "-wal", "-shm"}) fs::remove(path + suffix);
}

/// A download under way. It grows in a file beside the wanted one, which takes its name only when
/// everything is there; a download that was cut off goes on from the last row.
class Download {
public:
    Download(const std::string& primary, const std::string& path, const CloneOptions& options,
             Clock& clock, Rng& rng)
        : options_(options),
          clock_(clock),
          rng_(rng),
          location_(
              Location::parse(primary, {options.allow_copied_folder, options.allow_plain_http})),
          path_(require_free(path)),
          partial_path_(path + ".tidemark-partial"),
          lock_(path),
          opened_(open_primary(location_, false, {options.token, clock, rng, options.batch},
                               [this](const std::vector<std::string>& tables) {
                                   Connection partial(partial_path_);
                                   return triggers_to_stand_aside(partial, tables);
                               })),
          endpoint_(*opened_) {
        merge::Policy::parse(options.policy);
        report_.warnings = location_.warnings;
        report_.outcome = "downloaded";
    }

    AttachReport run() {
        prepare_primary();
        {
            Connection partial(open_partial());
            const UncheckedWrites as_the_primary_has_them(partial);
            Store store(partial);
            if (store.meta().state == state::downloading) load(partial, store);
            SyncOptions options;
            options.on_progress = options_.on_progress;
            report_.sync = Session(partial, endpoint_, clock_, rng_, options)
                               .sync(Begun{.at_ms = began_ms_, .pulled = done_});
            report_.tables = table_status(partial, store);
            partial.execute("PRAGMA journal_mode = WAL");
        }
        require_free(path_);
        fs::rename(partial_path_, path_);
        return std::move(report_);
    }

private:
    /// A database that nobody has attached yet becomes a primary by being cloned.
    void prepare_primary() {
        view_ = PrimaryView::read(endpoint_);
        if (!view_.tracked) {
            std::vector<Step> steps{{"BEGIN IMMEDIATE"}};
            for (Step& step : initialise_steps(rng_.identity(), rng_.identity(), {}))
                steps.push_back(std::move(step));
            for (const Table& table : synced_tables(*schema_of(view_.catalog), {})) {
                for (Step& step : track_steps(table)) steps.push_back(std::move(step));
            }
            steps.push_back({"COMMIT"});
            run_all(endpoint_, steps);
            view_ = PrimaryView::read(endpoint_);
        }
        Caller anybody;
        anybody.schema = any_schema;
        head_ = Primary(endpoint_).head(anybody, {});
        if (!head_.uploader.empty()) {
            throw Error(ErrorCode::failed,
                        "the first upload to " + endpoint_.name() + " is not finished",
                        "Finish it with 'tidemark sync' on the device that began it.");
        }
    }

    /// The tables of a schema, empty, to be described.
    static std::unique_ptr<Connection> schema_of(const Catalog& catalog) {
        auto memory = std::make_unique<Connection>(":memory:", Connection::Open::create);
        for (const SchemaObject& object : catalog) {
            const bool table = object.type == "table" && !object.is_virtual_table();
            if (table || object.type == "index") memory->execute(object.sql);
        }
        return memory;
    }

    const std::string& open_partial() {
        if (fs::exists(partial_path_) && !belongs()) remove_database(partial_path_);
        if (!fs::exists(partial_path_)) begin();
        return partial_path_;
    }

    /// Whether a partial file is of this primary and of the schema that it still has.
    bool belongs() {
        try {
            Connection partial(partial_path_);
            Store store(partial);
            return store.role() == Store::Role::replica && store.meta().lineage == head_.lineage &&
                   same_schema(read_catalog(partial));
        } catch (const Error&) {
            return false;
        }
    }

    bool same_schema(const Catalog& here) const {
        return std::all_of(here.begin(), here.end(), [&](const SchemaObject& object) {
            const SchemaObject* there = find(view_.catalog, object.type, object.name);
            return there && there->sql == object.sql;
        });
    }

    void begin() {
        columns().check(read_tables(*schema_of(view_.catalog)));
        Connection partial(partial_path_, Connection::Open::create);
        copy_file_format(partial);
        Transaction transaction(partial, Transaction::Kind::write);
        for (const std::string& sql : creation_of(view_.catalog).before_load) partial.execute(sql);
        Meta meta;
        meta.replica = rng_.identity();
        meta.device = options_.device.empty() ? host_name() : options_.device;
        meta.primary = location_.path;
        meta.lineage = head_.lineage;
        meta.mark = head_.seq;
        meta.nonce = head_.nonce;
        meta.state = state::downloading;
        meta.policy = options_.policy;
        std::vector<TableSetting> settings;
        for (const std::string& table : view_.tables) settings.push_back({table, false, {}, false});
        Store(partial).create(meta, settings, columns());
        transaction.commit();
    }

    ColumnSettings columns() const { return {options_.references, options_.renumbered}; }

    /// What an application may rely on in the file itself, besides its tables.
    void copy_file_format(Connection& partial) {
        const auto found = run_all(
            endpoint_,
            {{"PRAGMA encoding"}, {"PRAGMA page_size"}, {"PRAGMA auto_vacuum"}, {marks_sql()}});
        const auto set = [&](const std::string& pragma, const std::string& value) {
            partial.execute("PRAGMA " + pragma + " = " + value);
        };
        set("encoding", quoted(as_text(found[0].rows.at(0)[0])));
        set("page_size", std::to_string(as_int(found[1].rows.at(0)[0])));
        set("auto_vacuum", std::to_string(as_int(found[2].rows.at(0)[0])));
        for (const SchemaObject& mark : read_catalog(found[3].rows)) set(mark.name, mark.sql);
    }

    void load(Connection& partial, Store& store) {
        partial.execute("PRAGMA foreign_keys = OFF");
        const std::vector<Table> tables = store.tables();
        std::vector<std::string> names;
        for (const Table& table : tables) {
            names.push_back(table.name);
            total_ += as_int(
                run_all(endpoint_, {{"SELECT count(*) FROM " + quoted(table.name)}})[0].rows[0][0]);
        }
        {
            const capture::Quiet quiet(partial, names);
            for (const Table& table : tables) load_table(partial, table);
        }
        Transaction transaction(partial, Transaction::Kind::write);
        for (const std::string& sql : creation_of(view_.catalog).after_load) partial.execute(sql);
        for (const Table& table : tables) capture::install(partial, table);
        Meta meta = store.meta();
        meta.state = state::ready;
        store.save(meta);
        transaction.commit();
    }

    void load_table(Connection& partial, const Table& table) {
        std::vector<std::string> order;
        for (const std::size_t c : table.key)
            order.push_back(quoted(table.columns[c].name) + " DESC");
        Row after;
        {
            Statement last(partial, "SELECT " + key_columns(table) + " FROM " + quoted(table.name) +
                                        " ORDER BY " + join(order, ", ") + " LIMIT 1");
            if (last.step()) after = last.row();
        }
        if (!after.empty()) done_ += partial.integer("SELECT count(*) FROM " + quoted(table.name));
        Statement insert(partial, ledger::upload_sql(table));
        std::optional<Transaction> transaction;
        std::int64_t in_transaction = 0;
        const std::size_t columns_at = ledger::pull_fields + table.key.size();
        scan_table(endpoint_, table, after, true, [&](const std::vector<Row>& rows) {
            if (!transaction) transaction.emplace(partial, Transaction::Kind::write);
            for (const Row& row : rows) {
                for (std::size_t c = 0; c < table.columns.size(); ++c) {
                    insert.bind(static_cast<int>(c), row[columns_at + c]);
                }
                insert.run();
            }
            const auto count = static_cast<std::int64_t>(rows.size());
            done_ += count;
            in_transaction += count;
            if (in_transaction >= tuning::first_contact_rows) {
                transaction->commit();
                transaction.reset();
                in_transaction = 0;
            }
            if (options_.on_progress) {
                options_.on_progress({"downloading", table.name, done_, std::max(total_, done_)});
            }
        });
        if (transaction) transaction->commit();
    }

    const CloneOptions& options_;
    Clock& clock_;
    Rng& rng_;
    Location location_;
    std::string path_;
    std::string partial_path_;
    SyncLock lock_;
    std::unique_ptr<SqlEndpoint> opened_;
    SqlEndpoint& endpoint_;
    PrimaryView view_;
    Head head_;
    AttachReport report_;
    const std::int64_t began_ms_ = clock_.steady_ms();
    std::int64_t done_ = 0;
    std::int64_t total_ = 0;
};

}  // namespace

AttachReport clone_replica(const std::string& primary, const std::string& path,
                           const CloneOptions& options, Clock& clock, Rng& rng) {
    return Download(primary, path, options, clock, rng).run();
}

}  // namespace tidemark
