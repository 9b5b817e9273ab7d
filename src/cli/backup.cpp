#include <fmt/format.h>
#include <sqlite3.h>

#include <filesystem>
#include <memory>

#include "base/clock.hpp"
#include "base/tuning.hpp"
#include "cli/commands.hpp"
#include "cli/format.hpp"
#include "cli/json.hpp"
#include "sqlite/connection.hpp"
#include "sqlite/sql_error.hpp"
#include "sync/first_contact.hpp"
#include "sync/lock.hpp"
#include "sync/store.hpp"

namespace tidemark::cli {
namespace {

namespace fs = std::filesystem;

struct Arguments {
    std::string path;
    std::string file;
    bool replace = false;
};

std::int64_t size_of_file(const std::string& path) {
    std::error_code ignored;
    return static_cast<std::int64_t>(fs::file_size(path, ignored));
}

void backup(const Arguments& arguments, const Session& session) {
    Connection connection(arguments.path);
    back_up(connection, arguments.file);
    const std::int64_t size = size_of_file(arguments.file);
    session.give({{"backup", json_text(arguments.file)}, {"size_bytes", size}},
                 fmt::format("Copied {} to {}: {}, checked.\n", printable(arguments.path),
                             printable(arguments.file), bytes(size)));
}

void require_sound(Connection& backup) {
    if (backup.scalar("PRAGMA quick_check(1)") == Value{std::string("ok")}) return;
    throw Error(ErrorCode::failed, "the backup " + backup.path() + " is damaged",
                "Nothing was changed. Restore an older one.");
}

/// A name beside the database that is free.
std::string name_for_what_was(const std::string& path, std::int64_t now_ms) {
    std::string stamp = local_time(now_ms);
    for (char& c : stamp) {
        if (c == ' ') c = '-';
        if (c == ':') c = '.';
    }
    const std::string name = path + ".before-restore-" + stamp;
    std::string free = name;
    for (int i = 2; fs::exists(free); ++i) free = name + "-" + std::to_string(i);
    return free;
}

/// One transaction for other programs: they see the old content or the new.
void copy_over(Connection& from, Connection& to) {
    sqlite3_backup* copy = sqlite3_backup_init(to.handle(), "main", from.handle(), "main");
    if (copy == nullptr) throw_sql_error(to.handle(), to.path());
    int rc = SQLITE_OK;
    const std::int64_t give_up = system_clock().steady_ms() + tuning::busy_timeout_ms;
    do {
        rc = sqlite3_backup_step(copy, -1);
        if (rc == SQLITE_BUSY || rc == SQLITE_LOCKED)
            system_clock().sleep_ms(tuning::sync_turn_pause_ms);
    } while ((rc == SQLITE_BUSY || rc == SQLITE_LOCKED) && system_clock().steady_ms() < give_up);
    if (sqlite3_backup_finish(copy) != SQLITE_OK || rc != SQLITE_DONE) {
        throw Error(ErrorCode::failed, to.path() + " cannot be written: " + sqlite3_errstr(rc),
                    "Close the programs that use it, and try again; nothing was changed.");
    }
}

void restore(const Arguments& arguments, const Session& session) {
    Connection from(arguments.file, Connection::Open::read_write);
    require_sound(from);
    std::string kept;
    if (fs::exists(arguments.path)) {
        if (!arguments.replace) {
            throw Error(ErrorCode::choice_needed, arguments.path + " exists already",
                        "Give --replace to put the backup in its place; what is there is copied to "
                        "a file beside it first.");
        }
        const SyncLock lock(arguments.path);
        Connection to(arguments.path);
        kept = name_for_what_was(arguments.path, session.now_ms());
        back_up(to, kept);
        copy_over(from, to);
    } else {
        back_up(from, arguments.path);
    }
    std::string text =
        fmt::format("Restored {} from {}.\n", printable(arguments.path), printable(arguments.file));
    if (!kept.empty()) text += fmt::format("What it was is in {}.\n", printable(kept));
    Connection restored(arguments.path);
    const bool replica = Store(restored).role() == Store::Role::replica;
    if (replica) {
        text +=
            fmt::format("It is a replica: '{}' brings what the primary has had since the backup.\n",
                        command_line("sync", arguments.path));
    }
    session.give(
        {{"restored", json_text(arguments.path)},
         {"from", json_text(arguments.file)},
         {"kept", kept.empty() ? boost::json::value() : boost::json::value(json_text(kept))},
         {"replica", replica}},
        text);
}

}  // namespace

void add_backup(CLI::App& root, Session& session) {
    auto arguments = std::make_shared<Arguments>();
    CLI::App* command = root.add_subcommand(
        "backup",
        "Copy a database to a file while it is in use\n"
        "\n"
        "The copy is whole, checked, and appears under its name when it is complete.");
    add_database(*command, arguments->path);
    command->add_option("FILE", arguments->file, "The file to make; it must not exist yet")
        ->required();
    command->footer("Example:\n  tidemark backup notes.db notes-2026-03-09.db");
    command->callback([arguments, &session] { backup(*arguments, session); });
}

void add_restore(CLI::App& root, Session& session) {
    auto arguments = std::make_shared<Arguments>();
    CLI::App* command = root.add_subcommand(
        "restore",
        "Put a backup in place of a database\n"
        "\n"
        "Other programs see it happen in one step. A replica goes on from where it was when the "
        "backup was made: the next sync brings what the primary has had since then.");
    add_database(*command, arguments->path);
    command->add_option("FILE", arguments->file, "The backup")->required();
    command->add_flag("--replace", arguments->replace,
                      "Where DB exists: copy it to a file beside it first, then replace it");
    command->callback([arguments, &session] { restore(*arguments, session); });
}

}  // namespace tidemark::cli
