#include "cli/app.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <exception>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cli/commands.hpp"
#include "cli/help.hpp"
#include "cli/session.hpp"
#include "cli/settings.hpp"
#include "cli/usage.hpp"

namespace tidemark::cli {
namespace {

/// A settings file that is broken must not keep a person from the commands that mend it.
void apply_network_settings(const CLI::App& root) {
    constexpr std::string_view without_network[] = {"config", "completion", "man",  "version",
                                                    "help",   "keys",       "token"};
    for (const CLI::App* command : root.get_subcommands()) {
        const std::string name = command->get_name();
        if (std::find(std::begin(without_network), std::end(without_network), name) ==
            std::end(without_network)) {
            set_network_options(network_settings());
        }
    }
}

void add_everything(CLI::App& root, Session& session) {
    root.name("tidemark");
    root.formatter(std::make_shared<HelpPage>());
    root.fallthrough();
    root.require_subcommand(0, 1);
    root.set_help_flag("-h,--help", "Print this help");
    root.set_version_flag("--version", fmt::format("tidemark {}", version()), "Print the version");
    root.add_flag("--json", session.json, "Print one JSON object instead of text");
    root.add_flag("-q,--quiet", session.quiet, "Print nothing but errors");
    root.add_flag("-v,--verbose", session.verbose, "Print more");
    root.add_option("--token-file", session.token_file,
                    "Read the token for the primary's server from FILE, which only you may read; "
                    "- is the input")
        ->type_name("FILE");
    root.add_option_function<std::vector<std::string>>(
            "--set",
            [](const std::vector<std::string>& all) {
                for (const std::string& each : all) give_setting(each);
            },
            "A setting for this run, as 'tidemark config list' names it; may be given repeatedly")
        ->type_name("NAME=VALUE")
        ->allow_extra_args(false);
    root.parse_complete_callback([&root] { apply_network_settings(root); });
    root.footer("'tidemark COMMAND --help' explains a command.");
    add_attach(root, session);
    add_clone(root, session);
    add_sync(root, session);
    add_watch(root, session);
    add_status(root, session);
    add_log(root, session);
    add_devices(root, session);
    add_conflicts(root, session);
    add_verify(root, session);
    add_doctor(root, session);
    add_detach(root, session);
    add_serve(root, session);
    add_backup(root, session);
    add_restore(root, session);
    add_export(root, session);
    add_import(root, session);
    add_shell(root, session);
    add_login(root, session);
    add_logout(root, session);
    add_whoami(root, session);
    add_config(root, session);
    add_keys(root, session);
    add_token(root, session);
    add_completion(root, session);
    add_man(root, session);
    add_version(root, session);
    add_help(root, session);
}

/// Whether errors are wanted as JSON, for arguments that could not be parsed.
bool asks_for_json(int argc, char** argv) {
    for (int i = 1; i < argc; ++i) {
        const std::string_view word = argv[i];
        if (word == "--json") return true;
        if (word == "--") return false;
    }
    return false;
}

void check_that_a_command_was_given(const CLI::App& root) {
    if (!root.get_subcommands().empty()) return;
    throw Error(ErrorCode::usage, "no command was given", "See 'tidemark --help'.");
}

/// The arguments, and no longer a token in what others on this machine see of them.
std::vector<std::string> take_arguments(int argc, char** argv) {
    std::vector<std::string> arguments(argv + std::min(argc, 1), argv + argc);
    std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants them
    constexpr std::string_view secret = "authToken=";
    for (int i = 1; i < argc; ++i) {
        char* const found = std::strstr(argv[i], secret.data());
        if (found == nullptr) continue;
        for (char* c = found + secret.size(); *c != '\0' && *c != '&'; ++c) *c = '*';
    }
    return arguments;
}

void parse_and_do(CLI::App& root, const Session& session, int argc, char** argv) {
    try {
        root.parse(take_arguments(argc, argv));
    } catch (const CLI::CallForHelp&) {
        const auto chosen = root.get_subcommands();
        return session.print(chosen.empty() ? root.help() : chosen.front()->help());
    } catch (const CLI::CallForVersion& version_line) {
        return session.print(fmt::format("{}\n", version_line.what()));
    }
    check_that_a_command_was_given(root);
}

}  // namespace

int run(int argc, char** argv) {
    Session session;
    CLI::App root("Keeps ordinary SQLite files in step with a primary database.");
    add_everything(root, session);
    try {
        parse_and_do(root, session, argc, argv);
        return session.exit_code;
    } catch (const CLI::ParseError& error) {
        session.json = asks_for_json(argc, argv);
        return session.fail(usage_error(root, error));
    } catch (const Error& error) {
        return session.fail(error);
    } catch (const std::exception& error) {
        return session.fail(Error(ErrorCode::failed, error.what()));
    }
}

}  // namespace tidemark::cli
