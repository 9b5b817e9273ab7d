#include <fmt/format.h>

#include <memory>

#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/printable.hpp"

namespace tidemark::cli {
namespace {

struct Arguments {
    std::string path;
    bool purge = false;
};

void detach(const Arguments& arguments, const Session& session) {
    const std::int64_t unsent = Replica::open(arguments.path).detach(arguments.purge);
    std::string text =
        fmt::format("Detached {}; it is an ordinary database again, with all its data.\n",
                    printable(arguments.path));
    if (unsent > 0) {
        text += fmt::format("{} never reached the primary.\n", count_of(unsent, "change"));
    }
    session.give({{"pending", unsent}}, text);
}

}  // namespace

void add_detach(CLI::App& root, Session& session) {
    auto arguments = std::make_shared<Arguments>();
    CLI::App* command = root.add_subcommand(
        "detach",
        "Make a replica an ordinary database again\n"
        "\n"
        "All its data stays. The primary is not contacted and keeps what it has.");
    add_database(*command, arguments->path);
    command->add_flag("--purge", arguments->purge,
                      "Drop open conflicts with it, and the values in them");
    command->callback([arguments, &session] { detach(*arguments, session); });
}

}  // namespace tidemark::cli
