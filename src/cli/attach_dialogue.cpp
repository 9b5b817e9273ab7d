#include "cli/attach_dialogue.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <optional>

#include "auth/credentials.hpp"
#include "auth/masking.hpp"
#include "base/clock.hpp"
#include "base/rng.hpp"
#include "base/text.hpp"
#include "cli/format.hpp"
#include "cli/settings.hpp"
#include "primary/locate.hpp"
#include "primary/open.hpp"
#include "sync/survey.hpp"

namespace tidemark::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view what_a_primary_is =
    R"(A primary is the database that all your devices agree on. It can be

  a file     that every device can open: on this machine, on a disk, on a share
             /mnt/share/notes.db
  a server   of your own: run 'tidemark serve' where all devices reach it
             https://sync.example.org/dev/notes
  in a cloud make a database at https://turso.tech, or with its command:
             turso auth signup
             turso db create notes
             turso db show notes --url
             turso db tokens create notes
)";

bool is_url(const std::string& place) { return net::Url::is_one(place); }

void ask_for_path(AttachAnswers& answers, const Dialogue& dialogue) {
    while (answers.path.empty()) {
        answers.path = dialogue.ask("Database file of your application");
    }
    if (fs::exists(answers.path)) return;
    if (dialogue.confirm(
            fmt::format("{} does not exist. Make an empty one?", printable(answers.path)), true)) {
        return;
    }
    throw Error(ErrorCode::choice_needed, "there is no database to attach",
                "Nothing was done. 'tidemark clone PRIMARY DB' downloads a primary into a new "
                "file.");
}

void ask_for_primary(AttachAnswers& answers, const Dialogue& dialogue) {
    if (!answers.primary.empty()) return;
    dialogue.say(what_a_primary_is);
    const std::string known = setting("url");
    while (answers.primary.empty()) {
        answers.primary = dialogue.ask("Primary (a path or a URL)", known);
    }
}

void ask_for_token(AttachAnswers& answers, const Dialogue& dialogue) {
    if (!is_url(answers.primary) || !answers.token.empty()) return;
    if (const auto known = auth::token_for(answers.primary)) {
        dialogue.say(fmt::format("Its token comes from {}.", printable(known->source)));
        return;
    }
    answers.token = dialogue.ask_secret("Token, or nothing where the server asks for none");
    if (answers.token.empty()) return;
    const auth::Token token{answers.token, "what was typed", auth::read_claims(answers.token)};
    auth::require_valid(token, answers.primary, system_clock().now_ms() / 1000);
}

std::string told(const Survey& side) {
    if (side.tables == 0) return "empty";
    return fmt::format("{}, {}", count_of(side.tables, "table"), count_of(side.rows, "row"));
}

/// What is at the primary; nothing where there is no database yet.
std::optional<Survey> look_at_primary(const AttachAnswers& answers) {
    const Location location =
        Location::parse(answers.primary, {answers.allow_copied_folder, answers.allow_plain_http});
    if (!location.url && !fs::exists(location.path)) return std::nullopt;
    const auto endpoint = open_primary(
        location, false,
        {[&](const std::string&) { return answers.token; }, system_clock(), system_rng()},
        [](const std::vector<std::string>&) { return Catalog(); });
    return survey(*endpoint);
}

/// Until the primary answers, or the person gives up.
std::optional<Survey> connect(AttachAnswers& answers, const Dialogue& dialogue) {
    while (true) {
        ask_for_primary(answers, dialogue);
        try {
            ask_for_token(answers, dialogue);
            const auto found = look_at_primary(answers);
            if (is_url(answers.primary) && !answers.token.empty()) {
                auth::Credentials::of_user().save(answers.primary, answers.token,
                                                  system_clock().now_ms());
            }
            return found;
        } catch (const Error& error) {
            dialogue.say(fmt::format("That did not work: {}.\n{}", printable(error.message()),
                                     printable(error.hint())));
            if (!dialogue.confirm("Try another primary or token?", true)) throw;
            answers.primary.clear();
            answers.token.clear();
        }
    }
}

void choose_between(AttachAnswers& answers, const Dialogue& dialogue) {
    if (answers.first_merge != FirstMerge::refuse) return;
    dialogue.say(
        "Both have data. You can\n"
        "  merge    them row by row; what loses is kept as a conflict\n"
        "  local    make the primary what this database is\n"
        "  primary  make this database what the primary is");
    while (true) {
        const std::string choice = lower(dialogue.ask("merge, local or primary", "merge"));
        if (choice == "merge") answers.first_merge = FirstMerge::merge;
        if (choice == "local") answers.first_merge = FirstMerge::keep_local;
        if (choice == "primary") answers.first_merge = FirstMerge::keep_primary;
        if (answers.first_merge != FirstMerge::refuse) return;
    }
}

void offer_backup(AttachAnswers& answers, const Dialogue& dialogue) {
    if (!answers.backup.empty() || answers.no_backup) return;
    std::string name = answers.path + ".before-attach";
    for (int i = 2; fs::exists(name); ++i) {
        name = fmt::format("{}.before-attach-{}", answers.path, i);
    }
    if (dialogue.confirm(
            fmt::format("Copy {} to {} first?", printable(answers.path), printable(name)), true)) {
        answers.backup = name;
    }
}

}  // namespace

void converse(AttachAnswers& answers, const Session& session) {
    const Dialogue dialogue = session.dialogue();
    ask_for_path(answers, dialogue);
    std::optional<Survey> here;
    if (fs::exists(answers.path)) {
        Connection database(answers.path, Connection::Open::read_only);
        here = survey(database);
    }
    const std::optional<Survey> there = connect(answers, dialogue);

    dialogue.say(fmt::format(
        "\nHere:    {}\nPrimary: {}{}\n", here ? told(*here) : "no file yet",
        there ? told(*there) : "no database yet",
        there && there->tracked ? fmt::format(", {}", count_of(there->devices, "device")) : ""));
    const bool data_here = here && here->rows > 0;
    const bool data_there = there && there->rows > 0;
    if (data_here && data_there) choose_between(answers, dialogue);
    if (data_here && !data_there && !answers.upload &&
        !dialogue.confirm(is_url(answers.primary) ? "Upload existing data to cloud?"
                                                  : "Upload existing data to the primary?",
                          true)) {
        throw Error(ErrorCode::choice_needed, "nothing was uploaded, and nothing was changed",
                    "To start afresh, move " + answers.path +
                        " away and attach again: an empty database is made in its place.");
    }
    if (data_here) offer_backup(answers, dialogue);
}

}  // namespace tidemark::cli
