#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "server/database_config.hpp"
#include "server/news.hpp"
#include "server/shared.hpp"
#include "server/sql_connection.hpp"
#include "server/writer_queue.hpp"

namespace tidemark::server {

class Stream;

/// One served file: its connections, whose turn it is to write, and who waits for news. Any thread
/// may call it. Lives until the last stream has let go of it.
class Database : public std::enable_shared_from_this<Database> {
public:
    /// Throws Error where the file cannot be served.
    Database(std::string name, std::string path, const Shared& shared, bool create,
             const DatabaseConfig& config);
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    const std::string& name() const { return name_; }
    const std::string& path() const { return path_; }
    const Limits& limits() const { return shared_.limits; }
    Threads& threads() { return shared_.threads; }
    Metrics& metrics() { return shared_.metrics; }
    WriterQueue& writers() { return writers_; }
    News& news() { return news_; }

    /// What an administrator says about it holds from now on, in open streams too.
    void configure(const DatabaseConfig& config);
    /// Throws Fault where an administrator has blocked it.
    void require_open(bool for_write) const;
    /// For how long a write transaction may be idle while others wait.
    std::int64_t write_idle_ms() const;

    /// Its file has been removed: whoever asks for it from now on is told so.
    void retire();
    /// Throws HttpFault{404} where it has been removed.
    void require() const;

    /// Those of writers(). Throw Fault where the turn did not come, HttpFault as require().
    Task<> write(Write& write);
    Task<> take_turn();

    using Lease = std::unique_ptr<SqlConnection>;
    /// A connection that nobody else uses. Throws Fault where none can be opened. Give it back.
    Lease lease(Role role);
    void give_back(Lease connection);

    /// Streams that hold a transaction, so that idle ones can be found.
    void watch(Stream& stream);
    void unwatch(Stream& stream);

    /// Ends what has been idle for too long. Called every now and then.
    void sweep();

    /// Writes the log back into the file as far as nobody needs it.
    void checkpoint();
    /// Writes the log back into the file and closes what is idle.
    void close();

private:
    Lease connect(Role role, bool create = false);
    Lease connect_for_client(Role role);

    std::string name_;
    std::string path_;
    const Shared shared_;
    News news_;
    WriterQueue writers_;
    std::atomic<bool> retired_{false};
    std::atomic<bool> block_reads_{false};
    std::atomic<bool> block_writes_{false};
    std::atomic<std::int64_t> most_bytes_{0};
    std::atomic<std::int64_t> write_idle_ms_{0};
    mutable std::mutex reason_mutex_;
    std::string block_reason_;

    std::mutex mutex_;
    std::vector<Lease> idle_[roles];
    std::mutex watched_mutex_;
    std::set<Stream*> watched_;
};

}  // namespace tidemark::server
