#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include <tidemark/network.hpp>
#include <tidemark/replica.hpp>
#include <tidemark/watcher.hpp>

#include "memorygraph/config.hpp"
#include "memorygraph/sqlite_backend.hpp"

namespace memorygraph {

struct TursoOptions {
    std::string db_path;
    std::string sync_url;    ///< the primary; empty: local only
    std::string auth_token;  ///< goes to the primary and nowhere else
    bool auto_sync = true;   ///< sync when connecting, after writes and when disconnecting
    int sync_interval_s = 300;

    static TursoOptions of(const Config& config);
};

/// A local file, by itself or as an embedded replica of a primary. Reads and writes always work on
/// the local file; a primary that cannot be reached is a warning, and what was written meanwhile
/// goes there with the next sync. What syncs by itself tries it once, and then not for
/// a while; sync() tries for some seconds.
class TursoBackend : public SqliteBackend {
public:
    TursoBackend(TursoOptions options, Log log);
    ~TursoBackend() override;

    /// A connected one.
    static std::unique_ptr<TursoBackend> create(TursoOptions options, Log log);

    /// Whether there is a primary: a URL, and the token that it takes.
    bool is_embedded_replica() const { return is_embedded_replica_; }

    /// Throws DatabaseConnectionError also where the file cannot become a replica of the primary.
    bool connect() override;
    void disconnect() override;
    Records execute_query(std::string_view query, const Parameters& parameters = {},
                          bool write = false) override;
    void transaction(const std::function<void()>& work) override;
    void initialize_schema() override;
    boost::json::object health_check() override;
    std::string backend_name() const override { return "turso"; }

    /// Exchanges changes with the primary and returns what that came to. Without a primary it warns
    /// and returns nothing. Throws DatabaseConnectionError("Sync failed: …").
    std::optional<tidemark::SyncReport> sync();

    /// From now on the primary is asked in the background: after writes by any program, at the
    /// interval, and when it has news. Writes do not wait for it any more.
    void sync_in_background();

    /// The replica, for its conflicts and its status; null in local mode, and until the primary was
    /// reached for the first time.
    tidemark::Replica* replica() { return replica_ ? &*replica_ : nullptr; }

protected:
    std::string product() const override { return "Turso"; }

private:
    tidemark::SyncReport exchange();
    tidemark::SyncReport join();
    tidemark::TokenProvider token() const;
    void tell(const tidemark::SyncReport& report) const;
    void watch();
    void sync_if_automatic(const char* what);
    void try_to_sync(const char* what);

    TursoOptions options_;
    bool is_embedded_replica_;
    bool in_transaction_ = false;
    bool in_background_ = false;
    std::string offline_;  ///< why the primary was out of reach at the last attempt, or nothing
    std::chrono::steady_clock::time_point offline_since_;
    std::optional<tidemark::Replica> replica_;
    std::optional<tidemark::Watcher> watcher_;
};

}  // namespace memorygraph
