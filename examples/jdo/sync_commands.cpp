#include <fmt/format.h>

#include <ctime>

#include "common/database.hpp"
#include "common/dialogue.hpp"
#include "common/progress.hpp"
#include "common/text.hpp"
#include "jdo/commands.hpp"
#include "jdo/items.hpp"
#include "jdo/sync_service.hpp"

namespace jdo {
namespace {

using examples::confirm;
using tidemark::Error;
using tidemark::ErrorCode;

constexpr const char* guidance = R"(
Your data stays on this machine; with sync it is also in a database that your other machines reach.

You need such a database and, where it asks for one, a token:
  Turso Cloud      make an account at https://turso.tech, then
                     turso db create jdo
                     turso db show jdo --url
                     turso db tokens create jdo
  your own server  tidemark serve
  a file           the path of a file on a disk that all of your machines reach

)";

std::int64_t items_here(const Session& session) {
    examples::Database database(session.places.database);
    initialize_schema(database);
    return Items(database).count();
}

SetupChoices ask_for_connection() {
    SetupChoices choices;
    choices.url = examples::ask("URL of the database");
    if (choices.url.empty()) {
        throw Error(ErrorCode::choice_needed, "no database was named", "Nothing was changed.");
    }
    if (SyncService::is_server(choices.url)) choices.token = examples::ask_secret("Token");
    return choices;
}

void ask_about_data(SetupChoices& choices, const Session& session) {
    const std::int64_t here = items_here(session);
    if (here == 0) return;
    fmt::print(stderr, "There are {} goals, commitments and tasks on this machine.\n", here);
    choices.upload = confirm("Upload existing data to cloud?", true);
    if (choices.upload && confirm("Back up the database first?", true)) {
        choices.backup = fmt::format("{}-backup-{}", session.places.database, std::time(nullptr));
    }
}

SetupResult connect(SetupChoices& choices, SyncService& service) {
    examples::ProgressLine progress;
    choices.on_progress = progress.callback();
    try {
        return service.setup(choices);
    } catch (const Error& error) {
        progress.wipe();
        if (error.code() != ErrorCode::choice_needed) throw;
        fmt::print(stderr, "Warning: {}.\n", error.message());
        if (!confirm("Merge the data here with the data in the cloud?", true)) throw;
    }
    choices.merge = true;
    return service.setup(choices);
}

std::string sentence(const SetupResult& result) {
    if (result.outcome == "uploaded") return "Your data is in the cloud now.";
    if (result.outcome == "downloaded") return "The data in the cloud is here now.";
    return "The data here and in the cloud is together now.";
}

void setup(Session& session) {
    SyncService service(session.places);
    if (service.enabled()) {
        throw Error(ErrorCode::usage, "sync is set up already",
                    "Run 'jdo sync disable' first to connect elsewhere.");
    }
    fmt::print(stderr, "{}", guidance);
    while (true) {
        SetupChoices choices = ask_for_connection();
        try {
            ask_about_data(choices, session);
            const SetupResult result = connect(choices, service);
            if (!choices.backup.empty()) fmt::print("Backup: {}\n", choices.backup);
            if (!result.kept_apart.empty()) {
                fmt::print("Your local data is kept in {}\n", result.kept_apart);
            }
            fmt::print("Sync is on: {}. {}\n", tidemark::masked(choices.url), sentence(result));
            return;
        } catch (const Error& error) {
            const bool connection = error.code() == ErrorCode::unreachable ||
                                    error.code() == ErrorCode::unauthorized ||
                                    error.code() == ErrorCode::usage;
            if (!connection) throw;
            fmt::print(stderr, "{}.\n", error.message());
            if (!error.hint().empty()) fmt::print(stderr, "  {}\n", error.hint());
            fmt::print(stderr, "Nothing was saved.\n");
            if (!confirm("Try again?", true)) throw;
        }
    }
}

void status(const Session& session) {
    const SyncStatus status = SyncService(session.places).status();
    if (!status.configured) {
        fmt::print(
            "Sync is off: your data is on this machine alone.\n"
            "Run 'jdo sync setup' to turn it on.\n");
        return;
    }
    std::vector<std::vector<std::string>> lines{
        {"Sync", "on"},
        {"Database", status.url},
        {"Last sync", status.last_sync_at.empty() ? "never" : status.last_sync_at + " UTC"},
        {"State", !status.last_error.empty() ? status.last_error
                  : status.pending > 0       ? "waiting to send"
                                             : "in step"},
        {"Waiting to be sent", std::to_string(status.pending)},
        {"Conflicts", std::to_string(status.conflicts)}};
    if (status.conflicts > 0) lines.push_back({"Conflict log", session.places.conflicts});
    fmt::print("{}", examples::table(lines));
}

void now(const Session& session) {
    examples::ProgressLine progress;
    const auto report = SyncService(session.places).force_sync(progress.callback());
    progress.wipe();
    fmt::print("Synced: sent {}, received {}.\n", report.pushed, report.pulled);
    if (report.conflicts > 0) {
        fmt::print("{} values lost a merge; they are in {}\n", report.conflicts,
                   session.places.conflicts);
    }
}

void disable(const Session& session) {
    SyncService service(session.places);
    if (!service.enabled()) {
        fmt::print("Sync is off already.\n");
        return;
    }
    try {
        service.force_sync();
    } catch (const Error& error) {
        fmt::print(stderr, "A last sync did not work: {}.\n", error.message());
    }
    const std::int64_t unsent = service.disable();
    fmt::print("Sync is off. All your data is on this machine; the cloud keeps its copy.\n");
    if (unsent > 0) fmt::print("{} changes did not reach the cloud.\n", unsent);
}

}  // namespace

void add_sync_commands(CLI::App& app, Session& session) {
    CLI::App* group = app.add_subcommand("sync", "The same data on all of your machines");
    group->require_subcommand(1);
    group->add_subcommand("setup", "Turn sync on: asks what it needs to know")
        ->callback([&session] { setup(session); });
    group->add_subcommand("status", "Show whether and when this machine synced")
        ->callback([&session] { status(session); });
    const auto background = std::make_shared<bool>(false);
    CLI::App* command = group->add_subcommand("now", "Sync at once");
    command->add_flag("--background", *background)->group("");
    command->callback([background, &session] {
        if (*background) return SyncService(session.places).run_background();
        now(session);
    });
    group->add_subcommand("disable", "Turn sync off; the data stays here, and in the cloud")
        ->callback([&session] { disable(session); });
}

}  // namespace jdo
