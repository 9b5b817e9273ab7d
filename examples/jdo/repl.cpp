#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <iostream>
#include <optional>
#include <utility>

#include <tidemark/tidemark.hpp>

#include "jdo/commands.hpp"
#include "jdo/sync_service.hpp"

namespace jdo {
namespace {

using tidemark::WatchState;
using tidemark::WatchStatus;

/// What the prompt shows of the sync. Written on the Watcher's thread.
class Indicator {
public:
    void show(const WatchStatus& status) {
        switch (status.state) {
            case WatchState::syncing: mark_ = "☁ …"; break;
            case WatchState::waiting: mark_ = status.pending > 0 ? "☁ ↑" : "☁"; break;
            case WatchState::offline: mark_ = "☁ offline"; break;
            case WatchState::refused: mark_ = "☁ token refused"; break;
            case WatchState::failed: mark_ = "☁ failed"; break;
            case WatchState::stopped: mark_ = ""; break;
        }
    }
    std::string prompt() const {
        const std::string mark = mark_.load();
        return mark.empty() ? "jdo> " : "jdo " + mark + "> ";
    }

private:
    std::atomic<const char*> mark_ = "";
};

/// The words of a line; quotes hold blanks together.
std::vector<std::string> words(const std::string& line) {
    std::vector<std::string> out;
    std::string word;
    char quote = 0;
    bool begun = false;
    for (const char c : line) {
        if (quote ? c == quote : c == '"' || c == '\'') {
            quote = quote ? '\0' : c;
            begun = true;
        } else if (!quote && (c == ' ' || c == '\t')) {
            if (begun) out.push_back(std::exchange(word, {}));
            begun = false;
        } else {
            word += c;
            begun = true;
        }
    }
    if (begun) out.push_back(word);
    return out;
}

/// Syncs while the user types, where sync is on.
std::optional<tidemark::Watcher> start_sync(const Session& session, Indicator& indicator) {
    const SyncService service(session.places);
    if (!service.background()) return std::nullopt;
    try {
        auto watcher = service.watch([&, service](const WatchStatus& status) {
            indicator.show(status);
            if (status.last.conflicts > 0) service.log_conflicts();
        });
        watcher.start();
        return watcher;
    } catch (const tidemark::Error& error) {
        fmt::print(stderr, "Warning: no sync: {}.\n", error.message());
        return std::nullopt;
    }
}

}  // namespace

void run_repl(Session& session) {
    session.in_repl = true;
    Indicator indicator;
    auto watcher = start_sync(session, indicator);
    const bool shown = isatty(STDIN_FILENO) == 1;
    if (shown) fmt::print("Commands are those of 'jdo --help'; 'quit' ends this.\n");
    std::string line;
    while (true) {
        if (shown) {
            fmt::print("{}", indicator.prompt());
            std::fflush(stdout);
        }
        if (!std::getline(std::cin, line)) break;
        std::vector<std::string> command = words(line);
        if (command.empty()) continue;
        if (command[0] == "quit" || command[0] == "exit") break;
        // Setting sync up or off changes who syncs.
        const bool changes_sync = command[0] == "sync" && command.size() > 1 &&
                                  (command[1] == "setup" || command[1] == "disable");
        if (changes_sync) watcher.reset();
        run_command(session, std::move(command));
        if (changes_sync) watcher = start_sync(session, indicator);
    }
    if (watcher) watcher->stop();
}

}  // namespace jdo
