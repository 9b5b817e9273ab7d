#include <fmt/format.h>

#include <charconv>
#include <memory>

#include "auth/issuer.hpp"
#include "base/private_file.hpp"
#include "cli/commands.hpp"
#include "cli/json.hpp"
#include "cli/usage.hpp"

namespace tidemark::cli {
namespace {

struct Arguments {
    std::string action;
    std::string key;
    std::string expires = "never";
    auth::Grant grant;
};

/// Seconds in "90s", "15m", "12h", "30d", "8w" or "1y"; nothing for "never".
std::optional<std::int64_t> lifetime_s(std::string_view text) {
    if (text == "never") return std::nullopt;
    constexpr std::int64_t day = 86'400;
    const auto unit = [](char name) -> std::int64_t {
        switch (name) {
            case 's': return 1;
            case 'm': return 60;
            case 'h': return 3'600;
            case 'd': return day;
            case 'w': return 7 * day;
            case 'y': return 365 * day;
            default: return 0;
        }
    };
    std::int64_t count = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, count);
    constexpr std::int64_t most = 100'000;
    if (error != std::errc() || rest + 1 != end || count < 1 || count > most || unit(*rest) == 0) {
        throw Error(ErrorCode::usage, fmt::format("--expires cannot be '{}'", text),
                    "Give a number and a unit, such as 12h, 30d or 1y; or never.");
    }
    return count * unit(*rest);
}

auth::PrivateKey read_key(const std::string& path) {
    const auto pem = read_private(path);
    if (!pem) {
        throw Error(ErrorCode::failed, fmt::format("there is no file {}", path),
                    "'tidemark keys create' makes a key.");
    }
    return auth::PrivateKey::read_pem(*pem);
}

void create(Arguments& arguments, const Session& session) {
    auth::Grant& grant = arguments.grant;
    const auto lifetime = lifetime_s(arguments.expires);
    grant.issued_s = session.now_ms() / 1'000;
    if (lifetime) grant.expires_s = grant.issued_s + *lifetime;
    const std::string token = auth::issue_token(read_key(arguments.key), grant);
    session.give({{"token", token},
                  {"expires_ms", grant.expires_s ? boost::json::value(*grant.expires_s * 1'000)
                                                 : boost::json::value()}},
                 token + "\n");
}

}  // namespace

void add_token(CLI::App& root, Session& session) {
    auto arguments = std::make_shared<Arguments>();
    CLI::App* command = root.add_subcommand(
        "token",
        "Sign a token that opens a server's databases\n"
        "\n"
        "The token goes to stdout. Whoever has it can use it: hand it over as you would a "
        "password.");
    auth::Grant& grant = arguments->grant;
    command->add_option("ACTION", arguments->action, "create: sign a new one")->required();
    command
        ->add_option("--key", arguments->key, "The private key, as 'tidemark keys create' made it")
        ->type_name("FILE")
        ->required();
    command
        ->add_option("--database", grant.databases,
                     "The database that it opens; repeatable. Without: every database")
        ->type_name("NAME")
        ->allow_extra_args(false);
    command->add_flag("--read-only", grant.read_only, "Reading is all that it allows");
    command
        ->add_option("--expires", arguments->expires,
                     "How long it is good for, such as 12h, 30d or 1y")
        ->type_name("TIME")
        ->capture_default_str();
    command->add_option("--subject", grant.subject, "Whom it is for, as a note in the token")
        ->type_name("NAME");
    command->footer(
        "Examples:\n"
        "  tidemark token create --key server.key --expires 30d\n"
        "  tidemark token create --key server.key --database notes --read-only");
    command->callback([arguments, &session] {
        if (arguments->action == "create") return create(*arguments, session);
        throw Error(ErrorCode::usage, fmt::format("'token' cannot '{}'", arguments->action),
                    "It can create.");
    });
}

}  // namespace tidemark::cli
