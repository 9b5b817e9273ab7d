#include "server/threads.hpp"

#include <boost/asio/executor_work_guard.hpp>

namespace tidemark::server {
namespace {

/// More statements than this that all run long wait for each other after all.
constexpr std::size_t max_spares = 64;
/// Threads of the loop for writers: as many databases can commit at one time before any is lent.
constexpr std::size_t writer_threads = 2;

thread_local Threads* threads_of_this = nullptr;
thread_local Loop* loop_of_this = nullptr;

}  // namespace

struct Threads::Absence::Spare {
    std::atomic<bool> wanted{true};
    Loop* loop = nullptr;
};

Threads::Threads(std::size_t loops) : writers_(std::make_unique<Loop>()) {
    for (std::size_t i = 0; i < std::max<std::size_t>(loops, 1); ++i) {
        loops_.push_back(std::make_unique<Loop>());
    }
}

Threads::~Threads() = default;

void Threads::start() {
    for (const auto& loop : loops_) work_.push_back(boost::asio::make_work_guard(*loop));
    work_.push_back(boost::asio::make_work_guard(*writers_));
    for (const auto& loop : loops_) threads_.emplace_back([this, &loop] { run(*loop); });
    for (std::size_t i = 0; i < writer_threads; ++i) {
        threads_.emplace_back([this] { run(*writers_); });
    }
}

void Threads::stop() {
    for (const auto& loop : loops_) loop->stop();
    writers_->stop();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
    std::unique_lock lock(mutex_);
    spare_gone_.wait(lock, [this] { return spares_ == 0; });
    work_.clear();
}

Loop& Threads::next() { return *loops_[next_.fetch_add(1) % loops_.size()]; }

void Threads::run(Loop& loop) {
    threads_of_this = this;
    loop_of_this = &loop;
    loop.run();
}

std::shared_ptr<Threads::Absence::Spare> Threads::lend(Loop& loop) {
    {
        const std::lock_guard lock(mutex_);
        if (spares_ >= max_spares || loop.stopped()) return nullptr;
        ++spares_;
    }
    auto spare = std::make_shared<Absence::Spare>();
    spare->loop = &loop;
    std::thread([this, spare, &loop] {
        threads_of_this = this;
        loop_of_this = &loop;
        while (spare->wanted && loop.run_one() > 0) {
        }
        const std::lock_guard lock(mutex_);
        --spares_;
        spare_gone_.notify_all();
    }).detach();
    return spare;
}

Threads::Absence::Absence() {
    if (loop_of_this) spare_ = threads_of_this->lend(*loop_of_this);
}

Threads::Absence::~Absence() {
    if (!spare_) return;
    spare_->wanted = false;
    boost::asio::post(*spare_->loop, [] {});  // it may be waiting for something to do
}

}  // namespace tidemark::server
