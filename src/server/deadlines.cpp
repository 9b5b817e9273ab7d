#include "server/deadlines.hpp"

#include <sys/socket.h>

namespace tidemark::server {

std::int64_t Deadlines::now_ms() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

Deadlines::Watch::Watch(Deadlines& owner, int socket) : owner_(owner) {
    const std::lock_guard lock(owner_.mutex_);
    entry_ = owner_.entries_.emplace(owner_.entries_.end());
    entry_->at_ms = never;
    entry_->idle = false;
    entry_->socket = socket;
}

Deadlines::Watch::~Watch() {
    const std::lock_guard lock(owner_.mutex_);
    owner_.entries_.erase(entry_);
}

void Deadlines::Watch::allow(std::int64_t ms, bool idle) {
    entry_->at_ms.store(now_ms() + ms, std::memory_order_relaxed);
    entry_->idle.store(idle, std::memory_order_relaxed);
}

void Deadlines::sweep() {
    const std::int64_t now = now_ms();
    const std::lock_guard lock(mutex_);
    for (Entry& entry : entries_) {
        if (entry.at_ms < now) ::shutdown(entry.socket, SHUT_RDWR);
    }
}

void Deadlines::cut(bool all) {
    const std::lock_guard lock(mutex_);
    for (Entry& entry : entries_) {
        if (all || entry.idle) ::shutdown(entry.socket, SHUT_RDWR);
    }
}

std::size_t Deadlines::count() const {
    const std::lock_guard lock(mutex_);
    return entries_.size();
}

}  // namespace tidemark::server
