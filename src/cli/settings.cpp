#include "cli/settings.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>

#include <toml++/toml.h>
#include <tidemark/error.hpp>

#include "base/private_file.hpp"
#include "base/text.hpp"
#include "base/tuning.hpp"
#include "base/user_folder.hpp"
#include "cli/usage.hpp"

namespace tidemark::cli {
namespace {

using Kind = Setting::Kind;

constexpr std::int64_t day_s = 86'400;
constexpr std::int64_t any = 1'000'000'000'000'000;

std::vector<std::string> names() {
    std::vector<std::string> out;
    for (const Setting& each : all_settings()) out.emplace_back(each.name);
    return out;
}

Error no_such_setting(const std::string& name, const std::string& where) {
    const std::string meant = nearest(name, names());
    return {ErrorCode::usage, fmt::format("there is no setting '{}'{}", name, where),
            meant.empty()
                ? "'tidemark config list' shows them all."
                : fmt::format("Did you mean '{}'? 'tidemark config list' shows them all.", meant)};
}

std::string read_text(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

toml::table parse(const std::string& text, const std::string& path) {
    try {
        return toml::parse(text, path);
    } catch (const toml::parse_error& error) {
        throw Error(
            ErrorCode::usage,
            fmt::format("{} line {}: {}", path, error.source().begin.line, error.description()),
            "Correct that line; nothing was changed.");
    }
}

void check_names(const toml::table& table, const std::string& prefix, const std::string& path) {
    for (const auto& [key, node] : table) {
        const std::string name = prefix + std::string(key.str());
        if (const toml::table* inner = node.as_table()) {
            check_names(*inner, name + ".", path);
        } else {
            const std::vector<std::string> known = names();
            if (std::find(known.begin(), known.end(), name) == known.end()) {
                throw no_such_setting(name,
                                      fmt::format(" ({} line {})", path, key.source().begin.line));
            }
        }
    }
}

std::optional<std::string> text_of(toml::node_view<const toml::node> node) {
    if (const auto* text = node.as_string()) return text->get();
    if (const auto* number = node.as_integer()) return std::to_string(number->get());
    if (const auto* flag = node.as_boolean()) return flag->get() ? "true" : "false";
    return std::nullopt;
}

std::string toml_value(const Setting& setting, const std::string& value) {
    if (setting.kind != Kind::text) return value;
    std::ostringstream out;
    out << toml::value<std::string>(value);
    return out.str();
}

/// The text before and after what stands between two places of the file; columns count characters.
struct Cut {
    std::size_t begin;
    std::size_t end;
};

std::size_t offset_of(const std::string& text, const toml::source_position& position) {
    std::size_t at = 0;
    for (toml::source_index line = 1; line < position.line; ++line) at = text.find('\n', at) + 1;
    for (toml::source_index column = 1; column < position.column && at < text.size(); ++column) {
        ++at;
        while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80) ++at;
    }
    return at;
}

std::size_t end_of_line(const std::string& text, std::size_t at) {
    const std::size_t end = text.find('\n', at);
    return end == std::string::npos ? text.size() : end + 1;
}

std::string section_of(const Setting& setting) {
    const std::string_view name = setting.name;
    const std::size_t dot = name.find('.');
    return dot == name.npos ? "" : std::string(name.substr(0, dot));
}

std::string key_of(const Setting& setting) {
    const std::string_view name = setting.name;
    return std::string(name.substr(name.rfind('.') == name.npos ? 0 : name.rfind('.') + 1));
}

/// Where a new key belongs: after the last key of its section, or before the first section.
std::size_t place_for(const std::string& text, const toml::table& table, const Setting& setting) {
    const std::string section = section_of(setting);
    const toml::table* owner = section.empty() ? &table : table[section].as_table();
    if (owner == nullptr) return std::string::npos;
    std::optional<std::size_t> last;
    for (const auto& [key, node] : *owner) {
        if (node.is_table()) continue;
        last = std::max(last.value_or(0), end_of_line(text, offset_of(text, node.source().end)));
    }
    if (last) return *last;
    if (section.empty()) return 0;
    return end_of_line(text, offset_of(text, owner->source().begin));
}

/// What --set gave for this run.
std::map<std::string, std::string>& given_settings() {
    static std::map<std::string, std::string> given;
    return given;
}

}  // namespace

void give_setting(const std::string& assignment) {
    const std::size_t equals = assignment.find('=');
    if (equals == std::string::npos) {
        throw Error(ErrorCode::usage, fmt::format("--set cannot be '{}'", assignment),
                    "Write --set NAME=VALUE.");
    }
    const Setting& setting = setting_named(assignment.substr(0, equals));
    given_settings()[setting.name] = setting.checked(assignment.substr(equals + 1));
}

const std::vector<Setting>& all_settings() {
    static const std::vector<Setting> settings = {
        {"url", Kind::text, "", "The primary that 'attach' and 'clone' take where none is named",
         "TURSO_DATABASE_URL"},
        {"device", Kind::text, "", "This device's name; default: the host's name", ""},
        {"policy", Kind::text, "newest",
         "Who wins where both sides edited a value: newest, primary, replica or column:NAME", ""},
        {"sync.at_start", Kind::yes_no, "true", "'watch' syncs when it starts", "", 0, 0, true},
        {"sync.after_writes", Kind::yes_no, "true",
         "'watch' syncs after any program wrote the database", "", 0, 0, true},
        {"sync.quiet_ms", Kind::number, "100",
         "'watch' waits until nothing was written for that long", "", 0, 60'000, true},
        {"sync.interval", Kind::number, "30", "'watch' syncs every so many seconds; 0: never", "",
         0, day_s, true},
        {"sync.on_close", Kind::yes_no, "true", "'watch' syncs once more when it ends", "", 0, 0,
         true},
        {"sync.batch_rows", Kind::number, "1000",
         "Rows on their way to or from a primary at one time", "", tuning::least_batch_rows,
         tuning::most_batch_rows, true},
        {"sync.batch_bytes", Kind::number, "1000000",
         "Bytes on their way to or from a primary at one time, about", "",
         tuning::least_batch_bytes, tuning::most_batch_bytes, true},
        {"network.connections", Kind::number, "10", "Connections to servers at one time", "", 1,
         1'000},
        {"network.idle", Kind::number, "300", "Seconds until an unused connection is closed", "", 0,
         day_s},
        {"network.retries", Kind::number, "3", "How often a request is sent again", "", 0, 100},
        {"network.patience", Kind::number, "60",
         "Seconds in which all tries of a request must begin", "", 0, day_s},
        {"network.connect_timeout", Kind::number, "10", "Seconds to wait for a connection", "", 1,
         day_s},
        {"network.silence_timeout", Kind::number, "60",
         "Seconds without a byte until a connection counts as dead", "", 1, day_s},
        {"network.timeout", Kind::number, "600", "Seconds that one request may take", "", 1, day_s},
        {"usage.plan", Kind::text, "",
         "The plan that usage is measured against: turso-free, or none for your own limits", ""},
        {"usage.rows_read", Kind::number, "", "Rows that may be read in a month", "", 0, any},
        {"usage.rows_written", Kind::number, "", "Rows that may be written in a month", "", 0, any},
        {"usage.storage_bytes", Kind::number, "", "Bytes that the primary may hold", "", 0, any},
    };
    return settings;
}

const Setting& setting_named(const std::string& name) {
    for (const Setting& each : all_settings()) {
        if (name == each.name) return each;
    }
    throw no_such_setting(name, "");
}

std::string Setting::variable() const {
    std::string out = "TIDEMARK_";
    for (const char* c = name; *c != '\0'; ++c) {
        out += *c == '.' ? '_' : (*c >= 'a' && *c <= 'z') ? char(*c - 'a' + 'A') : *c;
    }
    return out;
}

std::string Setting::checked(const std::string& value) const {
    if (kind == Kind::text) return value;
    if (kind == Kind::yes_no) {
        const std::string word = lower(value);
        if (word == "true" || word == "yes" || word == "on" || word == "1") return "true";
        if (word == "false" || word == "no" || word == "off" || word == "0") return "false";
        throw Error(ErrorCode::usage, fmt::format("{} cannot be '{}'", name, value),
                    "It is true or false.");
    }
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error != std::errc() || end != value.data() + value.size() || number < least ||
        number > most) {
        throw Error(ErrorCode::usage, fmt::format("{} cannot be '{}'", name, value),
                    fmt::format("It is a number from {} to {}.", least, most));
    }
    return std::to_string(number);
}

SettingsFile SettingsFile::of_user() { return SettingsFile(config_folder() + "/config.toml"); }

std::optional<std::string> SettingsFile::get(const std::string& name) const {
    const toml::table table = parse(read_text(path_), path_);
    check_names(table, "", path_);
    const auto node = table.at_path(name);
    if (!node) return std::nullopt;
    const std::optional<std::string> text = text_of(node);
    if (!text) {
        throw Error(ErrorCode::usage,
                    fmt::format("{} line {}: '{}' is no plain value", path_,
                                node.node()->source().begin.line, name),
                    "It is a text, a number, or true or false.");
    }
    return text;
}

void SettingsFile::set(const Setting& setting, const std::string& value) const {
    const std::string checked = setting.checked(value);
    std::string text = read_text(path_);
    const toml::table table = parse(text, path_);
    check_names(table, "", path_);
    const std::string written = toml_value(setting, checked);
    if (const auto node = table.at_path(setting.name)) {
        const auto& source = node.node()->source();
        const Cut cut{offset_of(text, source.begin), offset_of(text, source.end)};
        text.replace(cut.begin, cut.end - cut.begin, written);
    } else {
        std::string line = fmt::format("{} = {}\n", key_of(setting), written);
        std::size_t at = place_for(text, table, setting);
        if (at == std::string::npos) {
            if (!text.empty() && !text.ends_with('\n')) text += '\n';
            text += fmt::format("{}[{}]\n", text.empty() ? "" : "\n", section_of(setting));
            at = text.size();
        } else if (at > 0 && text[at - 1] != '\n') {
            line = "\n" + line;
        } else if (at == 0 && text.starts_with('[')) {
            line += '\n';
        }
        text.insert(at, line);
    }
    const auto again = parse(text, path_);
    if (text_of(again.at_path(setting.name)) != checked) {
        throw Error(ErrorCode::failed, fmt::format("{} could not be changed in place", path_),
                    fmt::format("Set {} = {} there by hand.", setting.name, written));
    }
    write_private(path_, text);
}

bool SettingsFile::unset(const Setting& setting) const {
    std::string text = read_text(path_);
    const toml::table table = parse(text, path_);
    const auto node = table.at_path(setting.name);
    if (!node) return false;
    const std::size_t value = offset_of(text, node.node()->source().begin);
    const std::size_t begin = value == 0 ? 0 : text.rfind('\n', value - 1) + 1;
    text.erase(begin, end_of_line(text, value) - begin);
    if (parse(text, path_).at_path(setting.name)) {
        throw Error(ErrorCode::failed, fmt::format("{} could not be changed in place", path_),
                    fmt::format("Remove {} there by hand.", setting.name));
    }
    write_private(path_, text);
    return true;
}

Found find_setting(
    const Setting& setting, const SettingsFile& file,
    const std::function<std::optional<std::string>(const std::string& name)>& database) {
    const auto given = given_settings().find(setting.name);
    if (given != given_settings().end()) return {given->second, "--set"};
    for (const std::string& variable : {setting.variable(), std::string(setting.alias)}) {
        const char* value = variable.empty() ? nullptr : std::getenv(variable.c_str());
        if (value != nullptr && *value != '\0') return {setting.checked(value), variable};
    }
    if (database && setting.per_database) {
        if (const auto value = database(setting.name)) {
            return {setting.checked(*value), "the database"};
        }
    }
    if (const auto value = file.get(setting.name)) {
        return {setting.checked(*value), file.path()};
    }
    return {setting.standard, "default"};
}

NetworkOptions network_settings() {
    const SettingsFile file = SettingsFile::of_user();
    const auto number = [&](const char* name) {
        return std::stoll(find_setting(setting_named(name), file).value);
    };
    NetworkOptions options;
    options.connections = number("network.connections");
    options.idle_ms = number("network.idle") * 1000;
    options.retries = number("network.retries");
    options.patience_ms = number("network.patience") * 1000;
    options.connect_timeout_ms = number("network.connect_timeout") * 1000;
    options.silence_timeout_ms = number("network.silence_timeout") * 1000;
    options.request_timeout_ms = number("network.timeout") * 1000;
    return options;
}

std::string setting(const std::string& name) {
    return find_setting(setting_named(name), SettingsFile::of_user()).value;
}

}  // namespace tidemark::cli
