#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <tidemark/network.hpp>

/// What a user has set for all databases. A flag beats the environment, the environment beats what
/// a database says for itself, and that beats the configuration file.
namespace tidemark::cli {

struct Setting {
    enum class Kind { text, number, yes_no };
    const char* name;
    Kind kind;
    const char* standard;  ///< what holds where nobody has set it; empty: nothing
    const char* meaning;
    const char* alias;  ///< another program's variable that is understood too; empty: none
    std::int64_t least = 0;
    std::int64_t most = 0;
    bool per_database = false;  ///< a database may have a value of its own

    /// "TIDEMARK_SYNC_INTERVAL" for sync.interval.
    std::string variable() const;
    /// Throws Error{usage} where `value` is none for this setting; otherwise its usual spelling.
    std::string checked(const std::string& value) const;
};

const std::vector<Setting>& all_settings();
/// "NAME=VALUE", for this run: it beats everything else. Throws Error{usage}. Before any thread.
void give_setting(const std::string& assignment);
/// Throws Error{usage} with the nearest name where there is none of this name.
const Setting& setting_named(const std::string& name);

/// The configuration file. Comments, order and layout of what is not changed stay as they are.
class SettingsFile {
public:
    explicit SettingsFile(std::string path) : path_(std::move(path)) {}
    static SettingsFile of_user();

    /// As text, whatever its type in the file. Throws Error{usage} where the file is no TOML, or
    /// holds a name that no setting has.
    std::optional<std::string> get(const std::string& name) const;
    void set(const Setting& setting, const std::string& value) const;
    /// Returns whether it was set.
    bool unset(const Setting& setting) const;

    const std::string& path() const { return path_; }

private:
    std::string path_;
};

struct Found {
    std::string value;   ///< empty: there is none
    std::string source;  ///< "default", a variable's name, a path
};

/// What holds for `setting`. `database` is asked for a value of its own; it may be empty.
Found find_setting(
    const Setting& setting, const SettingsFile& file,
    const std::function<std::optional<std::string>(const std::string& name)>& database = {});

/// The settings that begin with network.
NetworkOptions network_settings();

/// The same for the user's own file, by name.
std::string setting(const std::string& name);

}  // namespace tidemark::cli
