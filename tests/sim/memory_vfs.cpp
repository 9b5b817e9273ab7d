#include "sim/memory_vfs.hpp"

#include <cstring>
#include <memory>
#include <new>
#include <string>

#include "sim/machine.hpp"

namespace tidemark::sim {
namespace {

constexpr std::int64_t julian_epoch_ms = 210'866'760'000'000;  // 1970-01-01 in SQLite's time
constexpr int longest_path = 512;

struct Handle {
    sqlite3_file base{};  // first, because SQLite hands out a pointer to it
    Machine* machine = nullptr;
    std::shared_ptr<StoredFile> file;
    std::shared_ptr<SharedMemory> shared_memory;
    int start = 0;
    int lock = SQLITE_LOCK_NONE;
    unsigned shared_slots = 0, exclusive_slots = 0;
    bool temporary = false;
    bool entry_is_new = false;  ///< its first sync makes its entry in the folder durable too

    bool dead() const { return !temporary && start != machine->starts(); }
};

Handle& of(sqlite3_file* file) { return *reinterpret_cast<Handle*>(file); }
Machine& of(sqlite3_vfs* vfs) { return *static_cast<Machine*>(vfs->pAppData); }

int unlock(sqlite3_file* file, int level) {
    Handle& handle = of(file);
    if (handle.dead()) return SQLITE_OK;
    FileLocks& locks = handle.file->locks;
    for (const void** holder : {&locks.reserved, &locks.pending, &locks.exclusive}) {
        if (*holder == &handle) *holder = nullptr;
    }
    if (level == SQLITE_LOCK_NONE && handle.lock >= SQLITE_LOCK_SHARED) --locks.shared;
    if (level < handle.lock) handle.lock = level;
    return SQLITE_OK;
}

int lock(sqlite3_file* file, int level) {
    Handle& handle = of(file);
    if (handle.dead()) return SQLITE_IOERR_LOCK;
    if (handle.lock >= level) return SQLITE_OK;
    FileLocks& locks = handle.file->locks;
    const auto taken = [&](const void* holder) { return holder && holder != &handle; };
    if (handle.lock == SQLITE_LOCK_NONE) {
        if (taken(locks.pending) || taken(locks.exclusive)) return SQLITE_BUSY;
        ++locks.shared;
        handle.lock = SQLITE_LOCK_SHARED;
    }
    if (level == SQLITE_LOCK_SHARED) return SQLITE_OK;
    if (taken(locks.reserved)) return SQLITE_BUSY;
    locks.reserved = &handle;
    if (handle.lock < SQLITE_LOCK_RESERVED) handle.lock = SQLITE_LOCK_RESERVED;
    if (level == SQLITE_LOCK_RESERVED) return SQLITE_OK;
    if (taken(locks.pending)) return SQLITE_BUSY;
    locks.pending = &handle;
    handle.lock = SQLITE_LOCK_PENDING;
    if (locks.shared > 1) return SQLITE_BUSY;
    locks.exclusive = &handle;
    handle.lock = SQLITE_LOCK_EXCLUSIVE;
    return SQLITE_OK;
}

int check_reserved_lock(sqlite3_file* file, int* out) {
    const Handle& handle = of(file);
    if (handle.dead()) return SQLITE_IOERR_CHECKRESERVEDLOCK;
    *out = handle.file->locks.reserved != nullptr;
    return SQLITE_OK;
}

void free_slots(Handle& handle, unsigned slots) {
    for (int i = 0; i < SharedMemory::lock_count; ++i) {
        if (!(slots >> i & 1U)) continue;
        if (handle.shared_slots >> i & 1U) --handle.shared_memory->shared[i];
        if (handle.exclusive_slots >> i & 1U) handle.shared_memory->exclusive[i] = nullptr;
    }
    handle.shared_slots &= ~slots;
    handle.exclusive_slots &= ~slots;
}

int shm_map(sqlite3_file* file, int region, int size, int extend, void volatile** out) {
    Handle& handle = of(file);
    *out = nullptr;
    if (handle.dead()) return SQLITE_IOERR_SHMMAP;
    if (!handle.shared_memory) handle.shared_memory = handle.file->shared_memory.lock();
    if (!handle.shared_memory) {
        handle.shared_memory = std::make_shared<SharedMemory>();
        handle.file->shared_memory = handle.shared_memory;
    }
    auto& regions = handle.shared_memory->regions;
    const auto wanted = static_cast<std::size_t>(region);
    if (wanted >= regions.size() && !extend) return SQLITE_OK;
    while (regions.size() <= wanted) {
        regions.push_back(std::make_unique<char[]>(static_cast<std::size_t>(size)));
    }
    *out = regions[wanted].get();
    return SQLITE_OK;
}

int shm_lock(sqlite3_file* file, int offset, int count, int flags) {
    Handle& handle = of(file);
    if (!handle.shared_memory) return SQLITE_IOERR_SHMLOCK;
    const unsigned slots = ((1U << count) - 1U) << offset;
    if (flags & SQLITE_SHM_UNLOCK) {
        free_slots(handle, slots);
        return SQLITE_OK;
    }
    if (handle.dead()) return SQLITE_IOERR_SHMLOCK;
    SharedMemory& memory = *handle.shared_memory;
    for (int i = offset; i < offset + count; ++i) {
        const bool mine_shared = handle.shared_slots >> i & 1U;
        if (memory.exclusive[i] && memory.exclusive[i] != &handle) return SQLITE_BUSY;
        if ((flags & SQLITE_SHM_EXCLUSIVE) && memory.shared[i] > (mine_shared ? 1 : 0)) {
            return SQLITE_BUSY;
        }
    }
    for (int i = offset; i < offset + count; ++i) {
        const unsigned slot = 1U << i;
        if (flags & SQLITE_SHM_EXCLUSIVE) {
            memory.exclusive[i] = &handle;
            handle.exclusive_slots |= slot;
        } else if (!(handle.shared_slots & slot)) {
            ++memory.shared[i];
            handle.shared_slots |= slot;
        }
    }
    return SQLITE_OK;
}

void shm_barrier(sqlite3_file*) {}

int shm_unmap(sqlite3_file* file, int) {
    Handle& handle = of(file);
    if (!handle.shared_memory) return SQLITE_OK;
    free_slots(handle, ~0U);
    handle.shared_memory.reset();
    return SQLITE_OK;
}

int close(sqlite3_file* file) {
    Handle& handle = of(file);
    shm_unmap(file, 0);
    unlock(file, SQLITE_LOCK_NONE);
    handle.~Handle();
    return SQLITE_OK;
}

int read(sqlite3_file* file, void* to, int count, sqlite3_int64 at) {
    const Handle& handle = of(file);
    if (handle.dead()) return SQLITE_IOERR_READ;
    const bool whole = handle.file->read(static_cast<char*>(to), count, at);
    return whole ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

int write(sqlite3_file* file, const void* from, int count, sqlite3_int64 at) {
    Handle& handle = of(file);
    const auto bytes = static_cast<const char*>(from);
    if (handle.temporary) {
        handle.file->write(bytes, count, at);
        handle.file->sync();
        return SQLITE_OK;
    }
    if (handle.dead()) return SQLITE_IOERR_WRITE;
    if (handle.machine->disk_is_full && at + count > handle.file->size()) return SQLITE_FULL;
    return handle.machine->io(SQLITE_IOERR_WRITE, [&] { handle.file->write(bytes, count, at); });
}

int truncate(sqlite3_file* file, sqlite3_int64 size) {
    Handle& handle = of(file);
    if (handle.dead()) return SQLITE_IOERR_TRUNCATE;
    if (handle.temporary) {
        handle.file->truncate(size);
        handle.file->sync();
        return SQLITE_OK;
    }
    return handle.machine->io(SQLITE_IOERR_TRUNCATE, [&] { handle.file->truncate(size); });
}

int sync(sqlite3_file* file, int) {
    Handle& handle = of(file);
    if (handle.temporary) return SQLITE_OK;
    if (handle.dead()) return SQLITE_IOERR_FSYNC;
    return handle.machine->io(SQLITE_IOERR_FSYNC, [&] {
        handle.file->sync();
        if (handle.entry_is_new) handle.machine->disk().sync_folder();
        handle.entry_is_new = false;
    });
}

int file_size(sqlite3_file* file, sqlite3_int64* out) {
    const Handle& handle = of(file);
    if (handle.dead()) return SQLITE_IOERR_FSTAT;
    *out = handle.file->size();
    return SQLITE_OK;
}

int file_control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
int sector_size(sqlite3_file*) { return 512; }
int characteristics(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

constexpr sqlite3_io_methods methods = {2,
                                        close,
                                        read,
                                        write,
                                        truncate,
                                        sync,
                                        file_size,
                                        lock,
                                        unlock,
                                        check_reserved_lock,
                                        file_control,
                                        sector_size,
                                        characteristics,
                                        shm_map,
                                        shm_lock,
                                        shm_barrier,
                                        shm_unmap,
                                        nullptr,
                                        nullptr};

int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags) {
    Machine& machine = of(vfs);
    file->pMethods = nullptr;
    std::shared_ptr<StoredFile> stored;
    const bool is_new = name && !machine.disk().exists(name);
    if (!name) {
        stored = std::make_shared<StoredFile>();
    } else if (!is_new) {
        stored = machine.disk().open(name, false);
    } else if (flags & SQLITE_OPEN_CREATE) {
        const int rc = machine.io(SQLITE_IOERR, [&] { stored = machine.disk().open(name, true); });
        if (rc != SQLITE_OK) return rc;
    } else {
        return SQLITE_CANTOPEN;
    }
    auto* handle = new (file) Handle;
    handle->base.pMethods = &methods;
    handle->machine = &machine;
    handle->file = std::move(stored);
    handle->start = machine.starts();
    handle->temporary = !name;
    handle->entry_is_new = is_new;
    if (out_flags) *out_flags = flags;
    return SQLITE_OK;
}

int remove(sqlite3_vfs* vfs, const char* name, int sync_folder) {
    Machine& machine = of(vfs);
    if (!machine.disk().exists(name)) return SQLITE_IOERR_DELETE_NOENT;
    return machine.io(SQLITE_IOERR_DELETE, [&] {
        machine.disk().remove(name);
        if (sync_folder) machine.disk().sync_folder();
    });
}

int access(sqlite3_vfs* vfs, const char* name, int question, int* out) {
    const auto file = of(vfs).disk().open(name, false);
    // As the usual VFS has it: an empty file does not exist.
    *out = file && (question != SQLITE_ACCESS_EXISTS || file->size() > 0);
    return SQLITE_OK;
}

int full_path(sqlite3_vfs*, const char* name, int size, char* out) {
    sqlite3_snprintf(size, out, "%s", name);
    return SQLITE_OK;
}

int randomness(sqlite3_vfs* vfs, int count, char* out) {
    for (int i = 0; i < count; ++i) out[i] = static_cast<char>(of(vfs).rng().next());
    return count;
}

int sleep(sqlite3_vfs* vfs, int us) {
    of(vfs).clock().advance(us / 1000);
    return us;
}

int current_time_ms(sqlite3_vfs* vfs, sqlite3_int64* out) {
    *out = julian_epoch_ms + of(vfs).now_ms();
    return SQLITE_OK;
}

int current_time(sqlite3_vfs* vfs, double* out) {
    sqlite3_int64 ms = 0;
    current_time_ms(vfs, &ms);
    *out = static_cast<double>(ms) / 86'400'000.0;
    return SQLITE_OK;
}

int last_error(sqlite3_vfs*, int, char*) { return 0; }

}  // namespace

sqlite3_vfs memory_vfs(Machine& machine) {
    sqlite3_vfs vfs{};
    vfs.iVersion = 2;
    vfs.szOsFile = static_cast<int>(sizeof(Handle));
    vfs.mxPathname = longest_path;
    vfs.zName = machine.vfs().c_str();
    vfs.pAppData = &machine;
    vfs.xOpen = open;
    vfs.xDelete = remove;
    vfs.xAccess = access;
    vfs.xFullPathname = full_path;
    vfs.xRandomness = randomness;
    vfs.xSleep = sleep;
    vfs.xCurrentTime = current_time;
    vfs.xGetLastError = last_error;
    vfs.xCurrentTimeInt64 = current_time_ms;
    return vfs;
}

}  // namespace tidemark::sim
