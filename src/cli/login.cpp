#include <fmt/format.h>

#include <filesystem>
#include <memory>

#include "auth/credentials.hpp"
#include "auth/masking.hpp"
#include "base/clock.hpp"
#include "base/rng.hpp"
#include "cli/commands.hpp"
#include "cli/format.hpp"
#include "cli/json.hpp"
#include "cli/settings.hpp"
#include "cli/table.hpp"
#include "primary/open.hpp"

namespace tidemark::cli {
namespace {

struct Arguments {
    std::string place;
    bool no_check = false;
    bool all = false;
};

bool is_url(const std::string& place) { return place.find("://") != std::string::npos; }

/// The URL that a person means by a URL, by the path of a replica, or by nothing.
std::string url_of(const std::string& place, const Session& session) {
    if (!place.empty() && !is_url(place)) {
        const std::string primary = Replica::open(place).status().primary;
        if (is_url(primary)) return primary;
        throw Error(ErrorCode::usage, fmt::format("the primary of {} is a file", place),
                    "Nobody has to log in to a file.");
    }
    if (!place.empty()) return place;
    const std::string configured = setting("url");
    if (!configured.empty()) return configured;
    if (session.dialogue().possible()) {
        const std::string given = session.dialogue().ask("URL of the primary");
        if (is_url(given)) return given;
    }
    throw Error(ErrorCode::choice_needed, "no URL was given",
                "Run 'tidemark login URL', or 'tidemark config set url URL' first.");
}

std::string token_of(const std::string& url, const Session& session) {
    if (const TokenProvider given = session.token()) return given(url);
    const Dialogue dialogue = session.dialogue();
    if (!dialogue.possible()) {
        throw Error(ErrorCode::choice_needed, "no token was given",
                    "Give --token-file FILE, or --token-file - to read it from the input.");
    }
    const std::string given = dialogue.ask_secret("Token for " + auth::masked(url));
    if (!given.empty()) return given;
    throw Error(ErrorCode::choice_needed, "no token was given", "Nothing was saved.");
}

std::string expiry(const auth::Claims& claims, std::int64_t now_ms) {
    if (!claims.expires_s) return "never";
    const std::int64_t at_ms = *claims.expires_s * 1000;
    return fmt::format("{} ({})", ago(at_ms, now_ms), local_minute(at_ms));
}

boost::json::value expiry_json(const auth::Claims& claims) {
    return claims.expires_s ? boost::json::value(*claims.expires_s * 1000) : boost::json::value();
}

/// Throws what a sync would: nothing is saved that the server refuses.
void try_out(const std::string& url, const std::string& token) {
    const auto endpoint =
        open_primary(Location::parse(url, {}), false,
                     {[&](const std::string&) { return token; }, system_clock(), system_rng()},
                     [](const std::vector<std::string>&) { return Catalog(); });
    run_all(*endpoint, {{"SELECT 1"}});
}

void login(const Arguments& arguments, const Session& session) {
    const std::string url = url_of(arguments.place, session);
    const std::string token = token_of(url, session);
    const auth::Token checked{token, "what was given", auth::read_claims(token)};
    auth::require_valid(checked, url, session.now_ms() / 1000);
    if (!arguments.no_check) try_out(url, token);
    auth::Credentials credentials = auth::Credentials::of_user();
    credentials.save(url, token, session.now_ms());
    session.give(
        {{"url", json_text(auth::masked(url))},
         {"file", json_text(credentials.path())},
         {"expires_ms", expiry_json(checked.claims)}},
        fmt::format("Saved the token for {} in {}, which only you may read.\nIt expires: {}.\n",
                    printable(auth::masked(url)), printable(credentials.path()),
                    expiry(checked.claims, session.now_ms())));
}

void logout(const Arguments& arguments, const Session& session) {
    auth::Credentials credentials = auth::Credentials::of_user();
    std::vector<std::string> urls;
    if (arguments.all) {
        for (const auto& entry : credentials.entries()) urls.push_back(entry.url);
    } else {
        urls.push_back(url_of(arguments.place, session));
    }
    std::int64_t forgotten = 0;
    for (const std::string& url : urls) forgotten += credentials.forget(url);
    const std::string what =
        arguments.all ? "All tokens are"
                      : fmt::format("The token for {} is", printable(auth::masked(urls.front())));
    session.give({{"forgotten", forgotten}},
                 forgotten == 0 ? "There was no token to forget.\n"
                                : what + " forgotten. Replicas stay as they are.\n");
}

void whoami(const Session& session) {
    boost::json::array tokens;
    Table table({{"Primary"}, {"Token from"}, {"For"}, {"Expires"}});
    const auto add = [&](const std::string& place, const std::string& source,
                         const std::string& token) {
        auth::Claims claims;
        std::string problem;
        try {
            claims = auth::read_claims(token);
            if (claims.expired(session.now_ms() / 1000)) problem = "expired ";
        } catch (const Error& error) {
            problem = error.message();
        }
        const bool readable = problem.empty() || problem == "expired ";
        tokens.push_back({{"url", json_text(place)},
                          {"source", json_text(source)},
                          {"subject", json_text(claims.subject)},
                          {"expires_ms", expiry_json(claims)},
                          {"valid", problem.empty()}});
        table.add({{printable(place)},
                   {printable(source)},
                   {claims.subject.empty() ? "-" : printable(claims.subject)},
                   {readable ? expiry(claims, session.now_ms()) : problem,
                    problem.empty() ? Ink::plain : Ink::red}});
    };
    for (const char* variable : {"TIDEMARK_AUTH_TOKEN", "TURSO_AUTH_TOKEN"}) {
        const char* value = std::getenv(variable);
        if (value != nullptr && *value != '\0') add("all", variable, value);
    }
    const auth::Credentials credentials = auth::Credentials::of_user();
    for (const auto& entry : credentials.entries()) {
        add(auth::masked(entry.url), credentials.path(), entry.token);
    }
    session.give({{"tokens", tokens}}, table.empty()
                                           ? "No token is known. 'tidemark login URL' saves one.\n"
                                           : table.text(session.screen()));
}

void add_place(CLI::App& command, std::string& place) {
    command.add_option(
        "URL", place, "The primary: its URL, or the path of a replica; default: the setting 'url'");
}

}  // namespace

void add_login(CLI::App& root, Session& session) {
    auto arguments = std::make_shared<Arguments>();
    CLI::App* command = root.add_subcommand(
        "login",
        "Save the token for a primary behind a URL\n"
        "\n"
        "The token is asked for and not shown. It is kept in a file that only you may read, never "
        "in a database. TIDEMARK_AUTH_TOKEN and TURSO_AUTH_TOKEN in the environment beat it.");
    add_place(*command, arguments->place);
    command->add_flag("--no-check", arguments->no_check,
                      "Do not ask the server whether it takes the token");
    command->footer(
        "Examples:\n"
        "  tidemark login libsql://notes-ann.turso.io\n"
        "  turso db tokens create notes | tidemark login libsql://notes-ann.turso.io --token-file "
        "-");
    command->callback([arguments, &session] { login(*arguments, session); });
}

void add_logout(CLI::App& root, Session& session) {
    auto arguments = std::make_shared<Arguments>();
    CLI::App* command = root.add_subcommand("logout", "Forget a saved token");
    add_place(*command, arguments->place);
    command->add_flag("--all", arguments->all, "Forget all of them");
    command->callback([arguments, &session] { logout(*arguments, session); });
}

void add_whoami(CLI::App& root, Session& session) {
    CLI::App* command = root.add_subcommand(
        "whoami", "Show which tokens are known, where each comes from and when it expires");
    command->callback([&session] { whoami(session); });
}

}  // namespace tidemark::cli
