#include "cli/usage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "base/text.hpp"
#include "cli/help.hpp"

namespace tidemark::cli {
namespace {

/// How many letters have to be changed, added, left out or swapped with their neighbour.
std::size_t edits_between(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before;
    std::vector<std::size_t> above(b.size() + 1);
    std::iota(above.begin(), above.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::vector<std::size_t> line(b.size() + 1, i);
        for (std::size_t j = 1; j <= b.size(); ++j) {
            line[j] = std::min(
                {above[j] + 1, line[j - 1] + 1, above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                line[j] = std::min(line[j], before[j - 2] + 1);
            }
        }
        before = std::exchange(above, std::move(line));
    }
    return above.back();
}

/// The command that was chosen, or the root.
const CLI::App& chosen(const CLI::App& root) {
    const auto parsed = root.get_subcommands();
    return parsed.empty() ? root : *parsed.front();
}

std::string full_name(const CLI::App& app) {
    return app.get_parent() == nullptr ? app.get_name()
                                       : app.get_parent()->get_name() + " " + app.get_name();
}

std::string see_help(const CLI::App& app) {
    return fmt::format("See '{} --help'.", full_name(app));
}

Error no_such_option(const CLI::App& root, const std::string& given) {
    const CLI::App& app = chosen(root);
    const std::string word = given.substr(0, given.find('='));
    std::vector<std::string> known;
    for (const CLI::App* owner : {&app, &root}) {
        for (const CLI::Option* option : owner->get_options()) {
            for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
        }
    }
    const std::string meant = nearest(word, known);
    return {
        ErrorCode::usage,
        fmt::format("'{}' has no option {}", full_name(app), word),
        (meant.empty() ? "" : fmt::format("Did you mean {}? ", meant)) + see_help(app),
    };
}

Error leftover_error(const CLI::App& root, const std::vector<std::string>& leftover) {
    const auto option = std::find_if(leftover.begin(), leftover.end(), [](const std::string& word) {
        return word.size() > 1 && word[0] == '-' && word != "--";
    });
    if (option != leftover.end()) return no_such_option(root, *option);
    if (&chosen(root) == &root) return no_such_command(root, leftover.front());
    return {
        ErrorCode::usage,
        fmt::format("'{}' is one argument too many", leftover.front()),
        "Usage: " + usage_line(chosen(root)),
    };
}

}  // namespace

std::string nearest(std::string_view word, const std::vector<std::string>& candidates) {
    std::string best;
    std::size_t fewest = word.size() / 3 + 1;  // more edits than that make it another word
    for (const std::string& candidate : candidates) {
        const std::size_t edits = edits_between(lower(word), candidate);
        if (edits < fewest || (edits == fewest && best.empty())) {
            best = candidate;
            fewest = edits;
        }
    }
    return best;
}

Error no_such_command(const CLI::App& root, const std::string& word) {
    std::vector<std::string> names;
    for (const CLI::App* command : root.get_subcommands([](const CLI::App*) { return true; })) {
        names.push_back(command->get_name());
    }
    const std::string meant = nearest(word, names);
    return {
        ErrorCode::usage,
        fmt::format("there is no command '{}'", word),
        meant.empty() ? fmt::format("The commands are {}.", join(names, ", "))
                      : fmt::format("Did you mean '{}'? {}", meant, see_help(root)),
    };
}

Error usage_error(const CLI::App& root, const CLI::ParseError& error) {
    const CLI::App& app = chosen(root);
    std::vector<std::string> leftover = root.remaining(true);
    std::erase(leftover, "--");
    if (!leftover.empty()) return leftover_error(root, leftover);

    std::string message = error.what();
    if (error.get_name() == "ArgumentMismatch") {
        message = message.substr(0, message.find(':')) + " needs a value";
    }
    return {ErrorCode::usage, message, "Usage: " + usage_line(app)};
}

}  // namespace tidemark::cli
