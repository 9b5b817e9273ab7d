#include "sync/listener.hpp"

#include <utility>

#include "base/clock.hpp"
#include "base/rng.hpp"
#include "base/tuning.hpp"
#include "primary/open.hpp"
#include "sync/store.hpp"

namespace tidemark {
namespace {

/// The file is closed again before the long wait: an open one holds memory and descriptors.
Meta meta_of(const std::string& path) {
    Connection connection(path);
    return Store(connection).meta();
}

}  // namespace

Listener::Listener(std::string path, TokenProvider token, std::function<void()> heard)
    : path_(std::move(path)), token_(std::move(token)), heard_(std::move(heard)) {
    thread_ = std::thread([this] { run(); });
}

Listener::~Listener() {
    stopping_ = true;
    changed_.notify_all();
    thread_.join();
}

void Listener::resume() {
    const std::scoped_lock lock(mutex_);
    listening_ = true;
    changed_.notify_all();
}

void Listener::pause() {
    const std::scoped_lock lock(mutex_);
    listening_ = false;
}

/// False where it is over.
bool Listener::wait_to_listen() {
    std::unique_lock lock(mutex_);
    // A notification between the look at stopping_ and the wait would be lost: hence the limit.
    while (!stopping_ && !listening_) changed_.wait_for(lock, std::chrono::seconds(1));
    return !stopping_;
}

void Listener::run() {
    while (wait_to_listen()) {
        try {
            const Meta meta = meta_of(path_);
            const Location location = Location::stored(meta.primary);
            if (!location.url) return;
            const auto endpoint =
                open_primary(location, false, {token_, system_clock(), system_rng()},
                             [](const std::vector<std::string>&) { return Catalog(); });
            switch (endpoint->wait_for_change(meta.mark, tuning::listen_ms, stopping_)) {
                case News::unknown: return;
                case News::no: break;
                case News::yes:
                    pause();
                    if (!stopping_) heard_();
                    break;
            }
        } catch (const Error&) {  // the next sync meets the same, and tells it
            pause();
            if (!stopping_) heard_();
        }
    }
}

}  // namespace tidemark
