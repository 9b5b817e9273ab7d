#pragma once

#include <string>

namespace shark {

/// Where this user's files lie. There is one database at a time: the local one, or the replica.
struct Places {
    std::string local;    ///< ~/.shark/shark.db: without the cloud
    std::string replica;  ///< ~/.shark/turso-replica.db: kept in step with the cloud
    std::string state;    ///< ~/.shark/turso-sync.json
    std::string token;    ///< ~/.shark/turso-token, 0600
    std::string log;      ///< ~/.shark/sync.log, where SHARK_SYNC_LOG=1
    std::string turn;     ///< ~/.shark/background.pid: who syncs in the background

    static Places of_user();

    bool in_cloud() const;
    const std::string& database() const { return in_cloud() ? replica : local; }
};

}  // namespace shark
