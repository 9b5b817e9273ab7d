#pragma once

#include <string>

namespace tidemark {

/// Lets the syncs of one file take turns, across threads and processes: a lock file beside the
/// database that exists only while it is held. A holder that dies leaves nothing locked.
class SyncLock {
public:
    /// Waits for its turn. Throws Error where the folder cannot be written or the wait is too long.
    explicit SyncLock(const std::string& database);
    ~SyncLock();
    SyncLock(const SyncLock&) = delete;
    SyncLock& operator=(const SyncLock&) = delete;

private:
    bool try_lock();

    std::string path_;
    int file_ = -1;
};

}  // namespace tidemark
