#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "server/shared.hpp"

namespace tidemark {
class Watcher;
}

namespace tidemark::server {

/// Goes on syncing a replica while it is served: its triggers capture what clients write, and the
/// library's Watcher sends it on. Being offline is a state in the log and the metrics; clients
/// notice nothing of it. Use it from one thread.
class ServedReplica {
public:
    /// Null where the file at `path` is no replica.
    static std::unique_ptr<ServedReplica> open(const std::string& path, std::int64_t interval_ms,
                                               const Shared& shared);
    ~ServedReplica();
    ServedReplica(const ServedReplica&) = delete;
    ServedReplica& operator=(const ServedReplica&) = delete;

    void start();
    /// Syncs once more.
    void stop();

private:
    ServedReplica(const std::string& path, std::int64_t interval_ms, const Shared& shared);

    std::unique_ptr<Watcher> watcher_;
};

}  // namespace tidemark::server
