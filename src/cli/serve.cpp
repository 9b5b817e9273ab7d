#include <fmt/format.h>
#include <signal.h>
#include <sys/resource.h>

#include <map>
#include <memory>
#include <string>

#include "cli/commands.hpp"
#include "server/server.hpp"
#include "server/settings.hpp"

namespace tidemark::cli {
namespace {

struct Arguments {
    std::map<std::string, std::string> given;  ///< by the setting's name
    std::string config;
    bool check_only = false;
};

/// The signals that end a server, and the one that has it read its TLS files again. They are
/// blocked before any thread begins, so that only wait() sees them.
class Signals {
public:
    Signals() {
        sigemptyset(&set_);
        for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&set_, signal);
        pthread_sigmask(SIG_BLOCK, &set_, nullptr);
        ::signal(SIGPIPE, SIG_IGN);
    }
    int wait() {
        int signal = 0;
        sigwait(&set_, &signal);
        return signal;
    }

private:
    sigset_t set_{};
};

/// Each connection takes a descriptor, and the usual limit of 1,024 is meant for programs that know
/// only select().
void raise_descriptor_limit() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

void tell(const server::Server& server, const Session& session) {
    const auto addresses = server.addresses();
    const boost::json::object object{
        {"url", addresses.url},
        {"admin_url",
         addresses.admin.empty() ? boost::json::value() : boost::json::value(addresses.admin)},
    };
    std::string text = fmt::format("Listening at {}\n", addresses.url);
    if (!addresses.admin.empty()) text += fmt::format("Admin at {}\n", addresses.admin);
    session.give(object, text);
    session.warn(server.warnings());
}

void serve(const Arguments& arguments, const Session& session) {
    std::map<std::string, std::string> file;
    if (!arguments.config.empty()) file = server::read_config(arguments.config);
    const server::Options options = server::options_of(arguments.given, file);
    if (options.path.empty()) {
        throw Error(ErrorCode::usage, "no database was named",
                    "Usage: tidemark serve PATH [OPTIONS]");
    }
    if (arguments.check_only) {
        server::check(options);
        return session.give({{"ok", true}}, "The configuration is good.\n");
    }
    Signals signals;
    raise_descriptor_limit();
    server::Server server(options);
    server.start();
    tell(server, session);
    while (signals.wait() == SIGHUP) server.reload();
    server.stop();
}

}  // namespace

void add_serve(CLI::App& root, Session& session) {
    auto arguments = std::make_shared<Arguments>();
    CLI::App* command =
        root.add_subcommand("serve", "Serve a database, or a folder of them, to libSQL clients");
    const auto keep = [&](const char* name) {
        return [arguments, name](const std::string& value) { arguments->given[name] = value; };
    };
    command->add_option_function<std::string>("PATH", keep("path"),
                                              "A database file, or a folder of them");
    command->add_option("--config", arguments->config, "Read settings from this file, TOML")
        ->type_name("FILE");
    command->add_flag("--check-config", arguments->check_only,
                      "Only say whether the configuration is good");
    for (const server::Setting& setting : server::all_settings()) {
        CLI::Option* option = command->add_option_function<std::string>(
            std::string("--") + setting.name, keep(setting.name), setting.meaning);
        if (!setting.is_flag()) {
            option->type_name(setting.form);
        } else {
            option->type_name("")->expected(0, 1)->default_str("true");
        }
    }
    command->footer(
        "Examples:\n  tidemark serve notes.db\n  tidemark serve databases/ --listen "
        "0.0.0.0:8080 --auth-jwt-key key.pub");
    command->callback([arguments, &session] { serve(*arguments, session); });
}

}  // namespace tidemark::cli
