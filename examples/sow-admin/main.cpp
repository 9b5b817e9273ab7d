#include <fmt/format.h>

#include <cstdio>

#include "common/private_file.hpp"
#include "sow-admin/commands.hpp"

namespace {

constexpr const char* footer = R"(
Environment:
  SOW_TURSO_AUTH_TOKEN  the token for the database behind turso_database_url

Exit codes: 1 it failed, 2 wrong usage.)";

int fail(const std::string& message, const std::string& hint = {}) {
    fmt::print(stderr, "{}\n", message);
    if (!hint.empty()) fmt::print(stderr, "  {}\n", hint);
    return 1;
}

}  // namespace

int main(int argc, char** argv) {
    examples::forbid_core_files();
    CLI::App app("Songs and recordings of a church, for whoever keeps the catalogue", "sow-admin");
    app.footer(footer);
    app.set_version_flag("--version", tidemark::version());
    app.require_subcommand(1);
    app.fallthrough();
    std::string config_path;
    app.add_option("--config,-c", config_path,
                   "The settings' file; ~/.config/sow-admin/config.toml without it");
    // Commands run when all is parsed, so the default can be filled in before.
    app.parse_complete_callback([&] {
        if (config_path.empty()) config_path = sow_admin::AdminConfig::default_path();
    });
    sow_admin::add_db_commands(app, config_path);
    sow_admin::add_config_commands(app, config_path);
    sow_admin::add_catalog_commands(app, config_path);
    try {
        app.parse(argc, argv);
        return 0;
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    } catch (const tidemark::Error& error) {
        return fail(error.message(), error.hint());
    } catch (const std::exception& error) {
        return fail(error.what());
    }
}
