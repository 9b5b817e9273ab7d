#include "cli/help.hpp"

#include <string_view>

#include "cli/printable.hpp"

namespace tidemark::cli {
namespace {

constexpr std::size_t page_width = 80;
constexpr std::size_t names_width = 28;

constexpr std::string_view exit_codes = R"(
Exit codes:
  0  done
  1  failed
  2  wrong usage
  3  the primary cannot be reached
  4  not authorized
  5  a choice is needed: nothing was done
)";

/// "  name     text", the text wrapped beside the name, or below a long name.
std::string entry(const std::string& name, const std::string& text) {
    std::string out = "  " + name;
    bool beside = columns_of(out) < names_width;
    for (const std::string& line : wrapped(text, page_width - names_width)) {
        if (!beside) out += '\n';
        out = beside ? padded(out, names_width) : out + std::string(names_width, ' ');
        out += line;
        beside = false;
    }
    return out + '\n';
}

std::string paragraph(const std::string& text) {
    std::string out;
    for (const std::string& line : wrapped(text, page_width)) out += line + '\n';
    return out;
}

std::string names_of(const CLI::Option& option) {
    std::string out;
    for (const std::string& name : option.get_snames()) out += "-" + name + ", ";
    if (out.empty()) out = "    ";
    for (const std::string& name : option.get_lnames()) out += "--" + name;
    // A flag has no value, whatever its type is called.
    if (option.get_items_expected_max() > 0) out += " " + option.get_type_name();
    return out;
}

std::string positional_name(const CLI::Option& option) {
    const std::string name = option.get_name(true);
    return option.get_required() ? name : "[" + name + "]";
}

std::vector<const CLI::Option*> options_of(const CLI::App& app, bool positional) {
    return app.get_options(
        [positional](const CLI::Option* option) { return option->get_positional() == positional; });
}

std::string options_section(const std::string& title, const CLI::App& app,
                            const CLI::Option* without) {
    std::string out;
    for (const CLI::Option* option : options_of(app, false)) {
        if (option == without) continue;
        out += entry(names_of(*option), option->get_description());
    }
    return out.empty() ? out : "\n" + title + ":\n" + out;
}

}  // namespace

std::string usage_line(const CLI::App& app) {
    const CLI::App* parent = app.get_parent();
    if (parent == nullptr) return app.get_name() + " COMMAND [OPTIONS]";
    std::string out = parent->get_name() + " " + app.get_name();
    for (const CLI::Option* option : options_of(app, true)) out += " " + positional_name(*option);
    return out + " [OPTIONS]";
}

std::string HelpPage::make_help(const CLI::App* app, std::string, CLI::AppFormatMode) const {
    std::string out = paragraph(app->get_description());
    out += "\nUsage: " + usage_line(*app) + "\n";

    const auto commands = app->get_subcommands([](const CLI::App*) { return true; });
    if (!commands.empty()) out += "\nCommands:\n";
    for (const CLI::App* command : commands) {
        if (command->get_group().empty()) continue;  // for programs, not for people
        const std::string text = command->get_description();
        out += entry(command->get_name(), text.substr(0, text.find('\n')));
    }

    const auto arguments = options_of(*app, true);
    if (!arguments.empty()) out += "\nArguments:\n";
    for (const CLI::Option* argument : arguments) {
        out += entry(argument->get_name(true), argument->get_description());
    }

    const CLI::App* parent = app->get_parent();
    if (parent == nullptr) {
        out += options_section("Options of every command", *app, app->get_version_ptr());
        out += "\nOther options:\n";
        out += entry(names_of(*app->get_version_ptr()), app->get_version_ptr()->get_description());
    } else {
        out += options_section("Options", *app, app->get_help_ptr());
        out += options_section("Options of every command", *parent, parent->get_version_ptr());
    }
    if (!app->get_footer().empty()) out += "\n" + app->get_footer() + "\n";
    return out + std::string(exit_codes);
}

}  // namespace tidemark::cli
