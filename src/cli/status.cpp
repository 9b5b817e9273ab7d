#include <fmt/format.h>

#include <cstdlib>
#include <memory>
#include <optional>

#include "base/text.hpp"
#include "base/tuning.hpp"
#include "cli/checkup.hpp"
#include "cli/commands.hpp"
#include "cli/format.hpp"
#include "cli/json.hpp"
#include "cli/plan.hpp"
#include "cli/prose.hpp"
#include "cli/settings.hpp"
#include "cli/table.hpp"

namespace tidemark::cli {
namespace {

constexpr std::size_t syncs_shown = 5;

struct Arguments {
    std::string path;
    bool brief = false;
    bool probe = false;
    bool check = false;
    std::string plan;
};

/// What was found out on request.
struct Findings {
    std::optional<Probe> probe;
    std::optional<Error> unreachable;
    std::optional<std::vector<std::string>> damage;  ///< what --check found wrong
    Plan plan;
};

std::string when(std::int64_t at_ms, std::int64_t now_ms) {
    return fmt::format("{} ({})", ago(at_ms, now_ms), local_time(at_ms));
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
    if (failed && status.succeeded_at_ms > 0) {
        facts.add("In step", when(status.succeeded_at_ms, now_ms));
    }
    if (!failed && status.failure.at_ms > 0) {
        facts.add("Last failure",
                  when(status.failure.at_ms, now_ms) + ": " + printable(status.failure.error));
    }
}

std::string summary_text(const SyncSummary& summary) {
    const std::int64_t syncs = summary.succeeded + summary.failed;
    std::string out = syncs == 0 ? "no sync"
                                 : fmt::format("{}, {:.4g}% succeeded", count_of(syncs, "sync"),
                                               100 * summary.success_rate());
    if (summary.succeeded > 0) {
        out += fmt::format(", half within {}, 95% within {}", duration(summary.p50_ms),
                           duration(summary.p95_ms));
    }
    if (summary.offline > 0) {
        out += fmt::format("; {} while the primary was out of reach",
                           count_of(summary.offline, "attempt"));
    }
    return out;
}

void add_connection(Facts& facts, const Findings& findings) {
    if (findings.unreachable) {
        facts.add("Connection", printable(findings.unreachable->message()), Ink::red);
    } else if (findings.probe) {
        facts.add("Connection", "answered in " + duration(findings.probe->duration_ms), Ink::green);
    }
}

std::string clock_text(std::int64_t offset_ms) {
    return offset_ms == 0 ? "as the primary's"
                          : fmt::format("{} {} the primary's", duration(std::abs(offset_ms)),
                                        offset_ms > 0 ? "behind" : "ahead of");
}

std::string facts_of(const Status& status, const Findings& findings, const Session& session,
                     std::string_view path) {
    Facts facts;
    facts.add("Primary", printable(masked(status.primary)));
    add_connection(facts, findings);
    facts.add("Device", printable(status.device));
    if (status.state != "ready") facts.add("State", printable(status.state), Ink::yellow);
    facts.add("Pending", status.pending == 0 ? "nothing" : count_of(status.pending, "change"));
    facts.add("Conflicts",
              status.conflicts == 0 ? "none"
                                    : fmt::format("{} open (see '{}')", grouped(status.conflicts),
                                                  command_line("conflicts", path)),
              status.conflicts == 0 ? Ink::plain : Ink::yellow);
    add_last_sync(facts, status, session.now_ms());
    facts.add("30 days", summary_text(status.thirty_days));
    for (const Meter& meter : meters_of(findings.plan, status.this_month,
                                        findings.probe ? findings.probe->size_bytes : 0)) {
        facts.add(meter.name, meter.text(), meter.near_limit() ? Ink::yellow : Ink::plain);
    }
    facts.add("Size", bytes(status.size_bytes));
    if (findings.damage) {
        facts.add("Integrity", findings.damage->empty() ? "sound" : "damaged",
                  findings.damage->empty() ? Ink::green : Ink::red);
    }
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

std::string devices_of(const Probe& probe, const Session& session) {
    Table table({{"Device"}, {"Last seen"}, {"Behind", Table::Align::right}});
    for (const Device& device : probe.devices) {
        table.add({{printable(device.name) + (device.here ? " (here)" : "")},
                   {ago(device.seen_ms, session.now_ms())},
                   {grouped(device.behind)}});
    }
    return table.empty() ? std::string() : "\n" + table.text(session.screen());
}

Findings find_out(const Arguments& arguments, Replica& replica) {
    Findings findings;
    findings.plan = plan_named(arguments.plan.empty() ? setting("usage.plan") : arguments.plan);
    if (arguments.probe) {
        try {
            findings.probe = replica.probe();
        } catch (const Error& error) {
            findings.unreachable = error;
        }
    }
    if (arguments.check) findings.damage = damage_of(arguments.path);
    return findings;
}

boost::json::object json_of(const Status& status, const Arguments& arguments,
                            const Findings& findings) {
    boost::json::object out = to_json(status);
    out["network"] = to_json(network_use());
    boost::json::array meters;
    for (const Meter& meter : meters_of(findings.plan, status.this_month,
                                        findings.probe ? findings.probe->size_bytes : 0)) {
        meters.push_back(
            {{"name", meter.name},
             {"used", meter.used},
             {"limit", meter.limit == 0 ? boost::json::value() : boost::json::value(meter.limit)}});
    }
    out["usage"] = meters;
    if (arguments.probe) out["connection"] = to_json(findings.probe, findings.unreachable);
    if (findings.damage) {
        boost::json::array damage;
        for (const std::string& each : *findings.damage) damage.emplace_back(json_text(each));
        out["damage"] = damage;
    }
    return out;
}

void show_status(const Arguments& arguments, Session& session) {
    Replica replica = Replica::open(arguments.path, {session.token()});
    const Status status = replica.status();
    const Findings findings = find_out(arguments, replica);
    const Screen& screen = session.screen();
    std::string text = paint(screen, Ink::bold, printable(status.path)) + "\n";
    text += facts_of(status, findings, session, arguments.path);
    text += "\n" + tables_of(status, screen);
    if (findings.probe) text += devices_of(*findings.probe, session);
    if (session.verbose) text += history_of(status, screen);
    session.give(json_of(status, arguments, findings), text);
    session.warn(status.warnings);
    for (const std::string& each : findings.damage.value_or(std::vector<std::string>())) {
        session.warn({"Damaged: " + each + "."});
    }
    session.warn(usage_warnings(findings.plan, status, findings.probe));
    if (findings.unreachable) session.exit_code = static_cast<int>(findings.unreachable->code());
    if (findings.damage && !findings.damage->empty()) session.exit_code = 1;
}

/// One line for a prompt or a status bar: a symbol, and a count where something waits.
void show_brief(const std::string& path, const Session& session) {
    const Brief brief = Replica::open(path).brief();
    std::vector<std::string> parts;
    if (!brief.error.empty()) parts.emplace_back("✗");
    if (brief.pending > 0) parts.push_back("↑" + std::to_string(brief.pending));
    if (brief.conflicts > 0) parts.push_back("!" + std::to_string(brief.conflicts));
    if (parts.empty()) parts.emplace_back(brief.synced_at_ms == 0 ? "·" : "✓");
    session.give({{"state", json_text(brief.state)},
                  {"pending", brief.pending},
                  {"conflicts", brief.conflicts},
                  {"synced_at_ms", brief.synced_at_ms},
                  {"error", brief.error.empty() ? boost::json::value()
                                                : boost::json::value(json_text(brief.error))}},
                 join(parts, " ") + "\n");
}

void run_status(const Arguments& arguments, Session& session) {
    if (arguments.brief) return show_brief(arguments.path, session);
    show_status(arguments, session);
}

}  // namespace

void add_status(CLI::App& root, Session& session) {
    auto arguments = std::make_shared<Arguments>();
    CLI::App* command = root.add_subcommand(
        "status",
        "Show pending changes, conflicts and which tables sync\n"
        "\n"
        "It does not contact the primary, but for --probe. --verbose adds identities and the last "
        "syncs.");
    add_database(*command, arguments->path);
    command->add_flag("--short", arguments->brief,
                      "One line for a prompt: ✓ in step, ↑3 changes to send, !2 conflicts, ✗ the "
                      "last sync failed");
    command->add_flag("--probe", arguments->probe,
                      "Ask the primary whether it answers, and which devices it knows");
    command->add_flag("--check", arguments->check, "Check that the file is sound");
    command
        ->add_option("--plan", arguments->plan,
                     "Measure usage against turso-free, or none; default: the setting usage.plan")
        ->type_name("PLAN");
    command->footer(
        "Examples:\n"
        "  tidemark status notes.db\n"
        "  tidemark status notes.db --probe --check\n"
        "  tidemark status notes.db --json");
    command->callback([arguments, &session] { run_status(*arguments, session); });
}

}  // namespace tidemark::cli
