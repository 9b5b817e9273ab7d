#include "server/news.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>

namespace tidemark::server {
namespace {

/// How long after the last question other processes' commits are looked for.
constexpr std::chrono::minutes watch_time{5};

}  // namespace

template <class Handler>
struct News::WaiterOf final : Waiter {
    explicit WaiterOf(Handler with) : handler(std::move(with)) {}
    void resume() override {
        const auto executor = boost::asio::get_associated_executor(handler);
        boost::asio::post(executor, std::move(handler));
    }
    Handler handler;
};

News::News(std::string path) : path_(std::move(path)) {}

News::~News() = default;

void News::committed() {
    {
        // Our own commit is no news of another process. One of those that comes between the two is
        // told together with ours.
        const std::lock_guard watching(watch_mutex_);
        if (watch_) seen_version_ = watch_->integer("PRAGMA data_version");
    }
    count_one();
}

void News::count_one() {
    Waiters waiters;
    {
        const std::lock_guard lock(mutex_);
        ++count_;
        waiters.swap(waiters_);
    }
    for (const auto& waiter : waiters) waiter->resume();
}

std::uint64_t News::state() {
    {
        const std::lock_guard watching(watch_mutex_);
        watch_until_ = Clock::now() + watch_time;
        if (!watch_) {
            watch_ = std::make_unique<Connection>(path_, Connection::Open::read_only);
            seen_version_ = watch_->integer("PRAGMA data_version");
        }
    }
    const std::lock_guard lock(mutex_);
    return count_;
}

Task<> News::wait(std::uint64_t past, std::int64_t ms) {
    co_await boost::asio::async_initiate<decltype(use_task), void()>(
        [this, past, ms](auto handler) {
            auto waiter = std::make_unique<WaiterOf<decltype(handler)>>(std::move(handler));
            waiter->until = Clock::now() + std::chrono::milliseconds(ms);
            std::unique_lock lock(mutex_);
            if (count_ == past && !closed_) {
                waiters_.push_back(std::move(waiter));
                return;
            }
            lock.unlock();
            waiter->resume();
        },
        use_task);
}

void News::look_elsewhere() {
    const std::lock_guard watching(watch_mutex_);
    if (!watch_) return;
    if (Clock::now() > watch_until_) return watch_.reset();
    const std::int64_t version = watch_->integer("PRAGMA data_version");
    if (std::exchange(seen_version_, version) != version) count_one();
}

void News::sweep() {
    look_elsewhere();
    Waiters over;
    {
        const std::lock_guard lock(mutex_);
        for (auto waiter = waiters_.begin(); waiter != waiters_.end();) {
            const auto next = std::next(waiter);
            if ((*waiter)->until <= Clock::now()) over.splice(over.end(), waiters_, waiter);
            waiter = next;
        }
    }
    for (const auto& waiter : over) waiter->resume();
}

bool News::closed() {
    const std::lock_guard lock(mutex_);
    return closed_;
}

void News::close() {
    {
        const std::lock_guard watching(watch_mutex_);
        watch_.reset();
    }
    Waiters waiters;
    {
        const std::lock_guard lock(mutex_);
        closed_ = true;
        waiters.swap(waiters_);
    }
    for (const auto& waiter : waiters) waiter->resume();
}

}  // namespace tidemark::server
