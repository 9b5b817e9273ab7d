// What happens in a world: one event at a time.

#include <algorithm>

#include "sim/world.hpp"
#include "sqlite/sql_error.hpp"

namespace tidemark::sim {
namespace {

constexpr std::size_t most_devices = 6;
constexpr std::int64_t day_ms = 86'400'000;

}  // namespace

void World::event() {
    const std::int64_t dice = rng_.below(100);
    if (dice < 50) {
        edit();
    } else if (dice < 77) {
        sync(some_device(), true);
    } else if (dice < 82) {
        edit_from_outside();
    } else if (dice < 84) {
        Device& device = some_device();
        if (depth_ == 0) application(device).settle_conflict();
    } else if (dice < 86) {
        Device& device = some_device();  // its programs end, and are started again later
        if (!device.syncing) device.application.reset();
        if (!device.syncing) device.session.reset();
    } else if (dice < 90) {
        break_something();
    } else if (dice < 93) {
        if (faults_.clocks) set_clock();
    } else if (dice < 95) {
        if (faults_.files) copy_or_restore();
    } else if (dice < 96) {
        if (faults_.files) restore_primary();
    } else {
        if (faults_.schemas) migrate();
    }
}

Device& World::some_device() { return *rng_.one_of(devices_); }

Machine& World::some_machine() { return rng_.chance(25) ? primary_ : some_device().machine; }

void World::edit() {
    Device& device = some_device();
    ++ending_.edits;
    try {
        application(device).transact();
    } catch (const SqlError& error) {
        if (!is_expected(error)) throw;
    }
}

/// A program that is no part of the application: at the primary, or on a device with manners of
/// its own.
void World::edit_from_outside() {
    ++ending_.edits;
    try {
        if (faults_.outside && rng_.chance(60)) return primary_application().transact();
        Device& device = some_device();
        application(device);  // reads what a power failure has left
        Application::Manners manners = manners_;
        manners.recursive_triggers = full_text_ || !manners.recursive_triggers;
        Application(device.machine, "app.db", manners, workplace_).transact();
    } catch (const SqlError& error) {
        if (!is_expected(error)) throw;
    }
}

void World::break_something() {
    Machine& machine = some_machine();
    const std::int64_t dice = rng_.below(10);
    if (faults_.power && dice < 5) {
        const std::int64_t ios = 1 + rng_.below(rng_.chance(50) ? 20 : 150);
        log_.add(
            [&] { return machine.name() + ": the power will fail at I/O " + std::to_string(ios); });
        machine.cut_power_after(ios);
    } else if (faults_.power && dice < 6) {
        log_.add([&] { return machine.name() + ": the power fails"; });
        machine.cut_power();
    } else if (faults_.power && dice < 8) {
        machine.fail_after(1 + rng_.below(60));
        log_.add([&] { return machine.name() + ": an I/O will fail"; });
    } else if (faults_.space) {
        machine.disk_is_full = !machine.disk_is_full;
        log_.add([&] {
            return machine.name() + (machine.disk_is_full ? ": the disk is full" : ": has space");
        });
    }
}

void World::set_clock() {
    static constexpr std::int64_t skews[] = {
        0,         0,           1'000,       -1'000,        59'000,           -61'000,
        4'000'000, -50'000'000, 30 * day_ms, -400 * day_ms, 75 * 365 * day_ms};
    Machine& machine = some_machine();
    machine.skew_ms = skews[rng_.below(&machine == &primary_ ? 7 : 11)];
    log_.add([&] {
        return machine.name() + ": its clock is off by " + std::to_string(machine.skew_ms) + " ms";
    });
}

void World::copy_or_restore() {
    Device& device = some_device();
    if (backups_.empty() || rng_.chance(40)) {
        backups_.push_back(device.machine.disk().copy());
        log_.add([&] { return device.machine.name() + ": backed up"; });
    } else if (devices_.size() < most_devices && rng_.chance(60)) {
        const Disk::Files& backup = rng_.one_of(backups_);
        add_device().machine.restore(backup);
        log_.add([&] { return devices_.back()->machine.name() + ": made from a backup"; });
    } else {
        // What only this file had is lost with it.
        try {
            Connection& file = application(device).connection();
            oracle_.excuse(tokens_in_tables(file));
            oracle_.excuse(tokens_in_conflicts(file));
        } catch (const SqlError& error) {
            if (!is_expected(error)) throw;
            return;
        }
        workplace_.committed[device.machine.name()].clear();
        device.machine.restore(rng_.one_of(backups_));
        log_.add([&] { return device.machine.name() + ": restored from a backup"; });
    }
}

void World::restore_primary() {
    if (primary_backup_.empty()) {
        primary_backup_ = primary_.disk().copy();
        log_.add([] { return "primary: backed up"; });
        return;
    }
    try {
        oracle_.excuse(tokens_in_tables(primary_application().connection()));
    } catch (const SqlError& error) {
        if (!is_expected(error)) throw;
        return;
    }
    workplace_.committed[primary_.name()].clear();
    primary_.restore(primary_backup_);
    log_.add([] { return "primary: restored from its backup"; });
}

/// Not bold: whoever changes the schema has seen the last change. The same change may also be made
/// on another device that has not.
void World::migrate() {
    const bool at_primary = faults_.outside && rng_.chance(20);
    try {
        Application& app = at_primary ? primary_application() : application(some_device());
        const std::string found = SchemaChanges::signature(app.connection());
        const bool again = found == signature_before_ && found != signature_ && !bold_;
        if (found != signature_ && !again && !bold_) return;
        auto change = again ? last_change_ : changes_.draw(app.connection(), *app.forms());
        if (!change) return;
        log_.add([] { return "a change of schema"; });
        if (!app.migrate(*change)) return;
        // A table that is rebuilt at the primary has no triggers until a device syncs. What is
        // written there meanwhile is older than everything that is pending, and yields to it.
        if (at_primary && !change->foreign_keys) workplace_.untracked = primary_.name();
        last_change_ = std::move(change);
        // Who changes again what others have changed meanwhile may contradict them.
        bold_ = bold_ || again;
        signature_before_ = found;
        signature_ = SchemaChanges::signature(app.connection());
    } catch (const SqlError& error) {
        if (!is_expected(error)) throw;
    }
}

}  // namespace tidemark::sim
