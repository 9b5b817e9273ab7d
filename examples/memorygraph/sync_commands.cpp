// memorygraph sync, conflicts, detach, health, migrate, mcp

#include <fmt/format.h>

#include <iostream>

#include <boost/json/serialize.hpp>

#include "memorygraph/commands.hpp"
#include "memorygraph/json_view.hpp"
#include "memorygraph/mcp.hpp"
#include "memorygraph/sqlite_backend.hpp"
#include "memorygraph/turso_backend.hpp"

namespace memorygraph {
namespace {

namespace json = boost::json;
using tidemark::Error;
using tidemark::ErrorCode;

constexpr const char* how_to_configure =
    "Set MEMORY_BACKEND=turso, TURSO_DATABASE_URL and TURSO_AUTH_TOKEN.";

/// Where conflicts are kept; needs no primary.
tidemark::Replica open_replica(const Session& session) {
    return tidemark::Replica::open(session.config().turso_path);
}

void add_sync(CLI::App& app, Session& session) {
    app.add_subcommand("sync", "Exchange changes with the primary now")->callback([&session] {
        auto* turso = dynamic_cast<TursoBackend*>(&session.backend());
        if (!turso) throw Error(ErrorCode::usage, "Turso sync is not configured", how_to_configure);
        const auto report = turso->sync();
        if (!report) {
            session.give({{"synced", false}}, "Nothing was synced.\n");
            return;
        }
        session.give(
            to_json(*report),
            fmt::format("Sync completed successfully: sent {}, received {}, {} conflicts, "
                        "{} ms.\n",
                        report->pushed, report->pulled, report->conflicts, report->duration_ms));
    });
}

std::string line(const tidemark::Conflict& conflict) {
    std::string key;
    for (const auto& [name, value] : conflict.key) {
        if (const auto* text = std::get_if<std::string>(&value)) key += *text;
    }
    return fmt::format(
        "{:>4}  {}  {}  {} ({})\n", conflict.id, conflict.table, key, conflict.reason,
        conflict.lost_here ? "this device's edit lost" : "the other device's edit lost");
}

void add_conflicts(CLI::App& app, Session& session) {
    CLI::App& command = *app.add_subcommand("conflicts", "Edits that lost a merge");
    auto all = std::make_shared<bool>(false);
    command.add_flag("--all", *all, "Settled ones too");
    command.callback([&session, &command, all] {
        if (!command.get_subcommands().empty()) return;
        const auto conflicts = open_replica(session).conflicts(*all);
        std::string text = conflicts.empty() ? "No conflicts.\n" : "";
        for (const tidemark::Conflict& conflict : conflicts) text += line(conflict);
        session.give({{"conflicts", to_json(conflicts)}}, text);
    });
    const auto add = [&](const char* name, const char* description, auto settle) {
        CLI::App& action = *command.add_subcommand(name, description);
        auto id = std::make_shared<std::int64_t>(0);
        action.add_option("ID", *id)->required();
        action.callback([&session, id, settle] {
            session.backend();  // so that the restored edit is sent when it is closed
            const tidemark::Conflict conflict = settle(open_replica(session), *id);
            session.give(to_json(conflict), fmt::format("Conflict {} is settled.\n", *id));
        });
    };
    add("restore", "Bring the edit back; it travels like any other",
        [](tidemark::Replica replica, std::int64_t id) { return replica.restore(id); });
    add("dismiss", "Leave everything as it is",
        [](tidemark::Replica replica, std::int64_t id) { return replica.dismiss(id); });
}

void add_detach(CLI::App& app, Session& session) {
    CLI::App& command = *app.add_subcommand(
        "detach", "Stop syncing: an ordinary database again, with all its data");
    auto purge = std::make_shared<bool>(false);
    command.add_flag("--purge", *purge, "Also with conflicts open; their values are lost");
    command.callback([&session, purge] {
        const std::int64_t unsent = open_replica(session).detach(*purge);
        session.give({{"path", session.config().turso_path}, {"unsent", unsent}},
                     fmt::format("{} is an ordinary database now. {} changes never reached the "
                                 "primary.\nUnset TURSO_DATABASE_URL, or it is attached again.\n",
                                 session.config().turso_path, unsent));
    });
}

void add_health(CLI::App& app, Session& session) {
    app.add_subcommand("health", "The state of the database and of its sync")->callback([&session] {
        const json::object health = session.backend().health_check();
        std::string text;
        for (const auto& [name, value] : health) {
            text += fmt::format(
                "{:<20} {}\n", std::string_view(name),
                value.is_string() ? std::string(value.as_string()) : json::serialize(value));
        }
        session.give(health, text);
    });
}

std::string migrated(const Migration& migration, const std::string& path) {
    std::string text =
        fmt::format("Copied {} memories, {} relationships and {} embeddings to {}.\n",
                    migration.nodes, migration.relationships, migration.embeddings, path);
    if (migration.already_there > 0) {
        text += fmt::format("{} were there already, as new or newer.\n", migration.already_there);
    }
    if (migration.orphans > 0) {
        text += fmt::format("{} relationships were left out: a memory of theirs is missing.\n",
                            migration.orphans);
    }
    return text;
}

void add_migrate(CLI::App& app, Session& session) {
    CLI::App& command = *app.add_subcommand(
        "migrate", "Copy everything from the other backend's database to this one's");
    auto target = std::make_shared<std::string>();
    command
        .add_option("TO", *target,
                    "turso: from MEMORY_SQLITE_PATH to MEMORY_TURSO_PATH and its primary; sqlite: "
                    "the other way")
        ->required()
        ->check(CLI::IsMember({"turso", "sqlite"}));
    command.callback([&session, target] {
        const Config& config = session.config();
        const bool to_turso = *target == "turso";
        if (config.sqlite_path == config.turso_path) {
            throw Error(ErrorCode::usage,
                        "both backends use " + config.sqlite_path + ", so there is nothing to copy",
                        "Set MEMORY_BACKEND=" + *target +
                            ", or name two files by MEMORY_SQLITE_PATH and MEMORY_TURSO_PATH.");
        }
        std::unique_ptr<GraphBackend> backend;
        if (to_turso) {
            backend = std::make_unique<TursoBackend>(TursoOptions::of(config), session.log());
        } else {
            backend = std::make_unique<SqliteBackend>(config.sqlite_path, session.log());
            // What other devices wrote comes along.
            TursoBackend source(TursoOptions::of(config), session.log());
            source.connect();
        }
        backend->connect();
        backend->initialize_schema();
        const Migration migration =
            migrate(to_turso ? config.sqlite_path : config.turso_path, *backend);
        session.give(to_json(migration),
                     migrated(migration, to_turso ? config.turso_path : config.sqlite_path));
        backend->disconnect();
    });
}

void add_mcp(CLI::App& app, Session& session) {
    app.add_subcommand("mcp", "A Model Context Protocol server on standard input and output")
        ->callback([&session] {
            std::ios::sync_with_stdio(false);
            auto* turso = dynamic_cast<TursoBackend*>(&session.backend());
            if (turso) turso->sync_in_background();
            McpServer({session.backend(), session.memories()}).serve(std::cin, std::cout);
        });
}

}  // namespace

void add_sync_commands(CLI::App& app, Session& session) {
    add_sync(app, session);
    add_conflicts(app, session);
    add_detach(app, session);
    add_health(app, session);
    add_migrate(app, session);
    add_mcp(app, session);
}

}  // namespace memorygraph
