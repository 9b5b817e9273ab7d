#include "server/settings.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdlib>
#include <sstream>

#include <toml++/toml.h>
#include <tidemark/error.hpp>

#include "base/text.hpp"

namespace tidemark::server {
namespace {

[[noreturn]] void refuse(const std::string& text, const char* wanted) {
    throw Error(ErrorCode::usage, "'" + text + "' is no " + wanted, {});
}

struct Unit {
    std::string_view name;
    std::int64_t factor;
};

/// "250", or a number and one of the units.
std::int64_t number_with(const std::string& text, std::initializer_list<Unit> units,
                         const char* wanted) {
    std::int64_t number = 0;
    const char* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc() || number < 0) refuse(text, wanted);
    const std::string_view unit(rest, static_cast<std::size_t>(end - rest));
    for (const Unit& each : units) {
        if (!same_name(unit, each.name)) continue;
        if (number > INT64_MAX / each.factor) refuse(text, wanted);
        return number * each.factor;
    }
    refuse(text, wanted);
}

std::size_t bytes(const std::string& text) {
    return static_cast<std::size_t>(
        number_with(text, {{"", 1}, {"K", 1 << 10}, {"M", 1 << 20}, {"G", 1 << 30}},
                    "size: write a number of bytes, or such as 64K, 16M, 1G"));
}

std::int64_t duration_ms(const std::string& text) {
    return number_with(text, {{"ms", 1}, {"s", 1'000}, {"m", 60'000}, {"", 1'000}},
                       "time: write a number of seconds, or such as 500ms, 10s, 5m");
}

std::size_t count(const std::string& text) {
    return static_cast<std::size_t>(number_with(text, {{"", 1}}, "number"));
}

bool yes(const std::string& text) {
    if (same_name(text, "true")) return true;
    if (same_name(text, "false")) return false;
    refuse(text, "answer: write true or false");
}

Log::Level level(const std::string& text) {
    constexpr std::pair<std::string_view, Log::Level> levels[] = {
        {"debug", Log::Level::debug}, {"info", Log::Level::info}, {"warning", Log::Level::warning},
        {"error", Log::Level::error}, {"off", Log::Level::off},
    };
    for (const auto& [name, value] : levels) {
        if (text == name) return value;
    }
    refuse(text, "level: write debug, info, warning, error or off");
}

Setting text_setting(const char* name, const char* form, const char* meaning,
                     std::string Options::*member) {
    return {name, form, meaning,
            [member](Options& options, const std::string& text) { options.*member = text; }};
}

Setting flag(const char* name, const char* meaning, bool Options::*member) {
    return {name, nullptr, meaning,
            [member](Options& options, const std::string& text) { options.*member = yes(text); }};
}

Setting size_limit(const char* name, const char* meaning, std::size_t Limits::*member) {
    return {name, "BYTES", meaning, [member](Options& options, const std::string& text) {
                options.limits.*member = bytes(text);
            }};
}

Setting count_limit(const char* name, const char* meaning, std::size_t Limits::*member) {
    return {name, "N", meaning, [member](Options& options, const std::string& text) {
                options.limits.*member = count(text);
            }};
}

Setting time_limit(const char* name, const char* meaning, std::int64_t Limits::*member) {
    return {name, "TIME", meaning, [member](Options& options, const std::string& text) {
                options.limits.*member = duration_ms(text);
            }};
}

std::vector<Setting> places_and_rights() {
    return {
        {"listen", "HOST:PORT", "Where to listen; port 0: any that is free [127.0.0.1:8080]",
         [](Options& o, const std::string& text) { o.listen = Address::parse(text); }},
        text_setting("admin-listen", "HOST:PORT", "Where to listen for those who make databases",
                     &Options::admin_listen),
        text_setting("admin-key-file", "FILE", "Holds the key that the admin listener asks for",
                     &Options::admin_key_file),
        text_setting("auth-jwt-key", "FILE", "Ask for tokens that were signed for this public key",
                     &Options::auth_jwt_key_file),
        text_setting("tls-cert", "FILE", "A certificate with its chain, PEM", &Options::tls_cert),
        text_setting("tls-key", "FILE", "The key of the certificate, PEM", &Options::tls_key),
        flag("read-only", "Let nobody write", &Options::read_only),
        flag("insecure", "Listen beyond this machine without asking for tokens",
             &Options::insecure),
        text_setting("default-database", "NAME",
                     "Of a folder: what a request gets that names none; empty: nothing [default]",
                     &Options::default_database),
        flag("subdomains", "Of a folder: the first label of the host names the database [true]",
             &Options::subdomains),
        {"sync-interval", "TIME", "How often a served replica syncs, besides after writes [10s]",
         [](Options& o, const std::string& text) { o.sync_interval_ms = duration_ms(text); }},
        {"threads", "N", "Event loops; 0: one for each core [0]",
         [](Options& o, const std::string& text) { o.threads = count(text); }},
        {"log-level", "LEVEL", "debug, info, warning, error or off [info]",
         [](Options& o, const std::string& text) { o.log_level = level(text); }},
        {"log-format", "FORM", "text or json [text]",
         [](Options& o, const std::string& text) {
             if (text != "text" && text != "json") refuse(text, "form: write text or json");
             o.log_json = text == "json";
         }},
    };
}

std::vector<Setting> limits() {
    return {
        size_limit("max-header", "The header of a request [16K]", &Limits::header_bytes),
        size_limit("max-body", "The body of a request [32M]", &Limits::body_bytes),
        size_limit("max-frame", "A WebSocket message [16M]", &Limits::frame_bytes),
        size_limit("max-response", "The values in one answer [10000000]", &Limits::response_bytes),
        count_limit("max-rows", "The rows in one answer; a cursor has no limit [1000000]",
                    &Limits::response_rows),
        size_limit("max-sql", "One SQL text [1000000]", &Limits::sql_bytes),
        count_limit("max-stored-sql", "SQL texts stored by one stream or WebSocket [150]",
                    &Limits::stored_sql),
        size_limit("max-stored-sql-bytes", "One stored SQL text [5000]", &Limits::stored_sql_bytes),
        count_limit("max-connections", "Connections at one time [4096]", &Limits::connections),
        count_limit("max-streams", "HTTP streams open at one time [4096]", &Limits::streams),
        count_limit("max-socket-streams", "Streams of one WebSocket [128]",
                    &Limits::streams_per_socket),
        count_limit("max-waiters", "Requests that wait for news at one time [1024]",
                    &Limits::waiters),
        time_limit("statement-timeout", "Then a statement is interrupted [30s]",
                   &Limits::statement_ms),
        time_limit("busy-timeout", "How long a write waits for its turn [30s]", &Limits::busy_ms),
        time_limit("stream-idle", "Then a stream expires [10s]", &Limits::stream_idle_ms),
        time_limit("write-idle", "The same for a write transaction while others wait [5s]",
                   &Limits::write_idle_ms),
        time_limit("header-timeout", "For the header of a request [10s]", &Limits::header_ms),
        time_limit("body-timeout", "For the body of a request [120s]", &Limits::body_ms),
        time_limit("write-timeout", "For a client to read each 256 KiB of an answer [30s]",
                   &Limits::write_ms),
        time_limit("keep-alive", "Between two requests of a connection [75s]",
                   &Limits::keep_alive_ms),
        time_limit("socket-idle", "Between two messages of a WebSocket [900s]",
                   &Limits::socket_idle_ms),
        time_limit("database-idle", "Then a database that nobody uses is closed; 0: never [600s]",
                   &Limits::database_idle_ms),
        time_limit("shutdown-timeout", "For what is under way when the server stops [10s]",
                   &Limits::shutdown_ms),
        count_limit("group-writes", "Writes that share one commit, at most [512]",
                    &Limits::group_writes),
        count_limit("cached-statements", "Prepared statements kept by a SQLite connection [128]",
                    &Limits::cached_statements),
    };
}

void apply(Options& options, const std::map<std::string, std::string>& values,
           const std::string& source) {
    for (const Setting& setting : all_settings()) {
        const auto found = values.find(setting.name);
        if (found == values.end()) continue;
        try {
            setting.set(options, found->second);
        } catch (const Error& error) {
            throw Error(error.code(), source + setting.name + ": " + error.message(),
                        error.hint().empty() ? "'tidemark serve --help' lists the settings."
                                             : error.hint());
        }
    }
}

}  // namespace

std::string Setting::variable() const {
    std::string variable = std::string("TIDEMARK_SERVE_") + name;
    for (char& c : variable) {
        c = c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    return variable;
}

const std::vector<Setting>& all_settings() {
    static const std::vector<Setting> settings = [] {
        std::vector<Setting> all = places_and_rights();
        for (Setting& setting : limits()) all.push_back(std::move(setting));
        return all;
    }();
    return settings;
}

std::map<std::string, std::string> read_config(const std::string& path) {
    toml::table table;
    try {
        table = toml::parse_file(path);
    } catch (const toml::parse_error& error) {
        throw Error(ErrorCode::usage,
                    "the configuration file " + path + " cannot be read: line " +
                        std::to_string(error.source().begin.line) + ": " +
                        std::string(error.description()),
                    "It holds lines such as: listen = \"127.0.0.1:8080\"");
    }
    std::map<std::string, std::string> values;
    for (const auto& [key, node] : table) {
        const std::string name(key.str());
        const auto& all = all_settings();
        const bool known =
            name == "path" || std::any_of(all.begin(), all.end(),
                                          [&](const Setting& each) { return each.name == name; });
        if (!known || node.is_table() || node.is_array()) {
            throw Error(
                ErrorCode::usage,
                "the configuration file " + path + " sets '" + name + "', which is no setting",
                "'tidemark serve --help' lists the settings.");
        }
        std::ostringstream text;
        if (const auto* string = node.as_string()) {
            text << string->get();
        } else {
            node.visit([&](const auto& value) {
                if constexpr (toml::is_integer<decltype(value)> ||
                              toml::is_boolean<decltype(value)>) {
                    text << std::boolalpha << value.get();
                }
            });
        }
        values[name] = text.str();
    }
    return values;
}

Options options_of(const std::map<std::string, std::string>& command_line,
                   const std::map<std::string, std::string>& file) {
    Options options;
    std::map<std::string, std::string> environment;
    for (const Setting& setting : all_settings()) {
        const char* value = std::getenv(setting.variable().c_str());
        if (value) environment[setting.name] = value;
    }
    const char* key = std::getenv("TIDEMARK_SERVE_AUTH_JWT_KEY_TEXT");
    if (key) options.auth_jwt_key = key;
    const char* admin_key = std::getenv("TIDEMARK_SERVE_ADMIN_KEY");
    if (admin_key) options.admin_key = admin_key;
    apply(options, file, "the configuration file: ");
    apply(options, environment, "the environment: ");
    apply(options, command_line, "--");
    for (const auto* values : {&file, &command_line}) {
        const auto path = values->find("path");
        if (path != values->end()) options.path = path->second;
    }
    return options;
}

}  // namespace tidemark::server
