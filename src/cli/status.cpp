#include <fmt/format.h>

#include <cstdlib>
#include <memory>

#include "base/text.hpp"
#include "base/tuning.hpp"
#include "cli/commands.hpp"
#include "cli/format.hpp"
#include "cli/json.hpp"
#include "cli/table.hpp"

namespace tidemark::cli {
namespace {

constexpr std::size_t syncs_shown = 5;

std::string when(std::int64_t at_ms, std::int64_t now_ms) {
    return fmt::format("{} ({})", ago(at_ms, now_ms), local_time(at_ms));
}

std::string outcome(const SyncRecord& record) {
    if (!record.error.empty()) return "failed: " + printable(record.error);
    std::string out = fmt::format("sent {}, received {}", count_of(record.pushed, "row"),
                                  count_of(record.pulled, "row"));
    if (record.conflicts > 0) out += ", " + count_of(record.conflicts, "conflict");
    return out;
}

void add_last_sync(Facts& facts, const Status& status, std::int64_t now_ms) {
    if (status.history.empty()) {
        facts.add("Last sync", "never");
        return;
    }
    const SyncRecord& last = status.history.front();
    const bool failed = !last.error.empty();
    const std::string text = when(last.at_ms, now_ms) + ", " + outcome(last);
    facts.add("Last sync", text, failed ? Ink::red : Ink::plain);
    if (!failed) return;
    for (const SyncRecord& record : status.history) {
        if (!record.error.empty()) continue;
        facts.add("In step", when(record.at_ms, now_ms));
        return;
    }
}

std::string clock_text(std::int64_t offset_ms) {
    return offset_ms == 0 ? "as the primary's"
                          : fmt::format("{} {} the primary's", duration(std::abs(offset_ms)),
                                        offset_ms > 0 ? "behind" : "ahead of");
}

std::string facts_of(const Status& status, const Session& session, std::string_view path) {
    Facts facts;
    facts.add("Primary", printable(masked(status.primary)));
    facts.add("Device", printable(status.device));
    if (status.state != "ready") facts.add("State", printable(status.state), Ink::yellow);
    facts.add("Pending", status.pending == 0 ? "nothing" : count_of(status.pending, "change"));
    facts.add("Conflicts",
              status.conflicts == 0 ? "none"
                                    : fmt::format("{} open (see '{}')", grouped(status.conflicts),
                                                  command_line("conflicts", path)),
              status.conflicts == 0 ? Ink::plain : Ink::yellow);
    add_last_sync(facts, status, session.now_ms());
    const bool clock_is_off = std::abs(status.clock_offset_ms) > tuning::clock_tolerance_ms;
    if (clock_is_off || session.verbose) {
        facts.add("Clock", clock_text(status.clock_offset_ms),
                  clock_is_off ? Ink::yellow : Ink::plain);
    }
    if (session.verbose) {
        facts.add("Policy", printable(status.policy));
        facts.add("Mark", std::to_string(status.mark));
        facts.add("Replica", printable(status.replica));
        facts.add("Lineage", printable(status.lineage));
    }
    return facts.text(session.screen());
}

Table::Cell verdict(const TableStatus& table) {
    if (!table.syncs) return {"no: " + printable(table.reason), Ink::yellow};
    if (table.null_keys == 0) return {"yes", Ink::green};
    const std::string left_out = count_of(table.null_keys, "row");
    return {fmt::format("yes, but {} with NULL in the key", left_out), Ink::yellow};
}

std::string tables_of(const Status& status, const Screen& screen) {
    if (status.tables.empty()) return "There is no table yet.\n";
    Table table(
        {{"Table"}, {"Rows", Table::Align::right}, {"Pending", Table::Align::right}, {"Syncs"}});
    for (const TableStatus& each : status.tables) {
        table.add({
            {printable(each.name)},
            {grouped(each.rows)},
            {each.syncs ? grouped(each.pending) : "-"},
            verdict(each),
        });
    }
    return table.text(screen);
}

std::string history_of(const Status& status, const Screen& screen) {
    Table table({{"Synced"}, {"Took", Table::Align::right}, {"Outcome"}});
    for (std::size_t i = 0; i < status.history.size() && i < syncs_shown; ++i) {
        const SyncRecord& record = status.history[i];
        table.add({
            {local_time(record.at_ms)},
            {duration(record.duration_ms)},
            {outcome(record), record.error.empty() ? Ink::plain : Ink::red},
        });
    }
    return table.empty() ? std::string() : "\n" + table.text(screen);
}

void show_status(const std::string& path, const Session& session) {
    const Status status = Replica::open(path).status();
    const Screen& screen = session.screen();
    std::string text = paint(screen, Ink::bold, printable(status.path)) + "\n";
    text += facts_of(status, session, path) + "\n" + tables_of(status, screen);
    if (session.verbose) text += history_of(status, screen);
    session.give(to_json(status), text);
    session.warn(status.warnings);
}

}  // namespace

void add_status(CLI::App& root, Session& session) {
    auto path = std::make_shared<std::string>();
    CLI::App* command = root.add_subcommand(
        "status",
        "Show pending changes, conflicts and which tables sync\n"
        "\n"
        "It does not contact the primary. --verbose adds identities and the last syncs.");
    add_database(*command, *path);
    command->footer(
        "Examples:\n"
        "  tidemark status notes.db\n"
        "  tidemark status notes.db --json");
    command->callback([path, &session] { show_status(*path, session); });
}

}  // namespace tidemark::cli
