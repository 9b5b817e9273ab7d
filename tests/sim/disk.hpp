#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sim/seeded_rng.hpp"

namespace tidemark::sim {

/// What connections of one machine share of a database in WAL mode. It lives as long as one of them
/// maps it.
struct SharedMemory {
    static constexpr int lock_count = 8;

    std::vector<std::unique_ptr<char[]>> regions;
    int shared[lock_count] = {};
    const void* exclusive[lock_count] = {};
};

/// SQLite's locks on a file, and who holds them.
struct FileLocks {
    int shared = 0;
    const void* reserved = nullptr;
    const void* pending = nullptr;
    const void* exclusive = nullptr;
};

/// A file in memory. It remembers what was written since it was last synced, because a power
/// failure may undo any of that: a write can be kept, lost, or kept in some of its sectors.
class StoredFile {
public:
    std::int64_t size() const { return static_cast<std::int64_t>(bytes_.size()); }
    /// False where the file ends before; the rest of `to` is zeroed then.
    bool read(char* to, std::int64_t count, std::int64_t at) const;
    void write(const char* from, std::int64_t count, std::int64_t at);
    void truncate(std::int64_t size);
    void sync() { unsynced_.clear(); }
    void lose_power(SeededRng& rng);

    const std::string& bytes() const { return bytes_; }
    void assign(std::string bytes) { bytes_ = std::move(bytes); }

    FileLocks locks;
    std::weak_ptr<SharedMemory> shared_memory;

private:
    struct Change {
        bool truncation;
        std::int64_t at;
        std::int64_t size_before;
        std::string before, after;
    };
    void undo(const Change& change);
    void redo(const Change& change, SeededRng& rng, bool torn);

    std::string bytes_;
    std::vector<Change> unsynced_;
};

/// The folder of one machine. Entries that were made or removed since the folder was last synced
/// may be as before after a power failure; the older ones are safe before the newer ones.
class Disk {
public:
    using Files = std::map<std::string, std::string>;  ///< bytes by name

    /// Null where it is not there and `create` is false.
    std::shared_ptr<StoredFile> open(const std::string& name, bool create);
    bool exists(const std::string& name) const { return entries_.contains(name); }
    void remove(const std::string& name);
    void sync_folder() { unsynced_.clear(); }
    void lose_power(SeededRng& rng);

    /// Everything in the folder as it is, like a snapshot of the file system.
    Files copy() const;
    /// Puts a copy in the place of everything.
    void restore(const Files& files);

private:
    struct Change {
        bool made;
        std::string name;
        std::shared_ptr<StoredFile> file;
    };
    std::map<std::string, std::shared_ptr<StoredFile>> entries_;
    std::vector<Change> unsynced_;
};

}  // namespace tidemark::sim
