#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sim/application.hpp"
#include "sim/device.hpp"
#include "sim/machine.hpp"
#include "sim/schema_changes.hpp"
#include "sim/virtual_clock.hpp"
#include "sqlite/connection.hpp"

namespace tidemark::sim {

/// What may go wrong in a history. A seed draws from these; a person who looks for the cause of a
/// failure turns some off.
struct Faults {
    bool network = true;              ///< lost, cut, repeated requests; others in between
    bool clocks = true;               ///< skewed and jumping ones
    bool power = true;                ///< power failures and failing I/O
    bool space = true;                ///< full disks
    bool files = true;                ///< copied and restored ones, also the primary's
    bool schemas = true;              ///< changes of schema
    bool outside = true;              ///< programs that write the primary directly
    std::int64_t events = 1'000'000;  ///< at most
    bool log = false;                 ///< keep a log of what happens
};

/// How a history ended.
struct Ending {
    std::string wrong;     ///< empty: nothing
    bool clashed = false;  ///< both sides changed the schema in ways that contradict each other
    std::int64_t syncs = 0, edits = 0;
};

/// Devices, a primary, and everything that happens to them: one seed, one history. The same seed
/// always makes the same history. Not two worlds at a time in one process.
class World {
public:
    World(std::uint64_t seed, const Faults& faults);
    ~World();

    /// Plays the history, heals it, and checks it.
    Ending play();

    const std::vector<std::string>& log() const { return log_.lines(); }

private:
    void choose_faults();
    void found();
    Device& add_device();
    void open(Device& device);
    void open_primary();
    Application& application(Device& device);
    Application& primary_application();
    void after_power_failure(Machine& machine, Connection& file);

    void event();
    void edit();
    void edit_from_outside();
    void migrate();
    void copy_or_restore();
    void restore_primary();
    void break_something();
    void set_clock();
    Machine& some_machine();
    Device& some_device();

    void sync(Device& device, bool faulty);
    bool is_expected(const Error& error);
    void heal();
    std::string check();
    std::string check_agreement();
    std::set<std::int64_t> tokens_everywhere();
    void log_losses();

    Faults faults_;
    const SyncOptions sync_options_;
    SeededRng rng_;
    SeededRng engine_rng_;  ///< what the engine draws changes nothing else of a history
    VirtualClock clock_;
    HistoryLog log_;
    Oracle oracle_;
    Workplace workplace_;
    SchemaChanges changes_;
    Application::Manners manners_;
    std::string journal_mode_;
    std::int64_t page_size_ = 4096;

    Machine primary_;
    EndpointPool endpoints_;
    std::unique_ptr<Application> primary_application_;
    std::vector<std::unique_ptr<Device>> devices_;
    std::vector<Disk::Files> backups_;
    Disk::Files primary_backup_;

    std::string signature_;  ///< of the schema after the last change
    std::string signature_before_;
    std::optional<SchemaChange> last_change_;
    bool bold_ = false;  ///< devices change the schema without having seen the last change

    int depth_ = 0;  ///< of what happens while a request is under way
    bool references_kept_ = true;
    bool full_text_ = false;
    bool healing_ = false;
    std::int64_t moved_ = 0;  ///< rows and changes of schema, in the last round of healing
    std::map<std::int64_t, std::string> places_;  ///< of each value, for the log
    Ending ending_;
};

}  // namespace tidemark::sim
