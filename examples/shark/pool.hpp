#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "common/database.hpp"

namespace shark {

struct PoolOptions {
    std::size_t size = 10;
    std::chrono::milliseconds idle{std::chrono::minutes(5)};
};

struct PoolMetrics {
    std::int64_t open = 0;    ///< connections that exist now
    std::int64_t in_use = 0;  ///< of these, lent now
    std::int64_t opened = 0;  ///< ever
    std::int64_t reused = 0;  ///< times that one was lent again
    std::int64_t closed_idle = 0;
    std::int64_t waited = 0;  ///< times that somebody had to wait for one
};

/// Connections to the database, opened when they are needed, used again, and closed when nobody has
/// needed them for a while. Any thread may borrow; a borrowed connection is one thread's.
class Pool {
public:
    explicit Pool(std::string path, PoolOptions options = {})
        : path_(std::move(path)), options_(options) {}

    /// A connection on loan: it goes back when this is destroyed, which must be before the pool.
    class Loan {
    public:
        Loan(Pool& pool, std::unique_ptr<examples::Database> database)
            : pool_(pool), database_(std::move(database)) {}
        ~Loan() {
            if (database_) pool_.give_back(std::move(database_));
        }
        Loan(Loan&&) = default;
        Loan& operator=(Loan&&) = delete;
        examples::Database& operator*() const { return *database_; }

    private:
        Pool& pool_;
        std::unique_ptr<examples::Database> database_;
    };

    /// Waits while all are lent. A new connection is tried out before it is lent.
    Loan borrow();
    PoolMetrics metrics();

private:
    friend class Loan;
    using Moment = std::chrono::steady_clock::time_point;
    struct Idle {
        std::unique_ptr<examples::Database> database;
        Moment since;
    };

    std::unique_ptr<examples::Database> open();
    void give_back(std::unique_ptr<examples::Database> database);
    void close_idle();

    const std::string path_;
    const PoolOptions options_;
    std::mutex mutex_;
    std::condition_variable returned_;
    std::vector<Idle> idle_;  ///< the one used last at the end
    PoolMetrics metrics_;
};

}  // namespace shark
