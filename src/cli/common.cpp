#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/format.hpp"
#include "cli/json.hpp"
#include "cli/prose.hpp"

namespace tidemark::cli {

void add_database(CLI::App& command, std::string& path) {
    command.add_option("DB", path, "The SQLite database file")->required();
}

void give_attached(
    const Session& session,
    const AttachReport& report,
    const std::string& headline,
    const std::string& path
) {
    const auto syncing = std::count_if(
        report.tables.begin(), report.tables.end(), [](const TableStatus& table) {
            return table.syncs;
        }
    );
    std::string text = headline + "\n";
    if (!report.backup.empty()) {
        text += fmt::format("A copy of it as it was is in {}.\n", printable(report.backup));
    }
    const std::string differences = difference_table(report.differences, session.screen());
    if (!differences.empty()) text += "\n" + differences + "\n";
    text += fmt::format(
        "{}; '{}' exchanges changes.\n",
        syncing == 1 ? "1 table syncs" : count_of(syncing, "table") + " sync",
        command_line("sync", path)
    );
    text += tables_left_out(report.tables, session.screen());
    if (session.verbose) text += measures(report.sync) + "\n";
    session.give(to_json(report), text);
    session.warn(warnings_of(report));
}

}  // namespace tidemark::cli
