#include <fmt/format.h>
#include <malloc.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <thread>

#include <boost/json/serialize.hpp>
#include <tidemark/watcher.hpp>

#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/database_settings.hpp"
#include "cli/format.hpp"
#include "cli/json.hpp"
#include "cli/memory.hpp"
#include "cli/prose.hpp"
#include "cli/watch_unit.hpp"

namespace tidemark::cli {
namespace {

/// How long after the last sync its memory is given back: while syncs follow each other, the next
/// one needs it again.
constexpr unsigned rest_after_s = 1;

struct Arguments {
    std::vector<std::string> paths;
    std::string interval;
    bool install = false;
    bool uninstall = false;
    bool replace = false;
};

Timing timing_of(DatabaseSettings& settings, const Arguments& arguments) {
    const auto text = [&](const char* name) { return settings.get(name); };
    Timing timing;
    timing.at_start = text("sync.at_start") == "true";
    timing.after_writes = text("sync.after_writes") == "true";
    timing.quiet_ms = std::stoll(text("sync.quiet_ms"));
    const std::string interval = arguments.interval.empty()
                                     ? text("sync.interval")
                                     : setting_named("sync.interval").checked(arguments.interval);
    timing.interval_ms = std::stoll(interval) * 1000;
    timing.on_close = text("sync.on_close") == "true";
    return timing;
}

/// What the watchers have to tell, a line for each thing that a person would want to know. They
/// call from threads of their own.
class Ticker {
public:
    explicit Ticker(const Session& session) : session_(session) {}

    void tell(const std::string& path, const WatchStatus& status, WatchState& before) {
        const std::scoped_lock lock(mutex_);
        if (status.state == WatchState::waiting) {
            warn(path, status.last.warnings);
            ::alarm(rest_after_s);
        }
        const bool same = status.state == before && status.state != WatchState::waiting;
        if (status.state == WatchState::syncing || same) return;
        const bool was_away = before == WatchState::offline || before == WatchState::refused ||
                              before == WatchState::failed;
        before = status.state;
        const std::string text = sentence_of(path, status, was_away);
        if (text.empty() && !session_.verbose) return;
        if (session_.json) {
            session_.print(boost::json::serialize(object_of(path, status)) + "\n");
        } else if (!session_.quiet) {
            session_.print(
                fmt::format("{}  {}  {}\n", local_time(session_.now_ms()), printable(path),
                            text.empty() ? sentence(status.last, Direction::both, path) : text));
        }
    }

private:
    /// Each once for as long as it says the same.
    void warn(const std::string& path, const std::vector<std::string>& warnings) {
        for (const std::string& warning : warnings) {
            if (!told_[path].insert(warning).second) continue;
            session_.warn({fmt::format("{}: {}", path, warning)});
        }
    }

    /// Empty where nothing happened that matters.
    static std::string sentence_of(const std::string& path, const WatchStatus& status,
                                   bool was_away) {
        const std::string waiting = status.pending == 0
                                        ? ""
                                        : fmt::format("; {} {}", count_of(status.pending, "change"),
                                                      status.pending == 1 ? "waits" : "wait");
        switch (status.state) {
            case WatchState::offline:
                return fmt::format("Offline: {}{}.", printable(status.reason), waiting);
            case WatchState::refused:
                return fmt::format("Refused: {}{}.", printable(status.reason), waiting);
            case WatchState::failed:
                return fmt::format("Failed: {}{}.", printable(status.reason), waiting);
            case WatchState::stopped:
                return status.reason.empty()
                           ? fmt::format("Stopped{}.", waiting)
                           : fmt::format("Stopped; {}{}.", printable(status.reason), waiting);
            case WatchState::waiting: {
                const bool moved = status.last.pushed + status.last.pulled + status.last.conflicts;
                const std::string text =
                    moved || was_away ? sentence(status.last, Direction::both, path) : "";
                return was_away ? "In reach again. " + text : text;
            }
            case WatchState::syncing: break;
        }
        return {};
    }

    static boost::json::object object_of(const std::string& path, const WatchStatus& status) {
        boost::json::array warnings;
        for (const std::string& each : status.last.warnings) warnings.emplace_back(json_text(each));
        return {
            {"path", json_text(path)},
            {"state", name_of(status.state)},
            {"pending", status.pending},
            {"reason", status.reason.empty() ? boost::json::value()
                                             : boost::json::value(json_text(status.reason))},
            {"retry_ms", status.retry_ms},
            {"synced_at_ms", status.synced_at_ms == 0 ? boost::json::value()
                                                      : boost::json::value(status.synced_at_ms)},
            {"pushed", status.last.pushed},
            {"pulled", status.last.pulled},
            {"conflicts", status.last.conflicts},
            {"warnings", warnings},
            {"network", to_json(network_use())}};
    }

    static const char* name_of(WatchState state) {
        switch (state) {
            case WatchState::waiting: return "waiting";
            case WatchState::syncing: return "syncing";
            case WatchState::offline: return "offline";
            case WatchState::refused: return "refused";
            case WatchState::failed: return "failed";
            case WatchState::stopped: break;
        }
        return "stopped";
    }

    const Session& session_;
    std::mutex mutex_;
    std::map<std::string, std::set<std::string>> told_;
};

/// Blocked in every thread that is started from now on, so that only the main one takes them.
sigset_t hold_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGALRM}) sigaddset(&signals, signal);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    return signals;
}

void watch(const Arguments& arguments, const Session& session) {
    // A heap for each thread would stay as large as that thread's largest sync.
    mallopt(M_ARENA_MAX, 1);
    const sigset_t signals = hold_signals();
    const TokenProvider token = session.token();
    Ticker ticker(session);
    std::vector<WatchState> states(arguments.paths.size(), WatchState::waiting);
    std::vector<std::unique_ptr<Watcher>> watchers;
    for (std::size_t i = 0; i < arguments.paths.size(); ++i) {
        const std::string& path = arguments.paths[i];
        WatchOptions options;
        DatabaseSettings settings(path);
        options.timing = timing_of(settings, arguments);
        options.batch = settings.batch();
        options.token = token;
        options.on_status = [&ticker, &path, &before = states[i]](const WatchStatus& status) {
            ticker.tell(path, status, before);
        };
        watchers.push_back(std::make_unique<Watcher>(path, std::move(options)));
    }
    if (!session.json && !session.quiet) {
        session.print(fmt::format("Watching {}; Ctrl-C ends it.\n",
                                  watchers.size() == 1
                                      ? printable(arguments.paths[0])
                                      : count_of(std::int64_t(watchers.size()), "database")));
    }
    for (const auto& watcher : watchers) watcher->start();
    int signal = 0;
    while (sigwait(&signals, &signal), signal == SIGALRM) give_back_memory();
    std::vector<std::jthread> ending;  // side by side: each may wait for its primary
    for (const auto& watcher : watchers) ending.emplace_back([&watcher] { watcher->stop(); });
}

void install(const Arguments& arguments, const Session& session) {
    for (const std::string& path : arguments.paths) Replica::open(path);
    const WatchUnit unit = WatchUnit::of_user();
    unit.install(arguments.paths, arguments.replace);
    session.give({{"unit", json_text(unit.path())}},
                 fmt::format("Wrote {}. To start it now and at every login:\n"
                             "  systemctl --user daemon-reload\n"
                             "  systemctl --user enable --now {}\n",
                             printable(unit.path()), WatchUnit::name));
}

void uninstall(const Session& session) {
    const WatchUnit unit = WatchUnit::of_user();
    const bool was_there = unit.remove();
    session.give({{"unit", json_text(unit.path())}, {"removed", was_there}},
                 was_there ? fmt::format("Removed {}. To stop what runs:\n"
                                         "  systemctl --user disable --now {}\n"
                                         "  systemctl --user daemon-reload\n",
                                         printable(unit.path()), WatchUnit::name)
                           : "There is no such unit.\n");
}

void run_watch(const Arguments& arguments, const Session& session) {
    if (arguments.uninstall) return uninstall(session);
    if (arguments.paths.empty()) {
        throw Error(ErrorCode::usage, "no database was given", "Usage: tidemark watch DB…");
    }
    if (arguments.install) return install(arguments, session);
    watch(arguments, session);
}

}  // namespace

void add_watch(CLI::App& root, Session& session) {
    auto arguments = std::make_shared<Arguments>();
    CLI::App* command = root.add_subcommand(
        "watch",
        "Keep databases in step for as long as it runs\n"
        "\n"
        "It syncs when it starts, after any program wrote a database, every 30 seconds, as soon as "
        "the primary is in reach again, and when it ends. 'tidemark config' changes that, for all "
        "databases or for one. --json prints one object a line.");
    command->add_option("DB", arguments->paths, "The replicas to watch");
    command->add_option("--interval", arguments->interval, "Sync every so many seconds; 0: never")
        ->type_name("SECONDS");
    command->add_flag("--install", arguments->install,
                      "Write a systemd unit of this user that watches them, and end");
    command->add_flag("--replace", arguments->replace,
                      "With --install: in place of the unit there is");
    command->add_flag("--uninstall", arguments->uninstall, "Remove that unit");
    command->footer(
        "Examples:\n"
        "  tidemark watch notes.db tasks.db\n"
        "  tidemark watch --install ~/notes.db");
    command->callback([arguments, &session] { run_watch(*arguments, session); });
}

}  // namespace tidemark::cli
