#include <fmt/format.h>

#include <filesystem>
#include <memory>

#include "common/dialogue.hpp"
#include "common/text.hpp"
#include "sow-admin/commands.hpp"
#include "sow-admin/sync_service.hpp"

namespace sow_admin {
namespace {

namespace fs = std::filesystem;

using tidemark::Error;
using tidemark::ErrorCode;

using Lines = std::vector<std::vector<std::string>>;

std::string shown(const std::optional<std::string>& text, const char* missing) {
    return text ? *text : missing;
}

void init(const std::string& config_path) {
    const AdminConfig config = AdminConfig::load_or_default(config_path);
    if (!fs::exists(config_path)) config.save(config_path);
    DatabaseClient(config.db_path).initialize_schema();
    fmt::print("Database ready: {}\n", config.db_path);
}

void remove_database(const std::string& path) {
    for (const char* suffix : {"", "-wal", "-shm"}) fs::remove(path + suffix);
}

void reset(const std::string& config_path, bool confirmed) {
    const AdminConfig config = AdminConfig::load(config_path);
    if (!confirmed &&
        !examples::confirm("Delete all songs and recordings on this machine?", false)) {
        fmt::print("Nothing was changed.\n");
        return;
    }
    remove_database(config.db_path);
    DatabaseClient(config.db_path).initialize_schema();
    fmt::print("Database reset: {}\n", config.db_path);
    if (!config.turso_database_url.empty()) {
        fmt::print("The cloud keeps its copy; 'sow-admin db sync' downloads it again.\n");
    }
}

std::string url_line(const SyncStatus& status) {
    return status.turso_url.empty() ? "Not configured" : status.turso_url;
}

void status(const std::string& config_path) {
    const AdminConfig config = AdminConfig::load_or_default(config_path);
    DatabaseClient client = get_db_client(config);
    const DatabaseStats stats = client.get_stats();
    const SyncStatus sync = SyncService(client).get_sync_status();
    Lines lines{{"Database", config.db_path}};
    for (const auto& [table, count] : stats.table_counts) {
        lines.push_back({table, std::to_string(count)});
    }
    lines.push_back({"Integrity", stats.integrity_ok ? "OK" : "damaged"});
    lines.push_back({"Foreign keys", stats.foreign_keys_enabled ? "on" : "off"});
    fmt::print("{}\nSync\n{}", examples::table(lines),
               examples::table({{"Turso URL", url_line(sync)},
                                {"Auth Token", sync.has_auth_token ? "Set" : "Not Set"},
                                {"Last Sync", shown(sync.last_sync_at, "Never")},
                                {"Device ID", shown(sync.local_device_id, "Not generated")}}));
}

void dry_run(SyncService& service) {
    const SyncStatus status = service.get_sync_status();
    fmt::print("Dry run: nothing is synced.\n{}",
               examples::table({{"Configured", status.is_configured ? "Yes" : "No"},
                                {"Turso URL", url_line(status)},
                                {"Auth Token", status.has_auth_token ? "Set" : "Not Set"},
                                {"Songs", std::to_string(status.local_songs)},
                                {"Recordings", std::to_string(status.local_recordings)},
                                {"Last Sync", shown(status.last_sync_at, "Never")},
                                {"Sync version", shown(status.sync_version, "-")},
                                {"Device ID", shown(status.local_device_id, "Not generated")}}));
}

struct SyncArguments {
    bool dry_run = false;
    bool merge = false;
};

void sync(const std::string& config_path, const SyncArguments& arguments) {
    const AdminConfig config = AdminConfig::load(config_path);
    DatabaseClient client = get_db_client(config);
    SyncService service(client);
    if (arguments.dry_run) return dry_run(service);
    const SyncResult result = service.execute_sync(arguments.merge);
    fmt::print("Synced at {} UTC.\n{}", result.sync_timestamp,
               examples::table({{"", "Before", "After"},
                                {"Songs", std::to_string(result.songs_before),
                                 std::to_string(result.songs_after)},
                                {"Recordings", std::to_string(result.recordings_before),
                                 std::to_string(result.recordings_after)}}));
}

}  // namespace

DatabaseClient get_db_client(const AdminConfig& config) {
    if (!fs::exists(config.db_path)) {
        throw Error(ErrorCode::failed, "Database not found: " + config.db_path,
                    "Run 'sow-admin db init' to make it.");
    }
    return DatabaseClient(config.db_path, config.turso_database_url,
                          get_secret("turso.auth_token"));
}

void add_db_commands(CLI::App& app, std::string& config_path) {
    CLI::App* group = app.add_subcommand("db", "The database, and its copy in the cloud");
    group->require_subcommand(1);

    group->add_subcommand("init", "Make the database; nothing happens to one that is there")
        ->callback([&] { init(config_path); });
    group->add_subcommand("status", "Show counts, health and the state of the sync")->callback([&] {
        status(config_path);
    });

    const auto arguments = std::make_shared<SyncArguments>();
    CLI::App* command = group->add_subcommand(
        "sync",
        "Exchange changes with the cloud\n\nThe first sync fills the cloud from this database, or "
        "this database from the cloud. Nothing is ever synced without this command.");
    command->add_flag("--dry-run", arguments->dry_run,
                      "Show the configuration and what is here, without syncing");
    command->add_flag("--merge", arguments->merge,
                      "At a first sync with songs on both sides: keep both");
    command->callback([&, arguments] { sync(config_path, *arguments); });

    const auto confirmed = std::make_shared<bool>(false);
    command = group->add_subcommand("reset", "Delete all songs and recordings on this machine");
    command->add_flag("--confirm", *confirmed, "Do not ask");
    command->callback([&, confirmed] { reset(config_path, *confirmed); });
}

void add_config_commands(CLI::App& app, std::string& config_path) {
    CLI::App* group = app.add_subcommand("config", "Settings");
    group->require_subcommand(1);

    struct Setting {
        std::string key;
        std::string value;
    };
    const auto setting = std::make_shared<Setting>();
    CLI::App* command = group->add_subcommand("set", "Change a setting");
    command->add_option("KEY", setting->key, "turso_database_url or db_path")->required();
    command->add_option("VALUE", setting->value)->required();
    command->callback([&, setting] {
        AdminConfig config = AdminConfig::load_or_default(config_path);
        config.set(setting->key, setting->value);
        config.save(config_path);
        fmt::print("{} is set in {}.\n", setting->key, config_path);
    });

    group->add_subcommand("show", "Show all settings")->callback([&] {
        const AdminConfig config = AdminConfig::load_or_default(config_path);
        const std::string url = SyncService::mask_url(config.turso_database_url);
        fmt::print("{}",
                   examples::table({{"config file", config_path},
                                    {"db_path", config.db_path},
                                    {"turso_database_url", url.empty() ? "Not configured" : url}}));
    });
}

}  // namespace sow_admin
