#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <string>

#include "sim/disk.hpp"
#include "sim/seeded_rng.hpp"
#include "sim/virtual_clock.hpp"

namespace tidemark::sim {

/// A simulated computer: a disk, a clock that may be wrong, and a plug that may be pulled. SQLite
/// reaches it through a VFS of its own (memory_vfs.hpp).
///
/// When the power fails, the disk is at once what it will be after the restart, and the handles
/// that were open are dead: each further use of one is an I/O error. So programs that were running
/// unwind in peace while new ones may already start.
class Machine {
public:
    Machine(std::string name, VirtualClock& clock, SeededRng& rng);
    ~Machine();
    Machine(const Machine&) = delete;
    Machine& operator=(const Machine&) = delete;

    const std::string& name() const { return name_; }
    /// The name of its VFS.
    const std::string& vfs() const { return name_; }
    Disk& disk() { return disk_; }
    VirtualClock& clock() { return clock_; }
    SeededRng& rng() { return rng_; }

    std::int64_t now_ms() const { return clock_.now_ms() + skew_ms; }
    std::int64_t skew_ms = 0;

    /// How often it was started: handles of an earlier start are dead.
    int starts() const { return starts_; }
    void cut_power();
    /// Puts other files in the place of its own, while it is off.
    void restore(const Disk::Files& files);

    /// The power fails, or one I/O fails, at the n-th write, sync or change of the folder from now.
    void cut_power_after(std::int64_t ios) { until_power_cut_ = ios; }
    void fail_after(std::int64_t ios) { until_failure_ = ios; }
    bool disk_is_full = false;
    /// No more faults.
    void heal();

    /// Runs one I/O, unless this is where something fails. Returns an SQLite code.
    template <typename Operation>
    int io(int failure, const Operation& operation) {
        if (until_failure_ > 0 && --until_failure_ == 0) return failure;
        if (until_power_cut_ == 0 || --until_power_cut_ > 0) {
            operation();
            return SQLITE_OK;
        }
        if (rng_.chance(50)) operation();
        cut_power();
        return failure;
    }

private:
    std::string name_;
    VirtualClock& clock_;
    SeededRng& rng_;
    Disk disk_;
    sqlite3_vfs vfs_{};
    int starts_ = 1;
    std::int64_t until_power_cut_ = 0;  ///< 0: never
    std::int64_t until_failure_ = 0;
};

}  // namespace tidemark::sim
