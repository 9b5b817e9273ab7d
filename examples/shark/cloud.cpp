#include "shark/cloud.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <map>

#include "common/database.hpp"
#include "common/text.hpp"
#include "shark/keys.hpp"
#include "shark/token.hpp"

namespace shark {
namespace {

namespace fs = std::filesystem;

using examples::Database;
using examples::Record;
using tidemark::Conflict;
using tidemark::Error;
using tidemark::ErrorCode;
using tidemark::Replica;

/// Numbers that two machines may give out at the same time: both rows stay, and the one that is
/// synced later takes the next free number.
const std::vector<tidemark::ColumnName> numbers{
    {"epics", "number"}, {"features", "number"}, {"tasks", "number"}};

/// A row that kept everything but a number: nothing of it was lost.
bool is_renumbering(const Conflict& conflict) { return conflict.reason.starts_with("renumbered"); }

/// Whether that number is a part of the row's key. The `id` of a row is nobody's business.
bool changed_key(const Conflict& conflict) {
    return conflict.columns == std::vector<std::string>{"number"};
}

std::int64_t integer(const tidemark::NamedValues& values, std::string_view name) {
    for (const auto& [column, value] : values) {
        const auto* number = std::get_if<std::int64_t>(&value);
        if (column == name && number) return *number;
    }
    return 0;
}

/// Gives a database another name. Nobody may have it open.
void move_database(const std::string& from, const std::string& to) {
    if (fs::exists(to)) {
        throw Error(ErrorCode::failed, to + " is in the way", "Move that file elsewhere first.");
    }
    Database(from).query("PRAGMA wal_checkpoint(TRUNCATE)");
    if (fs::exists(from + "-wal")) {
        throw Error(ErrorCode::failed, from + " is in use by another program",
                    "Close that program, then try again.");
    }
    fs::rename(from, to);
}

/// The keys of everything as they are now and, where a number was changed, as they were.
class KeyHistory {
public:
    KeyHistory(Database& database, const std::vector<Conflict>& renumberings)
        : database_(database) {
        for (const Conflict& conflict : renumberings) {
            if (!changed_key(conflict)) continue;
            old_numbers_[{conflict.table, integer(conflict.key, "id")}] =
                integer(conflict.here, "number");
        }
    }

    std::optional<Renumbered> of(const Conflict& conflict) {
        const auto found =
            database_.query(query_for(conflict.table), {integer(conflict.key, "id")});
        if (found.empty()) return std::nullopt;  // deleted since
        const Record& row = found[0];
        const Key after{row.integer("epic"), row.integer("feature"), row.integer("task")};
        const Key before{before_of("epics", row.integer("epic_id"), after.epic),
                         before_of("features", row.integer("feature_id"), after.feature),
                         before_of("tasks", row.integer("task_id"), after.task)};
        return Renumbered{before.text(), after.text(), row.text("title")};
    }

private:
    static std::string query_for(const std::string& table) {
        if (table == "tasks") {
            return R"(
                SELECT epics.number AS epic, features.number AS feature, tasks.number AS task,
                    epics.id AS epic_id, features.id AS feature_id, tasks.id AS task_id,
                    tasks.title AS title
                FROM tasks JOIN features ON features.id = feature_id
                    JOIN epics ON epics.id = epic_id
                WHERE tasks.id = ?)";
        }
        if (table == "features") {
            return R"(
                SELECT epics.number AS epic, features.number AS feature, epics.id AS epic_id,
                    features.id AS feature_id, features.title AS title
                FROM features JOIN epics ON epics.id = epic_id WHERE features.id = ?)";
        }
        return "SELECT number AS epic, id AS epic_id, title FROM epics WHERE id = ?";
    }

    std::int64_t before_of(const std::string& table, std::int64_t id, std::int64_t now) const {
        const auto found = old_numbers_.find({table, id});
        return found == old_numbers_.end() ? now : found->second;
    }

    Database& database_;
    std::map<std::pair<std::string, std::int64_t>, std::int64_t> old_numbers_;
};

}  // namespace

bool needs_token(const std::string& url) {
    const std::size_t scheme = url.find("://");
    if (scheme == std::string::npos || url.starts_with("file:")) return false;
    const std::string host =
        url.substr(scheme + 3, url.find_first_of(":/?", scheme + 3) - scheme - 3);
    return host != "localhost" && host != "127.0.0.1";
}

std::string token_for(const std::string& url, const Places& places) {
    if (!needs_token(url) && !knows_token(places)) return {};
    return find_token(places).value;
}

tidemark::AttachReport Cloud::login(const Login& login) {
    tidemark::AttachOptions options;
    options.first_merge = login.first_merge;
    options.backup = login.backup;
    options.renumbered = numbers;
    if (!login.token.empty()) {
        options.token = [&](const std::string&) { return login.token; };
    }
    options.on_progress = login.on_progress;
    const auto report = Replica::attach(places_.local, login.url, options);
    move_database(places_.local, places_.replica);
    SyncState state = this->state();
    tidemark::SyncReport first = report.sync;
    if (report.outcome == "uploaded") {
        for (const auto& table : report.tables) first.pushed += table.rows;
    }
    state.worked(first, std::time(nullptr));
    state.news = report.sync.conflicts > 0;
    state.save(places_.state);
    log(fmt::format("connected to {}: {}", tidemark::masked(login.url), report.outcome));
    return report;
}

Replica Cloud::open() const {
    if (!connected()) {
        throw Error(ErrorCode::usage, "shark is not connected to a cloud database",
                    "Run 'shark cloud login' to connect it.");
    }
    tidemark::OpenOptions options;
    options.token = [this](const std::string& url) { return token_for(url, places_); };
    return Replica::open(places_.replica, options);
}

std::string Cloud::token() const {
    return token_for(Replica::open(places_.replica).status().primary, places_);
}

tidemark::SyncReport Cloud::sync(tidemark::Direction direction,
                                 const tidemark::OnProgress& on_progress) {
    tidemark::SyncOptions options;
    options.direction = direction;
    options.on_progress = on_progress;
    Replica replica = open();
    try {
        const tidemark::SyncReport report = replica.sync(options);
        note(report);
        return report;
    } catch (const Error& error) {
        note(error);
        throw;
    }
}

void Cloud::note(const tidemark::SyncReport& report) const {
    SyncState state = this->state();
    state.worked(report, std::time(nullptr));
    state.news = state.news || report.conflicts > 0;
    state.save(places_.state);
    log(fmt::format("sent {}, received {}, {} conflicts, {} ms", report.pushed, report.pulled,
                    report.conflicts, report.duration_ms));
}

void Cloud::note(const Error& failure) const {
    SyncState state = this->state();
    state.failed(failure.message(), failure.code() == ErrorCode::unreachable, std::time(nullptr));
    state.save(places_.state);
    log("failed: " + failure.message());
}

tidemark::SyncPlan Cloud::plan() { return open().plan(); }

tidemark::Status Cloud::status() { return open().status(); }

tidemark::Usage Cloud::usage() const {
    tidemark::Usage usage = open().status().this_month;
    const tidemark::Usage exchanged = state().usage(std::time(nullptr));
    usage.rows_read = std::max(usage.rows_read, exchanged.rows_read);
    usage.rows_written = std::max(usage.rows_written, exchanged.rows_written);
    return usage;
}

std::vector<Conflict> Cloud::conflicts() {
    std::vector<Conflict> out;
    for (Conflict& conflict : open().conflicts()) {
        if (!is_renumbering(conflict)) out.push_back(std::move(conflict));
    }
    return out;
}

std::vector<Renumbered> Cloud::news() {
    SyncState state = this->state();
    if (!connected() || !state.news) return {};
    Replica replica = open();
    std::vector<Conflict> renumberings;
    for (Conflict& conflict : replica.conflicts()) {
        if (is_renumbering(conflict)) renumberings.push_back(std::move(conflict));
    }
    Database database(places_.replica);
    KeyHistory history(database, renumberings);
    std::vector<Renumbered> out;
    for (const Conflict& conflict : renumberings) {
        if (changed_key(conflict)) {
            if (const auto renumbered = history.of(conflict)) out.push_back(*renumbered);
        }
        replica.dismiss(conflict.id);
    }
    state.news = false;
    state.save(places_.state);
    return out;
}

void Cloud::logout(bool force) {
    const std::int64_t pending = status().pending;
    if (pending > 0 && !force) {
        throw Error(ErrorCode::choice_needed,
                    fmt::format("{} changes have not reached the cloud", pending),
                    "Run 'shark cloud sync' first, or 'shark cloud logout --force'; they stay here "
                    "in either case.");
    }
    const auto open_conflicts = conflicts();
    if (!open_conflicts.empty() && !force) {
        throw Error(
            ErrorCode::choice_needed,
            fmt::format("{} values that lost a merge would be forgotten", open_conflicts.size()),
            "'shark cloud status' shows them; 'shark cloud logout --force' drops them.");
    }
    open().detach(true);
    move_database(places_.replica, places_.local);
    fs::remove(places_.token);
    log("logged out");
}

void Cloud::export_to(const std::string& file) {
    if (fs::exists(file)) {
        throw Error(ErrorCode::failed, file + " exists already", "Name another file.");
    }
    Database(places_.database()).query("VACUUM INTO ?", {file});
    if (connected()) Replica::open(file).detach(true);
}

void Cloud::log(const std::string& line) const {
    const char* wanted = std::getenv("SHARK_SYNC_LOG");
    if (!wanted || std::string_view(wanted) != "1") return;
    std::ofstream(places_.log, std::ios::app) << examples::now_utc() << " " << line << "\n";
}

}  // namespace shark
