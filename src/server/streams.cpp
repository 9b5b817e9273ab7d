#include "server/streams.hpp"

#include <algorithm>
#include <utility>

#include "server/fault.hpp"

namespace tidemark::server {
namespace {

constexpr std::chrono::seconds remembered{300};  // sqld's figure

}  // namespace

Streams::Taken Streams::take(std::string_view text, const Database& database) {
    const auto baton = maker_.read(text);
    if (!baton) throw HttpFault(400, "BATON_INVALID", "Received an invalid baton", true);
    const std::lock_guard lock(mutex_);
    const auto found = waiting_.find(baton->stream);
    if (found == waiting_.end()) {
        const bool expired = std::any_of(expired_.begin(), expired_.end(), [&](const Expired& e) {
            return e.stream == baton->stream;
        });
        if (expired) {
            throw HttpFault(400, "STREAM_EXPIRED", "The stream has expired due to inactivity");
        }
        throw HttpFault(400, "BATON_USED", "Received a baton that has already been used", true);
    }
    Entry& entry = found->second;
    if (entry.sequence != baton->sequence) {
        throw HttpFault(400, "BATON_USED", "Received a baton that has already been used", true);
    }
    if (entry.stream->database().get() != &database) {
        throw HttpFault(400, "BATON_INVALID", "Received an invalid baton", true);
    }
    Taken taken{std::move(entry.stream), {baton->stream, baton->sequence + 1}};
    waiting_.erase(found);
    return taken;
}

Streams::Taken Streams::add(std::shared_ptr<Stream> stream) {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() >= limits_.streams) {
        throw HttpFault(
            429, "STREAM_LIMIT",
            "Too many streams are open: the limit is " + std::to_string(limits_.streams));
    }
    return {std::move(stream), {++last_id_, 1}};
}

bool Streams::is_roomy() const {
    const std::lock_guard lock(mutex_);
    return waiting_.size() < limits_.streams / 2;
}

void Streams::put_back(Taken taken) {
    const std::lock_guard lock(mutex_);
    waiting_[taken.next.stream] = {std::move(taken.stream), taken.next.sequence, Clock::now()};
}

void Streams::sweep() {
    std::vector<std::shared_ptr<Stream>> over;  // they roll back after the lock is gone
    const std::lock_guard lock(mutex_);
    const auto now = Clock::now();
    const auto limit = now - std::chrono::milliseconds(limits_.stream_idle_ms);
    for (auto each = waiting_.begin(); each != waiting_.end();) {
        if (each->second.since >= limit) {
            ++each;
            continue;
        }
        expired_.push_back({each->first, now});
        over.push_back(std::move(each->second.stream));
        each = waiting_.erase(each);
    }
    while (!expired_.empty() && expired_.front().when < now - remembered) expired_.pop_front();
}

void Streams::clear() {
    const std::lock_guard lock(mutex_);
    waiting_.clear();
}

std::size_t Streams::count() const {
    const std::lock_guard lock(mutex_);
    return waiting_.size();
}

}  // namespace tidemark::server
