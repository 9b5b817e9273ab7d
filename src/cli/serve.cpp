#include <fmt/format.h>
#include <signal.h>

#include <memory>

#include "cli/commands.hpp"
#include "server/server.hpp"

namespace tidemark::cli {
namespace {

struct Arguments {
    server::Options options;
    std::string listen = "127.0.0.1:8080";
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

void serve(Arguments& arguments, const Session& session) {
    arguments.options.listen = server::Address::parse(arguments.listen);
    if (arguments.check_only) {
        server::check(arguments.options);
        return session.give({{"ok", true}}, "The configuration is good.\n");
    }
    Signals signals;
    server::Server server(arguments.options);
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
    server::Options& options = arguments->options;
    command->add_option("PATH", options.path, "A database file, or a folder of them")->required();
    command->add_option("--listen", arguments->listen, "Where to listen; port 0: any that is free")
        ->type_name("HOST:PORT")
        ->capture_default_str();
    command
        ->add_option("--auth-jwt-key", options.auth_jwt_key_file,
                     "Ask for tokens that were signed for this public key")
        ->type_name("FILE");
    command->add_flag("--read-only", options.read_only, "Let nobody write");
    command->add_flag("--insecure", options.insecure,
                      "Listen beyond this machine without asking for tokens");
    command->add_option("--tls-cert", options.tls_cert, "A certificate with its chain, PEM")
        ->type_name("FILE");
    command->add_option("--tls-key", options.tls_key, "The key of the certificate, PEM")
        ->type_name("FILE");
    command->add_flag("--check-config", arguments->check_only,
                      "Only say whether the configuration is good");
    command->footer(
        "Examples:\n  tidemark serve notes.db\n  tidemark serve databases/ --listen "
        "0.0.0.0:8080 --auth-jwt-key key.pub");
    command->callback([arguments, &session] { serve(*arguments, session); });
}

}  // namespace tidemark::cli
