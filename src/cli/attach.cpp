#include <fmt/format.h>

#include <memory>

#include "auth/masking.hpp"
#include "base/text.hpp"
#include "cli/attach_dialogue.hpp"
#include "cli/commands.hpp"
#include "cli/database_settings.hpp"
#include "cli/format.hpp"
#include "cli/json.hpp"
#include "cli/prose.hpp"
#include "cli/settings.hpp"

namespace tidemark::cli {
namespace {

struct Arguments {
    std::string path;
    std::string primary;
    bool upload = false;
    bool no_backup = false;
    bool asked = false;  ///< in a conversation
    std::string token;   ///< given there
    bool merge = false;
    bool keep_local = false;
    bool keep_primary = false;
    std::vector<std::string> policies;
    std::vector<std::string> keys;
    AttachOptions options;
};

FirstMerge first_merge_of(const Arguments& arguments) {
    if (arguments.merge + arguments.keep_local + arguments.keep_primary > 1) {
        throw Error(ErrorCode::usage, "--merge, --keep-local and --keep-primary exclude each other",
                    "Give one of them.");
    }
    if (arguments.merge) return FirstMerge::merge;
    if (arguments.keep_local) return FirstMerge::keep_local;
    return arguments.keep_primary ? FirstMerge::keep_primary : FirstMerge::refuse;
}

/// "P" is for the whole database, "TABLE=P" for one table.
void add_policy(AttachOptions& options, const std::string& given) {
    const std::size_t equals = given.find('=');
    if (equals == std::string::npos || given.starts_with("column:")) {
        options.policy = given;
    } else {
        options.table_policies.emplace_back(given.substr(0, equals), given.substr(equals + 1));
    }
}

std::string table_with_natural_key(const std::string& given) {
    const std::size_t equals = given.rfind('=');
    if (equals == std::string::npos || equals == 0 || given.substr(equals) != "=natural") {
        throw Error(ErrorCode::usage, fmt::format("--keys cannot be '{}'", given),
                    "Write --keys TABLE=natural for a table whose numbers must stay as they are. "
                    "The numbers of all others may be given anew.");
    }
    return given.substr(0, equals);
}

AttachOptions options_of(const Arguments& arguments, const Session& session) {
    AttachOptions options = arguments.options;
    options.first_merge = first_merge_of(arguments);
    for (const std::string& given : arguments.policies) add_policy(options, given);
    for (const std::string& given : arguments.keys) {
        options.natural_keys.push_back(table_with_natural_key(given));
    }
    if (arguments.policies.empty()) options.policy = setting("policy");
    if (options.device.empty()) options.device = setting("device");
    options.token = session.token();
    options.batch = batch_of_user();
    if (!arguments.token.empty()) {
        options.token = [token = arguments.token](const std::string&) { return token; };
    }
    options.on_progress = session.progress();
    return options;
}

/// Asks for what was not given, where somebody is there to answer.
void complete(Arguments& arguments, const Session& session) {
    if (!arguments.path.empty() && arguments.primary.empty()) arguments.primary = setting("url");
    if (!arguments.path.empty() && !arguments.primary.empty()) return;
    if (!session.dialogue().possible()) {
        throw Error(ErrorCode::choice_needed,
                    arguments.path.empty() ? "no database was given" : "no primary was given",
                    "Usage: tidemark attach DB PRIMARY [OPTIONS]");
    }
    AttachAnswers answers{arguments.path,
                          arguments.primary,
                          {},
                          arguments.options.backup,
                          first_merge_of(arguments),
                          arguments.upload,
                          arguments.no_backup,
                          arguments.options.allow_plain_http,
                          arguments.options.allow_copied_folder};
    if (const TokenProvider token = session.token()) answers.token = token(answers.primary);
    converse(answers, session);
    arguments.path = answers.path;
    arguments.primary = answers.primary;
    arguments.token = answers.token;
    arguments.options.backup = answers.backup;
    arguments.merge = answers.first_merge == FirstMerge::merge;
    arguments.keep_local = answers.first_merge == FirstMerge::keep_local;
    arguments.keep_primary = answers.first_merge == FirstMerge::keep_primary;
    arguments.asked = true;
}

/// What a person who was asked everything does next.
std::string what_next(const Arguments& arguments) {
    return fmt::format(
        "\nWhat to do next:\n"
        "  {:<40}exchange changes\n"
        "  {:<40}do so by itself from now on\n"
        "  {:<40}on the next device\n",
        command_line("sync", arguments.path), command_line("watch", arguments.path),
        command_line("clone", auth::masked(arguments.primary), "DB"));
}

/// Whether the choice that the library asks for is the one between two sets of data.
bool about_first_merge(const Error& error, FirstMerge chosen) {
    if (error.code() != ErrorCode::choice_needed || chosen != FirstMerge::refuse) return false;
    const bool names_an_option = error.hint().find("--") != std::string::npos;
    return !names_an_option || error.hint().find("--merge") != std::string::npos;
}

/// The refusal of a first contact with the flags that make the choice.
Error with_choices(const Error& error, const Arguments& arguments) {
    std::string choices =
        "--merge         merge both row by row; what loses is kept as a conflict\n"
        "--keep-local    the primary becomes what this database is\n"
        "--keep-primary  this database becomes what the primary is";
    if (arguments.options.backup.empty()) {
        choices += "\n--backup FILE   with any of them: copy this database to FILE first";
    }
    return {error.code(), error.message(), "Choose one and attach again:\n" + choices};
}

std::string headline(const Arguments& arguments, const AttachReport& report) {
    const std::string path = printable(arguments.path);
    const std::string primary = printable(masked(arguments.primary));
    const std::string synced = sentence(report.sync, Direction::both, arguments.path);
    if (report.outcome == "already attached") {
        return fmt::format("{} is already attached to {}. {}", path, primary, synced);
    }
    const std::string attached = fmt::format("Attached {} to {}", path, primary);
    if (report.outcome == "uploaded" && report.sync.pushed > 0) {
        return fmt::format("{} and uploaded {}.", attached, count_of(report.sync.pushed, "row"));
    }
    if (report.outcome == "downloaded" && report.sync.pulled > 0) {
        return fmt::format("{} and downloaded {}.", attached, count_of(report.sync.pulled, "row"));
    }
    if (report.outcome == "merged") return fmt::format("{} and merged. {}", attached, synced);
    return attached + ".";
}

void attach(Arguments& arguments, const Session& session) {
    complete(arguments, session);
    AttachOptions options = options_of(arguments, session);
    try {
        const AttachReport report = Replica::attach(arguments.path, arguments.primary, options);
        options.on_progress = {};
        give_attached(session, report, headline(arguments, report), arguments.path);
        if (arguments.asked) session.dialogue().say(what_next(arguments));
    } catch (const Error& error) {
        if (!about_first_merge(error, options.first_merge)) throw;
        throw with_choices(error, arguments);
    }
}

}  // namespace

void add_attach(CLI::App& root, Session& session) {
    auto arguments = std::make_shared<Arguments>();
    AttachOptions& options = arguments->options;
    CLI::App* command = root.add_subcommand(
        "attach",
        "Make a database a replica of a primary\n"
        "\n"
        "The first sync runs at once: it uploads, downloads or merges. Where both have data that "
        "differs and no choice was made, it says what differs and changes nothing. With DB or "
        "PRIMARY left out it explains and asks, on a terminal.");
    command->add_option("DB", arguments->path, "The SQLite database file");
    command->add_option("PRIMARY", arguments->primary,
                        "The primary: a path, or the URL of a server; default: the setting url");
    command->add_flag("--merge", arguments->merge, "Where both have data: merge them row by row");
    command->add_flag("--keep-local", arguments->keep_local,
                      "Where both have data: the primary becomes what DB is");
    command->add_flag("--keep-primary", arguments->keep_primary,
                      "Where both have data: DB becomes what the primary is");
    command->add_option("--backup", options.backup, "Copy DB to FILE first")->type_name("FILE");
    command->add_flag("--no-backup", arguments->no_backup, "Do not ask whether to copy DB first");
    command->add_flag("--upload", arguments->upload,
                      "Do not ask whether to upload what is in DB to an empty primary");
    command
        ->add_option("--exclude", options.exclude,
                     "Keep TABLE on this device only; may be given repeatedly")
        ->type_name("TABLE")
        ->allow_extra_args(false);
    command
        ->add_option(
            "--policy", arguments->policies,
            "Who wins where both sides edited a value: newest (the default), primary, replica or "
            "column:NAME. TABLE=POLICY sets it for one table; may be given repeatedly")
        ->type_name("POLICY")
        ->allow_extra_args(false);
    command
        ->add_option(
            "--keys", arguments->keys,
            "TABLE=natural: the integer key of TABLE has a meaning of its own, so equal keys are "
            "one row and none is renumbered; may be given repeatedly")
        ->type_name("TABLE=natural")
        ->allow_extra_args(false);
    add_column_options(*command, options.references, options.renumbered);
    command
        ->add_option("--name", options.device, "A name for this device; default: the host's name")
        ->type_name("DEVICE");
    command->add_flag("--allow-plain-http", options.allow_plain_http,
                      "Speak to a server elsewhere without TLS: everybody on the way can read it");
    command->add_flag(
        "--allow-copied-folder", options.allow_copied_folder,
        "Take a primary in a folder that another program copies, such as a cloud drive");
    command->footer(
        "Examples:\n"
        "  tidemark attach notes.db /mnt/share/notes.db\n"
        "  tidemark attach notes.db /mnt/share/notes.db --merge --backup before.db\n"
        "  tidemark attach app.db primary.db --policy newest --policy log=primary");
    command->callback([arguments, &session] { attach(*arguments, session); });
}

}  // namespace tidemark::cli
