#include "sync/file_events.hpp"

#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include <tidemark/error.hpp>

namespace tidemark {
namespace {

namespace fs = std::filesystem;

// Not IN_CREATE and IN_DELETE: opening and closing a database in WAL mode, as looking at it does,
// makes and removes its log.
constexpr std::uint32_t writes = IN_MODIFY | IN_MOVED_TO;

Error no_watch(const std::string& what) {
    return {ErrorCode::failed, "cannot watch " + what + ": " + std::strerror(errno),
            "Raise fs.inotify.max_user_instances or max_user_watches with sysctl, or watch fewer "
            "databases."};
}

}  // namespace

FileEvents::FileEvents(const std::vector<std::string>& databases)
    : inotify_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
    if (inotify_ < 0) throw no_watch("files");
    for (const std::string& database : databases) {
        const fs::path path = fs::weakly_canonical(fs::absolute(database));
        const int watch =
            ::inotify_add_watch(inotify_, path.parent_path().c_str(), writes | IN_ONLYDIR);
        if (watch < 0 && (errno == ENOENT || errno == ENOTDIR)) continue;
        if (watch < 0) {
            const Error error = no_watch(path.string());
            ::close(inotify_);
            throw error;
        }
        for (const char* companion : {"", "-wal", "-journal"}) {
            names_[watch].push_back(path.filename().string() + companion);
        }
    }
}

FileEvents::~FileEvents() { ::close(inotify_); }

bool FileEvents::written() {
    bool any = false;
    alignas(inotify_event) char buffer[16'384];
    while (true) {
        const ssize_t count = ::read(inotify_, buffer, sizeof buffer);
        if (count <= 0) return any;
        for (ssize_t at = 0; at < count;) {
            const auto* event = reinterpret_cast<const inotify_event*>(buffer + at);
            at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
            if ((event->mask & IN_Q_OVERFLOW) != 0) any = true;
            const auto names = names_.find(event->wd);
            if (event->len == 0 || names == names_.end()) continue;
            const std::string name = event->name;
            any = any || std::find(names->second.begin(), names->second.end(), name) !=
                             names->second.end();
        }
    }
}

}  // namespace tidemark
