#include <fmt/format.h>

#include "common/text.hpp"
#include "jdo/commands.hpp"
#include "jdo/items.hpp"
#include "jdo/sync_service.hpp"

namespace jdo {
namespace {

constexpr std::size_t shown_digits = 8;

enum class Access { reads, writes };

/// Does a command's work on the database, and keeps it in step around that. A sync that cannot work
/// is the sync commands' concern: the user's data is here.
template <typename Work>
void work(const Session& session, Access access, Work&& what) {
    const auto background =
        session.in_repl ? std::nullopt : SyncService(session.places).background();
    if (background) background->freshen();
    {
        examples::Database database(session.places.database);
        initialize_schema(database);
        Items items(database);
        what(items);
    }
    if (background && access == Access::writes) background->send();
}

std::string line(const Item& item) {
    return fmt::format("{}  {}\n", item.id.substr(0, shown_digits), item.title);
}

void add_kind(CLI::App& app, Session& session, Kind kind) {
    CLI::App* group = app.add_subcommand(name(kind), fmt::format("Your {}s", name(kind)));
    group->require_subcommand(1);

    const auto item = std::make_shared<Item>();
    CLI::App* command = group->add_subcommand("add", fmt::format("Make a {}", name(kind)));
    command->add_option("TITLE", item->title)->required();
    if (kind == Kind::commitment) {
        command->add_option("--goal", item->parent, "The goal that it serves");
        command->add_option("--due", item->due, "Such as 2026-02-01");
    }
    if (kind == Kind::task) command->add_option("--commitment", item->parent, "What it is for");
    command->callback([item, kind, &session] {
        work(session, Access::writes,
             [&](Items& items) { fmt::print("{}", line(items.add(kind, *item))); });
    });

    const auto all = std::make_shared<bool>(false);
    command = group->add_subcommand("list", "List them");
    command->add_flag("--all", *all, "With those that are done");
    command->callback([all, kind, &session] {
        work(session, Access::reads, [&](Items& items) {
            std::vector<std::vector<std::string>> lines{{"ID", "STATUS", "DUE", "TITLE"}};
            for (const Item& one : items.list(kind, *all)) {
                lines.push_back({one.id.substr(0, shown_digits), one.status, one.due, one.title});
            }
            fmt::print("{}", examples::table(lines));
        });
    });

    struct Change {
        std::string id;
        std::string title;
    };
    const auto change = std::make_shared<Change>();
    command = group->add_subcommand("edit", "Give it another title");
    command->add_option("ID", change->id)->required();
    command->add_option("TITLE", change->title)->required();
    command->callback([change, kind, &session] {
        work(session, Access::writes, [&](Items& items) {
            fmt::print("{}", line(items.rename(kind, change->id, change->title)));
        });
    });

    const auto id = std::make_shared<std::string>();
    command = group->add_subcommand("done", "Mark it as done");
    command->add_option("ID", *id)->required();
    command->callback([id, kind, &session] {
        work(session, Access::writes,
             [&](Items& items) { fmt::print("{}", line(items.finish(kind, *id))); });
    });
    command = group->add_subcommand("delete", "Delete it");
    command->add_option("ID", *id)->required();
    command->callback([id, kind, &session] {
        work(session, Access::writes, [&](Items& items) { items.remove(kind, *id); });
    });
}

}  // namespace

void add_item_commands(CLI::App& app, Session& session) {
    for (const Kind kind : {Kind::goal, Kind::commitment, Kind::task}) {
        add_kind(app, session, kind);
    }
}

}  // namespace jdo
