#include "shark/background.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <ctime>
#include <deque>
#include <mutex>
#include <optional>
#include <string_view>

#include "common/detached.hpp"

namespace shark {
namespace {

using tidemark::ErrorCode;
using tidemark::Watcher;
using tidemark::WatchState;
using tidemark::WatchStatus;

constexpr int patience_ms = 250;
constexpr std::chrono::hours lifetime{1};

const std::vector<std::string> in_background{"cloud", "sync", "--background"};

/// The right to be the one that syncs in the background; the file names its process.
class Turn {
public:
    explicit Turn(const std::string& path)
        : file_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)),
          held_(file_ >= 0 && ::flock(file_, LOCK_EX | LOCK_NB) == 0) {
        if (!held_) return;
        const std::string process = std::to_string(::getpid()) + "\n";
        if (::ftruncate(file_, 0) != 0 ||
            ::write(file_, process.data(), process.size()) < 0) {  // only a help for people
        }
    }
    ~Turn() {
        if (file_ >= 0) ::close(file_);
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

    bool held() const { return held_; }

private:
    int file_;
    bool held_;
};

/// What a Watcher tells on its thread, for the thread that waits for it.
class News {
public:
    void tell(const WatchStatus& status) {
        const std::lock_guard lock(mutex_);
        told_.push_back(status);
        changed_.notify_one();
    }
    /// Nothing once the time is over.
    std::optional<WatchStatus> next(std::chrono::steady_clock::time_point until) {
        std::unique_lock lock(mutex_);
        if (!changed_.wait_until(lock, until, [&] { return !told_.empty(); })) return std::nullopt;
        const WatchStatus status = told_.front();
        told_.pop_front();
        return status;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<WatchStatus> told_;
};

/// Syncs until the cloud has everything. While it is out of reach this waits for it, but not beyond
/// `until`. Returns whether it makes sense to look once more.
bool exchange(Cloud& cloud, std::chrono::steady_clock::time_point until) {
    News news;
    tidemark::WatchOptions options;
    options.timing.interval_ms = sync_interval_s * 1000;
    options.on_status = [&](const WatchStatus& status) { news.tell(status); };
    Watcher watcher = cloud.watch(std::move(options));
    watcher.start();
    std::int64_t synced_at_ms = 0;
    while (const auto status = news.next(until)) {
        switch (status->state) {
            case WatchState::syncing:
            case WatchState::stopped: break;
            case WatchState::waiting:
                if (status->synced_at_ms == synced_at_ms) break;
                synced_at_ms = status->synced_at_ms;
                cloud.note(status->last);
                if (status->pending == 0) return true;
                break;
            case WatchState::offline:
                cloud.note({ErrorCode::unreachable, status->reason});
                examples::Detached::release();  // nobody need wait for what is not there
                break;
            case WatchState::refused:
            case WatchState::failed: cloud.note({ErrorCode::failed, status->reason}); return false;
        }
    }
    return false;
}

}  // namespace

bool Background::wanted() const {
    const char* setting = std::getenv("SHARK_BACKGROUND_SYNC");
    return places_.in_cloud() && !(setting && std::string_view(setting) == "off");
}

void Background::freshen() const {
    if (!wanted()) return;
    const std::int64_t age_s = std::time(nullptr) - SyncState::load(places_.state).last_attempt_s;
    if (age_s >= 0 && age_s < sync_interval_s) return;
    examples::Detached(in_background).wait(patience_ms);
}

void Background::send() const {
    if (wanted()) examples::Detached{in_background};
}

void Background::run(const Places& places) {
    Cloud cloud(places);
    const auto until = std::chrono::steady_clock::now() + lifetime;
    // Looked at once more after the turn is given up: who wrote meanwhile left it to this process.
    while (cloud.connected()) {
        {
            const Turn turn(places.lock);
            if (!turn.held() || !exchange(cloud, until)) return;
        }
        if (cloud.connected() && cloud.status().pending == 0) return;
    }
}

}  // namespace shark
