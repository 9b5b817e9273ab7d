#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "auth/credentials.hpp"
#include "base/clock.hpp"
#include "base/text.hpp"
#include "capture/pending.hpp"
#include "capture/triggers.hpp"
#include "cli/checkup.hpp"
#include "cli/format.hpp"
#include "primary/locate.hpp"
#include "sqlite/transaction.hpp"
#include "sync/store.hpp"

namespace tidemark::cli {
namespace {

namespace fs = std::filesystem;
using State = Finding::State;
using Remedy = Finding::Remedy;

constexpr std::int64_t day_ms = 86'400'000;

/// A sync writes what it receives twice at most: into the log, and from there into the file.
constexpr std::uintmax_t scarce_bytes = 50'000'000;

Finding trouble(std::string name, std::string found, std::string advice,
                ErrorCode code = ErrorCode::failed) {
    return {std::move(name), State::trouble, std::move(found), std::move(advice), code, {}, {}};
}

Finding note(std::string name, std::string found, std::string advice) {
    Finding finding = trouble(std::move(name), std::move(found), std::move(advice));
    finding.state = State::note;
    return finding;
}

Finding good(std::string name, std::string found) {
    return {std::move(name), State::good, std::move(found), {}, {}, {}, {}};
}

std::string sync_command(const std::string& path) { return command_line("sync", path); }

std::string folder_of(const std::string& path) {
    const fs::path folder = fs::path(path).parent_path();
    return folder.empty() ? "." : folder.string();
}

/// The database and the files that SQLite keeps beside it, as far as they are there.
std::vector<std::string> files_of(const std::string& path) {
    std::vector<std::string> files;
    for (const char* companion : {"", "-wal", "-shm", "-journal"}) {
        if (fs::exists(path + companion)) files.push_back(path + companion);
    }
    return files;
}

Finding check_soundness(const std::string& path, Connection& connection) {
    const std::vector<std::string> damage = damage_of(path);
    if (!damage.empty()) {
        return trouble("file", "damaged: " + join(damage, "; "),
                       "Keep a copy of it. 'tidemark clone' makes a new replica from the primary; "
                       "'tidemark restore' goes back to a backup; sqlite3's '.recover' saves what "
                       "can still be read.");
    }
    const std::string service = copying_service(fs::absolute(path).string());
    if (!service.empty()) {
        return note("file", fmt::format("sound, but {} copies its folder", service),
                    "A copy that is taken while the file is written may be damaged: keep it "
                    "elsewhere, and let the primary be what devices share.");
    }
    std::error_code unknown;
    const fs::space_info space = fs::space(folder_of(path), unknown);
    const std::uintmax_t size = fs::file_size(path, unknown);
    if (!unknown && space.available < std::max(scarce_bytes, size / 2)) {
        return note("file",
                    fmt::format("sound, but only {} of its disk are free",
                                bytes(static_cast<std::int64_t>(space.available))),
                    "Make room before the next large sync.");
    }
    return good("file",
                fmt::format("sound, {}, journal mode {}", bytes(static_cast<std::int64_t>(size)),
                            as_text(connection.scalar("PRAGMA journal_mode"))));
}

std::vector<std::string> names_of(const std::vector<TableStatus>& tables,
                                  bool (*wanted)(const TableStatus&)) {
    std::vector<std::string> names;
    for (const TableStatus& table : tables) {
        if (wanted(table)) names.push_back(table.name);
    }
    return names;
}

Finding check_triggers(const std::string& path, Connection& connection, Store& store,
                       const Status& status) {
    std::vector<std::string> missing;
    const std::vector<Table> tables = store.tables();
    for (const Table& table : tables) {
        if (!capture::installed(connection, table)) missing.push_back(table.name);
    }
    if (!missing.empty()) {
        Finding finding = trouble(
            "triggers",
            fmt::format("those of {} are not as they should be, so edits go unnoticed",
                        join(missing, ", ")),
            fmt::format("'{}' puts them back and compares everything.", sync_command(path)));
        finding.remedy = Remedy::sync;
        return finding;
    }
    const auto null_keys =
        names_of(status.tables, [](const TableStatus& table) { return table.null_keys > 0; });
    if (!null_keys.empty()) {
        return note("triggers",
                    fmt::format("{} {} rows with NULL in the key, which never sync",
                                join(null_keys, ", "), null_keys.size() == 1 ? "has" : "have"),
                    "Give those rows a key.");
    }
    const auto keyless = names_of(status.tables, [](const TableStatus& table) {
        return !table.syncs && table.reason.find("PRIMARY KEY") != std::string::npos;
    });
    if (!keyless.empty()) {
        return note("triggers",
                    fmt::format("{} {} on this device, for want of a primary key",
                                join(keyless, ", "), keyless.size() == 1 ? "stays" : "stay"),
                    fmt::format("'{}' says what to do.", command_line("status", path)));
    }
    return good("triggers", fmt::format("every edit of {} is noted",
                                        count_of(std::int64_t(tables.size()), "table")));
}

std::int64_t oldest_pending_ms(Connection& connection, const std::vector<Table>& tables) {
    std::int64_t oldest = 0;
    for (const Table& table : tables) {
        const std::int64_t at =
            connection.integer("SELECT coalesce(min(at), 0) FROM " +
                               quoted(capture::pending_table(table.name)) + " WHERE at > 0");
        if (at > 0 && (oldest == 0 || at < oldest)) oldest = at;
    }
    return oldest;
}

Finding check_pending(const std::string& path, Connection& connection, Store& store,
                      const Status& status) {
    if (status.state != state::ready) {
        Finding finding = note("pending", fmt::format("unfinished: {}", status.state),
                               fmt::format("'{}' goes on with it.", sync_command(path)));
        finding.remedy = Remedy::sync;
        return finding;
    }
    if (status.pending == 0) return good("pending", "nothing waits");
    const std::int64_t now_ms = system_clock().now_ms();
    const std::int64_t oldest = oldest_pending_ms(connection, store.tables());
    const std::string text =
        fmt::format("{} {}, the oldest from {}", count_of(status.pending, "change"),
                    status.pending == 1 ? "waits" : "wait", ago(oldest, now_ms));
    if (now_ms - oldest < day_ms) return good("pending", text);
    Finding finding = note("pending", text,
                           fmt::format("'{}' sends {}; 'tidemark watch' does by itself.",
                                       sync_command(path), status.pending == 1 ? "it" : "them"));
    finding.remedy = Remedy::sync;
    return finding;
}

Finding check_syncs(const std::string& path, const Status& status) {
    const std::int64_t now_ms = system_clock().now_ms();
    if (status.conflicts > 0) {
        return note("syncs",
                    fmt::format("{} {} for a decision", count_of(status.conflicts, "conflict"),
                                status.conflicts == 1 ? "waits" : "wait"),
                    fmt::format("'{}' lists them.", command_line("conflicts", path)));
    }
    if (status.history.empty()) {
        Finding finding =
            note("syncs", "there was none yet", fmt::format("'{}' does one.", sync_command(path)));
        finding.remedy = Remedy::sync;
        return finding;
    }
    const SyncRecord& last = status.history.front();
    if (last.error.empty()) return good("syncs", "the last one was " + ago(last.at_ms, now_ms));
    Finding finding = note("syncs", fmt::format("the last one failed: {}", last.error),
                           fmt::format("'{}' tries again.", sync_command(path)));
    finding.remedy = Remedy::sync;
    return finding;
}

Finding narrow(const std::string& target, const char* may, mode_t taken, const char* mode) {
    Finding finding = trouble("permissions", fmt::format("others may {} {}", may, target),
                              fmt::format("Run: chmod {} {}", mode, target));
    finding.remedy = Remedy::narrow;
    finding.target = target;
    finding.taken = taken;
    return finding;
}

bool mode_has(const std::string& path, mode_t bits) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 && (status.st_mode & bits) != 0;
}

uid_t owner_of(const std::string& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 ? status.st_uid : uid_t(-1);
}

/// A file beside the database that another user made, such as a command run by sudo, locks its
/// owner out.
Finding check_access(const std::string& path) {
    const std::string folder = folder_of(path);
    for (const std::string& file : files_of(path)) {
        if (::access(file.c_str(), R_OK | W_OK) != 0) {
            return trouble("permissions", fmt::format("you may not write {}", file),
                           fmt::format("Check whose it is: ls -l {}*", path));
        }
        if (owner_of(file) != owner_of(path)) {
            return trouble(
                "permissions",
                fmt::format("{} belongs to another user than the database itself", file),
                fmt::format("End the programs that have it open, and run: chown --reference={} {}",
                            path, file));
        }
    }
    if (::access(folder.c_str(), W_OK | X_OK) != 0) {
        return trouble("permissions",
                       fmt::format("you may not write the folder {}, where SQLite has to make "
                                   "files beside the database",
                                   folder),
                       fmt::format("Check whose it is: ls -ld {}", folder));
    }
    if (mode_has(path, S_IWOTH)) return narrow(path, "write", S_IWOTH, "o-w");
    return good("permissions", "the database and its folder can be written");
}

/// All of those that are too wide: each is mended by itself.
std::vector<Finding> check_secrets() {
    std::vector<Finding> findings;
    const std::string file = auth::Credentials::of_user().path();
    if (!fs::exists(file)) return findings;
    constexpr mode_t others = S_IRWXG | S_IRWXO;
    if (mode_has(folder_of(file), others)) {
        findings.push_back(narrow(folder_of(file), "enter", others, "700"));
    }
    if (mode_has(file, others)) findings.push_back(narrow(file, "read", others, "600"));
    return findings;
}

Finding no_replica(Store::Role role, const std::string& path) {
    if (role == Store::Role::primary) {
        return trouble("replica", "this is a primary, and no replica",
                       "Look at its replicas instead.", ErrorCode::usage);
    }
    return trouble("replica", "it is attached to no primary",
                   fmt::format("'{} PRIMARY' attaches it.", command_line("attach", path)),
                   ErrorCode::usage);
}

}  // namespace

std::vector<std::string> damage_of(const std::string& path) {
    std::vector<std::string> found;
    Connection connection(path);
    Statement integrity(connection, "PRAGMA integrity_check(10)");
    while (integrity.step()) {
        if (integrity.text(0) != "ok") found.push_back(integrity.text(0));
    }
    Statement references(connection, "PRAGMA foreign_key_check");
    std::int64_t broken = 0;
    while (references.step()) ++broken;
    if (broken > 0) found.push_back(count_of(broken, "row") + " with a reference to no row");
    return found;
}

std::vector<Finding> check_file(const std::string& path) {
    std::vector<Finding> findings;
    try {
        Connection connection(path);
        Store store(connection);
        const Store::Role role = store.role();
        findings.push_back(check_soundness(path, connection));
        if (role != Store::Role::replica) {
            findings.push_back(no_replica(role, path));
        } else {
            const Status status = Replica::open(path).status();
            findings.push_back(check_triggers(path, connection, store, status));
            findings.push_back(check_pending(path, connection, store, status));
            findings.push_back(check_syncs(path, status));
        }
    } catch (const Error& error) {
        findings.push_back(trouble("file", error.message(), error.hint(), error.code()));
    }
    if (fs::exists(path)) findings.push_back(check_access(path));
    const std::vector<Finding> secrets = check_secrets();
    findings.insert(findings.end(), secrets.begin(), secrets.end());
    return findings;
}

}  // namespace tidemark::cli
