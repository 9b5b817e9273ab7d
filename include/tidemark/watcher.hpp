#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <tidemark/replica.hpp>

namespace tidemark {

/// When a Watcher syncs.
struct Timing {
    bool at_start = true;
    bool after_writes = true;           ///< by any program: the file is watched
    std::int64_t quiet_ms = 100;        ///< … once nothing was written for that long
    std::int64_t interval_ms = 30'000;  ///< 0: never
    bool on_close = true;
};

enum class WatchState {
    waiting,  ///< nothing to do, or not started
    syncing,
    offline,  ///< the primary is out of reach; it is tried again, and at once when the network is
              ///< back
    refused,  ///< the primary wants another token
    failed,   ///< something else went wrong; `reason` says what
    stopped,
};

struct WatchStatus {
    WatchState state = WatchState::waiting;
    std::int64_t pending = 0;  ///< changes that the primary has not acknowledged
    std::string reason;  ///< of offline, refused and failed, as a sentence without a full stop
    std::int64_t retry_ms = 0;      ///< after how long it tries again
    std::int64_t synced_at_ms = 0;  ///< the last success since the start; 0: none yet
    SyncReport last;                ///< what that sync did
};

struct WatchOptions {
    Timing timing;
    TokenProvider token;  ///< for a primary on a server
    BatchSize batch = {};
    Resolver resolver;
    /// Rows came from elsewhere: what the application shows may be out of date.
    std::function<void(const SyncReport&)> on_change;
    /// The state is another one, or a sync has ended.
    std::function<void(const WatchStatus&)> on_status;
};

/// Keeps a replica in step in the background, on threads of its own; the application never waits
/// for it. Being offline is a state, not an error.
///
/// The callbacks run on a thread of the Watcher: they must be quick, must not throw, and must not
/// call stop(). Every other function may be called from any thread.
class Watcher {
public:
    /// Throws Error where `path` is no replica. Nothing happens before start().
    explicit Watcher(const std::string& path, WatchOptions options = {});
    /// stop().
    ~Watcher();
    Watcher(Watcher&&) noexcept;
    Watcher& operator=(Watcher&&) noexcept;

    /// Returns at once. Does nothing where it runs already.
    void start();
    /// Waits for a sync that is under way, and syncs once more where the timing says so. A failure
    /// of that last sync is in status().
    void stop();
    /// Syncs as soon as possible, whatever the timing says.
    void sync_soon();
    WatchStatus status() const;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace tidemark
