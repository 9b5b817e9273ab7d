#pragma once

#include <functional>
#include <optional>
#include <string>

#include <tidemark/tidemark.hpp>

#include "common/background_sync.hpp"
#include "jdo/settings.hpp"

namespace jdo {

struct SyncStatus {
    bool configured = false;
    std::string url;           ///< masked
    std::string last_sync_at;  ///< UTC; empty: never
    std::string last_error;    ///< of the last attempt; empty: it worked
    std::int64_t pending = 0;
    std::int64_t conflicts = 0;
};

struct SetupChoices {
    std::string url;
    std::string token;   ///< empty: the primary asks for none
    bool upload = true;  ///< the data here; else it is kept apart and the cloud's is taken
    bool merge = false;  ///< where there is data in the cloud too
    std::string backup;  ///< a file to copy the database to first; empty: none
    tidemark::OnProgress on_progress;
};

struct SetupResult {
    std::string outcome;     ///< "uploaded", "downloaded", "merged"
    std::string kept_apart;  ///< the file with the data that was not uploaded; usually empty
};

/// Opting in and out of sync, and syncing. Reading and writing never need this.
class SyncService {
public:
    explicit SyncService(Places places) : places_(std::move(places)) {}

    bool enabled() const;
    /// Connects the database. Settings and token are saved only once that has worked. Throws
    /// Error{choice_needed} where there is data here and in the cloud and `merge` was not chosen.
    SetupResult setup(const SetupChoices& choices);
    SyncStatus status() const;
    tidemark::SyncReport force_sync(const tidemark::OnProgress& on_progress = {});
    /// Back to the local database alone, which keeps everything. Returns how many changes the cloud
    /// never saw.
    std::int64_t disable();

    /// How commands sync by themselves; nothing where sync is off, or JDO_BACKGROUND_SYNC=off.
    std::optional<examples::BackgroundSync> background() const;
    /// What the process in the background does.
    void run_background() const;
    /// For a program that stays: syncs after each write, and pulls at start.
    tidemark::Watcher watch(std::function<void(const tidemark::WatchStatus&)> on_status) const;

    /// Appends the values that lost a merge since the last time to the log of conflicts.
    void log_conflicts() const;

    /// Whether it is a URL rather than a file: then a token may be asked for.
    static bool is_server(const std::string& url);

private:
    tidemark::Replica open() const;
    std::string token() const;

    Places places_;
};

}  // namespace jdo
