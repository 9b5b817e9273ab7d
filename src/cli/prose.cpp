#include "cli/prose.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "cli/format.hpp"
#include "cli/printable.hpp"
#include "cli/table.hpp"

namespace tidemark::cli {
namespace {

std::string capitalized(std::string text) {
    if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = char(text[0] - 'a' + 'A');
    return text;
}

const char* nothing_to_do(Direction direction) {
    switch (direction) {
        case Direction::push: return "Nothing to send.";
        case Direction::pull: return "Nothing to receive.";
        case Direction::both: break;
    }
    return "In step with the primary; nothing to do.";
}

/// "3 rows and 1 schema change"; empty where there is neither.
std::string and_also(std::int64_t rows, const std::vector<SchemaChange>& changes) {
    std::vector<std::string> parts;
    if (rows > 0) parts.push_back(count_of(rows, "row"));
    if (!changes.empty()) parts.push_back(count_of(std::ssize(changes), "schema change"));
    return join(parts, " and ");
}

}  // namespace

std::string schema_lines(const std::vector<SchemaChange>& changes, std::string_view prefix) {
    std::string out;
    for (const SchemaChange& change : changes) {
        const bool mark = change.kind == "mark";
        out += fmt::format("{}{}{} {}{}\n", prefix, mark ? "" : change.kind + " ",
                           printable(change.name), change.change,
                           change.detail.empty() ? ""
                           : change.change == "renamed" || mark
                               ? " " + printable(change.detail)
                               : " (" + printable(change.detail) + ")");
    }
    return out;
}

std::string sentence(const SyncReport& report, Direction direction, std::string_view path) {
    std::vector<std::string> parts;
    const auto sent = and_also(report.pushed, report.schema_sent);
    const auto received = and_also(report.pulled, report.schema_received);
    if (!sent.empty()) parts.push_back("sent " + sent);
    if (!received.empty()) parts.push_back("received " + received);
    if (report.conflicts > 0) {
        parts.push_back(fmt::format("{} (see '{}')", count_of(report.conflicts, "conflict"),
                                    command_line("conflicts", path)));
    }
    std::string out =
        parts.empty() ? nothing_to_do(direction) : capitalized(join(parts, ", ")) + ".";
    if (report.pending > 0) {
        out += fmt::format(" {} still {} to be sent.", count_of(report.pending, "change"),
                           report.pending == 1 ? "waits" : "wait");
    }
    return out;
}

std::string measures(const SyncReport& report) {
    return fmt::format("{}, {} sent, {} received, {}, mark {}.",
                       count_of(report.round_trips, "round trip"), bytes(report.bytes_sent),
                       bytes(report.bytes_received), duration(report.duration_ms), report.mark);
}

std::string outcome(const SyncRecord& record) {
    if (!record.error.empty()) return "failed: " + printable(record.error);
    if (record.pushed + record.pulled + record.conflicts == 0) return "nothing new";
    std::string out = fmt::format("sent {}, received {}", count_of(record.pushed, "row"),
                                  count_of(record.pulled, "row"));
    if (record.conflicts > 0) out += ", " + count_of(record.conflicts, "conflict");
    return out;
}

PlanTotals totals_of(const SyncPlan& plan, Direction direction) {
    PlanTotals totals;
    for (const SyncPlan::TablePlan& table : plan.tables) {
        if (direction != Direction::pull) totals.push += table.push;
        if (direction != Direction::push) totals.pull += table.pull;
        totals.both += table.both;
    }
    return totals;
}

std::string sentence(const SyncPlan& plan, Direction direction) {
    const PlanTotals totals = totals_of(plan, direction);
    std::vector<std::string> parts;
    const auto push = and_also(totals.push, plan.schema_push);
    const auto pull = and_also(totals.pull, plan.schema_pull);
    if (!push.empty()) parts.push_back("send " + push);
    if (!pull.empty()) parts.push_back("receive " + pull);
    if (parts.empty()) return nothing_to_do(direction);
    std::string out = "Would " + join(parts, " and ");
    if (totals.both > 0) {
        out += fmt::format("; {} changed on both sides",
                           totals.both == 1 ? "1 row was" : count_of(totals.both, "row") + " were");
    }
    return out + ".";
}

std::string tables_left_out(const std::vector<TableStatus>& tables, const Screen& screen) {
    Facts facts;
    std::int64_t count = 0;
    for (const TableStatus& table : tables) {
        if (table.syncs) continue;
        facts.add(printable(table.name), printable(table.reason));
        ++count;
    }
    if (count == 0) return {};
    return fmt::format("{} on this device only:\n{}",
                       count == 1 ? "1 table stays" : count_of(count, "table") + " stay",
                       facts.text(screen));
}

std::string difference_table(const std::vector<TableDifference>& tables, const Screen& screen) {
    if (tables.empty()) return {};
    constexpr auto right = Table::Align::right;
    Table out({
        {"Table"},
        {"Only here", right},
        {"Only there", right},
        {"Different", right},
        {"Same", right},
    });
    for (const TableDifference& table : tables) {
        out.add({
            {printable(table.table)},
            {grouped(table.only_here)},
            {grouped(table.only_there)},
            {grouped(table.different)},
            {grouped(table.same)},
        });
    }
    return out.text(screen);
}

std::vector<std::string> warnings_of(const AttachReport& report) {
    std::vector<std::string> out = report.warnings;
    for (const std::string& warning : report.sync.warnings) {
        if (std::find(out.begin(), out.end(), warning) == out.end()) out.push_back(warning);
    }
    return out;
}

const char* name_of(ConflictState state) {
    switch (state) {
        case ConflictState::restored: return "restored";
        case ConflictState::dismissed: return "dismissed";
        case ConflictState::open: break;
    }
    return "open";
}

std::string here_name(const Conflict& conflict) {
    const std::string& device = conflict.here_device;
    return device.empty() ? "this device" : printable(device) + " (here)";
}

std::string there_name(const Conflict& conflict) {
    return conflict.there_device.empty() ? "the primary" : printable(conflict.there_device);
}

std::string loss(const Conflict& conflict) {
    const std::string loser = conflict.lost_here ? here_name(conflict) : there_name(conflict);
    if (conflict.columns.empty()) return "the deletion by " + loser;
    return printable(join(conflict.columns, ", ")) + " of " + loser;
}

}  // namespace tidemark::cli
