#include "jdo/sync_service.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <string_view>

#include "common/database.hpp"
#include "common/text.hpp"
#include "jdo/items.hpp"

namespace jdo {
namespace {

namespace fs = std::filesystem;

using examples::Database;
using tidemark::Conflict;
using tidemark::Error;
using tidemark::ErrorCode;
using tidemark::FirstMerge;
using tidemark::Replica;

examples::BackgroundSync background_of(const Places& places) {
    return {places.database, places.turn, {"sync", "now", "--background"}};
}

std::string shown(const tidemark::Value& value) {
    const auto* text = std::get_if<std::string>(&value);
    return text ? "'" + *text + "'" : "nothing";
}

/// "#7 tasks 0b5e…: title 'Call' of laptop gave way to 'Call her' (edited later there)".
std::string line(const Conflict& conflict) {
    std::string text =
        fmt::format("#{} {} {}", conflict.id, examples::utc(conflict.at_ms / 1000), conflict.table);
    for (const auto& [name, value] : conflict.key) text += " " + shown(value);
    const auto& lost = conflict.lost_here ? conflict.here : conflict.there;
    const auto& stands = conflict.lost_here ? conflict.there : conflict.here;
    for (std::size_t i = 0; i < lost.size(); ++i) {
        const tidemark::Value winner = i < stands.size() ? stands[i].second : tidemark::Value();
        if (lost[i].second == winner || lost[i].first == "updated_at") continue;
        text += fmt::format("; {} {} gave way to {}", lost[i].first, shown(lost[i].second),
                            shown(winner));
    }
    return text + " (" + conflict.reason + ")";
}

/// The number of the last conflict that the log has.
std::int64_t last_logged(const std::string& path) {
    std::ifstream file(path);
    std::int64_t last = 0;
    for (std::string text; std::getline(file, text);) {
        if (text.starts_with('#')) last = std::strtoll(text.c_str() + 1, nullptr, 10);
    }
    return last;
}

/// Renames a database that nobody else has open.
void move_database(const std::string& from, const std::string& to) {
    Database(from).query("PRAGMA wal_checkpoint(TRUNCATE)");
    if (fs::exists(from + "-wal")) {
        throw Error(ErrorCode::failed, from + " is in use by another program",
                    "Close that program, then try again.");
    }
    fs::rename(from, to);
}

void remove_database(const std::string& path) {
    for (const char* suffix : {"", "-wal", "-shm"}) fs::remove(path + suffix);
}

}  // namespace

bool SyncService::is_server(const std::string& url) {
    return url.find("://") != std::string::npos && !url.starts_with("file:");
}

bool SyncService::enabled() const { return Settings::load(places_.settings).turso_enabled; }

SetupResult SyncService::setup(const SetupChoices& choices) {
    tidemark::AttachOptions options;
    options.first_merge = choices.merge ? FirstMerge::merge : FirstMerge::refuse;
    options.backup = choices.backup;
    options.token = [&](const std::string&) { return choices.token; };
    options.on_progress = choices.on_progress;
    SetupResult result;
    if (choices.upload) {
        result.outcome = Replica::attach(places_.database, choices.url, options).outcome;
    } else {
        const std::string fresh = places_.database + ".new";
        remove_database(fresh);
        {
            Database database(fresh);
            initialize_schema(database);
        }
        result.outcome = Replica::attach(fresh, choices.url, options).outcome;
        result.kept_apart =
            fmt::format("{}-local-{}.db", places_.database.substr(0, places_.database.size() - 3),
                        std::time(nullptr));
        move_database(places_.database, result.kept_apart);
        move_database(fresh, places_.database);
    }
    if (!choices.token.empty()) AuthStore(places_.auth).save(turso, choices.token);
    Settings{true, choices.url}.save(places_.settings);
    log_conflicts();
    return result;
}

std::string SyncService::token() const {
    return AuthStore(places_.auth).token(turso).value_or(std::string());
}

Replica SyncService::open() const {
    if (!enabled()) {
        throw Error(ErrorCode::usage, "sync is not set up", "Run 'jdo sync setup'.");
    }
    tidemark::OpenOptions options;
    options.token = [this](const std::string&) { return token(); };
    return Replica::open(places_.database, options);
}

SyncStatus SyncService::status() const {
    SyncStatus status;
    status.configured = enabled();
    if (!status.configured) return status;
    const tidemark::Status replica = open().status();
    status.url = tidemark::masked(replica.primary);
    status.pending = replica.pending;
    status.conflicts = replica.conflicts;
    for (const auto& record : replica.history) {
        if (!record.error.empty()) continue;
        status.last_sync_at = examples::utc(record.at_ms / 1000);
        break;
    }
    if (!replica.history.empty()) status.last_error = replica.history.front().error;
    return status;
}

tidemark::SyncReport SyncService::force_sync(const tidemark::OnProgress& on_progress) {
    tidemark::SyncOptions options;
    options.on_progress = on_progress;
    const tidemark::SyncReport report = open().sync(options);
    log_conflicts();
    return report;
}

std::int64_t SyncService::disable() {
    log_conflicts();
    const std::int64_t unsent = open().detach(true);
    AuthStore(places_.auth).remove(turso);
    Settings settings = Settings::load(places_.settings);
    settings.turso_enabled = false;
    settings.save(places_.settings);
    return unsent;
}

std::optional<examples::BackgroundSync> SyncService::background() const {
    const char* setting = std::getenv("JDO_BACKGROUND_SYNC");
    const bool off = setting && std::string_view(setting) == "off";
    return enabled() && !off ? std::optional(background_of(places_)) : std::nullopt;
}

void SyncService::run_background() const {
    if (!enabled()) return;
    background_of(places_).run(token(), {[this](const tidemark::SyncReport&) { log_conflicts(); },
                                         [](const Error&) {}});  // the library's history has it
}

tidemark::Watcher SyncService::watch(
    std::function<void(const tidemark::WatchStatus&)> on_status) const {
    tidemark::WatchOptions options;
    options.token = [service = *this](const std::string&) { return service.token(); };
    options.on_status = std::move(on_status);
    return tidemark::Watcher(places_.database, std::move(options));
}

void SyncService::log_conflicts() const {
    const std::int64_t last = last_logged(places_.conflicts);
    std::string lines;
    for (const Conflict& conflict : open().conflicts()) {
        if (conflict.id > last) lines += line(conflict) + "\n";
    }
    if (!lines.empty()) std::ofstream(places_.conflicts, std::ios::app) << lines;
}

}  // namespace jdo
