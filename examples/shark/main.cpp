#include <fmt/format.h>

#include <cstdio>
#include <string_view>

#include <tidemark/tidemark.hpp>

#include "common/private_file.hpp"
#include "shark/commands.hpp"

namespace shark {
namespace {

namespace json = boost::json;

constexpr const char* footer = R"(
Environment:
  SHARK_DB_URL           the cloud database; connected at the first command
  TURSO_AUTH_TOKEN       its token, before the file ~/.shark/turso-token
  SHARK_BACKGROUND_SYNC  off: exchange changes by 'shark cloud sync' alone
  SHARK_SYNC_LOG         1: note each exchange in ~/.shark/sync.log

Exit codes: 1 it failed, 2 wrong usage, 3 the cloud is out of reach, 4 it refuses the token,
5 a choice is needed.)";

int fail(const tidemark::Error& error, bool as_json) {
    if (as_json) {
        const json::object object{{"error", error.message()}, {"hint", error.hint()}};
        fmt::print("{}\n", json::serialize(object));
    } else {
        fmt::print(stderr, "shark: {}\n", error.message());
        if (!error.hint().empty()) fmt::print(stderr, "  {}\n", error.hint());
    }
    return static_cast<int>(error.code());
}

void run(CLI::App& app, int argc, char** argv) {
    Session session;
    app.add_flag("--json", session.json, "Print JSON");
    add_task_commands(app, session);
    add_cloud_commands(app, session);
    app.parse(argc, argv);
}

}  // namespace

void Session::give(const json::object& object, const std::string& text) const {
    fmt::print("{}", json ? json::serialize(object) + "\n" : text);
}

void Session::say(const std::string& text) const { fmt::print(stderr, "{}\n", text); }

}  // namespace shark

int main(int argc, char** argv) {
    examples::forbid_core_files();
    // A clear answer within 10 s, after all tries: the pauses take 7 s, or 8.75 s at the most.
    tidemark::NetworkOptions network;
    network.patience_ms = 10'000;
    network.connect_timeout_ms = 1'250;
    network.silence_timeout_ms = 10'000;
    tidemark::set_network_options(network);
    CLI::App app("Tasks of epics and features, on all of your machines", "shark");
    app.footer(shark::footer);
    app.set_version_flag("--version", tidemark::version());
    app.require_subcommand(1);
    app.fallthrough();
    bool as_json = false;
    for (int i = 1; i < argc; ++i) as_json = as_json || std::string_view(argv[i]) == "--json";
    try {
        shark::run(app, argc, argv);
        return 0;
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : static_cast<int>(tidemark::ErrorCode::usage);
    } catch (const tidemark::Error& error) {
        return shark::fail(error, as_json);
    } catch (const std::exception& error) {
        return shark::fail({tidemark::ErrorCode::failed, error.what()}, as_json);
    }
}
