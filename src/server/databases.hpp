#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "server/database.hpp"

namespace tidemark::server {

/// The databases that are served: one file, or every NAME.db of a folder. A file is opened when it
/// is asked for, and closed when nobody has used it for long. Any thread may call it.
class Databases {
public:
    /// `path` is a folder, or a file, which is created where it is not there. In a folder, so is
    /// the default database, unless its name is empty. Throws Error.
    Databases(const std::string& path, std::string default_name, const Shared& shared);
    ~Databases();

    bool is_folder() const { return !folder_.empty(); }
    const std::string& default_name() const { return default_name_; }

    /// Null where there is no database of that name.
    std::shared_ptr<Database> find(std::string_view name);
    std::vector<std::string> names();

    /// What is said about a database of that name, or would be said of one. Opens nothing.
    std::shared_ptr<const ConfiguredDatabase> configured(std::string_view name);
    /// Throws HttpFault{404}, or Error where it cannot be kept.
    void configure(std::string_view name, const DatabaseConfig& config);

    /// Each throws HttpFault: 400 where it is there already, cannot be, or the name is no name; 404
    /// where it is not there.
    void create(std::string_view name, const DatabaseConfig& config);
    void fork(std::string_view from, std::string_view to);
    /// Its file is gone, and its streams are told so at their next request.
    void remove(std::string_view name);

    std::vector<std::shared_ptr<Database>> open();
    void sweep();
    void close();

private:
    using Clock = std::chrono::steady_clock;
    struct Open {
        std::shared_ptr<Database> database;
        Clock::time_point asked_for = Clock::now();
    };

    using Configured = std::shared_ptr<const ConfiguredDatabase>;

    std::string path_of(std::string_view name) const;
    void require_there(std::string_view name) const;
    Configured configured_locked(std::string_view name);
    std::string require_free(std::string_view name);
    std::shared_ptr<Database> add(std::string_view name, bool create);
    void close_idle();

    std::string folder_;  ///< empty: one file
    std::string file_;
    std::string default_name_;
    const Shared shared_;

    std::mutex mutex_;
    std::map<std::string, Open, std::less<>> open_;
    std::map<std::string, Configured, std::less<>> configured_;
    const Configured default_ = std::make_shared<const ConfiguredDatabase>(DatabaseConfig());
};

/// Letters, digits, - and _, at most 64, no - in front: nothing that could leave a folder.
bool is_database_name(std::string_view name);

}  // namespace tidemark::server
