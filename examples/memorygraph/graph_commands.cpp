// memorygraph relate, related, path

#include <fmt/format.h>

#include "memorygraph/commands.hpp"
#include "memorygraph/json_view.hpp"

namespace memorygraph {
namespace {

namespace json = boost::json;
using Direction = Reach::Direction;

std::string name(const Node& node) {
    const json::value* title = node.properties.if_contains("title");
    return title && title->is_string() ? std::string(title->as_string()) : node.id;
}

void add_reach(CLI::App& command, Reach& reach) {
    command.add_option("--type", reach.types, "Only relationships of this type; may be repeated")
        ->allow_extra_args(false);
    command
        .add_option_function<std::string>(
            "--direction",
            [&reach](const std::string& word) {
                reach.direction = word == "out"  ? Direction::out
                                  : word == "in" ? Direction::in
                                                 : Direction::both;
            },
            "out, in or both (the default)")
        ->check(CLI::IsMember({"out", "in", "both"}));
    command.add_option("--depth", reach.depth, "At most so many relationships away")
        ->check(CLI::Range(std::int64_t{1}, Reach::deepest))
        ->capture_default_str();
    command.add_option("--limit", reach.limit, "At most so many")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
}

void add_relate(CLI::App& app, Session& session) {
    CLI::App& command = *app.add_subcommand("relate", "Connect two memories");
    auto relationship = std::make_shared<Relationship>();
    auto undo = std::make_shared<bool>(false);
    command.add_option("FROM", relationship->from, "An id")->required();
    command.add_option("TYPE", relationship->type, "Such as SOLVES, CAUSES")->required();
    command.add_option("TO", relationship->to, "An id")->required();
    command.add_flag("--remove", *undo, "Take the connection away");
    command.callback([&session, relationship, undo] {
        const auto& [from, type, to, properties] = *relationship;
        if (!*undo) {
            session.memories().relate(*relationship);
        } else if (!session.memories().unrelate(from, type, to)) {
            throw tidemark::Error(tidemark::ErrorCode::failed, "there is no such relationship");
        }
        session.give(to_json(*relationship),
                     fmt::format("{} {} {} {}\n", *undo ? "Removed" : "Made", from, type, to));
    });
}

void add_related(CLI::App& app, Session& session) {
    CLI::App& command = *app.add_subcommand("related", "What is connected with a memory");
    auto id = std::make_shared<std::string>();
    auto reach = std::make_shared<Reach>();
    command.add_option("ID", *id)->required();
    add_reach(command, *reach);
    command.callback([&session, id, reach] {
        const Surroundings found = session.memories().related(*id, *reach);
        std::string text;
        for (const auto& [node, depth] : found.places) {
            text += fmt::format("{}  {}  {}\n", node.id, depth, name(node));
        }
        for (const Relationship& one : found.relationships) {
            text += fmt::format("  {} {} {}\n", one.from, one.type, one.to);
        }
        session.give(to_json(found), text);
    });
}

void add_path(CLI::App& app, Session& session) {
    CLI::App& command =
        *app.add_subcommand("path", "How two memories are connected, the shortest way first");
    auto from = std::make_shared<std::string>();
    auto to = std::make_shared<std::string>();
    auto reach = std::make_shared<Reach>(Reach{Direction::both, {}, 4, 5});
    command.add_option("FROM", *from, "An id")->required();
    command.add_option("TO", *to, "An id")->required();
    add_reach(command, *reach);
    command.callback([&session, from, to, reach] {
        const std::vector<Path> paths = session.memories().paths(*from, *to, *reach);
        std::string text;
        for (const Path& path : paths) {
            std::string here = *from;
            text += here;
            for (const Relationship& hop : path) {
                const bool along = hop.from == here;
                here = along ? hop.to : hop.from;
                text += along ? fmt::format(" -{}-> {}", hop.type, here)
                              : fmt::format(" <-{}- {}", hop.type, here);
            }
            text += "\n";
        }
        if (paths.empty()) text = fmt::format("No way within {} relationships.\n", reach->depth);
        session.give({{"paths", to_json(paths)}}, text);
    });
}

}  // namespace

void add_graph_commands(CLI::App& app, Session& session) {
    add_relate(app, session);
    add_related(app, session);
    add_path(app, session);
}

}  // namespace memorygraph
