#include "server/served_replica.hpp"

#include <filesystem>

#include <tidemark/watcher.hpp>

#include "sqlite/connection.hpp"

namespace tidemark::server {
namespace {

bool is_replica(const std::string& path) {
    if (!std::filesystem::is_regular_file(path)) return false;
    Connection connection(path);
    const bool kept = connection.integer(
                          "SELECT count(*) FROM sqlite_schema WHERE type = 'table' "
                          "AND name = 'tidemark_meta'") != 0;
    return kept &&
           connection.integer("SELECT count(*) FROM tidemark_meta WHERE role = 'replica'") != 0;
}

void tell(const Shared& shared, const WatchStatus& status) {
    switch (status.state) {
        case WatchState::waiting: ++shared.metrics.syncs; break;
        case WatchState::offline:
            ++shared.metrics.sync_errors;
            shared.log.info("primary out of reach",
                            {{"reason", status.reason}, {"pending", status.pending}});
            break;
        case WatchState::refused:
        case WatchState::failed:
            ++shared.metrics.sync_errors;
            shared.log.warning("sync failed",
                               {{"reason", status.reason}, {"pending", status.pending}});
            break;
        case WatchState::syncing:
        case WatchState::stopped: break;
    }
}

}  // namespace

std::unique_ptr<ServedReplica> ServedReplica::open(const std::string& path,
                                                   std::int64_t interval_ms, const Shared& shared) {
    if (!is_replica(path)) return nullptr;
    return std::unique_ptr<ServedReplica>(new ServedReplica(path, interval_ms, shared));
}

ServedReplica::ServedReplica(const std::string& path, std::int64_t interval_ms,
                             const Shared& shared) {
    WatchOptions options;
    options.timing.interval_ms = interval_ms;
    options.on_status = [shared](const WatchStatus& status) { tell(shared, status); };
    watcher_ = std::make_unique<Watcher>(path, std::move(options));
}

ServedReplica::~ServedReplica() = default;

void ServedReplica::start() { watcher_->start(); }
void ServedReplica::stop() { watcher_->stop(); }

}  // namespace tidemark::server
