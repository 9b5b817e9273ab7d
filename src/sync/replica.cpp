#include <tidemark/replica.hpp>

#include <sqlite3.h>

#include <algorithm>
#include <cctype>
#include <filesystem>

#include "auth/credentials.hpp"
#include "auth/masking.hpp"
#include "base/clock.hpp"
#include "base/rng.hpp"
#include "base/tuning.hpp"
#include "capture/triggers.hpp"
#include "primary/locate.hpp"
#include "sqlite/sql_error.hpp"
#include "sqlite/transaction.hpp"
#include "sync/conflict_log.hpp"
#include "sync/devices.hpp"
#include "sync/first_contact.hpp"
#include "sync/lock.hpp"
#include "sync/pending_entries.hpp"
#include "sync/session.hpp"
#include "sync/store.hpp"
#include "sync/table_status.hpp"
#include "sync/tally.hpp"

namespace tidemark {
namespace {

constexpr std::int64_t shown_syncs = 20;

/// Neither a missing file nor an empty one that was about to be made is a replica.
void require_replica(Store& store, const std::string& path) {
    switch (store.role()) {
        case Store::Role::replica: return;
        case Store::Role::primary:
            throw Error(
                ErrorCode::usage, path + " is a primary, not a replica",
                "Sync its replicas; edits made in it directly travel with their next sync.");
        case Store::Role::none:
            throw Error(ErrorCode::usage, path + " is not attached to a primary",
                        "Attach it with 'tidemark attach " + path + " PRIMARY'.");
    }
}

}  // namespace

class Replica::Impl {
public:
    Impl(const std::string& path, OpenOptions options)
        : options_(std::move(options)), connection_(path), store_(connection_) {
        connection_.execute("PRAGMA foreign_keys = OFF");
        require_replica(store_, path);
    }

    SyncReport sync(const SyncOptions& options) {
        const SyncLock lock(connection_.path());
        const Meta meta = store_.meta();
        std::unique_ptr<SqlEndpoint> endpoint;
        try {
            endpoint = open(meta);
        } catch (const Error& error) {
            SyncRecord record;
            record.at_ms = system_clock().now_ms();
            record.error = error.message();
            record.offline = error.code() == ErrorCode::unreachable;
            store_.remember(record);
            throw;
        }
        std::optional<Begun> begun;
        if (meta.state == state::uploading) {
            begun.emplace(Begun{.at_ms = system_clock().steady_ms()});
            begun->pushed = continue_upload(connection_, *endpoint, options.on_progress);
        }
        SyncReport report =
            Session(connection_, *endpoint, system_clock(), system_rng(), options).sync(begun);
        if (std::string notice = token_notice(meta, given_); !notice.empty()) {
            report.warnings.push_back(std::move(notice));
        }
        return report;
    }

    SyncPlan plan() {
        const SyncLock lock(connection_.path());
        const Meta meta = store_.meta();
        if (meta.state == state::uploading) {
            throw Error(ErrorCode::failed,
                        "the first upload is not finished, so there is nothing to plan",
                        "Finish it with 'tidemark sync " + connection_.path() + "'.");
        }
        const auto endpoint = open(meta);
        const SyncOptions options;
        return Session(connection_, *endpoint, system_clock(), system_rng(), options).plan();
    }

    VerifyReport verify(const VerifyOptions& options) {
        const SyncLock lock(connection_.path());
        const Meta meta = store_.meta();
        if (meta.state == state::uploading) {
            throw Error(ErrorCode::failed,
                        "the first upload is not finished, so there is nothing to verify",
                        "Finish it with 'tidemark sync " + connection_.path() + "'.");
        }
        const std::int64_t started = system_clock().steady_ms();
        const auto endpoint = open(meta);
        SyncOptions sync;
        sync.on_progress = options.on_progress;
        Session session(connection_, *endpoint, system_clock(), system_rng(), sync);
        VerifyReport report = session.verify();
        if (options.repair && !report.equal()) {
            report.sync = session.repair();
            report.after = session.verify().found;
            report.repaired = true;
        }
        report.duration_ms = system_clock().steady_ms() - started;
        return report;
    }

    Status status() {
        Transaction transaction(connection_, Transaction::Kind::read);
        const Meta meta = store_.meta();
        Status status;
        status.path = connection_.path();
        status.primary = meta.primary;
        status.replica = meta.replica;
        status.device = meta.device;
        status.lineage = meta.lineage;
        status.policy = meta.policy;
        status.state = meta.state;
        status.mark = meta.mark;
        status.clock_offset_ms = meta.clock_offset_ms;
        status.conflicts = ConflictLog(connection_).open_count();
        status.history = store_.history(shown_syncs);
        for (const SyncRecord& record : store_.history(tuning::history_rows)) {
            if (record.error.empty()) {
                status.succeeded_at_ms = std::max(status.succeeded_at_ms, record.at_ms);
            } else if (status.failure.at_ms == 0) {
                status.failure = record;
            }
        }
        const std::int64_t now_ms = system_clock().now_ms();
        status.thirty_days = Tally(connection_).summary(now_ms);
        status.this_month = Tally(connection_).usage(now_ms);
        status.size_bytes = size_of_files();
        status.tables = table_status(connection_, store_);
        for (const TableStatus& table : status.tables) status.pending += table.pending;
        for (const Table& table : store_.tables()) {
            if (!capture::installed(connection_, table)) {
                status.warnings.push_back(
                    "The triggers of " + table.name +
                    " are not as they should be; the next sync puts them back "
                    "and compares everything.");
            }
        }
        if (std::string notice = token_trouble(meta); !notice.empty()) {
            status.warnings.push_back(std::move(notice));
        }
        return status;
    }

    Brief brief() {
        Transaction transaction(connection_, Transaction::Kind::read);
        const Meta meta = store_.meta();
        Brief brief;
        brief.state = meta.state;
        for (const Table& table : store_.tables()) {
            if (capture::installed(connection_, table)) {
                brief.pending += count_pending(connection_, table);
            }
        }
        brief.conflicts = ConflictLog(connection_).open_count();
        brief.schema_changed = connection_.integer("PRAGMA schema_version") != meta.schema_cookie;
        for (const SyncRecord& last : store_.history(1)) {
            brief.synced_at_ms = last.at_ms;
            brief.error = last.error;
        }
        return brief;
    }

    std::vector<SyncRecord> history(std::int64_t at_most) { return store_.history(at_most); }

    Probe probe() {
        const Meta meta = store_.meta();
        const std::int64_t started = system_clock().steady_ms();
        const auto opened = open(meta);
        SqlEndpoint& endpoint = *opened;
        require_primary(endpoint);
        Probe probe;
        probe.devices = read_devices(endpoint, meta.replica);
        probe.duration_ms = system_clock().steady_ms() - started;
        const auto pages = endpoint.run(
            {{"SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"}});
        if (!pages.failure) probe.size_bytes = as_int(pages.results[0].rows.at(0).at(0));
        return probe;
    }

    void rename_device(const std::string& name) {
        if (name.empty()) throw Error(ErrorCode::usage, "a device needs a name", "Give one.");
        const SyncLock lock(connection_.path());
        Meta meta = store_.meta();
        const auto opened = open(meta);
        SqlEndpoint& endpoint = *opened;
        require_primary(endpoint);
        tidemark::rename_device(endpoint, meta.replica, name);
        Transaction transaction(connection_, Transaction::Kind::write);
        meta = store_.meta();
        meta.device = name;
        store_.save(meta);
        transaction.commit();
    }

    Device forget_device(const std::string& name) {
        const Meta meta = store_.meta();
        const auto opened = open(meta);
        SqlEndpoint& endpoint = *opened;
        require_primary(endpoint);
        const std::vector<Device> devices = read_devices(endpoint, meta.replica);
        const Device device = device_named(devices, name);
        if (device.here) {
            throw Error(ErrorCode::usage, "'" + name + "' is this device",
                        "'tidemark detach " + connection_.path() + "' makes it an ordinary file.");
        }
        tidemark::forget_device(endpoint, device.id);
        return device;
    }

    std::vector<Conflict> conflicts(bool with_closed) {
        return ConflictLog(connection_).list(with_closed);
    }
    Conflict conflict(std::int64_t id) { return ConflictLog(connection_).get(id); }

    Conflict settle(std::int64_t id, ConflictState to) {
        // The restored values have to satisfy the application's references like any edit of its
        // own.
        const ForeignKeys enforced(connection_);
        Transaction transaction(connection_, Transaction::Kind::write);
        ConflictLog log(connection_);
        const Conflict conflict = log.get(id);
        if (conflict.state != ConflictState::open) {
            throw Error(ErrorCode::usage, "conflict " + std::to_string(id) + " is settled already",
                        "List the open ones with 'tidemark conflicts " + connection_.path() + "'.");
        }
        if (to == ConflictState::restored) restore(log, conflict);
        log.set_state(id, to);
        transaction.commit();
        return log.get(id);
    }

    std::int64_t detach(bool purge) {
        const SyncLock lock(connection_.path());
        Transaction transaction(connection_, Transaction::Kind::write);
        const std::int64_t open = ConflictLog(connection_).open_count();
        if (open > 0 && !purge) {
            throw Error(ErrorCode::choice_needed,
                        std::to_string(open) + " conflicts in " + connection_.path() +
                            " are not settled, and detaching would drop what they hold",
                        "Look at them with 'tidemark conflicts " + connection_.path() +
                            "', or detach with --purge.");
        }
        std::int64_t pending = 0;
        for (const TableStatus& table : table_status(connection_, store_)) pending += table.pending;
        for (const TableSetting& table : store_.settings())
            capture::remove(connection_, table.name);
        store_.drop();
        transaction.commit();
        return pending;
    }

private:
    std::unique_ptr<SqlEndpoint> open(const Meta& meta) {
        const auto token = [this](const std::string& url) {
            return given_ = options_.token ? options_.token(url) : std::string();
        };
        return open_primary_of(connection_, Location::stored(meta.primary),
                               meta.state == state::uploading,
                               {token, system_clock(), system_rng(), options_.batch});
    }

    /// Says when the token expires soon; empty where it does not, and for a file.
    static std::string token_notice(const Meta& meta, const std::string& given) {
        if (!Location::stored(meta.primary).url) return {};
        const auto token = auth::token_for(meta.primary, given);
        return token ? auth::expiry_notice(*token, meta.primary, system_clock().now_ms() / 1000)
                     : std::string();
    }

    /// Also what a sync would fail of.
    std::string token_trouble(const Meta& meta) const {
        try {
            return token_notice(meta, options_.token ? options_.token(meta.primary) : "");
        } catch (const Error& error) {
            std::string sentence = error.message() + ". " + error.hint();
            sentence[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(sentence[0])));
            return sentence;
        }
    }

    static void require_primary(SqlEndpoint& endpoint) {
        if (Primary(endpoint).initialised()) return;
        throw Error(ErrorCode::choice_needed,
                    "the database at " + endpoint.name() + " is no primary",
                    "Detach this file, and attach it to the primary that it belongs to.");
    }

    std::int64_t size_of_files() const {
        std::uintmax_t size = 0;
        for (const char* companion : {"", "-wal"}) {
            std::error_code missing;
            const std::uintmax_t part =
                std::filesystem::file_size(connection_.path() + companion, missing);
            if (!missing) size += part;
        }
        return static_cast<std::int64_t>(size);
    }

    /// Foreign keys are on while it lives.
    class ForeignKeys {
    public:
        explicit ForeignKeys(Connection& connection) : connection_(connection) {
            connection_.execute("PRAGMA foreign_keys = ON");
        }
        ~ForeignKeys() { connection_.execute("PRAGMA foreign_keys = OFF"); }
        ForeignKeys(const ForeignKeys&) = delete;
        ForeignKeys& operator=(const ForeignKeys&) = delete;

    private:
        Connection& connection_;
    };

    void restore(ConflictLog& log, const Conflict& conflict) {
        try {
            log.restore(conflict);
        } catch (const SqlError& error) {
            if (error.primary_code() != SQLITE_CONSTRAINT) throw;
            throw Error(ErrorCode::failed,
                        "the values of conflict " + std::to_string(conflict.id) +
                            " no longer fit: " + error.message(),
                        "Change the row that is in the way first, or dismiss the conflict.");
        }
    }

    OpenOptions options_;
    std::string given_;  ///< the token that options_.token gave last
    Connection connection_;
    Store store_;
};

Replica::Replica(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Replica::Replica(Replica&&) noexcept = default;
Replica& Replica::operator=(Replica&&) noexcept = default;
Replica::~Replica() = default;

AttachReport Replica::attach(const std::string& path, const std::string& primary,
                             const AttachOptions& options) {
    return attach_replica(path, primary, options, system_clock(), system_rng());
}

AttachReport Replica::clone(const std::string& primary, const std::string& path,
                            const CloneOptions& options) {
    return clone_replica(primary, path, options, system_clock(), system_rng());
}

bool Replica::is_attached(const std::string& path, const std::string& primary) {
    if (!std::filesystem::exists(path)) return false;
    Connection connection(path);
    Store store(connection);
    if (store.role() != Store::Role::replica) return false;
    const std::string attached_to = store.meta().primary;
    if (attached_to == Location::path_of(primary)) return true;
    throw Error(ErrorCode::usage, path + " is attached to " + masked(attached_to) + " already",
                "Detach it first, or name that primary.");
}

Replica Replica::open(const std::string& path, const OpenOptions& options) {
    return Replica(std::make_unique<Impl>(path, options));
}

SyncReport Replica::sync(const SyncOptions& options) { return impl_->sync(options); }
SyncReport Replica::push(SyncOptions options) {
    options.direction = Direction::push;
    return sync(options);
}

SyncReport Replica::pull(SyncOptions options) {
    options.direction = Direction::pull;
    return sync(options);
}

SyncPlan Replica::plan() { return impl_->plan(); }
VerifyReport Replica::verify(const VerifyOptions& options) { return impl_->verify(options); }
Status Replica::status() { return impl_->status(); }
Brief Replica::brief() { return impl_->brief(); }
std::vector<SyncRecord> Replica::history(std::int64_t at_most) { return impl_->history(at_most); }
Probe Replica::probe() { return impl_->probe(); }
void Replica::rename_device(const std::string& name) { impl_->rename_device(name); }
Device Replica::forget_device(const std::string& name) { return impl_->forget_device(name); }
std::vector<Conflict> Replica::conflicts(bool with_closed) { return impl_->conflicts(with_closed); }
Conflict Replica::conflict(std::int64_t id) { return impl_->conflict(id); }
Conflict Replica::restore(std::int64_t id) { return impl_->settle(id, ConflictState::restored); }
Conflict Replica::dismiss(std::int64_t id) { return impl_->settle(id, ConflictState::dismissed); }
std::int64_t Replica::detach(bool purge) { return impl_->detach(purge); }

std::string masked(const std::string& primary) { return auth::masked(primary); }

const char* version() noexcept { return TIDEMARK_VERSION; }

}  // namespace tidemark
