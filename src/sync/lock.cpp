#include "sync/lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include <tidemark/error.hpp>

#include "base/clock.hpp"
#include "base/tuning.hpp"

namespace tidemark {

// Not a lock on the database itself: closing any descriptor of a file drops every POSIX lock that
// the process holds on it, SQLite's included.
SyncLock::SyncLock(const std::string& database)
    : path_(std::filesystem::weakly_canonical(std::filesystem::absolute(database)).string() +
            "-tidemark-lock") {
    Clock& clock = system_clock();
    const std::int64_t give_up = clock.steady_ms() + tuning::sync_turn_timeout_ms;
    while (!try_lock()) {
        if (clock.steady_ms() > give_up) {
            throw Error(ErrorCode::failed, "another sync of " + database + " is still running",
                        "Wait until it has finished, then try again.");
        }
        clock.sleep_ms(tuning::sync_turn_pause_ms);
    }
}

SyncLock::~SyncLock() {
    // Removed while it is still locked: whoever opened it meanwhile sees that it is gone.
    unlink(path_.c_str());
    close(file_);
}

bool SyncLock::try_lock() {
    const int file = open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) {
        throw Error(ErrorCode::failed, path_ + " cannot be created: " + std::strerror(errno),
                    "Check that the database's folder exists and that you may write it.");
    }
    struct stat held {
    }, named{};
    if (flock(file, LOCK_EX | LOCK_NB) == 0 && fstat(file, &held) == 0 &&
        stat(path_.c_str(), &named) == 0 && held.st_ino == named.st_ino) {
        file_ = file;
        return true;
    }
    close(file);
    return false;
}

}  // namespace tidemark
