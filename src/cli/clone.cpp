#include <fmt/format.h>

#include <memory>

#include "cli/commands.hpp"
#include "cli/database_settings.hpp"
#include "cli/format.hpp"
#include "cli/settings.hpp"

namespace tidemark::cli {
namespace {

struct Arguments {
    std::string primary;
    std::string path;
    CloneOptions options;
};

void clone(const Arguments& arguments, const Session& session) {
    CloneOptions options = arguments.options;
    options.token = session.token();
    options.batch = batch_of_user();
    if (options.device.empty()) options.device = setting("device");
    options.on_progress = session.progress();
    const AttachReport report = Replica::clone(arguments.primary, arguments.path, options);
    options.on_progress = {};
    const std::string headline =
        fmt::format("Cloned {} to {}: {} rows.", printable(masked(arguments.primary)),
                    printable(arguments.path), grouped(report.sync.pulled));
    give_attached(session, report, headline, arguments.path);
}

}  // namespace

void add_clone(CLI::App& root, Session& session) {
    auto arguments = std::make_shared<Arguments>();
    CLI::App* command = root.add_subcommand(
        "clone",
        "Download a primary into a new replica\n"
        "\n"
        "The file appears under its name when it is complete. A download that was cut off is taken "
        "up where it stopped.");
    command
        ->add_option("PRIMARY", arguments->primary, "The primary: a path, or the URL of a server")
        ->required();
    command->add_option("DB", arguments->path, "The file to make; it must not exist yet")
        ->required();
    command
        ->add_option(
            "--policy", arguments->options.policy,
            "Who wins where both sides edited a value: newest (the default), primary, replica or "
            "column:NAME")
        ->type_name("POLICY");
    add_column_options(*command, arguments->options.references, arguments->options.renumbered);
    command
        ->add_option("--name", arguments->options.device,
                     "A name for this device; default: the host's name")
        ->type_name("DEVICE");
    command->add_flag("--allow-plain-http", arguments->options.allow_plain_http,
                      "Speak to a server elsewhere without TLS: everybody on the way can read it");
    command->add_flag(
        "--allow-copied-folder", arguments->options.allow_copied_folder,
        "Take a primary in a folder that another program copies, such as a cloud drive");
    command->footer("Example:\n  tidemark clone /mnt/share/notes.db notes.db --name laptop");
    command->callback([arguments, &session] { clone(*arguments, session); });
}

}  // namespace tidemark::cli
