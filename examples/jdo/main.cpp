#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include <tidemark/tidemark.hpp>

#include "common/private_file.hpp"
#include "jdo/commands.hpp"

namespace jdo {
namespace {

constexpr const char* footer = R"(
Without a command, jdo reads commands at a prompt.

Environment:
  JDO_BACKGROUND_SYNC  off: sync by 'jdo sync now' alone

Exit codes: 1 it failed, 2 wrong usage, 3 the cloud is out of reach, 4 it refuses the token,
5 a choice is needed.)";

int fail(const tidemark::Error& error) {
    fmt::print(stderr, "jdo: {}\n", error.message());
    if (!error.hint().empty()) fmt::print(stderr, "  {}\n", error.hint());
    return static_cast<int>(error.code());
}

}  // namespace

std::unique_ptr<CLI::App> command_line(Session& session) {
    auto app = std::make_unique<CLI::App>("Goals, commitments and tasks", "jdo");
    app->footer(footer);
    app->set_version_flag("--version", tidemark::version());
    app->require_subcommand(0, 1);
    add_item_commands(*app, session);
    add_sync_commands(*app, session);
    return app;
}

int run_command(Session& session, std::vector<std::string> arguments) {
    const auto app = command_line(session);
    std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants them
    try {
        app->parse(std::move(arguments));
        if (app->get_subcommands().empty()) run_repl(session);
        return 0;
    } catch (const CLI::ParseError& error) {
        return app->exit(error) == 0 ? 0 : static_cast<int>(tidemark::ErrorCode::usage);
    } catch (const tidemark::Error& error) {
        return fail(error);
    } catch (const std::exception& error) {
        return fail({tidemark::ErrorCode::failed, error.what()});
    }
}

}  // namespace jdo

int main(int argc, char** argv) {
    examples::forbid_core_files();
    try {
        jdo::Session session;
        return jdo::run_command(session, {argv + 1, argv + argc});
    } catch (const tidemark::Error& error) {
        return jdo::fail(error);
    }
}
