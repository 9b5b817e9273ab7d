#include "sim/machine.hpp"

#include "sim/memory_vfs.hpp"

namespace tidemark::sim {

Machine::Machine(std::string name, VirtualClock& clock, SeededRng& rng)
    : name_(std::move(name)), clock_(clock), rng_(rng) {
    vfs_ = memory_vfs(*this);
    sqlite3_vfs_register(&vfs_, 0);
}

Machine::~Machine() { sqlite3_vfs_unregister(&vfs_); }

void Machine::cut_power() {
    heal();
    ++starts_;
    disk_.lose_power(rng_);
}

void Machine::restore(const Disk::Files& files) {
    ++starts_;
    disk_.restore(files);
}

void Machine::heal() {
    until_power_cut_ = until_failure_ = 0;
    disk_is_full = false;
}

}  // namespace tidemark::sim
