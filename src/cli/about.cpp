#include <fmt/format.h>

#include <memory>

#include "cli/commands.hpp"
#include "cli/usage.hpp"

namespace tidemark::cli {

void add_version(CLI::App& root, Session& session) {
    root.add_subcommand("version", "Print the version")->callback([&session] {
        session.give({{"version", version()}}, fmt::format("tidemark {}\n", version()));
    });
}

void add_help(CLI::App& root, Session& session) {
    auto name = std::make_shared<std::string>();
    CLI::App* command = root.add_subcommand("help", "Explain a command");
    command->add_option("COMMAND", *name, "The command to explain; without it, all in short");
    command->callback([name, &root, &session] {
        const auto commands =
            root.get_subcommands([&](const CLI::App* each) { return each->get_name() == *name; });
        if (!name->empty() && commands.empty()) throw no_such_command(root, *name);
        const std::string text = name->empty() ? root.help() : commands.front()->help();
        session.give({{"help", text}}, text);
    });
}

}  // namespace tidemark::cli
