#include "jdo/settings.hpp"

#include <toml++/toml.h>

#include <filesystem>

#include <boost/json.hpp>
#include <tidemark/error.hpp>

#include "common/private_file.hpp"
#include "common/settings_file.hpp"
#include "common/text.hpp"

namespace jdo {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

using tidemark::Error;
using tidemark::ErrorCode;

json::object read_store(const std::string& path) {
    const auto text = examples::read_private(path);
    if (!text || text->empty()) return {};
    boost::system::error_code error;
    const json::value value = json::parse(*text, error);
    if (!error && value.is_object()) return value.as_object();
    throw Error(ErrorCode::failed, path + " cannot be read: it is no JSON object",
                "Move it away, then run 'jdo sync setup' again.");
}

}  // namespace

Places Places::of_user() {
    const std::string home = examples::home_folder();
    const std::string data = home + "/.local/share/jdo/";
    return {home + "/.config/jdo/settings.toml", data + "auth.json", data + "jdo.db",
            data + "conflicts.log", data + "background.pid"};
}

Settings Settings::load(const std::string& path) {
    Settings settings;
    if (!fs::exists(path)) return settings;
    try {
        const toml::table file = toml::parse_file(path);
        settings.turso_enabled = file["turso_enabled"].value_or(false);
        settings.turso_db_url = file["turso_db_url"].value_or(std::string());
    } catch (const toml::parse_error& error) {
        throw Error(ErrorCode::failed,
                    path + " cannot be read: " + std::string(error.description()),
                    "Correct line " + std::to_string(error.source().begin.line) + ".");
    }
    return settings;
}

void Settings::save(const std::string& path) const {
    examples::save_settings(
        path, {{"", "turso_enabled", turso_enabled}, {"", "turso_db_url", turso_db_url}});
}

std::optional<std::string> AuthStore::token(const std::string& provider) const {
    const json::object store = read_store(path_);
    const json::value* found = store.if_contains(provider);
    if (!found || !found->is_object() || !found->as_object().contains("token")) return std::nullopt;
    return json::value_to<std::string>(found->as_object().at("token"));
}

void AuthStore::save(const std::string& provider, const std::string& token) const {
    json::object store = read_store(path_);
    store[provider] = json::object{{"token", token}};
    examples::write_private(path_, json::serialize(store) + "\n");
}

void AuthStore::remove(const std::string& provider) const {
    json::object store = read_store(path_);
    if (store.erase(provider) == 0) return;
    examples::write_private(path_, json::serialize(store) + "\n");
}

}  // namespace jdo
