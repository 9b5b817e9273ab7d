#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>

#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/exporter.hpp"
#include "cli/format.hpp"
#include "cli/json.hpp"
#include "sqlite/transaction.hpp"
#include "sync/first_contact.hpp"

namespace tidemark::cli {
namespace {

namespace fs = std::filesystem;

struct Arguments {
    std::string path;
    std::string format;
    std::vector<std::string> tables;
    std::string output;
};

/// A file that appears under its name when it is complete, or the standard output.
class Output {
public:
    explicit Output(std::string path) : path_(std::move(path)) {
        if (path_.empty()) return;
        if (fs::exists(path_)) {
            throw Error(ErrorCode::failed, path_ + " exists already",
                        "Name another file, or move that one away.");
        }
        file_ = std::fopen(partial().c_str(), "wbe");
        if (file_ == nullptr) throw cannot_write();
    }
    ~Output() {
        if (path_.empty() || file_ == nullptr) return;
        std::fclose(file_);
        std::remove(partial().c_str());
    }
    Output(const Output&) = delete;
    Output& operator=(const Output&) = delete;

    void write(std::string_view text) {
        if (std::fwrite(text.data(), 1, text.size(), file_) != text.size()) throw cannot_write();
    }
    void finish() {
        if (std::fflush(file_) != 0) throw cannot_write();
        if (path_.empty()) return;
        const int closed = std::fclose(file_);
        file_ = nullptr;
        if (closed != 0 || std::rename(partial().c_str(), path_.c_str()) != 0) throw cannot_write();
    }

private:
    std::string partial() const { return path_ + ".partial"; }
    Error cannot_write() const {
        return {
            ErrorCode::failed,
            (path_.empty() ? "the output" : path_) + " cannot be written: " + std::strerror(errno),
            "Check that the disk is not full and that you may write there."};
    }

    std::string path_;
    std::FILE* file_ = stdout;
};

std::vector<Table> wanted_tables(Connection& connection, const std::vector<std::string>& names) {
    const std::vector<Table> all = read_tables(connection);
    if (names.empty()) return all;
    std::vector<Table> wanted;
    std::vector<std::string> known;
    for (const Table& table : all) known.push_back(table.name);
    for (const std::string& name : names) {
        const auto found = std::find_if(all.begin(), all.end(), [&](const Table& table) {
            return same_name(table.name, name);
        });
        if (found == all.end()) {
            throw Error(ErrorCode::usage, fmt::format("there is no table '{}'", name),
                        fmt::format("Tables: {}.", known.empty() ? "none" : join(known, ", ")));
        }
        wanted.push_back(*found);
    }
    return wanted;
}

void export_sqlite(const Arguments& arguments) {
    if (arguments.output.empty()) {
        throw Error(ErrorCode::usage, "a SQLite file cannot go to the standard output",
                    "Give --output FILE.");
    }
    if (!arguments.tables.empty()) {
        throw Error(ErrorCode::usage, "--table cannot be used with --format sqlite",
                    "Use --format sql, or leave --table out.");
    }
    const std::string copy = arguments.output + ".copy";
    std::error_code ignored;
    if (fs::exists(arguments.output)) {
        throw Error(ErrorCode::failed, arguments.output + " exists already",
                    "Name another file, or move that one away.");
    }
    fs::remove(copy, ignored);
    {
        Connection connection(arguments.path);
        back_up(connection, copy);
        Connection stripped(copy);
        strip(stripped);
        stripped.execute("PRAGMA journal_mode = DELETE");
    }
    fs::rename(copy, arguments.output);
}

void export_text(const Arguments& arguments) {
    Connection connection(arguments.path);
    const Transaction moment(connection, Transaction::Kind::read);
    const std::vector<Table> tables = wanted_tables(connection, arguments.tables);
    if (arguments.format == "csv" && tables.size() != 1) {
        throw Error(ErrorCode::choice_needed, "a CSV file holds one table",
                    "Give --table TABLE, once for each file.");
    }
    Output output(arguments.output);
    const Write write = [&](std::string_view text) { output.write(text); };
    if (arguments.format == "sql") export_sql(connection, tables, arguments.tables.empty(), write);
    if (arguments.format == "csv") export_csv(connection, tables[0], write);
    if (arguments.format == "json") export_json(connection, tables, write);
    output.finish();
}

void run_export(const Arguments& arguments, const Session& session) {
    if (arguments.format == "sqlite") {
        export_sqlite(arguments);
    } else {
        export_text(arguments);
    }
    if (arguments.output.empty()) return;
    session.give({{"output", json_text(arguments.output)}, {"format", arguments.format}},
                 fmt::format("Wrote {}.\n", printable(arguments.output)));
}

}  // namespace

void add_export(CLI::App& root, Session& session) {
    auto arguments = std::make_shared<Arguments>();
    CLI::App* command = root.add_subcommand(
        "export",
        "Write a database's data for other programs, without anything of Tidemark's\n"
        "\n"
        "It is read as it is at one moment, while other programs go on using it.");
    add_database(*command, arguments->path);
    command
        ->add_option("--format", arguments->format,
                     "sqlite: an ordinary database. sql: statements that make it anew. csv: one "
                     "table. json: rows as objects")
        ->type_name("FORMAT")
        ->required()
        ->check(CLI::IsMember({"sqlite", "sql", "csv", "json"}));
    command->add_option("--table", arguments->tables, "Only TABLE; may be given repeatedly")
        ->type_name("TABLE")
        ->allow_extra_args(false);
    command
        ->add_option("-o,--output", arguments->output,
                     "Write to FILE, which must not exist; default: the standard output")
        ->type_name("FILE");
    command->footer(
        "Examples:\n"
        "  tidemark export notes.db --format sqlite --output plain.db\n"
        "  tidemark export notes.db --format csv --table notes > notes.csv");
    command->callback([arguments, &session] { run_export(*arguments, session); });
}

}  // namespace tidemark::cli
