#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <memory>

#include <boost/json/parse.hpp>

#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/csv.hpp"
#include "cli/format.hpp"
#include "cli/json.hpp"
#include "schema/table.hpp"
#include "sqlite/transaction.hpp"

namespace tidemark::cli {
namespace {

namespace json = boost::json;

struct Arguments {
    std::string path;
    std::string file;
    std::string format;
    std::string table;
    std::string on_conflict = "fail";
};

std::string read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw Error(ErrorCode::failed, "there is no file " + path, "Check the path.");
    return {std::istreambuf_iterator<char>(file), {}};
}

std::string format_of(const Arguments& arguments) {
    if (!arguments.format.empty()) return arguments.format;
    for (const auto& [ending, format] : {std::pair{".csv", "csv"},
                                         {".json", "json"},
                                         {".sql", "sql"},
                                         {".db", "sqlite"},
                                         {".sqlite", "sqlite"}}) {
        if (lower(arguments.file).ends_with(ending)) return format;
    }
    throw Error(ErrorCode::choice_needed,
                "what kind of file " + arguments.file + " is does not show",
                "Give --format sqlite, sql, csv or json.");
}

Table table_named(Connection& connection, const std::string& name) {
    if (auto table = read_table(connection, name)) return *table;
    std::vector<std::string> known;
    for (const Table& table : read_tables(connection)) known.push_back(table.name);
    throw Error(ErrorCode::usage, fmt::format("there is no table '{}'", name),
                fmt::format("Tables: {}. An import fills tables; it makes none, but with --format "
                            "sql.",
                            known.empty() ? "none" : join(known, ", ")));
}

/// Puts rows into one table.
class Filler {
public:
    Filler(Connection& connection, const Table& table, const std::vector<std::string>& columns,
           const std::string& on_conflict)
        : connection_(connection) {
        std::vector<std::string> names;
        std::vector<std::string> places;
        for (const std::string& column : columns) {
            if (!table.column(column)) {
                std::vector<std::string> known;
                for (const Column& one : table.columns) known.push_back(one.name);
                throw Error(ErrorCode::failed,
                            fmt::format("the table {} has no column '{}'", table.name, column),
                            fmt::format("Columns: {}.", join(known, ", ")));
            }
            names.push_back(quoted(column));
            places.push_back("?" + std::to_string(names.size()));
        }
        const std::string verb = on_conflict == "skip"      ? "INSERT OR IGNORE INTO "
                                 : on_conflict == "replace" ? "INSERT OR REPLACE INTO "
                                                            : "INSERT INTO ";
        sql_ = verb + quoted(table.name) + "(" + join(names, ", ") + ") VALUES (" +
               join(places, ", ") + ")";
    }

    std::int64_t put(const Row& row) {
        Statement& insert = connection_.cached(sql_);
        const Reset reset(insert);
        insert.bind_all(row);
        insert.run();
        return connection_.changes();
    }

private:
    Connection& connection_;
    std::string sql_;
};

std::int64_t import_csv(Connection& connection, const Arguments& arguments) {
    if (arguments.table.empty()) {
        throw Error(ErrorCode::choice_needed, "a CSV file does not say which table it is for",
                    "Give --table TABLE.");
    }
    const std::string text = read_file(arguments.file);
    CsvReader reader(text);
    const auto header = reader.next();
    if (!header) {
        throw Error(ErrorCode::failed, arguments.file + " is empty",
                    "Its first line has to name the columns.");
    }
    std::vector<std::string> columns;
    for (const CsvField& field : *header) columns.push_back(field.text);
    Filler filler(connection, table_named(connection, arguments.table), columns,
                  arguments.on_conflict);
    std::int64_t rows = 0;
    while (const auto record = reader.next()) {
        if (record->size() != columns.size()) {
            throw Error(
                ErrorCode::failed,
                fmt::format("line {} has {}, not {}", reader.line(),
                            count_of(std::int64_t(record->size()), "field"), columns.size()),
                "Nothing was imported. Correct that line.");
        }
        Row row;
        for (const CsvField& field : *record) row.push_back(value_of(field));
        rows += filler.put(row);
    }
    return rows;
}

/// The inverse of to_json(Value).
Value value_of(const json::value& value) {
    if (value.is_null()) return {};
    if (value.is_bool()) return std::int64_t{value.get_bool()};
    if (value.is_int64()) return value.get_int64();
    if (value.is_double()) return value.get_double();
    if (value.is_uint64()) return static_cast<double>(value.get_uint64());
    if (value.is_string()) return std::string(value.get_string());
    if (const json::object* object = value.if_object(); object && object->size() == 1) {
        const auto& [kind, content] = *object->begin();
        if (content.is_string()) {
            const std::string text(content.get_string());
            if (kind == "blob") return Blob{from_hex(text)};
            if (kind == "text") return from_hex(text);
            if (kind == "real" && text == "inf") return std::numeric_limits<double>::infinity();
            if (kind == "real" && text == "-inf") return -std::numeric_limits<double>::infinity();
        }
    }
    throw Error(ErrorCode::failed, "a value is neither a plain one nor a blob",
                "Write blobs as {\"blob\": \"hex digits\"}.");
}

std::int64_t import_json(Connection& connection, const Arguments& arguments) {
    boost::system::error_code failure;
    const json::value content = json::parse(read_file(arguments.file), failure);
    const json::object* root = failure ? nullptr : content.if_object();
    const json::value* tables = root ? root->if_contains("tables") : nullptr;
    if (tables == nullptr || !tables->is_object()) {
        throw Error(ErrorCode::failed,
                    arguments.file + " is no such file as 'tidemark export' writes",
                    "It has to be {\"tables\": {\"name\": [{\"column\": value, …}, …]}}.");
    }
    std::int64_t count = 0;
    for (const auto& [name, rows] : tables->get_object()) {
        if (!arguments.table.empty() && !same_name(arguments.table, name)) continue;
        const Table table = table_named(connection, name);
        if (!rows.is_array()) {
            throw Error(ErrorCode::failed, fmt::format("the rows of {} are no array", table.name),
                        "Nothing was imported.");
        }
        for (const json::value& each : rows.get_array()) {
            if (!each.is_object()) {
                throw Error(ErrorCode::failed, fmt::format("a row of {} is no object", table.name),
                            "Nothing was imported.");
            }
            std::vector<std::string> columns;
            Row row;
            for (const auto& [column, value] : each.get_object()) {
                columns.emplace_back(column);
                row.push_back(value_of(value));
            }
            count += Filler(connection, table, columns, arguments.on_conflict).put(row);
        }
    }
    return count;
}

std::int64_t import_sqlite(Connection& connection, const Arguments& arguments) {
    Connection from(arguments.file, Connection::Open::read_only);
    const Transaction moment(from, Transaction::Kind::read);
    std::int64_t count = 0;
    for (const Table& source : read_tables(from)) {
        if (!arguments.table.empty() && !same_name(arguments.table, source.name)) continue;
        const Table table = table_named(connection, source.name);
        std::vector<std::string> columns;
        std::vector<std::string> names;
        for (const Column& column : source.columns) {
            columns.push_back(column.name);
            names.push_back(quoted(column.name));
        }
        Filler filler(connection, table, columns, arguments.on_conflict);
        Statement rows(from, "SELECT " + join(names, ", ") + " FROM " + quoted(source.name));
        while (rows.step()) count += filler.put(rows.row());
    }
    return count;
}

/// The file may begin and commit by itself; then it is not all or nothing.
std::int64_t import_sql(Connection& connection, const Arguments& arguments) {
    const std::int64_t before = connection.integer("SELECT total_changes()");
    connection.execute(read_file(arguments.file));
    if (connection.in_transaction()) connection.execute("COMMIT");
    return connection.integer("SELECT total_changes()") - before;
}

std::int64_t import_rows(Connection& connection, const Arguments& arguments,
                         const std::string& format) {
    if (format == "sql") return import_sql(connection, arguments);
    connection.execute("PRAGMA foreign_keys = ON");
    Transaction transaction(connection, Transaction::Kind::write);
    connection.execute("PRAGMA defer_foreign_keys = ON");
    const std::int64_t rows = format == "csv"    ? import_csv(connection, arguments)
                              : format == "json" ? import_json(connection, arguments)
                                                 : import_sqlite(connection, arguments);
    connection.forget_statements();
    transaction.commit();
    return rows;
}

void run_import(const Arguments& arguments, const Session& session) {
    const std::string format = format_of(arguments);
    Connection connection(arguments.path);
    const std::int64_t rows = import_rows(connection, arguments, format);
    session.give({{"rows", rows}, {"format", format}},
                 format == "sql" ? fmt::format("Ran {}; {} changed.\n", printable(arguments.file),
                                               count_of(rows, "row"))
                                 : fmt::format("Imported {} from {}.\n", count_of(rows, "row"),
                                               printable(arguments.file)));
}

}  // namespace

void add_import(CLI::App& root, Session& session) {
    auto arguments = std::make_shared<Arguments>();
    CLI::App* command = root.add_subcommand(
        "import",
        "Put rows from a file into the tables of a database\n"
        "\n"
        "All rows come in or none do (a file of SQL statements decides that itself). What they "
        "change travels like any other edit.");
    add_database(*command, arguments->path);
    command->add_option("FILE", arguments->file, "What 'tidemark export' writes, or alike")
        ->required();
    command
        ->add_option("--format", arguments->format,
                     "sqlite, sql, csv or json; default: what the name's ending says")
        ->type_name("FORMAT")
        ->check(CLI::IsMember({"sqlite", "sql", "csv", "json"}));
    command
        ->add_option("--table", arguments->table,
                     "The table that a CSV file is for; otherwise import this table only")
        ->type_name("TABLE");
    command
        ->add_option("--on-conflict", arguments->on_conflict,
                     "Where a row with the same key is there: fail (the default), skip the new "
                     "one, or replace the old one")
        ->type_name("WHAT")
        ->check(CLI::IsMember({"fail", "skip", "replace"}));
    command->footer(
        "Examples:\n"
        "  tidemark import notes.db notes.csv --table notes\n"
        "  tidemark import notes.db old-notes.db --on-conflict skip");
    command->callback([arguments, &session] { run_import(*arguments, session); });
}

}  // namespace tidemark::cli
