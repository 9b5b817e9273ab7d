#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>

#include "base/text.hpp"
#include "cli/checkup.hpp"
#include "cli/commands.hpp"
#include "cli/database_settings.hpp"
#include "cli/format.hpp"
#include "cli/json.hpp"
#include "cli/prose.hpp"
#include "cli/table.hpp"

namespace tidemark::cli {
namespace {

using State = Finding::State;
using Remedy = Finding::Remedy;

struct Arguments {
    std::string path;
    bool fix = false;
};

std::vector<Finding> check_all(const Arguments& arguments, const Session& session) {
    std::vector<Finding> findings = check_file(arguments.path);
    // What of a damaged file is sent or received nobody can say.
    const bool sound = findings.front().state != State::trouble;
    if (!sound) return findings;
    const std::vector<Finding> more = check_primary(arguments.path, session.token());
    findings.insert(findings.end(), more.begin(), more.end());
    return findings;
}

/// Takes from others what they may do with a secret, or with the database.
std::string narrow(const Finding& finding) {
    struct stat status {};
    const std::string& target = finding.target;
    if (::stat(target.c_str(), &status) != 0) return {};
    if (::chmod(target.c_str(), status.st_mode & 07777 & ~finding.taken) != 0) {
        throw Error(ErrorCode::failed, target + " cannot be changed: " + std::strerror(errno),
                    finding.advice);
    }
    return fmt::format("Others may no longer {} {}.", finding.taken == S_IWOTH ? "write" : "open",
                       printable(target));
}

/// Mends what can be without a choice or a risk; a sentence for each thing done.
std::vector<std::string> fix(const std::vector<Finding>& findings, const Arguments& arguments,
                             const Session& session) {
    std::vector<std::string> done;
    for (const Finding& finding : findings) {
        if (finding.remedy == Remedy::narrow) done.push_back(narrow(finding));
    }
    const auto wants_sync = [](const Finding& finding) { return finding.remedy == Remedy::sync; };
    const auto bars_sync = [](const Finding& finding) {
        return finding.state == State::trouble && finding.remedy == Remedy::none;
    };
    if (std::any_of(findings.begin(), findings.end(), wants_sync) &&
        std::none_of(findings.begin(), findings.end(), bars_sync)) {
        SyncOptions options;
        options.on_progress = session.progress();
        const SyncReport report =
            Replica::open(arguments.path, open_options(arguments.path, session)).sync(options);
        done.push_back("Synced: " + sentence(report, Direction::both, arguments.path));
    }
    return done;
}

const char* name_of(State state) {
    switch (state) {
        case State::good: return "good";
        case State::note: return "note";
        case State::trouble: break;
    }
    return "trouble";
}

boost::json::value text_or_null(const std::string& text) {
    return text.empty() ? boost::json::value() : boost::json::value(json_text(text));
}

boost::json::object json_of(const Arguments& arguments, const std::vector<Finding>& findings,
                            const std::vector<std::string>& fixed) {
    boost::json::array all;
    bool well = true;
    for (const Finding& finding : findings) {
        well = well && finding.state != State::trouble;
        all.push_back({{"name", finding.name},
                       {"state", name_of(finding.state)},
                       {"found", json_text(finding.found)},
                       {"advice", text_or_null(finding.advice)},
                       {"fixable", finding.remedy != Remedy::none}});
    }
    boost::json::array done;
    for (const std::string& each : fixed) done.emplace_back(json_text(each));
    return {
        {"path", json_text(arguments.path)}, {"well", well}, {"findings", all}, {"fixed", done}};
}

std::string text_of(const Arguments& arguments, const std::vector<Finding>& findings,
                    const std::vector<std::string>& fixed, const Screen& screen) {
    std::string text = paint(screen, Ink::bold, printable(arguments.path)) + "\n";
    Facts facts;
    std::int64_t troubles = 0, notes = 0, fixable = 0;
    for (const Finding& finding : findings) {
        const bool good = finding.state == State::good;
        const bool bad = finding.state == State::trouble;
        troubles += bad;
        notes += finding.state == State::note;
        fixable += finding.remedy != Remedy::none;
        facts.add(finding.name,
                  fmt::format("{} {}",
                              good  ? "✓"
                              : bad ? "✗"
                                    : "!",
                              printable(finding.found)),
                  good  ? Ink::green
                  : bad ? Ink::red
                        : Ink::yellow);
        if (!finding.advice.empty()) facts.add("", "  " + printable(finding.advice));
    }
    text += facts.text(screen) + "\n";
    for (const std::string& each : fixed) text += each + "\n";
    if (troubles + notes == 0) {
        text += "All is well.\n";
    } else {
        text +=
            fmt::format("{}, {}.\n", troubles == 0 ? "No trouble" : count_of(troubles, "trouble"),
                        count_of(notes, "note"));
    }
    if (fixable > 0 && fixed.empty()) {
        text += fmt::format("'{}' mends what is safe to mend.\n",
                            command_line("doctor", arguments.path, "--fix"));
    }
    return text;
}

/// That of the first trouble; what is wrong here counts before what is wrong elsewhere.
int exit_code_of(const std::vector<Finding>& findings) {
    for (const Finding& finding : findings) {
        if (finding.state == State::trouble) return static_cast<int>(finding.code);
    }
    return 0;
}

void doctor(const Arguments& arguments, Session& session) {
    std::vector<Finding> findings = check_all(arguments, session);
    std::vector<std::string> fixed;
    if (arguments.fix) {
        fixed = fix(findings, arguments, session);
        if (!fixed.empty()) findings = check_all(arguments, session);
    }
    session.give(json_of(arguments, findings, fixed),
                 text_of(arguments, findings, fixed, session.screen()));
    session.exit_code = exit_code_of(findings);
}

}  // namespace

void add_doctor(CLI::App& root, Session& session) {
    auto arguments = std::make_shared<Arguments>();
    CLI::App* command = root.add_subcommand(
        "doctor",
        "Look for what is wrong with a replica, and say what to do\n"
        "\n"
        "It checks the file, the triggers, what is pending, past syncs, permissions, the token, "
        "the network, the clock and the primary. The exit code is 0 where nothing is in trouble, "
        "otherwise that of the first trouble. It changes nothing without --fix.");
    add_database(*command, arguments->path);
    command->add_flag("--fix", arguments->fix,
                      "Mend what needs no choice and bears no risk: permissions that are too wide, "
                      "and whatever a sync puts right");
    command->footer(
        "Examples:\n"
        "  tidemark doctor notes.db\n"
        "  tidemark doctor notes.db --fix\n"
        "  tidemark doctor notes.db --json | jq '.findings[] | select(.state != \"good\")'");
    command->callback([arguments, &session] { doctor(*arguments, session); });
}

}  // namespace tidemark::cli
