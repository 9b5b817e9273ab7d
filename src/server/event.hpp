#pragma once

#include <memory>
#include <mutex>
#include <utility>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>

#include "server/task.hpp"

namespace tidemark::server {

/// Lets one coroutine wait until another thread says so. Any thread may call set().
class Event {
public:
    /// Returns once set() has been called since the last return.
    Task<> wait() {
        co_await boost::asio::async_initiate<decltype(use_task), void()>(
            [this](auto handler) {
                auto waiter = std::make_unique<WaiterOf<decltype(handler)>>(std::move(handler));
                const std::lock_guard lock(mutex_);
                waiter_ = std::move(waiter);
                resume_if_set();
            },
            use_task);
    }
    void set() {
        const std::lock_guard lock(mutex_);
        set_ = true;
        resume_if_set();
    }

private:
    struct Waiter {
        virtual ~Waiter() = default;
        virtual void resume() = 0;
    };
    template <class Handler>
    struct WaiterOf final : Waiter {
        explicit WaiterOf(Handler with) : handler(std::move(with)) {}
        void resume() override {
            const auto executor = boost::asio::get_associated_executor(handler);
            boost::asio::post(executor, std::move(handler));
        }
        Handler handler;
    };

    void resume_if_set() {
        if (!waiter_ || !set_) return;
        set_ = false;
        std::exchange(waiter_, nullptr)->resume();
    }

    std::mutex mutex_;
    std::unique_ptr<Waiter> waiter_;
    bool set_ = false;
};

}  // namespace tidemark::server
