#include "server/database_config.hpp"

#include <charconv>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <tidemark/error.hpp>

#include "base/private_file.hpp"
#include "base/text.hpp"
#include "server/fault.hpp"

namespace tidemark::server {
namespace {

namespace json = boost::json;

[[noreturn]] void refuse(std::string_view name, const char* wanted) {
    throw HttpFault(400, "OPTION_INVALID", "`" + std::string(name) + "` must be " + wanted);
}

bool yes(std::string_view name, const json::value& value) {
    if (!value.is_bool()) refuse(name, "true or false");
    return value.get_bool();
}

std::string text(std::string_view name, const json::value& value) {
    if (value.is_null()) return {};
    if (!value.is_string()) refuse(name, "text or null");
    return std::string(value.get_string());
}

struct Unit {
    std::string_view name;
    double bytes;
};
constexpr Unit units[] = {
    {"", 1},      {"B", 1},     {"KB", 1e3},     {"MB", 1e6},        {"GB", 1e9},
    {"TB", 1e12}, {"PB", 1e15}, {"KiB", 1024.0}, {"MiB", 1048576.0}, {"GiB", 1073741824.0},
};

/// A number of bytes, or text such as "1.5 GB".
std::int64_t size(std::string_view name, const json::value& value) {
    constexpr const char* wanted = "a number of bytes, or such as \"500 MB\"";
    if (value.is_int64() && value.get_int64() >= 0) return value.get_int64();
    if (!value.is_string()) refuse(name, wanted);
    const std::string given(value.get_string());
    double number = 0;
    const char* end = given.data() + given.size();
    auto [rest, error] = std::from_chars(given.data(), end, number);
    if (error != std::errc() || number < 0) refuse(name, wanted);
    while (rest != end && *rest == ' ') ++rest;
    const std::string_view unit(rest, static_cast<std::size_t>(end - rest));
    for (const Unit& each : units) {
        const double bytes = number * each.bytes;
        if (same_name(unit, each.name) && bytes < 9e18) return std::llround(bytes);
    }
    refuse(name, wanted);
}

std::int64_t seconds(std::string_view name, const json::value& value) {
    if (value.is_null()) return 0;
    constexpr std::int64_t most = 1'000'000;
    if (!value.is_int64() || value.get_int64() < 1 || value.get_int64() > most) {
        refuse(name, "a number of seconds or null");
    }
    return value.get_int64();
}

void change(DatabaseConfig& config, std::string_view name, const json::value& value) {
    if (name == "block_reads") {
        config.block_reads = yes(name, value);
    } else if (name == "block_writes") {
        config.block_writes = yes(name, value);
    } else if (name == "block_reason") {
        config.block_reason = text(name, value);
    } else if (name == "jwt_key") {
        config.jwt_key = text(name, value);
    } else if (name == "max_db_size") {
        if (!value.is_null()) config.most_bytes = size(name, value);
    } else if (name == "txn_timeout_s") {
        config.write_idle_ms = seconds(name, value) * 1'000;
    } else if (name == "durability_mode") {
        if (!value.is_null() && value != "strong") refuse(name, "strong: each commit is durable");
    } else if (!value.is_null() && value != false) {
        throw HttpFault(400, "OPTION_UNKNOWN",
                        "The option '" + std::string(name) + "' is not known here");
    }
}

}  // namespace

ConfiguredDatabase::ConfiguredDatabase(DatabaseConfig with) : config(std::move(with)) {
    if (!config.jwt_key.empty()) verifier.emplace(config.jwt_key);
}

json::object json_of(const DatabaseConfig& config) {
    const auto or_null = [](bool said, json::value value) { return said ? value : json::value(); };
    return {
        {"block_reads", config.block_reads},
        {"block_writes", config.block_writes},
        {"block_reason", or_null(!config.block_reason.empty(), json::string(config.block_reason))},
        {"max_db_size",
         or_null(config.most_bytes > 0, json::string(std::to_string(config.most_bytes) + " B"))},
        {"heartbeat_url", nullptr},
        {"jwt_key", or_null(!config.jwt_key.empty(), json::string(config.jwt_key))},
        {"allow_attach", false},
        {"txn_timeout_s", or_null(config.write_idle_ms > 0, config.write_idle_ms / 1'000)},
        {"durability_mode", "strong"},
    };
}

DatabaseConfig changed(DatabaseConfig config, const json::object& body) {
    for (const auto& [name, value] : body) change(config, name, value);
    try {
        const ConfiguredDatabase tried(config);
    } catch (const Error& error) {
        throw HttpFault(400, "OPTION_INVALID", "`jwt_key`: " + error.message());
    }
    return config;
}

std::string config_path(const std::string& path) { return path + "-config.json"; }

DatabaseConfig read_database_config(const std::string& file) {
    if (!std::filesystem::exists(file)) return {};
    std::ifstream in(file, std::ios::binary);
    const std::string content{std::istreambuf_iterator<char>(in), {}};
    try {
        boost::system::error_code error;
        const json::value value = json::parse(content, error);
        if (!in || error || !value.is_object()) throw HttpFault(400, "", "it is no JSON object");
        return changed({}, value.get_object());
    } catch (const HttpFault& fault) {
        throw Error(ErrorCode::failed,
                    "the configuration " + file + " cannot be used: " + fault.error.message,
                    "Mend it, or remove it to have the default.");
    }
}

void write_database_config(const std::string& file, const DatabaseConfig& config) {
    replace_private(file, json::serialize(json_of(config)) + "\n");
}

}  // namespace tidemark::server
