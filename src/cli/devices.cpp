#include <fmt/format.h>

#include <memory>

#include "cli/commands.hpp"
#include "cli/format.hpp"
#include "cli/json.hpp"
#include "cli/table.hpp"
#include "cli/usage.hpp"

namespace tidemark::cli {
namespace {

struct Arguments {
    std::string path;
    std::string action;
    std::string name;
};

void list(const Arguments& arguments, const Session& session) {
    const Probe probe = Replica::open(arguments.path, {session.token()}).probe();
    constexpr auto right = Table::Align::right;
    std::vector<Table::Heading> headings = {
        {"Device"}, {"Last push"}, {"Pushes", right}, {"Behind", right}};
    if (session.verbose) headings.push_back({"Id"});
    Table table(headings);
    boost::json::array devices;
    for (const Device& device : probe.devices) {
        devices.emplace_back(to_json(device));
        std::vector<Table::Cell> cells = {
            {printable(device.name) + (device.here ? " (here)" : "")},
            {fmt::format("{} ({})", ago(device.seen_ms, session.now_ms()),
                         local_minute(device.seen_ms))},
            {grouped(device.pushes)},
            {grouped(device.behind)}};
        if (session.verbose) cells.push_back({printable(device.id), Ink::dim});
        table.add(cells);
    }
    session.give({{"devices", devices}}, table.empty() ? "No device has sent anything yet.\n"
                                                       : table.text(session.screen()));
}

void rename(const Arguments& arguments, const Session& session) {
    Replica::open(arguments.path, {session.token()}).rename_device(arguments.name);
    session.give({{"name", json_text(arguments.name)}},
                 fmt::format("This device is called {} now.\n", printable(arguments.name)));
}

void forget(const Arguments& arguments, const Session& session) {
    const Device device =
        Replica::open(arguments.path, {session.token()}).forget_device(arguments.name);
    session.give({{"device", to_json(device)}},
                 fmt::format("The primary has forgotten {}. Should it come back, it goes on as a "
                             "new device.\n",
                             printable(device.name)));
}

void devices(const Arguments& arguments, const Session& session) {
    if (arguments.action.empty()) return list(arguments, session);
    const bool renaming = arguments.action == "rename";
    if (!renaming && arguments.action != "forget") {
        const std::string meant = nearest(arguments.action, {"rename", "forget"});
        throw Error(ErrorCode::usage, fmt::format("'devices' cannot '{}'", arguments.action),
                    meant.empty() ? "It can rename this device and forget another one."
                                  : fmt::format("Did you mean '{}'?", meant));
    }
    if (arguments.name.empty()) {
        throw Error(ErrorCode::usage, fmt::format("'devices {}' needs a NAME", arguments.action),
                    renaming ? "The new name of this device." : "The device to forget.");
    }
    return renaming ? rename(arguments, session) : forget(arguments, session);
}

}  // namespace

void add_devices(CLI::App& root, Session& session) {
    auto arguments = std::make_shared<Arguments>();
    CLI::App* command = root.add_subcommand(
        "devices",
        "List the replicas that the primary knows, name this one, or forget one\n"
        "\n"
        "It asks the primary. A device counts as seen when it sends something.");
    add_database(*command, arguments->path);
    command->add_option("ACTION", arguments->action,
                        "rename NAME: this device. forget NAME: one that will not come back; "
                        "nothing is lost if it does. Without an action: list");
    command->add_option("NAME", arguments->name, "A device's name, or its id");
    command->callback([arguments, &session] { devices(*arguments, session); });
}

}  // namespace tidemark::cli
