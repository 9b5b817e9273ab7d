#include "shark/pool.hpp"

#include <algorithm>

namespace shark {

using examples::Database;

Pool::Loan Pool::borrow() {
    std::unique_lock lock(mutex_);
    const auto size = static_cast<std::int64_t>(options_.size);
    if (metrics_.in_use >= size) {
        ++metrics_.waited;
        returned_.wait(lock, [&] { return metrics_.in_use < size; });
    }
    close_idle();
    ++metrics_.in_use;
    if (!idle_.empty()) {
        std::unique_ptr<Database> database = std::move(idle_.back().database);
        idle_.pop_back();
        ++metrics_.reused;
        return {*this, std::move(database)};
    }
    ++metrics_.open;
    ++metrics_.opened;
    lock.unlock();
    return {*this, open()};
}

std::unique_ptr<Database> Pool::open() {
    try {
        auto database = std::make_unique<Database>(path_);
        database->query("SELECT count(*) FROM sqlite_schema");  // is it there, and a database?
        return database;
    } catch (...) {
        const std::lock_guard lock(mutex_);
        --metrics_.open;
        --metrics_.in_use;
        returned_.notify_one();
        throw;
    }
}

void Pool::give_back(std::unique_ptr<Database> database) {
    const std::lock_guard lock(mutex_);
    idle_.push_back({std::move(database), std::chrono::steady_clock::now()});
    --metrics_.in_use;
    close_idle();
    returned_.notify_one();
}

void Pool::close_idle() {
    const Moment limit = std::chrono::steady_clock::now() - options_.idle;
    const auto fresh = std::find_if(idle_.begin(), idle_.end(),
                                    [&](const Idle& idle) { return idle.since > limit; });
    const auto stale = std::distance(idle_.begin(), fresh);
    idle_.erase(idle_.begin(), fresh);
    metrics_.open -= stale;
    metrics_.closed_idle += stale;
}

PoolMetrics Pool::metrics() {
    const std::lock_guard lock(mutex_);
    close_idle();
    return metrics_;
}

}  // namespace shark
