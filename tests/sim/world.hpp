#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "primary/file_endpoint.hpp"
#include "sim/virtual_clock.hpp"
#include "sqlite/connection.hpp"
#include "sync/session.hpp"

namespace tidemark::sim {

/// What may go wrong in a history besides lost replies and skewed clocks.
struct Faults {
    bool files = true;  ///< copied and restored files, a primary restored from a backup
    bool keep = false;  ///< leave the files behind, to look at them
};

/// Devices, a primary, and everything that was ever written: one seed, one history.
class World {
public:
    World(std::uint64_t seed, Faults faults);
    ~World();

    /// Plays the history and heals it. Returns what is wrong at the end; empty: nothing.
    std::string play();

private:
    struct Device {
        int number;
        std::string path;
        std::unique_ptr<Connection> application;
    };

    void found();
    Device& add_device(const std::string& path);
    void edit(Connection& file);
    void run_quietly(Connection& file, const std::string& sql, const Row& arguments = {});
    void sync(Device& device, bool faulty);
    void copy_or_restore();
    void restore_primary();

    std::string check();
    std::string compare(Device& device);
    std::set<std::string> tokens(Connection& file);
    std::string token();
    Value some_key(Connection& file, const std::string& table, const std::string& key);

    SeededRng rng_;
    Faults faults_;
    VirtualClock clock_{8};
    std::filesystem::path folder_;
    std::string primary_path_;
    std::vector<std::unique_ptr<Device>> devices_;
    std::unique_ptr<Connection> primary_application_;
    std::vector<std::string> backups_;
    bool primary_backed_up_ = false;
    bool primary_rolled_back_ = false;
    std::int64_t written_ = 0;
    std::set<std::string> given_up_;  ///< tokens that somebody overwrote or deleted knowingly
    std::set<std::string> seen_;      ///< every token that a statement tried to write
    std::vector<std::string> log_;

public:
    const std::vector<std::string>& log() const { return log_; }
};

}  // namespace tidemark::sim
