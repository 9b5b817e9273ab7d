#include "server/databases.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <system_error>

#include <tidemark/error.hpp>

#include "server/fault.hpp"

namespace tidemark::server {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t longest_name = 64;
constexpr const char* extension = ".db";

HttpFault unknown(std::string_view name) {
    return {404, "NAMESPACE_NOT_FOUND", "There is no database '" + std::string(name) + "'"};
}

void remove_files(const std::string& path) {
    for (const char* suffix : {"", "-wal", "-shm", "-journal"}) fs::remove(path + suffix);
    fs::remove(config_path(path));
}

}  // namespace

bool is_database_name(std::string_view name) {
    return !name.empty() && name.size() <= longest_name && name.front() != '-' &&
           std::all_of(name.begin(), name.end(), [](char c) {
               return std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_';
           });
}

Databases::Databases(const std::string& path, std::string default_name, const Shared& shared)
    : default_name_(std::move(default_name)), shared_(shared) {
    if (fs::is_directory(path)) {
        folder_ = fs::absolute(path).string();
        if (default_name_.empty() || fs::exists(path_of(default_name_))) return;
        add(default_name_, true);
    } else {
        file_ = fs::absolute(path).string();
        if (default_name_.empty()) default_name_ = "default";
        add(default_name_, !fs::exists(file_));
    }
}

Databases::~Databases() = default;

/// Empty where there can be none of that name.
std::string Databases::path_of(std::string_view name) const {
    if (!is_folder()) return name == default_name_ ? file_ : std::string();
    if (!is_database_name(name)) return {};
    return (fs::path(folder_) / (std::string(name) + extension)).string();
}

std::shared_ptr<Database> Databases::add(std::string_view name, bool create) {
    auto database = std::make_shared<Database>(std::string(name), path_of(name), shared_, create,
                                               configured_locked(name)->config);
    open_[std::string(name)] = {database};
    return database;
}

std::shared_ptr<Database> Databases::find(std::string_view name) {
    const std::lock_guard lock(mutex_);
    const auto found = open_.find(name);
    if (found != open_.end()) {
        found->second.asked_for = Clock::now();
        return found->second.database;
    }
    return fs::exists(path_of(name)) ? add(name, false) : nullptr;
}

Databases::Configured Databases::configured_locked(std::string_view name) {
    const auto found = configured_.find(name);
    if (found != configured_.end()) return found->second;
    const std::string path = path_of(name);
    if (!fs::exists(path)) return default_;
    Configured read =
        std::make_shared<const ConfiguredDatabase>(read_database_config(config_path(path)));
    configured_.emplace(name, read);
    return read;
}

std::shared_ptr<const ConfiguredDatabase> Databases::configured(std::string_view name) {
    const std::lock_guard lock(mutex_);
    return configured_locked(name);
}

void Databases::require_there(std::string_view name) const {
    if (!fs::exists(path_of(name))) throw unknown(name);
}

void Databases::configure(std::string_view name, const DatabaseConfig& config) {
    const std::lock_guard lock(mutex_);
    require_there(name);
    auto configured = std::make_shared<const ConfiguredDatabase>(config);
    write_database_config(config_path(path_of(name)), config);
    configured_[std::string(name)] = std::move(configured);
    const auto found = open_.find(name);
    if (found != open_.end()) found->second.database->configure(config);
}

std::vector<std::string> Databases::names() {
    if (!is_folder()) return {default_name_};
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder_)) {
        const std::string name = entry.path().stem().string();
        if (entry.path().extension() == extension && is_database_name(name)) names.push_back(name);
    }
    std::sort(names.begin(), names.end());
    return names;
}

std::string Databases::require_free(std::string_view name) {
    if (!is_folder()) {
        throw HttpFault(400, "NAMESPACES_DISABLED",
                        "This server serves one file; serve a folder to have several databases");
    }
    if (!is_database_name(name)) {
        throw HttpFault(400, "NAMESPACE_INVALID",
                        "A database is named by letters, digits, - and _, at most 64 of them");
    }
    std::string path = path_of(name);
    if (fs::exists(path)) {
        throw HttpFault(400, "NAMESPACE_EXISTS",
                        "There is a database '" + std::string(name) + "' already");
    }
    return path;
}

// The configuration first: a database without its limits must not be there.
void Databases::create(std::string_view name, const DatabaseConfig& config) {
    const std::lock_guard lock(mutex_);
    const std::string path = require_free(name);
    configured_.erase(std::string(name));
    remove_files(path);
    if (config != DatabaseConfig()) {
        configured_[std::string(name)] = std::make_shared<const ConfiguredDatabase>(config);
        write_database_config(config_path(path), config);
    }
    add(name, true);
}

// VACUUM INTO reads one state of the file, whoever writes it meanwhile. The copy gets its name when
// it is complete.
void Databases::fork(std::string_view from, std::string_view to) {
    const auto source = find(from);
    if (!source) throw unknown(from);
    const std::lock_guard lock(mutex_);
    const std::string path = require_free(to);
    const std::string unfinished = path + ".new";
    remove_files(unfinished);
    Connection connection(source->path());
    connection.execute("VACUUM INTO ?1", {unfinished});
    const DatabaseConfig config = configured_locked(from)->config;
    if (config != DatabaseConfig()) write_database_config(config_path(path), config);
    fs::rename(unfinished, path);
}

void Databases::remove(std::string_view name) {
    const std::lock_guard lock(mutex_);
    if (!is_folder() || !fs::exists(path_of(name))) throw unknown(name);
    const auto found = open_.find(name);
    if (found != open_.end()) {
        found->second.database->retire();
        open_.erase(found);
    }
    configured_.erase(std::string(name));
    remove_files(path_of(name));
}

std::vector<std::shared_ptr<Database>> Databases::open() {
    const std::lock_guard lock(mutex_);
    std::vector<std::shared_ptr<Database>> all;
    for (const auto& [name, each] : open_) all.push_back(each.database);
    return all;
}

void Databases::sweep() {
    for (const auto& database : open()) database->sweep();
    if (shared_.limits.database_idle_ms > 0) close_idle();
}

// Nobody can get at a database meanwhile that only the map has.
void Databases::close_idle() {
    const auto limit = Clock::now() - std::chrono::milliseconds(shared_.limits.database_idle_ms);
    std::vector<std::shared_ptr<Database>> idle;
    {
        const std::lock_guard lock(mutex_);
        std::erase_if(open_, [&](const auto& each) {
            const Open& open = each.second;
            if (open.asked_for > limit || open.database.use_count() > 1) return false;
            idle.push_back(open.database);
            return true;
        });
    }
    for (const auto& database : idle) {
        database->close();
        shared_.log.debug("database closed", {{"database", database->name()}});
    }
}

void Databases::close() {
    for (const auto& database : open()) database->close();
    const std::lock_guard lock(mutex_);
    open_.clear();
}

}  // namespace tidemark::server
