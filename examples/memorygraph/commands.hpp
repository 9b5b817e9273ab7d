#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>

#include "memorygraph/config.hpp"
#include "memorygraph/graph_backend.hpp"
#include "memorygraph/log.hpp"
#include "memorygraph/memories.hpp"

namespace memorygraph {

/// What every command works with. The backend is opened when it is first asked for.
class Session {
public:
    Session();

    const Config& config() const { return config_; }
    const Log& log() const { return log_; }
    GraphBackend& backend();
    Memories& memories();
    /// Ends the work: a final sync, where there is a primary.
    void close();

    /// Prints a result: JSON on one line with --json, else what `text` makes of it.
    void give(const boost::json::object& result, const std::string& text) const;

    bool json = false;
    bool verbose = false;

private:
    Config config_;
    Log log_;
    std::unique_ptr<GraphBackend> backend_;
    std::optional<Memories> memories_;
};

void add_memory_commands(CLI::App& app, Session& session);
void add_graph_commands(CLI::App& app, Session& session);
void add_sync_commands(CLI::App& app, Session& session);
void add_bench_command(CLI::App& app, Session& session);

}  // namespace memorygraph
