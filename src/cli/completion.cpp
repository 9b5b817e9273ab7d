#include <fmt/format.h>

#include <memory>

#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/json.hpp"

namespace tidemark::cli {
namespace {

std::vector<const CLI::App*> commands_of(const CLI::App& root) {
    std::vector<const CLI::App*> commands;
    for (const CLI::App* command : root.get_subcommands([](const CLI::App*) { return true; })) {
        if (!command->get_group().empty()) commands.push_back(command);
    }
    return commands;
}

std::vector<std::string> option_names(const CLI::App& app) {
    std::vector<std::string> names;
    for (const CLI::Option* option : app.get_options()) {
        for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    }
    return names;
}

/// What a command can be followed by: its own options, and those of every command.
std::string options_for(const CLI::App& root, const CLI::App& command) {
    std::vector<std::string> names = option_names(command);
    for (const std::string& name : option_names(root)) {
        if (name != "--version" && !contains_name(names, name)) names.push_back(name);
    }
    return join(names, " ");
}

std::string first_line(const CLI::App& app) {
    return app.get_description().substr(0, app.get_description().find('\n'));
}

std::string command_names(const CLI::App& root) {
    std::vector<std::string> names;
    for (const CLI::App* command : commands_of(root)) names.push_back(command->get_name());
    return join(names, " ");
}

std::string for_bash(const CLI::App& root) {
    std::string cases;
    for (const CLI::App* command : commands_of(root)) {
        cases += fmt::format("        {}) words=\"{}\" ;;\n", command->get_name(),
                             options_for(root, *command));
    }
    return fmt::format(R"(# bash completion for tidemark
_tidemark() {{
    local word=${{COMP_WORDS[COMP_CWORD]}} words=
    if ((COMP_CWORD == 1)); then
        COMPREPLY=($(compgen -W "{} --help --version" -- "$word"))
        return
    fi
    if [[ $word != -* ]]; then
        COMPREPLY=($(compgen -f -- "$word"))
        return
    fi
    case ${{COMP_WORDS[1]}} in
{}    esac
    COMPREPLY=($(compgen -W "$words" -- "$word"))
}}
complete -o filenames -F _tidemark tidemark
)",
                       command_names(root), cases);
}

std::string quoted_once(std::string text) {
    for (std::size_t at = 0; (at = text.find('\'', at)) != std::string::npos; at += 4) {
        text.replace(at, 1, "'\\''");
    }
    return "'" + text + "'";
}

std::string for_zsh(const CLI::App& root) {
    std::string described;
    std::string cases;
    for (const CLI::App* command : commands_of(root)) {
        std::string text = first_line(*command);
        described += "        " + quoted_once(command->get_name() + ":" + text) + "\n";
        cases += fmt::format("        {}) compadd -- {} ;;\n", command->get_name(),
                             options_for(root, *command));
    }
    return fmt::format(R"(#compdef tidemark
_tidemark() {{
    local -a commands=(
{}    )
    if ((CURRENT == 2)); then
        _describe command commands
        return
    fi
    if [[ $PREFIX != -* ]]; then
        _files
        return
    fi
    case $words[2] in
{}    esac
}}
_tidemark "$@"
)",
                       described, cases);
}

std::string for_fish(const CLI::App& root) {
    std::string out = "# fish completion for tidemark\n";
    for (const CLI::App* command : commands_of(root)) {
        out += fmt::format("complete -c tidemark -n __fish_use_subcommand -f -a {} -d {}\n",
                           command->get_name(), quoted_once(first_line(*command)));
    }
    const auto add_options = [&](const CLI::App& app, const std::string& condition) {
        for (const CLI::Option* option : app.get_options()) {
            for (const std::string& name : option->get_lnames()) {
                out += fmt::format("complete -c tidemark{} -l {}{} -d {}\n", condition, name,
                                   option->get_items_expected_max() > 0 ? " -r" : "",
                                   quoted_once(option->get_description()));
            }
        }
    };
    for (const CLI::App* command : commands_of(root)) {
        add_options(*command,
                    fmt::format(" -n '__fish_seen_subcommand_from {}'", command->get_name()));
    }
    add_options(root, "");
    return out;
}

/// Text for roff: nothing at the beginning of a line, and no backslash, is a command of its own.
std::string roff(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool first = i == 0 || text[i - 1] == '\n';
        if (first && (text[i] == '.' || text[i] == '\'')) out += "\\&";
        if (text[i] == '\\') {
            out += "\\e";
        } else if (text[i] == '-') {
            out += "\\-";
        } else {
            out += text[i];
        }
    }
    return out;
}

/// The same text as --help, as a manual page.
std::string man_page(const CLI::App& root, const CLI::App& app) {
    const bool whole = &root == &app;
    const std::string name = whole ? "tidemark" : "tidemark-" + app.get_name();
    std::string title = name;
    for (char& c : title) c = (c >= 'a' && c <= 'z') ? char(c - 'a' + 'A') : c;
    return fmt::format(
        ".TH {} 1 \"\" \"tidemark {}\"\n.SH NAME\n{} \\- {}\n.SH DESCRIPTION\n.nf\n{}.fi\n"
        ".SH SEE ALSO\n{}\n",
        title, version(), roff(name), roff(first_line(app)), roff(app.help()),
        whole ? ".BR tidemark\\-sync (1)" : ".BR tidemark (1)");
}

const CLI::App& named(const CLI::App& root, const std::string& name) {
    for (const CLI::App* command : commands_of(root)) {
        if (command->get_name() == name) return *command;
    }
    return root;
}

}  // namespace

void add_completion(CLI::App& root, Session& session) {
    auto shell = std::make_shared<std::string>();
    CLI::App* command = root.add_subcommand("completion", "Print what completes words in a shell");
    command->group("");
    command->add_option("SHELL", *shell, "bash, zsh or fish")
        ->required()
        ->check(CLI::IsMember({"bash", "zsh", "fish"}));
    command->callback([shell, &root, &session] {
        const std::string text = *shell == "bash"  ? for_bash(root)
                                 : *shell == "zsh" ? for_zsh(root)
                                                   : for_fish(root);
        session.print(text);
    });
}

void add_man(CLI::App& root, Session& session) {
    auto name = std::make_shared<std::string>();
    CLI::App* command = root.add_subcommand("man", "Print a manual page");
    command->group("");
    command->add_option("COMMAND", *name, "The command; without it, the page of all");
    command->callback(
        [name, &root, &session] { session.print(man_page(root, named(root, *name))); });
}

}  // namespace tidemark::cli
