#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "auth/masking.hpp"
#include "base/text.hpp"
#include "capture/triggers.hpp"
#include "merge/policy.hpp"
#include "primary/locate.hpp"
#include "sqlite/transaction.hpp"
#include "sync/compare.hpp"
#include "sync/first_contact.hpp"
#include "sync/lock.hpp"
#include "sync/scan.hpp"
#include "sync/session.hpp"
#include "sync/stand_aside.hpp"
#include "sync/table_status.hpp"
#include "sync/tracking.hpp"

namespace tidemark {
namespace {

namespace fs = std::filesystem;

std::string require_database(const std::string& path) {
    if (fs::exists(path)) return path;
    throw Error(ErrorCode::failed, "there is no database at " + path,
                "Check the path; 'tidemark clone PRIMARY " + path + "' makes a new replica.");
}

/// One attachment under way: what was asked for, and what was found on both sides.
class Attachment {
public:
    Attachment(const std::string& path, const std::string& primary, const AttachOptions& options,
               Clock& clock, Rng& rng)
        : options_(options),
          clock_(clock),
          rng_(rng),
          location_(
              Location::parse(primary, {options.allow_copied_folder, options.allow_plain_http})),
          lock_(require_database(path)),
          local_(path),
          store_(local_) {
        local_.execute("PRAGMA foreign_keys = OFF");
        report_.warnings = location_.warnings;
    }

    AttachReport run() {
        if (store_.role() == Store::Role::primary) {
            throw Error(ErrorCode::usage, local_.path() + " is itself a primary",
                        "Attach other files to it, or clone it.");
        }
        if (store_.role() == Store::Role::replica) return resume();
        check_options();
        check_places();
        const auto opened = open(!location_.url && !fs::exists(location_.path));
        SqlEndpoint& endpoint = *opened;
        view_ = PrimaryView::read(endpoint);
        compare(endpoint);
        if (!options_.backup.empty()) {
            back_up(local_, options_.backup);
            report_.backup = options_.backup;
        }
        if (view_.catalog.empty() && !view_.tracked) {
            begin_upload();
            uploaded_ = continue_upload(local_, endpoint, options_.on_progress);
            report_.outcome = "uploaded";
        } else {
            join(endpoint);
            report_.outcome = here_has_rows_ && there_has_rows_ ? "merged"
                              : there_has_rows_                 ? "downloaded"
                                                                : "uploaded";
        }
        return finish(endpoint);
    }

private:
    std::unique_ptr<SqlEndpoint> open(bool create) {
        return open_primary_of(local_, location_, create,
                               {options_.token, clock_, rng_, options_.batch});
    }

    AttachReport resume() {
        const Meta meta = store_.meta();
        if (meta.primary != location_.path) {
            throw Error(
                ErrorCode::usage,
                local_.path() + " is attached to " + auth::masked(meta.primary) + " already",
                "Run 'tidemark detach " + local_.path() + "' first.");
        }
        const auto opened = open(meta.state == state::uploading);
        SqlEndpoint& endpoint = *opened;
        if (meta.state == state::uploading) {
            uploaded_ = continue_upload(local_, endpoint, options_.on_progress);
            report_.outcome = "uploaded";
        } else {
            report_.outcome = meta.state == state::ready ? "already attached" : "merged";
        }
        return finish(endpoint);
    }

    AttachReport finish(SqlEndpoint& endpoint) {
        SyncOptions options;
        options.on_progress = options_.on_progress;
        report_.sync = Session(local_, endpoint, clock_, rng_, options)
                           .sync(Begun{.at_ms = began_ms_, .pushed = uploaded_});
        report_.tables = table_status(local_, store_);
        return std::move(report_);
    }

    void check_options() {
        const auto must_exist = [&](const std::string& table, const char* option) {
            if (find(read_catalog(local_), "table", table)) return;
            throw Error(ErrorCode::usage, "there is no table '" + table + "' for " + option,
                        "Tables: " + table_list() + ".");
        };
        merge::Policy::parse(options_.policy);
        for (const auto& [table, policy] : options_.table_policies) {
            must_exist(table, "--policy");
            const merge::Policy parsed = merge::Policy::parse(policy);
            const auto described = read_table(local_, table);
            if (!parsed.column.empty() && (!described || !described->column(parsed.column))) {
                throw Error(ErrorCode::usage,
                            "the table " + table + " has no column " + parsed.column,
                            "Name a column of the table in --policy TABLE=column:NAME.");
            }
        }
        for (const std::string& table : options_.exclude) must_exist(table, "--exclude");
        for (const std::string& table : options_.natural_keys) must_exist(table, "--keys");
        columns().check(read_tables(local_));
        if (!options_.backup.empty() && fs::exists(options_.backup)) {
            throw Error(ErrorCode::failed, "the backup file " + options_.backup + " exists already",
                        "Name another file, or move that one away.");
        }
    }

    ColumnSettings columns() const { return {options_.references, options_.renumbered}; }

    std::string table_list() {
        std::vector<std::string> names;
        for (const Table& table : read_tables(local_)) names.push_back(table.name);
        return names.empty() ? "none" : tidemark::join(names, ", ");
    }

    void check_places() {
        std::error_code ignored;
        if (location_.url) return;
        if (fs::equivalent(local_.path(), location_.path, ignored)) {
            throw Error(ErrorCode::usage, "a database cannot be its own primary",
                        "Name another file as the primary; it is made where there is none.");
        }
    }

    /// Finds out what differs, before anything is changed. Tables that only one side has differ in
    /// nothing; those that both have must be alike.
    void compare(SqlEndpoint& endpoint) {
        const auto theirs = view_.catalog;
        for (const Table& table : synced_tables(local_, options_.exclude)) {
            const bool here =
                local_.integer("SELECT EXISTS (SELECT 1 FROM " + quoted(table.name) + ")") != 0;
            here_has_rows_ = here_has_rows_ || here;
            const SchemaObject* other = find(theirs, "table", table.name);
            if (!other) continue;
            check_alike(endpoint, table);
            Spool spool(local_, table);
            const bool tracked = contains_name(view_.tables, table.name);
            scan_whole_table(endpoint, spool, tracked, options_.on_progress);
            there_has_rows_ = there_has_rows_ || spool.rows() > 0;
            report_.differences.push_back(measure(local_, spool));
        }
        // Rows of tables that are not here at all come without a question.
        for (const SchemaObject& object : theirs) {
            if (object.type != "table" || object.is_virtual_table()) continue;
            if (find(read_catalog(local_), "table", object.name)) continue;
            const auto rows =
                run_all(endpoint, {{"SELECT EXISTS (SELECT 1 FROM " + quoted(object.name) + ")"}});
            there_has_rows_ = there_has_rows_ || as_int(rows[0].rows[0][0]) != 0;
        }
        const bool differ = std::any_of(
            report_.differences.begin(), report_.differences.end(), [](const TableDifference& d) {
                const std::int64_t both = d.same + d.different;
                const bool rows_on_both_sides = both + d.only_here > 0 && both + d.only_there > 0;
                return rows_on_both_sides && d.only_here + d.only_there + d.different > 0;
            });
        if (differ && options_.first_merge == FirstMerge::refuse) ask_for_choice();
    }

    [[noreturn]] void ask_for_choice() {
        std::string text =
            local_.path() + " and " + location_.shown() + " both have data, and it differs:";
        for (const TableDifference& d : report_.differences) {
            if (d.only_here + d.only_there + d.different == 0) continue;
            text += "\n" + d.table + ": " + count_of(d.only_here, "row") + " only here, " +
                    count_of(d.only_there, "row") + " only at the primary, " +
                    count_of(d.different, "row") + " different, " + count_of(d.same, "row") +
                    " the same";
        }
        throw Error(
            ErrorCode::choice_needed, text,
            "Nothing was changed. Choose --merge (keep the rows of both; where a row differs "
            "the primary's stays and yours becomes a conflict to restore), --keep-local or "
            "--keep-primary. --backup FILE copies the database first.");
    }

    Meta new_meta(const char* state, const std::string& lineage) {
        Meta meta;
        meta.replica = rng_.identity();
        meta.device = options_.device.empty() ? host_name() : options_.device;
        meta.primary = location_.path;
        meta.lineage = lineage;
        meta.mark = 1;
        meta.nonce = rng_.identity();
        meta.state = state;
        meta.policy = options_.policy;
        return meta;
    }

    std::vector<TableSetting> new_settings() {
        std::vector<TableSetting> settings;
        for (const Table& table : read_tables(local_)) {
            TableSetting setting{table.name,
                                 contains_name(options_.exclude, table.name),
                                 {},
                                 contains_name(options_.natural_keys, table.name)};
            for (const auto& [name, policy] : options_.table_policies) {
                if (same_name(name, table.name)) setting.policy = policy;
            }
            settings.push_back(setting);
        }
        return settings;
    }

    void install(const Meta& meta) {
        store_.create(meta, new_settings(), columns());
        for (const Table& table : store_.tables()) capture::install(local_, table);
    }

    void begin_upload() {
        Transaction transaction(local_, Transaction::Kind::write);
        install(new_meta(state::uploading, rng_.identity()));
        transaction.commit();
    }

    /// Both have a schema: each gets what only the other has, and the rows are compared by the sync
    /// that follows.
    void join(SqlEndpoint& endpoint) {
        std::string lineage = rng_.identity();
        std::vector<Step> steps{{"BEGIN IMMEDIATE"}};
        const auto add = [&](std::vector<Step> more) {
            for (Step& step : more) steps.push_back(std::move(step));
        };
        if (view_.tracked) {
            lineage = as_text(
                run_all(endpoint, {{"SELECT lineage FROM tidemark_meta"}})[0].rows.at(0)[0]);
        } else {
            add(initialise_steps(lineage, rng_.identity(), {}));
        }
        adopt(view_.catalog);
        for (const SchemaObject& object : read_catalog(local_)) {
            if (!find(view_.catalog, object.type, object.name)) steps.push_back({object.sql});
        }
        for (const Table& table : synced_tables(local_, options_.exclude)) {
            if (!contains_name(view_.tables, table.name)) add(track_steps(table));
        }
        steps.push_back({"COMMIT"});
        run_all(endpoint, steps);

        const char* state = options_.first_merge == FirstMerge::keep_local ? state::keeping_local
                            : options_.first_merge == FirstMerge::keep_primary
                                ? state::keeping_primary
                                : state::merging;
        Transaction transaction(local_, Transaction::Kind::write);
        install(new_meta(state, lineage));
        transaction.commit();
    }

    /// Creates here what only the primary has.
    void adopt(const Catalog& theirs) {
        const Catalog ours = read_catalog(local_);
        Catalog missing;
        for (const SchemaObject& object : theirs) {
            const SchemaObject* mine = find(ours, object.type, object.name);
            if (!mine) missing.push_back(object);
            if (mine && mine->sql != object.sql && object.type != "table") {
                report_.warnings.push_back(
                    "The " + object.type + " " + object.name +
                    " is defined otherwise at the primary; each side keeps its own.");
            }
        }
        Transaction transaction(local_, Transaction::Kind::write);
        const Creation creation = creation_of(missing);
        for (const std::string& sql : creation.before_load) local_.execute(sql);
        for (const std::string& sql : creation.after_load) local_.execute(sql);
        transaction.commit();
    }

    const AttachOptions& options_;
    Clock& clock_;
    Rng& rng_;
    Location location_;
    SyncLock lock_;
    Connection local_;
    Store store_;
    PrimaryView view_;
    bool here_has_rows_ = false;
    bool there_has_rows_ = false;
    AttachReport report_;
    const std::int64_t began_ms_ = clock_.steady_ms();
    std::int64_t uploaded_ = 0;
};

}  // namespace

AttachReport attach_replica(const std::string& path, const std::string& primary,
                            const AttachOptions& options, Clock& clock, Rng& rng) {
    return Attachment(path, primary, options, clock, rng).run();
}

std::unique_ptr<SqlEndpoint> open_primary_of(Connection& replica, const Location& location,
                                             bool create, const Access& access) {
    return open_primary(location, create, access,
                        [&replica](const std::vector<std::string>& tables) {
                            return triggers_to_stand_aside(replica, tables);
                        });
}

std::string host_name() {
    char name[256] = {};
    if (gethostname(name, sizeof name - 1) != 0 || name[0] == 0) return "unnamed";
    return name;
}

}  // namespace tidemark
