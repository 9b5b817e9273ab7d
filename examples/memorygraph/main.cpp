#include <fmt/format.h>

#include <cstdio>

#include <boost/json/serialize.hpp>

#include "common/private_file.hpp"
#include "memorygraph/commands.hpp"
#include "memorygraph/json_view.hpp"
#include "memorygraph/version.hpp"

namespace {

constexpr const char* environment = R"(
Environment:
  MEMORY_BACKEND              turso, or sqlite (the default)
  MEMORY_SQLITE_PATH          the file of sqlite; ~/.memorygraph/memory.db
  MEMORY_TURSO_PATH           the file of turso; ~/.memorygraph/memory.db
  TURSO_DATABASE_URL          the primary; without it nothing is synced
  TURSO_AUTH_TOKEN            the token that it takes
  MEMORY_TURSO_AUTO_SYNC      true (the default) or false
  MEMORY_TURSO_SYNC_INTERVAL  seconds between syncs of 'memorygraph mcp'; 300)";

int fail(const tidemark::Error& error, bool json) {
    if (json) {
        fmt::print("{}\n", boost::json::serialize(memorygraph::to_json(error)));
    } else {
        fmt::print(stderr, "memorygraph: {}\n", error.message());
        if (!error.hint().empty()) fmt::print(stderr, "  {}\n", error.hint());
    }
    return static_cast<int>(error.code());
}

}  // namespace

int main(int argc, char** argv) {
    examples::forbid_core_files();
    bool json = false;  // known before anything can fail
    for (int i = 1; i < argc; ++i) json = json || std::string_view(argv[i]) == "--json";
    try {
        memorygraph::Session session;
        CLI::App app("A graph memory in a SQLite file, in step across devices", "memorygraph");
        app.footer(environment);
        app.set_version_flag("--version", memorygraph::version);
        app.add_flag("--json", session.json, "Print JSON");
        app.add_flag("--verbose,-v", session.verbose, "Say what is being done");
        app.require_subcommand(0, 1);
        app.fallthrough();
        memorygraph::add_memory_commands(app, session);
        memorygraph::add_graph_commands(app, session);
        memorygraph::add_sync_commands(app, session);
        memorygraph::add_bench_command(app, session);
        try {
            app.parse(argc, argv);
            if (app.get_subcommands().empty()) throw CLI::CallForHelp();
        } catch (const CLI::ParseError& error) {
            return app.exit(error) == 0 ? 0 : static_cast<int>(tidemark::ErrorCode::usage);
        }
        session.close();
        return 0;
    } catch (const tidemark::Error& error) {
        return fail(error, json);
    } catch (const std::exception& error) {
        return fail(tidemark::Error(tidemark::ErrorCode::failed, error.what()), json);
    }
}
