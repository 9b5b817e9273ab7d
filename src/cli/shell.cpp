#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <optional>

#include "base/text.hpp"
#include "base/user_folder.hpp"
#include "cli/app.hpp"
#include "cli/commands.hpp"
#include "cli/format.hpp"
#include "cli/line_editor.hpp"
#include "cli/sql_completion.hpp"
#include "cli/sql_output.hpp"
#include "cli/usage.hpp"
#include "schema/catalog.hpp"
#include "sqlite/connection.hpp"
#include "sync/store.hpp"

namespace tidemark::cli {
namespace {

struct Arguments {
    std::string path;
    std::string sql;
    std::string mode;
};

constexpr const char* dot_commands[] = {".conflicts", ".devices", ".help",   ".log",
                                        ".mode",      ".quit",    ".read",   ".schema",
                                        ".status",    ".sync",    ".tables", ".verify"};

constexpr std::string_view dot_help = R"(SQL ends with a semicolon. Besides:
  .tables          the tables and views
  .schema [NAME]   the statements that made them
  .mode [MODE]     show rows as table, line, csv or json
  .read FILE       run the statements of a file
  .sync            exchange changes with the primary
  .status          pending changes, conflicts, the last sync
  .conflicts       what lost a merge; also .conflicts show ID, restore ID, dismiss ID
  .log, .devices, .verify
  .quit            leave, as Ctrl-D does
)";

// What Ctrl-C is for while the shell runs: a signal handler can be told nothing else.
sqlite3* running = nullptr;
volatile std::sig_atomic_t interrupted = 0;

void interrupt(int) {
    interrupted = 1;
    if (running != nullptr) sqlite3_interrupt(running);
}

class Shell {
public:
    Shell(const Arguments& arguments, Session& session)
        : session_(session), path_(arguments.path), connection_(arguments.path) {
        connection_.execute("PRAGMA foreign_keys = ON");
        attached_ = Store(connection_).role() == Store::Role::replica;
        mode_ = session.json             ? SqlMode::json
                : arguments.mode.empty() ? SqlMode::table
                                         : sql_mode_named(arguments.mode);
    }

    /// A conversation.
    void talk() {
        handle_ctrl_c();
        LineEditor editor(state_folder() + "/shell_history",
                          [this](const std::string& line, const std::string& word) {
                              return completions(line, word);
                          });
        session_.print("Type SQL, or .help. Ctrl-D leaves.\n");
        std::string statement;
        while (true) {
            const auto line = editor.read(statement.empty() ? prompt() : "   ...> ");
            if (std::exchange(interrupted, 0) != 0) {
                statement.clear();
                session_.print("\n");
                continue;
            }
            if (!line) break;
            if (statement.empty() && line->empty()) continue;
            statement += (statement.empty() ? "" : "\n") + *line;
            if (!is_complete(statement)) continue;
            editor.remember(statement);
            if (!take(std::exchange(statement, {}))) break;
            interrupted = 0;
        }
        session_.print("\n");
    }

    /// Everything at once; the first error ends it.
    void run(const std::string& text) {
        std::string statement;
        std::string_view rest = text;
        while (!rest.empty()) {
            const std::size_t end = std::min(rest.find('\n'), rest.size());
            statement += (statement.empty() ? "" : "\n") + std::string(rest.substr(0, end));
            rest.remove_prefix(std::min(end + 1, rest.size()));
            if (!rest.empty() && !is_complete(statement)) continue;
            if (statement.starts_with('.')) {
                if (!dot(statement)) return;
            } else {
                execute(statement);
            }
            statement.clear();
        }
    }

private:
    void handle_ctrl_c() {
        running = connection_.handle();
        struct sigaction action {};
        action.sa_handler = interrupt;  // without SA_RESTART, so that reading a line ends
        sigaction(SIGINT, &action, nullptr);
    }

    static bool is_complete(const std::string& statement) {
        return statement.starts_with('.') || sqlite3_complete(statement.c_str()) != 0;
    }

    /// "notes.db ↑3> ": what waits to be sent, and what conflicts.
    std::string prompt() {
        const std::string name = path_.substr(path_.rfind('/') + 1);
        if (!attached_) return name + "> ";
        try {
            const Brief brief = Replica::open(path_).brief();
            std::string state = brief.error.empty() ? "" : " ✗";
            if (brief.pending > 0) state += " ↑" + std::to_string(brief.pending);
            if (brief.conflicts > 0) state += " !" + std::to_string(brief.conflicts);
            return printable(name) + (state.empty() ? " ✓" : state) + "> ";
        } catch (const Error&) {
            return printable(name) + "> ";
        }
    }

    /// Returns false at the end. Errors are told, and the conversation goes on.
    bool take(const std::string& statement) {
        try {
            if (statement.starts_with('.')) return dot(statement);
            execute(statement);
        } catch (const Error& error) {
            session_.fail(error);
        }
        return true;
    }

    void execute(const std::string& text) {
        std::string_view rest = text;
        while (!rest.empty()) {
            Statement statement(connection_, rest);
            rest.remove_prefix(statement.consumed());
            if (statement.empty()) continue;
            std::vector<std::string> columns;
            for (int c = 0; c < statement.column_count(); ++c) {
                columns.emplace_back(statement.column_name(c));
            }
            const std::int64_t before = sqlite3_total_changes64(connection_.handle());
            write_result(statement, columns, mode_, session_.screen(),
                         [this](std::string_view part) { session_.print(part); });
            if (sqlite3_total_changes64(connection_.handle()) == before) continue;
            // Of the statement itself, without what triggers did.
            const std::int64_t changed = sqlite3_changes64(connection_.handle());
            if (!session_.quiet && mode_ == SqlMode::table) {
                session_.print(count_of(changed, "row") + " changed.\n");
            }
        }
    }

    bool dot(const std::string& line) {
        std::vector<std::string> words;
        std::size_t at = 0;
        while ((at = line.find_first_not_of(' ', at)) != std::string::npos) {
            const std::size_t end = std::min(line.find(' ', at), line.size());
            words.push_back(line.substr(at, end - at));
            at = end;
        }
        const std::string command = words[0];
        const std::string argument = words.size() > 1 ? words[1] : "";
        if (command == ".quit" || command == ".exit") return false;
        if (command == ".help") {
            session_.print(dot_help);
        } else if (command == ".tables") {
            tables();
        } else if (command == ".schema") {
            schema(argument);
        } else if (command == ".mode") {
            if (argument.empty()) {
                session_.print(fmt::format("{}\n", name_of(mode_)));
            } else {
                mode_ = sql_mode_named(argument);
            }
        } else if (command == ".read") {
            read(argument);
        } else if (is_any(command,
                          {".sync", ".status", ".conflicts", ".log", ".devices", ".verify"})) {
            delegate(words);
        } else {
            const std::string meant =
                nearest(command, {std::begin(dot_commands), std::end(dot_commands)});
            throw Error(ErrorCode::usage, fmt::format("there is no '{}' here", command),
                        meant.empty() ? "'.help' shows what there is."
                                      : fmt::format("Did you mean '{}'?", meant));
        }
        return true;
    }

    static bool is_any(const std::string& word, std::initializer_list<const char*> words) {
        return std::find(words.begin(), words.end(), word) != words.end();
    }

    /// The same as the command of that name.
    void delegate(const std::vector<std::string>& words) {
        std::vector<std::string> arguments{"tidemark", words[0].substr(1), path_};
        arguments.insert(arguments.end(), words.begin() + 1, words.end());
        if (session_.json) arguments.emplace_back("--json");
        std::vector<char*> argv;
        for (std::string& argument : arguments) argv.push_back(argument.data());
        cli::run(static_cast<int>(argv.size()), argv.data());
        connection_.forget_statements();
    }

    void tables() {
        for (const SchemaObject& object : read_catalog(connection_)) {
            if (object.type == "table" || object.type == "view") {
                session_.print(printable(object.name) + "\n");
            }
        }
    }

    void schema(const std::string& name) {
        for (const SchemaObject& object : read_catalog(connection_)) {
            if (name.empty() || same_name(object.table, name) || same_name(object.name, name)) {
                session_.print(object.sql + ";\n");
            }
        }
    }

    void read(const std::string& file) {
        std::ifstream in(file, std::ios::binary);
        if (!in) throw Error(ErrorCode::failed, "there is no file " + file, "Check the path.");
        execute({std::istreambuf_iterator<char>(in), {}});
    }

    std::vector<std::string> completions(const std::string& line, const std::string& word) {
        SqlCompletion sql;
        try {
            for (const SchemaObject& object : read_catalog(connection_)) {
                if (object.type == "view") sql.tables.push_back(object.name);
            }
            for (const Table& table : read_tables(connection_)) {
                sql.tables.push_back(table.name);
                for (const Column& column : table.columns) sql.columns.push_back(column.name);
            }
        } catch (const Error&) {  // names are a help, no more
        }
        if (!line.starts_with('.')) return sql.of(line, word);
        std::vector<std::string> all = sql.tables;
        all.insert(all.end(), std::begin(dot_commands), std::end(dot_commands));
        for (const char* mode : {"table", "line", "csv", "json"}) {
            if (line.starts_with(".mode ")) all.emplace_back(mode);
        }
        std::erase_if(all, [&](const std::string& one) { return !starts_with_name(one, word); });
        std::sort(all.begin(), all.end());
        return all;
    }

    Session& session_;
    std::string path_;
    Connection connection_;
    bool attached_ = false;
    SqlMode mode_ = SqlMode::table;
};

void shell(const Arguments& arguments, Session& session) {
    Shell shell(arguments, session);
    if (!arguments.sql.empty()) return shell.run(arguments.sql);
    if (isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1) return shell.talk();
    shell.run({std::istreambuf_iterator<char>(std::cin), {}});
}

}  // namespace

void add_shell(CLI::App& root, Session& session) {
    auto arguments = std::make_shared<Arguments>();
    CLI::App* command = root.add_subcommand(
        "shell",
        "Work on a database with SQL\n"
        "\n"
        "The prompt shows what waits to be sent. The arrow keys bring back what was typed, Tab "
        "completes names, and '.help' tells what there is besides SQL. Without a terminal it runs "
        "its input, up to the first error.");
    add_database(*command, arguments->path);
    command->add_option("SQL", arguments->sql, "Run this and end");
    command->add_option("--mode", arguments->mode, "Show rows as table, line, csv or json")
        ->type_name("MODE");
    command->footer(
        "Examples:\n"
        "  tidemark shell notes.db\n"
        "  tidemark shell notes.db \"SELECT * FROM notes\" --mode csv");
    command->callback([arguments, &session] { shell(*arguments, session); });
}

}  // namespace tidemark::cli
