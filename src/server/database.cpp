#include "server/database.hpp"

#include <tidemark/error.hpp>

#include "server/fault.hpp"
#include "server/stream.hpp"

namespace tidemark::server {
namespace {

/// Connections kept open for the next request, of each role. Each holds a page cache of up to 2 MB.
constexpr std::size_t idle_connections = 16;

[[noreturn]] void throw_locked() { throw Fault("SQLITE_BUSY", "SQLite error: database is locked"); }

}  // namespace

Database::Database(std::string name, std::string path, const Shared& shared, bool create,
                   const DatabaseConfig& config)
    : name_(std::move(name)),
      path_(std::move(path)),
      shared_(shared),
      news_(path_),
      writers_(
          shared.threads.writers(), shared.limits, [this] { return connect(Role::client); },
          [this] { news_.committed(); }, [this] { return shared_from_this(); }) {
    configure(config);
    give_back(connect(Role::client, create));
}

Database::~Database() = default;

void Database::configure(const DatabaseConfig& config) {
    {
        const std::lock_guard lock(reason_mutex_);
        block_reason_ = config.block_reason;
    }
    block_reads_ = config.block_reads;
    block_writes_ = config.block_writes;
    write_idle_ms_ = config.write_idle_ms;
    if (most_bytes_.exchange(config.most_bytes) == config.most_bytes) return;
    writers_.reconnect();
    const std::lock_guard lock(mutex_);
    for (auto& idle : idle_) idle.clear();
}

void Database::require_open(bool for_write) const {
    if (!(for_write ? block_writes_ : block_reads_)) return;
    const std::lock_guard lock(reason_mutex_);
    throw Fault("BLOCKED", block_reason_.empty() ? "Operation was blocked"
                                                 : "Operation was blocked: " + block_reason_);
}

std::int64_t Database::write_idle_ms() const {
    const std::int64_t own = write_idle_ms_;
    return own > 0 ? own : limits().write_idle_ms;
}

void Database::retire() {
    retired_ = true;
    news_.close();
    writers_.turn_away();
}

void Database::require() const {
    if (!retired_) return;
    throw HttpFault(404, "NAMESPACE_NOT_FOUND", "The database '" + name_ + "' has been removed");
}

Task<> Database::write(Write& one) {
    const bool came = co_await writers_.write(one);
    require();
    if (!came) throw_locked();
}

Task<> Database::take_turn() {
    const bool came = co_await writers_.take();
    if (came && retired_) writers_.release();
    require();
    if (!came) throw_locked();
}

Database::Lease Database::connect(Role role, bool create) {
    return std::make_unique<SqlConnection>(path_, role, limits(), create, most_bytes_);
}

Database::Lease Database::connect_for_client(Role role) {
    try {
        return connect(role);
    } catch (const Error& error) {
        throw Fault("SQLITE_CANTOPEN", "SQLite error: " + error.message());
    }
}

Database::Lease Database::lease(Role role) {
    {
        const std::lock_guard lock(mutex_);
        auto& idle = idle_[static_cast<int>(role)];
        if (!idle.empty()) {
            Lease connection = std::move(idle.back());
            idle.pop_back();
            return connection;
        }
    }
    return connect_for_client(role);
}

void Database::give_back(Lease connection) {
    if (!connection || connection->in_transaction() || connection->is_altered()) return;
    if (connection->most_bytes() != most_bytes_) return;
    const std::lock_guard lock(mutex_);
    auto& idle = idle_[static_cast<int>(connection->role())];
    if (idle.size() < idle_connections) idle.push_back(std::move(connection));
}

void Database::watch(Stream& stream) {
    const std::lock_guard lock(watched_mutex_);
    watched_.insert(&stream);
}

void Database::unwatch(Stream& stream) {
    const std::lock_guard lock(watched_mutex_);
    watched_.erase(&stream);
}

void Database::sweep() {
    writers_.sweep();
    news_.sweep();
    const std::lock_guard lock(watched_mutex_);
    for (auto each = watched_.begin(); each != watched_.end();) {
        Stream& stream = **each;
        ++each;  // it may leave
        if (stream.reclaim_if_idle()) watched_.erase(&stream);
    }
}

void Database::checkpoint() {
    Connection connection(path_);
    connection.execute("PRAGMA wal_checkpoint(PASSIVE)");
}

void Database::close() {
    news_.close();
    writers_.close();
    const std::lock_guard lock(mutex_);
    for (auto& idle : idle_) idle.clear();
    try {
        Connection last(path_);
        last.execute("PRAGMA wal_checkpoint(TRUNCATE)");
    } catch (const Error&) {
        // Another process still has it open, or it is gone: the log is complete as it is.
    }
}

}  // namespace tidemark::server
