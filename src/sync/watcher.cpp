#include <tidemark/watcher.hpp>

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <limits>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include <tidemark/replica.hpp>

#include "base/backoff.hpp"
#include "base/clock.hpp"
#include "base/rng.hpp"
#include "base/tuning.hpp"
#include "net/reach.hpp"
#include "sync/file_events.hpp"
#include "sync/listener.hpp"
#include "sync/network_events.hpp"
#include "sync/outlook.hpp"

namespace tidemark {
namespace {

constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

/// Lets one thread wake another one that waits in poll().
class Bell {
public:
    Bell() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
        if (event_ < 0) throw Error(ErrorCode::failed, "no eventfd could be made");
    }
    ~Bell() { ::close(event_); }
    Bell(const Bell&) = delete;
    Bell& operator=(const Bell&) = delete;

    void ring() { ::eventfd_write(event_, 1); }
    bool rung() {
        eventfd_t count = 0;
        return ::eventfd_read(event_, &count) == 0;
    }
    int descriptor() const { return event_; }

private:
    int event_;
};

WatchState state_after(const Error& error) {
    switch (error.code()) {
        case ErrorCode::unreachable: return WatchState::offline;
        case ErrorCode::unauthorized: return WatchState::refused;
        default: return WatchState::failed;
    }
}

}  // namespace

class Watcher::Impl {
public:
    Impl(std::string path, WatchOptions options)
        : path_(std::move(path)), options_(std::move(options)) {
        const Brief brief = Replica::open(path_).brief();
        status_.pending = brief.pending;
        server_ = server_of(path_);
    }
    ~Impl() { stop(); }

    void start() {
        const std::scoped_lock lock(mutex_);
        if (thread_.joinable()) return;
        stopping_ = false;
        status_.state = WatchState::waiting;
        thread_ = std::thread([this] { run(); });
    }

    void stop() {
        std::thread thread;
        {
            const std::scoped_lock lock(mutex_);
            stopping_ = true;
            thread = std::move(thread_);
        }
        bell_.ring();
        if (thread.joinable()) thread.join();
    }

    void sync_soon() {
        {
            const std::scoped_lock lock(mutex_);
            asked_ = true;
        }
        bell_.ring();
    }

    WatchStatus status() const {
        const std::scoped_lock lock(mutex_);
        return status_;
    }

private:
    void run() {
        if (server_) listener_.emplace(path_, options_.token, [this] { sync_soon(); });
        if (options_.timing.at_start) {
            due_ = now();
        } else {
            ping();
            plan_next();
        }
        while (true) {
            wait();
            if (taken(stopping_, false)) break;
            if (taken(asked_, true)) due_ = now();
            if (quiet_at_ <= now() && retry_at_ <= now()) look();
            if (due_ <= now() && in_reach()) sync();
        }
        listener_.reset();
        finish();
    }

    /// A server that is out of reach, or a token that it refuses, is told at the start even where
    /// no sync is due; nothing is tried again for its sake.
    void ping() {
        try {
            Replica::open(path_, {options_.token}).probe();
            change([](WatchStatus&) {});
        } catch (const Error& error) {
            change([&](WatchStatus& status) {
                status.state = state_after(error);
                status.reason = error.message();
            });
        }
    }

    /// Until something happens or something is due.
    void wait() {
        watch_files();
        pollfd descriptors[] = {{bell_.descriptor(), POLLIN, 0},
                                {network_.descriptor(), POLLIN, 0},
                                {files_ ? files_->descriptor() : -1, POLLIN, 0}};
        const std::int64_t until = std::min(due_, std::max(quiet_at_, retry_at_));
        const std::int64_t timeout =
            until == never ? -1
                           : std::clamp<std::int64_t>(until - now(), 0, tuning::longest_wait_ms);
        ::poll(descriptors, std::size(descriptors), static_cast<int>(timeout));
        bell_.rung();
        if (network_.changed() && status().state == WatchState::offline) {
            backoff_.reset();
            due_ = std::min(due_, now() + tuning::network_settles_ms);
        }
        if (files_ && files_->written()) note_write();
    }

    /// A file that other programs write all the time is looked at now and then all the same.
    void note_write() {
        if (!options_.timing.after_writes) return;
        if (quiet_at_ == never) first_write_at_ = now();
        quiet_at_ = std::min(now() + options_.timing.quiet_ms,
                             first_write_at_ + tuning::longest_writing_ms);
    }

    /// The watch is set up late and again where it failed: it may have hit a limit of the system,
    /// and the interval still works.
    void watch_files() {
        if (files_ || !options_.timing.after_writes || files_at_ > now()) return;
        try {
            const std::string primary = primary_file_of(path_);
            std::vector<std::string> databases{path_};
            if (!primary.empty()) databases.push_back(primary);
            files_.emplace(databases);
        } catch (const Error& error) {
            files_at_ = now() + tuning::longest_wait_ms;
            change([&](WatchStatus& status) { status.reason = error.message(); });
        }
    }

    /// Somebody wrote; perhaps it was a sync of ours or nothing that concerns us.
    void look() {
        quiet_at_ = never;
        try {
            const Outlook outlook = outlook_of(path_);
            if (outlook.anything) due_ = now();
        } catch (const Error& error) {
            failed(error);
        }
    }

    /// Where the server could not be reached, a look whether it is there again costs less than a
    /// sync that fails.
    bool in_reach() {
        if (status().state != WatchState::offline || !server_) return true;
        if (net::can_connect(*server_, tuning::reach_timeout_ms)) return true;
        retry_at_ = due_ = now() + backoff_.next_ms(system_rng());
        return false;
    }

    void sync() {
        change([](WatchStatus& status) { status.state = WatchState::syncing; });
        try {
            SyncOptions options;
            options.resolver = options_.resolver;
            const SyncReport report =
                Replica::open(path_, {options_.token, options_.batch}).sync(options);
            succeeded(report);
        } catch (const Error& error) {
            failed(error);
        }
    }

    void succeeded(const SyncReport& report) {
        backoff_.reset();
        trouble_.reset();
        retry_at_ = 0;
        plan_next();
        if (report.pending > 0) note_write();
        if (listener_) listener_->resume();
        change([&](WatchStatus& status) {
            status.state = WatchState::waiting;
            status.reason.clear();
            status.retry_ms = 0;
            status.pending = report.pending;
            status.synced_at_ms = system_clock().now_ms();
            status.last = report;
        });
        if (report.pulled > 0 && options_.on_change) options_.on_change(report);
    }

    void failed(const Error& error) {
        const WatchState state = state_after(error);
        const std::int64_t pause = state == WatchState::offline ? backoff_.next_ms(system_rng())
                                                                : trouble_.next_ms(system_rng());
        retry_at_ = due_ = now() + pause;
        if (listener_) listener_->pause();
        files_.reset();  // a folder that was not there may be there by now
        std::int64_t pending = -1;
        try {
            pending = Replica::open(path_).brief().pending;
        } catch (const Error&) {  // the replica itself is out of reach
        }
        change([&](WatchStatus& status) {
            status.state = state;
            status.reason = error.message();
            status.retry_ms = pause;
            if (pending >= 0) status.pending = pending;
        });
    }

    /// The interval differs a little each time, so that devices do not keep step with each other.
    void plan_next() {
        const std::int64_t interval = options_.timing.interval_ms;
        if (interval <= 0) {
            due_ = never;
            return;
        }
        const auto spread = static_cast<std::uint64_t>(interval / 10 + 1);
        due_ = now() + interval - static_cast<std::int64_t>(system_rng().next() % spread);
    }

    void finish() {
        if (options_.timing.on_close) {
            bool wanted = true;
            try {
                wanted = outlook_of(path_).anything;
            } catch (const Error&) {  // the sync says what is wrong
            }
            if (wanted) sync();
        }
        change([](WatchStatus& status) {
            status.state = WatchState::stopped;
            if (!status.reason.empty()) status.reason = "final sync failed: " + status.reason;
        });
    }

    template <class Change>
    void change(const Change& apply) {
        WatchStatus status;
        {
            const std::scoped_lock lock(mutex_);
            apply(status_);
            status = status_;
        }
        if (options_.on_status) options_.on_status(status);
    }

    bool taken(bool& flag, bool reset) {
        const std::scoped_lock lock(mutex_);
        return reset ? std::exchange(flag, false) : flag;
    }

    static std::int64_t now() { return system_clock().steady_ms(); }

    const std::string path_;
    const WatchOptions options_;

    mutable std::mutex mutex_;  ///< guards what follows
    std::thread thread_;
    WatchStatus status_;
    bool stopping_ = false;
    bool asked_ = false;

    Bell bell_;
    // Used by the thread alone:
    NetworkEvents network_;
    std::optional<FileEvents> files_;
    std::optional<net::Url> server_;  ///< of the primary; nothing where it is a file
    std::optional<Listener> listener_;
    std::int64_t files_at_ = 0;        ///< no attempt to watch the files before then
    std::int64_t due_ = never;         ///< the next sync
    std::int64_t quiet_at_ = never;    ///< the writes noted have come to rest
    std::int64_t first_write_at_ = 0;  ///< the first of them
    std::int64_t retry_at_ = 0;        ///< writes start no sync before then
    Backoff backoff_{tuning::offline_first_ms, tuning::offline_most_ms};
    Backoff trouble_{tuning::trouble_first_ms, tuning::trouble_most_ms};
};

Watcher::Watcher(const std::string& path, WatchOptions options)
    : impl_(std::make_unique<Impl>(path, std::move(options))) {}
Watcher::~Watcher() = default;
Watcher::Watcher(Watcher&&) noexcept = default;
Watcher& Watcher::operator=(Watcher&&) noexcept = default;

void Watcher::start() { impl_->start(); }
void Watcher::stop() { impl_->stop(); }
void Watcher::sync_soon() { impl_->sync_soon(); }
WatchStatus Watcher::status() const { return impl_->status(); }

}  // namespace tidemark
