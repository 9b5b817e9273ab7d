#include <fmt/format.h>

#include <memory>

#include "base/text.hpp"
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
    bool repair = false;
};

std::string table_of(const std::vector<TableVerification>& tables, const Screen& screen) {
    constexpr auto right = Table::Align::right;
    Table out({
        {"Table"},
        {"Same", right},
        {"Different", right},
        {"Only here", right},
        {"Only there", right},
        {"Pending", right},
        {"Incoming", right},
    });
    for (const TableVerification& table : tables) {
        out.add({
            {printable(table.table)},
            {grouped(table.same)},
            {grouped(table.different)},
            {grouped(table.only_here)},
            {grouped(table.only_there)},
            {grouped(table.pending)},
            {grouped(table.incoming)},
        });
    }
    return out.empty() ? std::string() : out.text(screen);
}

std::int64_t differences(const std::vector<TableVerification>& tables) {
    std::int64_t rows = 0;
    for (const TableVerification& table : tables) {
        rows += table.different + table.only_here + table.only_there;
    }
    return rows;
}

/// A line for each table whose rows differ, with the keys of some.
std::string keys_of(const std::vector<TableVerification>& tables) {
    std::string out;
    for (const TableVerification& table : tables) {
        if (table.keys.empty()) continue;
        std::vector<std::string> keys;
        for (const NamedValues& key : table.keys) keys.push_back(show_key(key, 40));
        const bool more = differences({table}) > std::int64_t(keys.size());
        out += fmt::format("Rows of {} that differ: {}{}\n", printable(table.table),
                           join(keys, "; "), more ? "; …" : "");
    }
    return out;
}

std::vector<std::string> warnings_of(const std::vector<TableVerification>& tables, bool repaired) {
    std::vector<std::string> out;
    for (const TableVerification& table : tables) {
        if (!table.captured) {
            out.push_back(fmt::format(
                "The triggers of {} were not as they should be, so edits went unnoticed{}.",
                table.table, repaired ? "; they were put back" : ""));
        }
        if (table.null_keys > 0) {
            out.push_back(
                fmt::format("{} of {} {} left out of syncs, because a part of the key is NULL.",
                            count_of(table.null_keys, "row"), table.table,
                            table.null_keys == 1 ? "is" : "are"));
        }
    }
    return out;
}

std::string verdict(const VerifyReport& report, const Arguments& arguments) {
    const std::string path = printable(arguments.path);
    if (!report.repaired) {
        if (report.equal()) return fmt::format("{} and its primary are equal.\n", path);
        const std::int64_t rows = differences(report.found);
        const std::string what = rows == 0
                                     ? std::string("triggers are missing")
                                     : count_of(rows, "row") + (rows == 1 ? " differs" : " differ");
        return fmt::format(
            "{} is not in step with its primary: {}.\n'{}' merges what differs; what loses is kept "
            "as a conflict.\n",
            path, what, command_line("verify", arguments.path, "--repair"));
    }
    if (!report.equal()) {
        return fmt::format("{} still differ after the repair.\n",
                           count_of(differences(report.after), "row"));
    }
    if (differences(report.found) == 0)
        return "The missing triggers were put back; no row differed.\n";
    return fmt::format("{} differed and {} merged. {}\n",
                       count_of(differences(report.found), "row"),
                       differences(report.found) == 1 ? "was" : "were",
                       sentence(report.sync, Direction::both, arguments.path));
}

void verify(const Arguments& arguments, Session& session) {
    Replica replica = Replica::open(arguments.path, open_options(arguments.path, session));
    const VerifyReport report = [&] {
        VerifyOptions options;
        options.repair = arguments.repair;
        options.on_progress = session.progress();
        return replica.verify(options);
    }();
    const std::string table = table_of(report.found, session.screen());
    std::string text = verdict(report, arguments);
    text += schema_lines(report.schema_pending, "Waits to be sent: ") +
            schema_lines(report.schema_incoming, "Waits to be received: ");
    if (!table.empty()) text += "\n" + table;
    const std::string keys = keys_of(report.repaired ? report.after : report.found);
    if (!keys.empty()) text += "\n" + keys;
    if (session.verbose) text += fmt::format("\nIt took {}.\n", duration(report.duration_ms));
    session.give(to_json(report), text);
    session.warn(warnings_of(report.found, report.repaired));
    session.exit_code = report.equal() ? 0 : 1;
}

}  // namespace

void add_verify(CLI::App& root, Session& session) {
    auto arguments = std::make_shared<Arguments>();
    CLI::App* command = root.add_subcommand(
        "verify",
        "Compare a replica with its primary, row by row\n"
        "\n"
        "Rows that wait to be sent or received are no differences. Exit code 0 where both are "
        "equal, 1 where they differ.");
    add_database(*command, arguments->path);
    command->add_flag("--repair", arguments->repair,
                      "Merge what differs and send the result; what loses is kept as a conflict");
    command->callback([arguments, &session] { verify(*arguments, session); });
}

}  // namespace tidemark::cli
