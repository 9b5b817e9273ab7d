#include "cli/sql_output.hpp"

#include <fmt/format.h>

#include <boost/json/serialize.hpp>
#include <tidemark/error.hpp>

#include "base/text.hpp"
#include "cli/csv.hpp"
#include "cli/format.hpp"
#include "cli/json.hpp"
#include "cli/table.hpp"

namespace tidemark::cli {
namespace {

using Write = std::function<void(std::string_view)>;

/// Text without quotes, because the column says what it is.
Table::Cell cell(const Value& value) {
    if (std::holds_alternative<std::monostate>(value)) return {"NULL", Ink::dim};
    if (const auto* text = std::get_if<std::string>(&value)) return {printable(*text)};
    return {show(value)};
}

void write_table(Statement& rows, const std::vector<std::string>& columns, const Screen& screen,
                 const Write& write) {
    std::vector<Table::Heading> headings;
    for (const std::string& column : columns) headings.push_back({printable(column)});
    Table table(headings);
    while (rows.step()) {
        std::vector<Table::Cell> cells;
        for (const Value& value : rows.row()) cells.push_back(cell(value));
        table.add(cells);
    }
    if (!table.empty()) write(table.text(screen));
}

void write_lines(Statement& rows, const std::vector<std::string>& columns, const Screen& screen,
                 const Write& write) {
    const char* between = "";
    while (rows.step()) {
        Facts facts;
        for (std::size_t c = 0; c < columns.size(); ++c) {
            const Table::Cell shown = cell(rows.value(static_cast<int>(c)));
            facts.add(printable(columns[c]), shown.text, shown.ink);
        }
        write(between + facts.text(screen));
        between = "\n";
    }
}

void write_csv(Statement& rows, const std::vector<std::string>& columns, const Write& write) {
    std::vector<std::string> fields;
    for (const std::string& column : columns) fields.push_back(csv_field(column));
    write(join(fields, ",") + "\r\n");
    while (rows.step()) {
        fields.clear();
        for (const Value& value : rows.row()) fields.push_back(csv_field(value));
        write(join(fields, ",") + "\r\n");
    }
}

void write_json(Statement& rows, const std::vector<std::string>& columns, const Write& write) {
    while (rows.step()) {
        boost::json::object object;
        for (std::size_t c = 0; c < columns.size(); ++c) {
            object[json_text(columns[c])] = to_json(rows.value(static_cast<int>(c)));
        }
        write(boost::json::serialize(object) + "\n");
    }
}

}  // namespace

SqlMode sql_mode_named(const std::string& name) {
    if (name == "table") return SqlMode::table;
    if (name == "line") return SqlMode::line;
    if (name == "csv") return SqlMode::csv;
    if (name == "json") return SqlMode::json;
    throw Error(ErrorCode::usage, fmt::format("there is no mode '{}'", name),
                "It is table, line, csv or json.");
}

const char* name_of(SqlMode mode) {
    switch (mode) {
        case SqlMode::table: return "table";
        case SqlMode::line: return "line";
        case SqlMode::csv: return "csv";
        case SqlMode::json: break;
    }
    return "json";
}

void write_result(Statement& statement, const std::vector<std::string>& columns, SqlMode mode,
                  const Screen& screen, const Write& write) {
    if (columns.empty()) return statement.run();
    switch (mode) {
        case SqlMode::table: return write_table(statement, columns, screen, write);
        case SqlMode::line: return write_lines(statement, columns, screen, write);
        case SqlMode::csv: return write_csv(statement, columns, write);
        case SqlMode::json: return write_json(statement, columns, write);
    }
}

}  // namespace tidemark::cli
