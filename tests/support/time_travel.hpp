#pragma once

#include <sqlite3.h>

#include <cstdint>

namespace tidemark {

/// While it lives, SQLite in this process tells another time than the machine's: connections opened
/// meanwhile, with no VFS of their own, see it. One at a time.
class TimeTravel {
public:
    TimeTravel() : real_(sqlite3_vfs_find(nullptr)) {
        original() = real_;
        offset_ms() = 0;
        vfs_ = *real_;
        vfs_.zName = "tidemark-time-travel";
        vfs_.pNext = nullptr;
        vfs_.xCurrentTime = [](sqlite3_vfs* vfs, double* out) {
            sqlite3_int64 ms = 0;
            const int code = now_ms(vfs, &ms);
            *out = static_cast<double>(ms) / day_ms;
            return code;
        };
        vfs_.xCurrentTimeInt64 = &now_ms;
        sqlite3_vfs_register(&vfs_, 1);
    }
    ~TimeTravel() {
        sqlite3_vfs_unregister(&vfs_);
        sqlite3_vfs_register(real_, 1);
    }
    TimeTravel(const TimeTravel&) = delete;
    TimeTravel& operator=(const TimeTravel&) = delete;

    void days(std::int64_t count) { offset_ms() += count * day_ms; }

private:
    static constexpr std::int64_t day_ms = 86'400'000;

    static sqlite3_vfs*& original() {
        static sqlite3_vfs* vfs = nullptr;
        return vfs;
    }
    static std::int64_t& offset_ms() {
        static std::int64_t ms = 0;
        return ms;
    }
    static int now_ms(sqlite3_vfs*, sqlite3_int64* out) {
        const int code = original()->xCurrentTimeInt64(original(), out);
        *out += offset_ms();
        return code;
    }

    sqlite3_vfs* real_;
    sqlite3_vfs vfs_{};
};

}  // namespace tidemark
