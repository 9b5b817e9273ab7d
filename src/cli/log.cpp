#include <fmt/format.h>

#include <memory>

#include "cli/commands.hpp"
#include "cli/format.hpp"
#include "cli/json.hpp"
#include "cli/prose.hpp"
#include "cli/table.hpp"

namespace tidemark::cli {
namespace {

constexpr std::int64_t usually_shown = 20;

struct Arguments {
    std::string path;
    std::int64_t count = usually_shown;
};

void log(const Arguments& arguments, const Session& session) {
    const std::vector<SyncRecord> records = Replica::open(arguments.path).history(arguments.count);
    constexpr auto right = Table::Align::right;
    Table table({{"When"}, {"Took", right}, {"Sent", right}, {"Received", right}, {"Outcome"}});
    boost::json::array syncs;
    for (const SyncRecord& record : records) {
        syncs.emplace_back(to_json(record));
        table.add({{local_time(record.at_ms)},
                   {duration(record.duration_ms)},
                   {bytes(record.bytes_sent)},
                   {bytes(record.bytes_received)},
                   {outcome(record), record.error.empty() ? Ink::plain : Ink::red}});
    }
    session.give({{"syncs", syncs}},
                 table.empty() ? "It was never synced.\n" : table.text(session.screen()));
}

}  // namespace

void add_log(CLI::App& root, Session& session) {
    auto arguments = std::make_shared<Arguments>();
    CLI::App* command = root.add_subcommand("log",
                                            "Show the last syncs, the newest first\n"
                                            "\n"
                                            "Syncs that found nothing new stand as one line, the "
                                            "last of them. Rows are counted, values "
                                            "are not kept.");
    add_database(*command, arguments->path);
    command->add_option("-n,--count", arguments->count, "How many; 20 by default, at most 1,000")
        ->type_name("COUNT")
        ->check(CLI::Range(1, 1'000));
    command->callback([arguments, &session] { log(*arguments, session); });
}

}  // namespace tidemark::cli
