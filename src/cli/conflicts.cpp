#include <fmt/format.h>

#include <charconv>
#include <memory>

#include "cli/commands.hpp"
#include "cli/conflict_page.hpp"
#include "cli/format.hpp"
#include "cli/json.hpp"
#include "cli/prose.hpp"
#include "cli/table.hpp"
#include "cli/usage.hpp"

namespace tidemark::cli {
namespace {

constexpr std::size_t key_width = 36;  // a UUID

struct Arguments {
    std::string path;
    std::string action;
    std::string id;
    bool all = false;
};

std::int64_t id_of(const Arguments& arguments) {
    const std::string& text = arguments.id;
    const std::string form = command_line("conflicts", arguments.path, arguments.action + " ID");
    if (text.empty()) {
        throw Error(ErrorCode::usage,
                    fmt::format("'{}' needs the number of a conflict", arguments.action),
                    fmt::format("Write '{}'; '{}' lists them.", form,
                                command_line("conflicts", arguments.path)));
    }
    std::int64_t id = 0;
    const char* end = text.data() + text.size();
    const auto [stopped, problem] = std::from_chars(text.data(), end, id);
    if (problem != std::errc() || stopped != end) {
        throw Error(ErrorCode::usage, fmt::format("'{}' is not the number of a conflict", text),
                    fmt::format("Write '{}'.", form));
    }
    return id;
}

boost::json::object alone(const Conflict& conflict) { return {{"conflict", to_json(conflict)}}; }

void list(const Arguments& arguments, const Session& session) {
    const std::vector<Conflict> found =
        Replica::open(arguments.path).conflicts(/*with_closed=*/arguments.all);
    boost::json::array objects;
    std::vector<Table::Heading> headings{
        {"ID", Table::Align::right}, {"When"}, {"Table"}, {"Key"}, {"Why"}, {"What lost"}};
    if (arguments.all) headings.insert(headings.begin() + 1, {"State"});
    Table table(std::move(headings));
    for (const Conflict& conflict : found) {
        objects.emplace_back(to_json(conflict));
        const Ink ink = conflict.state == ConflictState::open ? Ink::plain : Ink::dim;
        std::vector<Table::Cell> cells{
            {std::to_string(conflict.id), ink}, {local_minute(conflict.at_ms), ink},
            {printable(conflict.table), ink},   {show_key(conflict.key, key_width), ink},
            {printable(conflict.reason), ink},  {loss(conflict), ink},
        };
        if (arguments.all) cells.insert(cells.begin() + 1, {name_of(conflict.state), ink});
        table.add(std::move(cells));
    }
    std::string text = arguments.all ? "No conflicts.\n" : "No open conflicts.\n";
    if (!table.empty()) {
        text = table.text(session.screen());
        text += fmt::format("\n'{}' shows both sides.\n",
                            command_line("conflicts", arguments.path, "show ID"));
    }
    session.give({{"conflicts", std::move(objects)}}, text);
}

void show_one(const Arguments& arguments, const Session& session) {
    const Conflict conflict = Replica::open(arguments.path).conflict(id_of(arguments));
    session.give(alone(conflict),
                 conflict_page(conflict, session.screen(), session.verbose, arguments.path));
}

std::string row_name(const Conflict& conflict) {
    return fmt::format("{} {}", printable(conflict.table), show_key(conflict.key, 2 * key_width));
}

void restore(const Arguments& arguments, const Session& session) {
    const Conflict conflict = Replica::open(arguments.path).restore(id_of(arguments));
    const std::string text = fmt::format(
        "Restored conflict {}: {} {} again. '{}' sends it.\n", conflict.id, row_name(conflict),
        conflict.columns.empty() ? "is deleted" : "has " + loss(conflict),
        command_line("sync", arguments.path));
    session.give(alone(conflict), text);
}

void dismiss(const Arguments& arguments, const Session& session) {
    const Conflict conflict = Replica::open(arguments.path).dismiss(id_of(arguments));
    const std::string text =
        fmt::format("Dismissed conflict {}; {} stays as it is.\n", conflict.id, row_name(conflict));
    session.give(alone(conflict), text);
}

void conflicts(const Arguments& arguments, const Session& session) {
    const std::string& action = arguments.action;
    if (action.empty()) return list(arguments, session);
    if (action == "show") return show_one(arguments, session);
    if (action == "restore") return restore(arguments, session);
    if (action == "dismiss") return dismiss(arguments, session);
    const std::string meant = nearest(action, {"show", "restore", "dismiss"});
    throw Error(ErrorCode::usage, fmt::format("'conflicts' cannot '{}'", action),
                meant.empty() ? "It can show, restore and dismiss; without any of them it lists."
                              : fmt::format("Did you mean '{}'?", meant));
}

}  // namespace

void add_conflicts(CLI::App& root, Session& session) {
    auto arguments = std::make_shared<Arguments>();
    CLI::App* command = root.add_subcommand(
        "conflicts",
        "List, show, restore or dismiss values that lost a merge\n"
        "\n"
        "Nothing that loses a merge is thrown away: it is listed here until it is restored or "
        "dismissed.");
    add_database(*command, arguments->path);
    command->add_option(
        "ACTION", arguments->action,
        "show: both sides of a conflict. restore: write the losing values back as a new edit. "
        "dismiss: mark it as settled. Without an action: list");
    command->add_option("ID", arguments->id, "The number of the conflict");
    command->add_flag("--all", arguments->all, "List restored and dismissed ones too");
    command->footer(
        "Examples:\n"
        "  tidemark conflicts notes.db\n"
        "  tidemark conflicts notes.db show 3\n"
        "  tidemark conflicts notes.db restore 3");
    command->callback([arguments, &session] { conflicts(*arguments, session); });
}

}  // namespace tidemark::cli
