#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>

#include "common/dialogue.hpp"
#include "common/private_file.hpp"
#include "common/progress.hpp"
#include "common/text.hpp"
#include "shark/commands.hpp"
#include "shark/schema.hpp"
#include "shark/token.hpp"

namespace shark {
namespace {

namespace json = boost::json;

using tidemark::Direction;
using tidemark::Error;
using tidemark::ErrorCode;
using tidemark::FirstMerge;

constexpr const char* dashboard = "https://app.turso.tech";

// ---- login
// ---------------------------------------------------------------------------------------

struct LoginArguments {
    std::string url;
    std::string token_file;
    std::string backup;
    bool merge = false;
};

std::string url_of(const LoginArguments& arguments) {
    if (!arguments.url.empty()) return arguments.url;
    if (const char* url = std::getenv("SHARK_DB_URL"); url && *url) return url;
    if (examples::is_interactive()) {
        const std::string url =
            examples::ask("URL of the database, such as libsql://NAME.turso.io");
        if (!url.empty()) return url;
    }
    throw Error(ErrorCode::choice_needed, "no database was named",
                "Give --url libsql://NAME.turso.io, or set SHARK_DB_URL.");
}

/// The token that was given: in a file, in the environment, from an earlier login or by typing.
/// What is typed or read from a file is kept.
std::string token_of(const LoginArguments& arguments, const std::string& url,
                     const Session& session) {
    if (arguments.token_file == "-") {
        save_token(session.places, {std::istreambuf_iterator<char>(std::cin), {}});
    } else if (!arguments.token_file.empty()) {
        const auto given = examples::read_private(arguments.token_file);
        if (!given) {
            throw Error(ErrorCode::failed, "there is no file " + arguments.token_file,
                        "Name the file that holds the token.");
        }
        save_token(session.places, *given);
    } else if (needs_token(url) && !knows_token(session.places) && examples::is_interactive()) {
        save_token(session.places, examples::ask_secret("Token"));
    }
    return token_for(url, session.places);
}

/// Where both sides have tasks, nothing is merged without a word.
bool wants_merge(const Session& session, const Error& difference) {
    if (!examples::is_interactive()) return false;
    session.say(difference.message());
    return examples::confirm("Merge this machine's tasks with those in the cloud?", true);
}

tidemark::AttachReport connect(const Login& login, const Session& session) {
    {
        examples::Database database(session.places.local);
        initialize_schema(database);
    }
    return Cloud(session.places).login(login);
}

std::string sentence(const tidemark::AttachReport& report) {
    if (report.outcome == "uploaded") return "Your tasks are in the cloud now.";
    if (report.outcome == "downloaded") return "The tasks in the cloud are here now.";
    return "Your tasks and those in the cloud are together now.";
}

void login(const LoginArguments& arguments, const Session& session) {
    if (session.places.in_cloud()) {
        throw Error(ErrorCode::usage, "shark is connected already",
                    "Run 'shark cloud logout' first to connect it elsewhere.");
    }
    Login login;
    login.url = url_of(arguments);
    login.token = token_of(arguments, login.url, session);
    login.backup = arguments.backup;
    login.first_merge = arguments.merge ? FirstMerge::merge : FirstMerge::refuse;
    examples::ProgressLine progress;
    login.on_progress = progress.callback();
    tidemark::AttachReport report;
    try {
        report = connect(login, session);
    } catch (const Error& error) {
        if (error.code() == ErrorCode::unauthorized) {
            throw Error(ErrorCode::unauthorized, "Authentication failed. Check token validity",
                        error.hint());
        }
        if (error.code() != ErrorCode::choice_needed) throw;
        if (!wants_merge(session, error)) {
            throw Error(ErrorCode::choice_needed, error.message(),
                        "'shark cloud login --merge' keeps both; add --backup FILE to copy this "
                        "machine's tasks first.");
        }
        login.first_merge = FirstMerge::merge;
        report = connect(login, session);
    }
    progress.wipe();
    tell_news(session);
    session.give(
        {{"url", tidemark::masked(login.url)},
         {"outcome", report.outcome},
         {"uploaded", report.sync.pushed},
         {"downloaded", report.sync.pulled}},
        fmt::format("Connected to {}. {}\n", tidemark::masked(login.url), sentence(report)));
}

// ---- sync
// ----------------------------------------------------------------------------------------

struct SyncArguments {
    bool push = false;
    bool pull = false;
    bool dry_run = false;
    bool background = false;
};

void dry_run(const Session& session) {
    json::array tables;
    std::string text;
    for (const auto& table : Cloud(session.places).plan().tables) {
        if (table.push + table.pull == 0) continue;
        tables.push_back({{"table", table.table}, {"send", table.push}, {"receive", table.pull}});
        text += fmt::format("{}: {} to send, {} to receive\n", table.table, table.push, table.pull);
    }
    session.give({{"tables", tables}}, text.empty() ? "Nothing to do.\n" : text);
}

void sync(const SyncArguments& arguments, const Session& session) {
    if (arguments.background) return run_background(session.places);
    if (arguments.dry_run) return dry_run(session);
    examples::ProgressLine progress;
    const Direction direction = arguments.push   ? Direction::push
                                : arguments.pull ? Direction::pull
                                                 : Direction::both;
    const auto report = Cloud(session.places).sync(direction, progress.callback());
    progress.wipe();
    tell_news(session);
    session.give({{"sent", report.pushed},
                  {"received", report.pulled},
                  {"conflicts", report.conflicts},
                  {"pending", report.pending},
                  {"duration_ms", report.duration_ms}},
                 fmt::format("Sent {}, received {} ({} ms).\n", report.pushed, report.pulled,
                             report.duration_ms));
}

// ---- status
// --------------------------------------------------------------------------------------

std::string shown(const tidemark::Value& value) {
    if (const auto* text = std::get_if<std::string>(&value)) return "'" + *text + "'";
    if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
    return "nothing";
}

/// "tasks 17: status 'done' of laptop gave way to 'blocked' of desktop".
std::string shown(const tidemark::Conflict& conflict) {
    std::string text = conflict.table;
    for (const auto& [name, value] : conflict.key) text += " " + shown(value);
    const auto& lost = conflict.lost_here ? conflict.here : conflict.there;
    const auto& stands = conflict.lost_here ? conflict.there : conflict.here;
    for (std::size_t i = 0; i < std::min(lost.size(), stands.size()); ++i) {
        if (lost[i].second == stands[i].second || lost[i].first == "updated_at") continue;
        text += fmt::format("; {} {} gave way to {}", lost[i].first, shown(lost[i].second),
                            shown(stands[i].second));
    }
    return text + " (" + conflict.reason + ")";
}

std::string token_source(const Session& session, const std::string& url) {
    if (!needs_token(url) && !knows_token(session.places)) return "not needed";
    try {
        return "from " + find_token(session.places).source;
    } catch (const Error& error) {
        return error.message();
    }
}

void local_status(const Session& session) {
    session.give({{"connected", false}, {"database", session.places.local}},
                 fmt::format("Not connected: your tasks are in {} alone.\n"
                             "Run 'shark cloud login' to connect.\n",
                             session.places.local));
}

void status(const Session& session) {
    connect_where_asked(session);
    if (!session.places.in_cloud()) return local_status(session);
    Cloud cloud(session.places);
    const tidemark::Status status = cloud.status();
    const SyncState state = cloud.state();
    const tidemark::Usage usage = cloud.usage();
    const auto warnings = usage_warnings(usage);
    const auto conflicts = cloud.conflicts();
    const FreePlan plan;
    std::vector<std::vector<std::string>> lines{
        {"Cloud database", tidemark::masked(status.primary)},
        {"Token", token_source(session, status.primary)},
        {"Replica", status.path},
        {"Last sync", state.last_sync_at.empty() ? "never" : state.last_sync_at + " UTC"},
        {"Waiting to be sent", std::to_string(status.pending)},
        {"Rows read this month", fmt::format("{} of {}", usage.rows_read, plan.rows_read)},
        {"Rows written this month", fmt::format("{} of {}", usage.rows_written, plan.rows_written)},
        {"Syncs that worked", fmt::format("{:.1f} %", state.success_rate())},
        {"Details", dashboard}};
    if (!state.last_error.empty()) lines.push_back({"Last attempt", state.last_error});
    std::string text = examples::table(lines);
    json::array lost;
    for (const auto& conflict : conflicts) {
        text += "Lost a merge: " + shown(conflict) + "\n";
        lost.emplace_back(shown(conflict));
    }
    for (const std::string& warning : warnings) text += "Warning: " + warning + "\n";
    Pool pool(session.places.replica);
    { const Pool::Loan tried = pool.borrow(); }
    const PoolMetrics metrics = pool.metrics();
    session.give(
        {{"connected", true},
         {"url", tidemark::masked(status.primary)},
         {"database", status.path},
         {"device_id", state.device_id},
         {"last_sync_at", state.last_sync_at},
         {"last_error", state.last_error},
         {"pending", status.pending},
         {"rows_read", usage.rows_read},
         {"rows_written", usage.rows_written},
         {"rows_read_free", plan.rows_read},
         {"rows_written_free", plan.rows_written},
         {"success_rate", state.success_rate()},
         {"conflicts", lost},
         {"warnings", json::array(warnings.begin(), warnings.end())},
         {"dashboard", dashboard},
         {"pool",
          {{"size", PoolOptions().size}, {"open", metrics.open}, {"reused", metrics.reused}}}},
        text);
}

// ---- logout, export
// ------------------------------------------------------------------------------

void logout(bool force, const Session& session) {
    tell_news(session);
    Cloud(session.places).logout(force);
    if (std::getenv("SHARK_DB_URL")) {
        session.say("SHARK_DB_URL is set: unset it, or the next command connects again.");
    }
    session.give({{"database", session.places.local}},
                 fmt::format("Logged out. Your tasks are in {}; the cloud keeps its copy.\n",
                             session.places.local));
}

void add_login(CLI::App& group, Session& session) {
    const auto arguments = std::make_shared<LoginArguments>();
    CLI::App* command = group.add_subcommand(
        "login",
        "Connect to a cloud database: the first machine uploads its tasks, the next ones download "
        "them");
    command->alias("init");
    command->add_option("--url", arguments->url,
                        "libsql://NAME.turso.io, the URL of a 'tidemark serve', or the path of a "
                        "file; SHARK_DB_URL without it");
    command->add_option("--token-file,--auth-file", arguments->token_file,
                        "Read the token from this file, which only you may read; - is the input");
    command->add_flag("--merge", arguments->merge,
                      "Where there are tasks here and there, keep both");
    command->add_option("--backup", arguments->backup, "Copy this machine's tasks to a file first");
    command->callback([arguments, &session] { login(*arguments, session); });
}

void add_sync(CLI::App& group, Session& session) {
    const auto arguments = std::make_shared<SyncArguments>();
    CLI::App* command = group.add_subcommand("sync", "Exchange changes with the cloud now");
    command->add_flag("--push", arguments->push, "Only send");
    command->add_flag("--pull", arguments->pull, "Only receive")->excludes("--push");
    command->add_flag("--dry-run", arguments->dry_run, "Say what would be exchanged");
    command->add_flag("--background", arguments->background)->group("");
    command->callback([arguments, &session] { sync(*arguments, session); });
}

}  // namespace

void connect_where_asked(const Session& session) {
    const char* url = std::getenv("SHARK_DB_URL");
    if (!url || !*url) return;
    if (session.places.in_cloud()) {
        tidemark::Replica::is_attached(session.places.replica, url);  // refuses another one
        return;
    }
    Login login;
    login.url = url;
    login.token = token_for(url, session.places);
    try {
        connect(login, session);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::unreachable) throw;
        session.say(fmt::format("{}; working in {} until it is there.", error.message(),
                                session.places.local));
    }
}

void tell_news(const Session& session) {
    for (const Renumbered& one : Cloud(session.places).news()) {
        session.say(fmt::format(
            "{} \"{}\"{} is now {}: another machine had given out that key.", one.before, one.title,
            one.before.starts_with('T') ? "" : ", with all that is in it,", one.after));
    }
}

void add_cloud_commands(CLI::App& app, Session& session) {
    CLI::App* group = app.add_subcommand("cloud", "The same tasks on all of your machines");
    group->require_subcommand(1);
    add_login(*group, session);
    add_sync(*group, session);

    group->add_subcommand("status", "Show the connection, what waits, and what was used")
        ->callback([&session] { status(session); });

    const auto force = std::make_shared<bool>(false);
    CLI::App* command = group->add_subcommand(
        "logout", "Disconnect: the tasks stay on this machine, and in the cloud");
    command->add_flag("--force", *force, "Even if changes were not sent or lost a merge");
    command->callback([force, &session] { logout(*force, session); });

    const auto file = std::make_shared<std::string>();
    command = group->add_subcommand("export", "Copy the tasks into an ordinary SQLite file");
    command->add_option("FILE", *file)->required();
    command->callback([file, &session] {
        Cloud(session.places).export_to(*file);
        session.give({{"file", *file}}, fmt::format("Wrote {}.\n", *file));
    });
}

}  // namespace shark
