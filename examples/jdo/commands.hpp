#pragma once

#include <CLI/CLI.hpp>
#include <memory>

#include "jdo/settings.hpp"

namespace jdo {

/// What all commands share.
struct Session {
    Places places = Places::of_user();
    bool in_repl = false;  ///< somebody syncs already
};

/// The whole command line. `session` must remain live as long as the result.
std::unique_ptr<CLI::App> command_line(Session& session);

void add_item_commands(CLI::App& app, Session& session);
void add_sync_commands(CLI::App& app, Session& session);

/// Reads commands until the user has had enough.
void run_repl(Session& session);

/// Runs one command; returns its exit code and has said what went wrong.
int run_command(Session& session, std::vector<std::string> arguments);

}  // namespace jdo
