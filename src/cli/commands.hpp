#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <tidemark/replica.hpp>

#include "cli/session.hpp"

/// Each function adds one command to `root`. What the command does runs when the arguments have
/// been parsed; `session` must remain live until then.
namespace tidemark::cli {

void add_attach(CLI::App& root, Session& session);
void add_clone(CLI::App& root, Session& session);
void add_sync(CLI::App& root, Session& session);
void add_status(CLI::App& root, Session& session);
void add_conflicts(CLI::App& root, Session& session);
void add_verify(CLI::App& root, Session& session);
void add_doctor(CLI::App& root, Session& session);
void add_detach(CLI::App& root, Session& session);
void add_watch(CLI::App& root, Session& session);
void add_serve(CLI::App& root, Session& session);
void add_log(CLI::App& root, Session& session);
void add_devices(CLI::App& root, Session& session);
void add_backup(CLI::App& root, Session& session);
void add_restore(CLI::App& root, Session& session);
void add_export(CLI::App& root, Session& session);
void add_import(CLI::App& root, Session& session);
void add_shell(CLI::App& root, Session& session);
void add_login(CLI::App& root, Session& session);
void add_logout(CLI::App& root, Session& session);
void add_whoami(CLI::App& root, Session& session);
void add_config(CLI::App& root, Session& session);
void add_keys(CLI::App& root, Session& session);
void add_token(CLI::App& root, Session& session);
void add_completion(CLI::App& root, Session& session);
void add_man(CLI::App& root, Session& session);
void add_version(CLI::App& root, Session& session);
void add_help(CLI::App& root, Session& session);

/// Gives `command` the argument DB.
void add_database(CLI::App& command, std::string& path);

/// Gives `command` the options that say of columns what the schema does not.
void add_column_options(CLI::App& command, std::vector<Reference>& references,
                        std::vector<ColumnName>& renumbered);

/// Reports a first contact: `headline`, then what to know about the tables of the replica `path`.
void give_attached(const Session& session, const AttachReport& report, const std::string& headline,
                   const std::string& path);

}  // namespace tidemark::cli
