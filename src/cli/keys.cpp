#include <fmt/format.h>

#include <filesystem>
#include <memory>

#include "auth/ed25519.hpp"
#include "base/private_file.hpp"
#include "cli/commands.hpp"
#include "cli/json.hpp"
#include "cli/printable.hpp"
#include "cli/usage.hpp"

namespace tidemark::cli {
namespace {

struct Arguments {
    std::string action;
    std::string path;
};

void create(const Arguments& arguments, const Session& session) {
    const std::string public_path = arguments.path + ".pub";
    if (std::filesystem::exists(public_path)) {
        throw Error(ErrorCode::failed, public_path + " exists already", "Choose another name.");
    }
    const auth::PrivateKey key = auth::PrivateKey::generate();
    create_private(arguments.path, key.pem());
    create_private(public_path, key.public_pem());
    session.give(
        {{"private", json_text(arguments.path)}, {"public", json_text(public_path)}},
        fmt::format("Wrote {0}, which signs tokens: keep it to yourself.\n"
                    "Wrote {0}.pub, for the server: tidemark serve … --auth-jwt-key {0}.pub\n",
                    printable(arguments.path)));
}

}  // namespace

void add_keys(CLI::App& root, Session& session) {
    auto arguments = std::make_shared<Arguments>();
    CLI::App* command = root.add_subcommand(
        "keys",
        "Make the keys with which a server's tokens are signed and checked\n"
        "\n"
        "The private key signs tokens and stays with you; the public one goes "
        "to the server. Both are Ed25519 keys in PEM form, as sqld reads them.");
    command->add_option("ACTION", arguments->action, "create: write a new pair")->required();
    command
        ->add_option("FILE", arguments->path,
                     "Where the private key goes; the public one goes to FILE.pub")
        ->required();
    command->footer("Example:\n  tidemark keys create server.key");
    command->callback([arguments, &session] {
        if (arguments->action == "create") return create(*arguments, session);
        throw Error(ErrorCode::usage, fmt::format("'keys' cannot '{}'", arguments->action),
                    "It can create.");
    });
}

}  // namespace tidemark::cli
