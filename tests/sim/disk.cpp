#include "sim/disk.hpp"

#include <algorithm>
#include <cstring>

namespace tidemark::sim {
namespace {

constexpr std::int64_t sector = 512;

}  // namespace

bool StoredFile::read(char* to, std::int64_t count, std::int64_t at) const {
    const std::int64_t there = std::clamp<std::int64_t>(size() - at, 0, count);
    if (there > 0) std::memcpy(to, bytes_.data() + at, static_cast<std::size_t>(there));
    if (there == count) return true;
    std::memset(to + there, 0, static_cast<std::size_t>(count - there));
    return false;
}

void StoredFile::write(const char* from, std::int64_t count, std::int64_t at) {
    const std::int64_t covered = std::clamp<std::int64_t>(size() - at, 0, count);
    unsynced_.push_back({false, at, size(),
                         covered > 0 ? bytes_.substr(static_cast<std::size_t>(at),
                                                     static_cast<std::size_t>(covered))
                                     : std::string(),
                         std::string(from, static_cast<std::size_t>(count))});
    if (size() < at + count) bytes_.resize(static_cast<std::size_t>(at + count));
    std::memcpy(bytes_.data() + at, from, static_cast<std::size_t>(count));
}

void StoredFile::truncate(std::int64_t to) {
    if (to >= size()) return;
    unsynced_.push_back(
        {true, to, size(), bytes_.substr(static_cast<std::size_t>(to)), std::string()});
    bytes_.resize(static_cast<std::size_t>(to));
}

void StoredFile::undo(const Change& change) {
    bytes_.resize(static_cast<std::size_t>(change.size_before));
    std::memcpy(bytes_.data() + change.at, change.before.data(), change.before.size());
}

/// A file may have grown although what was written to its end is lost.
void StoredFile::redo(const Change& change, SeededRng& rng, bool torn) {
    if (change.truncation) {
        if (size() > change.at) bytes_.resize(static_cast<std::size_t>(change.at));
        return;
    }
    const auto count = static_cast<std::int64_t>(change.after.size());
    if (size() < change.at + count) bytes_.resize(static_cast<std::size_t>(change.at + count));
    for (std::int64_t done = 0; done < count;) {
        const std::int64_t next =
            std::min(count, ((change.at + done) / sector + 1) * sector - change.at);
        if (!torn || rng.chance(50)) {
            std::memcpy(bytes_.data() + change.at + done, change.after.data() + done,
                        static_cast<std::size_t>(next - done));
        }
        done = next;
    }
}

void StoredFile::lose_power(SeededRng& rng) {
    locks = {};
    shared_memory.reset();
    if (unsynced_.empty()) return;
    std::vector<Change> changes = std::move(unsynced_);
    unsynced_.clear();
    enum { all_lost, all_kept, any_lost, up_to };
    const std::int64_t what = rng.below(4);
    if (what == all_kept) return;
    for (auto change = changes.rbegin(); change != changes.rend(); ++change) undo(*change);
    if (what == all_lost) return;
    const auto count = static_cast<std::int64_t>(changes.size());
    const std::int64_t end = what == up_to ? rng.below(count + 1) : count;
    for (std::int64_t i = 0; i < end; ++i) {
        const bool last = what == up_to && i + 1 == end;
        if (what == any_lost && rng.chance(40)) continue;
        redo(changes[static_cast<std::size_t>(i)], rng, last || rng.chance(10));
    }
}

std::shared_ptr<StoredFile> Disk::open(const std::string& name, bool create) {
    const auto found = entries_.find(name);
    if (found != entries_.end()) return found->second;
    if (!create) return nullptr;
    auto file = std::make_shared<StoredFile>();
    entries_[name] = file;
    unsynced_.push_back({true, name, file});
    return file;
}

void Disk::remove(const std::string& name) {
    const auto found = entries_.find(name);
    if (found == entries_.end()) return;
    unsynced_.push_back({false, name, found->second});
    entries_.erase(found);
}

void Disk::lose_power(SeededRng& rng) {
    const std::int64_t kept = rng.below(static_cast<std::int64_t>(unsynced_.size()) + 1);
    while (static_cast<std::int64_t>(unsynced_.size()) > kept) {
        const Change& change = unsynced_.back();
        if (change.made) {
            entries_.erase(change.name);
        } else {
            entries_[change.name] = change.file;
        }
        unsynced_.pop_back();
    }
    unsynced_.clear();
    for (auto& [name, file] : entries_) file->lose_power(rng);
}

Disk::Files Disk::copy() const {
    Files files;
    for (const auto& [name, file] : entries_) files[name] = file->bytes();
    return files;
}

void Disk::restore(const Files& files) {
    entries_.clear();
    unsynced_.clear();
    for (const auto& [name, bytes] : files) {
        auto file = std::make_shared<StoredFile>();
        file->assign(bytes);
        entries_[name] = std::move(file);
    }
}

}  // namespace tidemark::sim
