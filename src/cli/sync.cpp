#include <fmt/format.h>

#include <memory>

#include "cli/commands.hpp"
#include "cli/database_settings.hpp"
#include "cli/format.hpp"
#include "cli/json.hpp"
#include "cli/prose.hpp"
#include "cli/table.hpp"

namespace tidemark::cli {
namespace {

struct Arguments {
    std::string path;
    bool dry_run = false;
    bool push = false;
    bool pull = false;
};

Direction direction_of(const Arguments& arguments) {
    if (arguments.push && arguments.pull) {
        throw Error(ErrorCode::usage, "--push and --pull exclude each other",
                    "Without either, a sync goes both ways.");
    }
    if (arguments.push) return Direction::push;
    return arguments.pull ? Direction::pull : Direction::both;
}

std::string plan_table(const SyncPlan& plan, Direction direction, const Screen& screen) {
    constexpr auto right = Table::Align::right;
    Table table({{"Table"}, {"Send", right}, {"Receive", right}, {"Both sides", right}});
    for (const SyncPlan::TablePlan& each : plan.tables) {
        const std::int64_t push = direction == Direction::pull ? 0 : each.push;
        const std::int64_t pull = direction == Direction::push ? 0 : each.pull;
        if (push + pull == 0) continue;
        table.add(
            {{printable(each.table)}, {grouped(push)}, {grouped(pull)}, {grouped(each.both)}});
    }
    return table.empty() ? std::string() : table.text(screen);
}

void dry_run(Replica& replica, Direction direction, const Session& session) {
    const SyncPlan plan = replica.plan();
    const std::string table = plan_table(plan, direction, session.screen());
    std::string text = sentence(plan, direction) + "\n";
    const std::string schema =
        schema_lines(plan.schema_push, "Send     ") + schema_lines(plan.schema_pull, "Receive  ");
    if (!schema.empty()) text += "\n" + schema;
    if (!table.empty()) text += "\n" + table;
    session.give(to_json(plan, direction), text);
}

void sync(const Arguments& arguments, const Session& session) {
    const Direction direction = direction_of(arguments);
    Replica replica = Replica::open(arguments.path, open_options(arguments.path, session));
    if (arguments.dry_run) return dry_run(replica, direction, session);

    const SyncReport report = [&] {
        SyncOptions options;
        options.direction = direction;
        options.on_progress = session.progress();
        return replica.sync(options);
    }();
    std::string text = sentence(report, direction, arguments.path) + "\n";
    if (session.verbose) {
        text += schema_lines(report.schema_sent, "Sent: ") +
                schema_lines(report.schema_received, "Received: ") + measures(report) + "\n";
    }
    boost::json::object object = to_json(report);
    object["network"] = to_json(network_use());
    session.give(object, text);
    session.warn(report.warnings);
}

}  // namespace

void add_sync(CLI::App& root, Session& session) {
    auto arguments = std::make_shared<Arguments>();
    CLI::App* command = root.add_subcommand("sync", "Exchange changes with the primary, once");
    add_database(*command, arguments->path);
    command->add_flag("--dry-run", arguments->dry_run,
                      "Say what would move; change nothing on either side");
    command->add_flag("--push", arguments->push, "Only send what is pending here");
    command->add_flag("--pull", arguments->pull, "Only receive what is new at the primary");
    command->footer("Examples:\n  tidemark sync notes.db\n  tidemark sync notes.db --dry-run");
    command->callback([arguments, &session] { sync(*arguments, session); });
}

}  // namespace tidemark::cli
