#include "sim/virtual_clock.hpp"

#include <sqlite3.h>

#include <array>
#include <atomic>

namespace tidemark::sim {
namespace {

constexpr int most_devices = 8;
constexpr std::int64_t julian_epoch_ms = 210'866'760'000'000;  // 1970-01-01 in SQLite's time

std::atomic<std::int64_t> world_ms{1'700'000'000'000};

struct Device {
    std::string name;
    sqlite3_vfs vfs{};
    std::atomic<std::int64_t> skew_ms{0};
};

std::array<Device, most_devices>& devices() {
    static std::array<Device, most_devices> all;
    return all;
}

int current_time_ms(sqlite3_vfs* vfs, sqlite3_int64* out) {
    // SQLite's own VFS keeps something in pAppData, so the device is found by the address.
    *out = julian_epoch_ms + world_ms;
    for (const Device& device : devices()) {
        if (&device.vfs == vfs) *out += device.skew_ms;
    }
    return SQLITE_OK;
}

int current_time(sqlite3_vfs* vfs, double* out) {
    sqlite3_int64 ms = 0;
    current_time_ms(vfs, &ms);
    *out = static_cast<double>(ms) / 86'400'000.0;
    return SQLITE_OK;
}

}  // namespace

VirtualClock::VirtualClock(int count) {
    for (int i = 0; i < count; ++i) {
        Device& device = devices()[static_cast<std::size_t>(i)];
        if (!device.name.empty()) continue;
        device.name = vfs(i);
        device.vfs = *sqlite3_vfs_find(nullptr);
        device.vfs.zName = device.name.c_str();
        device.vfs.pNext = nullptr;
        device.vfs.xCurrentTime = &current_time;
        device.vfs.xCurrentTimeInt64 = &current_time_ms;
        sqlite3_vfs_register(&device.vfs, 0);
    }
}

std::string VirtualClock::vfs(int device) { return "tidemark-device-" + std::to_string(device); }

void VirtualClock::skew(int device, std::int64_t ms) {
    devices()[static_cast<std::size_t>(device)].skew_ms = ms;
}

void VirtualClock::advance(std::int64_t ms) { world_ms += ms; }

std::int64_t VirtualClock::now_ms() { return world_ms; }

std::uint64_t SeededRng::next() {
    state_ += 0x9e3779b97f4a7c15ULL;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
}

}  // namespace tidemark::sim
