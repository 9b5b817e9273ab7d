#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/format.hpp"
#include "cli/json.hpp"
#include "cli/prose.hpp"

namespace tidemark::cli {

void add_database(CLI::App& command, std::string& path) {
    command.add_option("DB", path, "The SQLite database file")->required();
}

namespace {

/// "TABLE.COLUMN=WORD" in its three parts.
std::array<std::string, 3> column_option(const char* option, const std::string& given,
                                         const char* form) {
    const std::size_t equals = given.rfind('=');
    const std::size_t dot = given.find('.');
    const bool complete = equals != std::string::npos && dot < equals && dot > 0 &&
                          dot + 1 < equals && equals + 1 < given.size();
    if (complete) {
        return {given.substr(0, dot), given.substr(dot + 1, equals - dot - 1),
                given.substr(equals + 1)};
    }
    throw Error(ErrorCode::usage, fmt::format("{} cannot be '{}'", option, given),
                fmt::format("Write {} {}.", option, form));
}

}  // namespace

void add_column_options(CLI::App& command, std::vector<Reference>& references,
                        std::vector<ColumnName>& renumbered) {
    command
        .add_option_function<std::vector<std::string>>(
            "--ref",
            [&references](const std::vector<std::string>& all) {
                for (const std::string& given : all) {
                    auto [table, column, parent] =
                        column_option("--ref", given, "TABLE.COLUMN=PARENT");
                    references.push_back({table, column, parent});
                }
            },
            "COLUMN of TABLE holds keys of PARENT, though the schema does not declare it; may be "
            "given repeatedly")
        ->type_name("TABLE.COLUMN=PARENT")
        ->allow_extra_args(false);
    command
        .add_option_function<std::vector<std::string>>(
            "--unique",
            [&renumbered](const std::vector<std::string>& all) {
                constexpr const char* form = "TABLE.COLUMN=renumber";
                for (const std::string& given : all) {
                    auto [table, column, how] = column_option("--unique", given, form);
                    if (how == "unify") continue;
                    if (how != "renumber") {
                        throw Error(
                            ErrorCode::usage, fmt::format("--unique cannot be '{}'", given),
                            "Write --unique TABLE.COLUMN=renumber, or =unify, the default.");
                    }
                    renumbered.push_back({table, column});
                }
            },
            "TABLE.COLUMN=renumber: the unique COLUMN numbers different things, so of two rows "
            "made "
            "with one value both stay, and one takes the next free value. =unify, the default: "
            "they "
            "are one row made twice; may be given repeatedly")
        ->type_name("TABLE.COLUMN=HOW")
        ->allow_extra_args(false);
}

void give_attached(const Session& session, const AttachReport& report, const std::string& headline,
                   const std::string& path) {
    const auto syncing = std::count_if(report.tables.begin(), report.tables.end(),
                                       [](const TableStatus& table) { return table.syncs; });
    std::string text = headline + "\n";
    if (!report.backup.empty()) {
        text += fmt::format("A copy of it as it was is in {}.\n", printable(report.backup));
    }
    const std::string differences = difference_table(report.differences, session.screen());
    if (!differences.empty()) text += "\n" + differences + "\n";
    text += fmt::format("{}; '{}' exchanges changes.\n",
                        syncing == 1 ? "1 table syncs" : count_of(syncing, "table") + " sync",
                        command_line("sync", path));
    text += tables_left_out(report.tables, session.screen());
    if (session.verbose) text += measures(report.sync) + "\n";
    session.give(to_json(report), text);
    session.warn(warnings_of(report));
}

}  // namespace tidemark::cli
