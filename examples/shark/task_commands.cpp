#include <fmt/format.h>

#include <memory>

#include "common/text.hpp"
#include "shark/commands.hpp"
#include "shark/schema.hpp"
#include "shark/tasks.hpp"

namespace shark {
namespace {

namespace json = boost::json;

using tidemark::Error;
using tidemark::ErrorCode;

enum class Access { reads, writes };

/// Does a command's work on the database, and keeps it in step around that.
template <typename Work>
void work(const Session& session, Access access, Work&& what) {
    connect_where_asked(session);
    const auto sync = background(session.places);
    if (sync) sync->freshen();
    {
        Pool pool(session.places.database());
        const Pool::Loan database = pool.borrow();
        initialize_schema(*database);
        Tasks tasks(*database);
        what(tasks);
    }
    if (sync && access == Access::writes) sync->send();
    tell_news(session);
}

json::object to_json(const Task& task) {
    return {{"key", task.key.text()},
            {"title", task.title},
            {"description", task.description},
            {"status", task.status},
            {"priority", task.priority},
            {"created_at", task.created_at},
            {"updated_at", task.updated_at},
            {"completed_at",
             task.completed_at.empty() ? json::value() : json::value(task.completed_at)}};
}

json::object to_json(const Key& key, const std::string& title) {
    return {{"key", key.text()}, {"title", title}};
}

std::string line(const Task& task) {
    return fmt::format("{}  {}  {}\n", task.key.text(), task.status, task.title);
}

std::int64_t number(const std::string& text, char letter, const char* example) {
    if (text.empty()) return 0;
    if (const auto found = parse_number(text, letter)) return *found;
    throw Error(ErrorCode::usage, fmt::format("'{}' is no key", text),
                fmt::format("Give one such as {}.", example));
}

/// --epic E13 --feature F02, or --feature E13-F02 alone.
Key feature_key(const std::string& epic, const std::string& feature) {
    if (const auto whole = parse_key(feature); whole && whole->feature) return *whole;
    return {number(epic, 'E', "E13"), number(feature, 'F', "F02")};
}

Key task_key(const std::string& text) {
    const auto key = parse_key(text);
    if (key && key->task) return *key;
    throw Error(ErrorCode::usage, fmt::format("'{}' is no key of a task", text),
                "Give one such as T-E13-F02-001.");
}

void add_epics(CLI::App& app, Session& session) {
    CLI::App* group = app.add_subcommand("epic", "Epics, such as E13");
    group->require_subcommand(1);

    struct Create {
        std::string title;
        std::string key;
    };
    const auto create = std::make_shared<Create>();
    CLI::App* command = group->add_subcommand("create", "Make an epic");
    command->add_option("TITLE", create->title)->required();
    command->add_option("--key", create->key, "Such as E13; the next free one without it");
    command->callback([create, &session] {
        work(session, Access::writes, [&](Tasks& tasks) {
            const Epic epic = tasks.add_epic(create->title, number(create->key, 'E', "E13"));
            session.give(to_json(epic.key, epic.title), epic.key.text() + "\n");
        });
    });

    group->add_subcommand("list", "List the epics")->callback([&session] {
        work(session, Access::reads, [&](Tasks& tasks) {
            json::array all;
            std::string text;
            for (const Epic& epic : tasks.epics()) {
                all.push_back(to_json(epic.key, epic.title));
                text += fmt::format("{}  {}\n", epic.key.text(), epic.title);
            }
            session.give({{"epics", all}}, text);
        });
    });
}

void add_features(CLI::App& app, Session& session) {
    CLI::App* group = app.add_subcommand("feature", "Features of an epic, such as E13-F02");
    group->require_subcommand(1);

    struct Arguments {
        std::string title;
        std::string epic;
        std::string key;
    };
    const auto create = std::make_shared<Arguments>();
    CLI::App* command = group->add_subcommand("create", "Make a feature");
    command->add_option("TITLE", create->title)->required();
    command->add_option("--epic", create->epic, "Such as E13")->required();
    command->add_option("--key", create->key, "Such as F02; the next free one without it");
    command->callback([create, &session] {
        work(session, Access::writes, [&](Tasks& tasks) {
            const Feature feature = tasks.add_feature(
                number(create->epic, 'E', "E13"), create->title, number(create->key, 'F', "F02"));
            session.give(to_json(feature.key, feature.title), feature.key.text() + "\n");
        });
    });

    const auto list = std::make_shared<Arguments>();
    command = group->add_subcommand("list", "List the features");
    command->add_option("--epic", list->epic, "Only those of this epic");
    command->callback([list, &session] {
        work(session, Access::reads, [&](Tasks& tasks) {
            json::array all;
            std::string text;
            for (const Feature& feature : tasks.features(number(list->epic, 'E', "E13"))) {
                all.push_back(to_json(feature.key, feature.title));
                text += fmt::format("{}  {}\n", feature.key.text(), feature.title);
            }
            session.give({{"features", all}}, text);
        });
    });
}

void add_task_creation(CLI::App& group, Session& session) {
    struct Create {
        std::string title;
        std::string epic;
        std::string feature;
        std::string description;
        std::int64_t priority = 5;
    };
    const auto create = std::make_shared<Create>();
    CLI::App* command = group.add_subcommand("create", "Make a task");
    command->add_option("TITLE", create->title)->required();
    command->add_option("--epic", create->epic, "Such as E13");
    command->add_option("--feature", create->feature, "Such as F02, or E13-F02")->required();
    command->add_option("--description", create->description);
    command->add_option("--priority", create->priority, "1 to 10; 10 is the most urgent");
    command->callback([create, &session] {
        work(session, Access::writes, [&](Tasks& tasks) {
            const Task task = tasks.add_task(feature_key(create->epic, create->feature),
                                             create->title, create->description, create->priority);
            session.give(to_json(task), task.key.text() + "\n");
        });
    });
}

void add_task_list(CLI::App& group, Session& session) {
    struct List {
        std::string epic;
        std::string feature;
        std::string status;
    };
    const auto list = std::make_shared<List>();
    CLI::App* command = group.add_subcommand("list", "List the tasks");
    command->add_option("--epic", list->epic, "Only those of this epic");
    command->add_option("--feature", list->feature, "Only those of this feature");
    command->add_option("--status", list->status, "Only those that are so");
    command->callback([list, &session] {
        work(session, Access::reads, [&](Tasks& tasks) {
            const Key feature = feature_key(list->epic, list->feature);
            json::array all;
            std::vector<std::vector<std::string>> lines{{"KEY", "STATUS", "PRIORITY", "TITLE"}};
            for (const Task& task : tasks.tasks({feature.epic, feature.feature, list->status})) {
                if (session.json) {
                    all.push_back(to_json(task));
                } else {
                    lines.push_back(
                        {task.key.text(), task.status, std::to_string(task.priority), task.title});
                }
            }
            session.give({{"tasks", all}}, examples::table(lines));
        });
    });
}

void add_task_changes(CLI::App& group, Session& session) {
    struct Change {
        std::string key;
        TaskChange change;
    };
    const auto update = std::make_shared<Change>();
    CLI::App* command = group.add_subcommand("update", "Change a task");
    command->add_option("KEY", update->key, "Such as T-E13-F02-001")->required();
    command->add_option("--title", update->change.title);
    command->add_option("--description", update->change.description);
    command->add_option("--status", update->change.status,
                        "todo, in_progress, blocked or completed");
    command->add_option("--priority", update->change.priority, "1 to 10");
    command->callback([update, &session] {
        const TaskChange& change = update->change;
        if (!change.title && !change.description && !change.status && !change.priority) {
            throw Error(ErrorCode::usage, "nothing was given to change",
                        "See 'shark task update --help'.");
        }
        work(session, Access::writes, [&](Tasks& tasks) {
            const Task task = tasks.update(task_key(update->key), change);
            session.give(to_json(task), line(task));
        });
    });

    const auto complete = std::make_shared<Change>();
    command = group.add_subcommand("complete", "Mark a task as completed");
    command->add_option("KEY", complete->key, "Such as T-E13-F02-001")->required();
    command->callback([complete, &session] {
        work(session, Access::writes, [&](Tasks& tasks) {
            const Task task = tasks.complete(task_key(complete->key));
            session.give(to_json(task), line(task));
        });
    });
}

}  // namespace

void add_task_commands(CLI::App& app, Session& session) {
    add_epics(app, session);
    add_features(app, session);
    CLI::App* group = app.add_subcommand("task", "Tasks of a feature, such as T-E13-F02-001");
    group->require_subcommand(1);
    add_task_creation(*group, session);
    add_task_list(*group, session);
    add_task_changes(*group, session);
}

}  // namespace shark
