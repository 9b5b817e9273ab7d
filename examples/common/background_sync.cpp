#include "common/background_sync.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <ctime>
#include <deque>
#include <filesystem>
#include <mutex>
#include <optional>

#include <tidemark/tidemark.hpp>

#include "common/detached.hpp"

namespace examples {
namespace {

using tidemark::ErrorCode;
using tidemark::Replica;
using tidemark::Watcher;
using tidemark::WatchState;
using tidemark::WatchStatus;

constexpr int patience_ms = 250;
constexpr std::chrono::hours lifetime{1};

using Moment = std::chrono::steady_clock::time_point;

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
    std::optional<WatchStatus> next(Moment until) {
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

/// Syncs until the primary has everything. While it is out of reach this waits for it, but not
/// beyond `until`. Returns whether it makes sense to look once more.
bool exchange(const std::string& replica, const std::string& token,
              const BackgroundSync::Outcomes& outcomes, Moment until) {
    News news;
    tidemark::WatchOptions options;
    options.token = [token](const std::string&) { return token; };
    options.timing.interval_ms = sync_interval_s * 1000;
    options.on_status = [&](const WatchStatus& status) { news.tell(status); };
    Watcher watcher(replica, std::move(options));
    watcher.start();
    std::int64_t synced_at_ms = 0;
    while (const auto status = news.next(until)) {
        switch (status->state) {
            case WatchState::syncing:
            case WatchState::stopped: break;
            case WatchState::waiting:
                if (status->synced_at_ms == synced_at_ms) break;
                synced_at_ms = status->synced_at_ms;
                outcomes.worked(status->last);
                if (status->pending == 0) return true;
                break;
            case WatchState::offline:
                outcomes.failed({ErrorCode::unreachable, status->reason});
                Detached::release();  // nobody need wait for what is not there
                break;
            case WatchState::refused:
                outcomes.failed({ErrorCode::unauthorized, status->reason});
                return false;
            case WatchState::failed:
                outcomes.failed({ErrorCode::failed, status->reason});
                return false;
        }
    }
    return false;
}

/// How long ago the last exchange in the background began.
std::int64_t age_s(const std::string& turn) {
    struct stat about {};
    if (::stat(turn.c_str(), &about) != 0) return sync_interval_s;
    return std::time(nullptr) - about.st_mtime;
}

}  // namespace

void BackgroundSync::freshen() const {
    const std::int64_t age = age_s(turn);
    if (age < 0 || age >= sync_interval_s) Detached(arguments).wait(patience_ms);
}

void BackgroundSync::send() const { Detached{arguments}; }

void BackgroundSync::run(const std::string& token, const Outcomes& outcomes) const {
    const Moment until = std::chrono::steady_clock::now() + lifetime;
    // Looked at once more after the turn is given up: who wrote meanwhile left it to this process.
    do {
        const Turn mine(turn);
        if (!mine.held() || !exchange(replica, token, outcomes, until)) return;
    } while (std::filesystem::exists(replica) && Replica::open(replica).status().pending > 0);
}

}  // namespace examples
