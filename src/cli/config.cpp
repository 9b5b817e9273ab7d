#include <fmt/format.h>

#include <memory>

#include "cli/commands.hpp"
#include "cli/format.hpp"
#include "cli/json.hpp"
#include "cli/settings.hpp"
#include "cli/table.hpp"
#include "cli/usage.hpp"
#include "sync/preferences.hpp"
#include "sync/store.hpp"

namespace tidemark::cli {
namespace {

struct Arguments {
    std::string action;
    std::string name;
    std::string value;
    std::string database;
};

/// The settings of one database, which lie in its file.
class Database {
public:
    explicit Database(const std::string& path) : connection_(path), preferences_(connection_) {
        if (Store(connection_).role() == Store::Role::replica) return;
        throw Error(ErrorCode::usage, path + " is not attached to a primary",
                    "Only a replica has settings of its own.");
    }
    Preferences& preferences() { return preferences_; }

private:
    Connection connection_;
    Preferences preferences_;
};

std::unique_ptr<Database> database_of(const Arguments& arguments) {
    return arguments.database.empty() ? nullptr : std::make_unique<Database>(arguments.database);
}

Found found(const Setting& setting, const SettingsFile& file, Database* database) {
    if (database == nullptr) return find_setting(setting, file);
    return find_setting(setting, file, [database](const std::string& name) {
        return database->preferences().get(name);
    });
}

boost::json::object to_json(const Setting& setting, const Found& held) {
    return {{"name", setting.name},
            {"value",
             held.value.empty() ? boost::json::value() : boost::json::value(json_text(held.value))},
            {"source", json_text(held.source)},
            {"variable", setting.variable()}};
}

void list(const Arguments& arguments, const Session& session) {
    const SettingsFile file = SettingsFile::of_user();
    const auto database = database_of(arguments);
    boost::json::array objects;
    Table table({{"Setting"}, {"Value"}, {"From"}, {"Meaning"}});
    for (const Setting& setting : all_settings()) {
        if (database && !setting.per_database) continue;
        const Found held = found(setting, file, database.get());
        objects.emplace_back(to_json(setting, held));
        table.add({{setting.name, Ink::bold},
                   {held.value.empty() ? "-" : printable(held.value)},
                   {printable(held.source)},
                   {setting.meaning}});
    }
    session.give({{"settings", objects}}, table.text(session.screen()));
}

void get(const Arguments& arguments, const Session& session) {
    const Setting& setting = setting_named(arguments.name);
    const auto database = database_of(arguments);
    const Found held = found(setting, SettingsFile::of_user(), database.get());
    std::string text = printable(held.value) + "\n";
    if (session.verbose) text += fmt::format("It comes from {}.\n", printable(held.source));
    session.give(to_json(setting, held), text);
}

void require_per_database(const Setting& setting) {
    if (setting.per_database) return;
    throw Error(ErrorCode::usage,
                fmt::format("{} is not a setting that a database has for itself", setting.name),
                "Set it without --database: then it holds for all of them.");
}

void set(const Arguments& arguments, const Session& session) {
    const Setting& setting = setting_named(arguments.name);
    const std::string value = setting.checked(arguments.value);
    const SettingsFile file = SettingsFile::of_user();
    if (const auto database = database_of(arguments)) {
        require_per_database(setting);
        database->preferences().set(setting.name, value);
    } else {
        file.set(setting, value);
    }
    const std::string where = arguments.database.empty() ? file.path() : arguments.database;
    session.give(
        {{"name", setting.name}, {"value", json_text(value)}, {"in", json_text(where)}},
        fmt::format("{} is {} now (in {}).\n", setting.name, printable(value), printable(where)));
    if (std::getenv(setting.variable().c_str()) != nullptr) {
        session.warn({setting.variable() + " is set in the environment, and beats it."});
    }
}

void unset(const Arguments& arguments, const Session& session) {
    const Setting& setting = setting_named(arguments.name);
    const auto database = database_of(arguments);
    const bool was_set = database ? database->preferences().unset(setting.name)
                                  : SettingsFile::of_user().unset(setting);
    session.give({{"name", setting.name}, {"was_set", was_set}},
                 fmt::format("{} {} set.\n", setting.name, was_set ? "is no longer" : "was not"));
}

void path(const Arguments&, const Session& session) {
    const std::string where = SettingsFile::of_user().path();
    session.give({{"path", json_text(where)}}, printable(where) + "\n");
}

void config(const Arguments& arguments, const Session& session) {
    struct Action {
        const char* name;
        int words;
        void (*run)(const Arguments&, const Session&);
    };
    constexpr Action actions[] = {{"list", 0, list},
                                  {"get", 1, get},
                                  {"set", 2, set},
                                  {"unset", 1, unset},
                                  {"path", 0, path}};
    const int given = !arguments.name.empty() + !arguments.value.empty();
    for (const Action& action : actions) {
        if (arguments.action != action.name) continue;
        if (given < action.words) {
            throw Error(ErrorCode::usage,
                        fmt::format("'config {}' needs {}", action.name,
                                    action.words == 2 ? "NAME and VALUE" : "NAME"),
                        "'tidemark config list' shows the names.");
        }
        return action.run(arguments, session);
    }
    const std::string meant = nearest(arguments.action, {"list", "get", "set", "unset", "path"});
    throw Error(ErrorCode::usage, fmt::format("'config' cannot '{}'", arguments.action),
                meant.empty() ? "It can list, get, set and unset, and say the path of its file."
                              : fmt::format("Did you mean '{}'?", meant));
}

}  // namespace

void add_config(CLI::App& root, Session& session) {
    auto arguments = std::make_shared<Arguments>();
    arguments->action = "list";
    CLI::App* command = root.add_subcommand(
        "config",
        "Show and change settings\n"
        "\n"
        "A flag beats the environment (TIDEMARK_SYNC_INTERVAL for sync.interval), which beats what "
        "a database says for itself, which beats the configuration file.");
    command->add_option("ACTION", arguments->action,
                        "list (the default), get NAME, set NAME VALUE, unset NAME, or path: where "
                        "the file is");
    command->add_option("NAME", arguments->name, "The setting");
    command->add_option("VALUE", arguments->value, "Its new value");
    command
        ->add_option("--database", arguments->database,
                     "The settings of one replica, which go with its file")
        ->type_name("DB");
    command->footer(
        "Examples:\n"
        "  tidemark config list\n"
        "  tidemark config set sync.interval 60\n"
        "  tidemark config set sync.after_writes false --database notes.db");
    command->callback([arguments, &session] { config(*arguments, session); });
}

}  // namespace tidemark::cli
