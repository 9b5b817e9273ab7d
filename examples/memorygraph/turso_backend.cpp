#include "memorygraph/turso_backend.hpp"

#include <fmt/format.h>

namespace memorygraph {
namespace {

using tidemark::Error;
using tidemark::ErrorCode;
using tidemark::Replica;
using tidemark::SyncReport;

/// For how long nothing that syncs by itself tries again a primary that was out of reach.
constexpr std::chrono::seconds offline_for{30};

/// A file, and a server on this machine, ask for no token.
bool needs_token(const std::string& url) {
    const bool is_file = url.find("://") == std::string::npos || url.starts_with("file:");
    const bool is_here = url.starts_with("http://127.0.0.1") || url.starts_with("http://[::1]") ||
                         url.starts_with("http://localhost");
    return !is_file && !is_here;
}

/// While it lives, a server that is out of reach is tried once, and not for long: somebody waits.
class Impatience {
public:
    Impatience() : usual_(tidemark::network_options()) {
        tidemark::NetworkOptions options = usual_;
        options.retries = 0;
        options.connect_timeout_ms = 1'000;
        tidemark::set_network_options(options);
    }
    ~Impatience() { tidemark::set_network_options(usual_); }
    Impatience(const Impatience&) = delete;
    Impatience& operator=(const Impatience&) = delete;

private:
    const tidemark::NetworkOptions usual_;
};

}  // namespace

TursoOptions TursoOptions::of(const Config& config) {
    return {config.turso_path, config.turso_database_url, config.turso_auth_token,
            config.turso_auto_sync, config.turso_sync_interval_s};
}

TursoBackend::TursoBackend(TursoOptions options, Log log)
    : SqliteBackend(options.db_path, std::move(log)),
      options_(std::move(options)),
      is_embedded_replica_(!options_.sync_url.empty() &&
                           (!options_.auth_token.empty() || !needs_token(options_.sync_url))) {
    if (!options_.sync_url.empty() && !is_embedded_replica_) {
        say(Level::warning,
            "TURSO_DATABASE_URL is set, but TURSO_AUTH_TOKEN is not: nothing is "
            "synced");
    }
    say(Level::info, fmt::format("Turso backend initialized: path={}, replica={}", path(),
                                 is_embedded_replica_));
}

TursoBackend::~TursoBackend() { TursoBackend::disconnect(); }

std::unique_ptr<TursoBackend> TursoBackend::create(TursoOptions options, Log log) {
    auto backend = std::make_unique<TursoBackend>(std::move(options), std::move(log));
    backend->connect();
    return backend;
}

bool TursoBackend::connect() {
    if (connected()) return true;
    if (is_embedded_replica_ && path() == ":memory:") {
        throw DatabaseConnectionError(
            "Failed to connect to Turso: a database in memory cannot be a replica",
            "Set MEMORY_TURSO_PATH to a file, or unset TURSO_DATABASE_URL.");
    }
    SqliteBackend::connect();
    if (!is_embedded_replica_) return true;
    say(Level::info,
        "Connecting to Turso with embedded replica: " + tidemark::masked(options_.sync_url));
    try {
        if (Replica::is_attached(path(), options_.sync_url))
            replica_.emplace(Replica::open(path(), {token()}));
        if (options_.auto_sync || !replica_) {
            say(Level::info, "Performing initial sync...");
            const Impatience impatience;
            exchange();
        }
    } catch (const Error& error) {
        const bool readable = replica_ || error.code() == ErrorCode::unreachable;
        if (!readable) {
            SqliteBackend::disconnect();
            throw DatabaseConnectionError("Failed to connect to Turso: " + error.message(),
                                          error.hint(), error.code());
        }
        say(Level::warning, "Working offline: " + error.message());
    }
    return true;
}

tidemark::TokenProvider TursoBackend::token() const {
    return [token = options_.auth_token](const std::string&) { return token; };
}

SyncReport TursoBackend::exchange() {
    try {
        if (!replica_) return join();
        const SyncReport report = replica_->sync();
        offline_.clear();
        tell(report);
        return report;
    } catch (const Error& error) {
        if (error.code() == ErrorCode::unreachable) {
            offline_ = error.message();
            offline_since_ = std::chrono::steady_clock::now();
        }
        throw;
    }
}

/// The first sync, which makes the file a replica.
SyncReport TursoBackend::join() {
    tidemark::AttachOptions options;
    options.first_merge = tidemark::FirstMerge::merge;
    options.token = token();
    const tidemark::AttachReport report = Replica::attach(path(), options_.sync_url, options);
    replica_.emplace(Replica::open(path(), {token()}));
    offline_.clear();
    for (const tidemark::TableDifference& table : report.differences) {
        const bool had_rows = table.only_here + table.different > 0;
        if (!had_rows || table.only_there + table.different + table.same == 0) continue;
        say(Level::warning,
            fmt::format("{}: {} rows were only here, {} only at the primary, {} differed; both "
                        "were merged",
                        table.table, table.only_here, table.only_there, table.different));
    }
    tell(report.sync);
    if (in_background_) watch();
    return report.sync;
}

void TursoBackend::sync_in_background() {
    if (!is_embedded_replica_ || !options_.auto_sync) return;
    in_background_ = true;
    if (replica_) watch();
}

void TursoBackend::watch() {
    tidemark::WatchOptions options;
    options.token = token();
    options.timing.on_close = false;  // disconnect() syncs, and reports
    options.timing.interval_ms = 1'000 * std::int64_t{options_.sync_interval_s};
    auto last = std::make_shared<tidemark::WatchState>(tidemark::WatchState::waiting);
    options.on_status = [this, last](const tidemark::WatchStatus& status) {
        if (status.state != *last && !status.reason.empty()) {
            say(Level::warning, "Not in step with the primary: " + status.reason);
        }
        if (status.state != tidemark::WatchState::syncing) *last = status.state;
    };
    options.on_change = [this](const SyncReport& report) { tell(report); };
    watcher_.emplace(path(), std::move(options));
    watcher_->start();
}

void TursoBackend::tell(const SyncReport& report) const {
    for (const std::string& warning : report.warnings) say(Level::warning, warning);
    if (report.conflicts == 0) return;
    say(Level::warning,
        fmt::format("{} edits lost a merge; 'memorygraph conflicts' has them", report.conflicts));
}

void TursoBackend::sync_if_automatic(const char* what) {
    if (!is_embedded_replica_ || !options_.auto_sync || in_transaction_ || watcher_) return;
    try_to_sync(what);
}

void TursoBackend::try_to_sync(const char* what) {
    try {
        const auto age = std::chrono::steady_clock::now() - offline_since_;
        if (!offline_.empty() && age < offline_for) throw Error(ErrorCode::unreachable, offline_);
        const Impatience impatience;
        exchange();
    } catch (const Error& error) {
        say(Level::warning, fmt::format("{} failed: {}", what, error.message()));
    }
}

void TursoBackend::disconnect() {
    if (!connected()) return;
    if (is_embedded_replica_ && options_.auto_sync) {
        say(Level::info, "Performing final sync before disconnect...");
        in_background_ = false;
        watcher_.reset();
        sync_if_automatic("Final sync");
    }
    replica_.reset();
    SqliteBackend::disconnect();
}

Records TursoBackend::execute_query(std::string_view query, const Parameters& parameters,
                                    bool write) {
    Records records = SqliteBackend::execute_query(query, parameters, write);
    if (write) sync_if_automatic("Sync after a write");
    return records;
}

void TursoBackend::transaction(const std::function<void()>& work) {
    in_transaction_ = true;
    try {
        SqliteBackend::transaction(work);
    } catch (...) {
        in_transaction_ = false;
        throw;
    }
    in_transaction_ = false;
    sync_if_automatic("Sync after a write");
}

void TursoBackend::initialize_schema() {
    const auto schema = [&] {
        return database().query("PRAGMA schema_version").at(0).integer("schema_version");
    };
    const std::int64_t before = connected() ? schema() : 0;
    SqliteBackend::initialize_schema();
    if (!is_embedded_replica_ || schema() == before) return;
    say(Level::info, "Syncing schema to primary...");
    try_to_sync("Sync of the schema");
}

std::optional<SyncReport> TursoBackend::sync() {
    if (!connected()) throw DatabaseConnectionError("Not connected to Turso");
    if (!is_embedded_replica_) {
        say(Level::warning, "Sync called but not in embedded replica mode");
        return std::nullopt;
    }
    say(Level::info, "Syncing embedded replica with primary...");
    try {
        const SyncReport report = exchange();
        say(Level::info, "Sync completed successfully");
        return report;
    } catch (const Error& error) {
        throw DatabaseConnectionError("Sync failed: " + error.message(), error.hint(),
                                      error.code());
    }
}

boost::json::object TursoBackend::health_check() {
    boost::json::object health = SqliteBackend::health_check();
    health["replica_mode"] = is_embedded_replica_;
    if (!is_embedded_replica_) return health;
    health["sync_url"] = tidemark::masked(options_.sync_url);
    health["auto_sync"] = options_.auto_sync;
    if (!replica_) return health;
    const tidemark::Status status = replica_->status();
    std::int64_t failures = 0, duration_ms = 0;
    for (const tidemark::SyncRecord& sync : status.history) {
        failures += sync.error.empty() ? 0 : 1;
        duration_ms += sync.duration_ms;
    }
    const auto syncs = static_cast<std::int64_t>(status.history.size());
    boost::json::object& sync = health["sync"].emplace_object();
    sync = {{"pending", status.pending},
            {"conflicts", status.conflicts},
            {"recent_syncs", syncs},
            {"recent_failures", failures}};
    if (syncs > 0) {
        sync["mean_duration_ms"] = duration_ms / syncs;
        sync["last_sync_at_ms"] = status.history[0].at_ms;
        if (failures > 0) sync["last_error"] = status.history[0].error;
    }
    return health;
}

}  // namespace memorygraph
