#include "server/executor.hpp"

#include <sqlite3.h>

#include <algorithm>

#include "base/text.hpp"
#include "server/fault.hpp"
#include "sqlite/value.hpp"

namespace tidemark::server {
namespace {

using hrana::Col;
using hrana::Cond;
using hrana::NamedArg;
using hrana::Stmt;

void bind_value(sqlite3_stmt* statement, int at, const Value& value) {
    int rc = SQLITE_OK;
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
        rc = sqlite3_bind_int64(statement, at, *number);
    } else if (const auto* real = std::get_if<double>(&value)) {
        rc = sqlite3_bind_double(statement, at, *real);
    } else if (const auto* text = std::get_if<std::string>(&value)) {
        rc = sqlite3_bind_text64(statement, at, text->data(), text->size(), SQLITE_STATIC,
                                 SQLITE_UTF8);
    } else if (const auto* blob = std::get_if<Blob>(&value)) {
        // A null pointer would bind NULL instead of an empty blob.
        const char* bytes = blob->bytes.empty() ? "" : blob->bytes.data();
        rc = sqlite3_bind_blob64(statement, at, bytes, blob->bytes.size(), SQLITE_STATIC);
    } else {
        rc = sqlite3_bind_null(statement, at);
    }
    if (rc != SQLITE_OK) throw sql_fault(sqlite3_db_handle(statement), rc);
}

[[noreturn]] void refuse_arguments(const std::string& why) {
    throw Fault("ARGS_INVALID", "Arguments do not match SQL parameters: " + why);
}

bool is_numbered(const char* name) { return !name || *name == '?'; }

/// SQLite walks all names to find one, which takes longer than all the rest where a statement has
/// thousands of parameters.
bool may_have_names(sqlite3_stmt* statement) {
    return std::string_view(sqlite3_sql(statement)).find_first_of(":@$") != std::string_view::npos;
}

void bind_positional(sqlite3_stmt* statement, const std::vector<Value>& args) {
    const int count = sqlite3_bind_parameter_count(statement);
    const bool named = count > 0 && may_have_names(statement);
    for (int at = 1; at <= count; ++at) {
        const char* name = named ? sqlite3_bind_parameter_name(statement, at) : nullptr;
        if (!is_numbered(name)) {
            refuse_arguments(std::string("value for parameter ") + name + " not found");
        }
        if (static_cast<std::size_t>(at) > args.size()) {
            refuse_arguments("value for parameter " + std::to_string(at) + " not found");
        }
        bind_value(statement, at, args[static_cast<std::size_t>(at) - 1]);
    }
    if (args.size() > static_cast<std::size_t>(count)) {
        refuse_arguments(std::to_string(args.size()) + " values were given for " +
                         std::to_string(count) + " parameters");
    }
}

/// The argument for a parameter: of exactly that name, or without its prefix.
const NamedArg* find_named(const std::vector<NamedArg>& args, std::string_view name) {
    for (const std::string_view wanted : {name, name.substr(1)}) {
        for (const NamedArg& arg : args) {
            if (arg.name == wanted) return &arg;
        }
    }
    return nullptr;
}

void bind_named(sqlite3_stmt* statement, const std::vector<NamedArg>& args) {
    std::vector<bool> used(args.size());
    const int count = sqlite3_bind_parameter_count(statement);
    for (int at = 1; at <= count; ++at) {
        const char* name = sqlite3_bind_parameter_name(statement, at);
        const NamedArg* arg = name ? find_named(args, name) : nullptr;
        if (!arg) {
            refuse_arguments("value for parameter " + (name ? name : std::to_string(at)) +
                             " not found");
        }
        used[static_cast<std::size_t>(arg - args.data())] = true;
        bind_value(statement, at, arg->value);
    }
    const auto surplus = std::find(used.begin(), used.end(), false);
    if (surplus != used.end()) {
        refuse_arguments("there is no parameter for the value " +
                         args[static_cast<std::size_t>(surplus - used.begin())].name);
    }
}

Value column_value(sqlite3_stmt* statement, int column) {
    const auto size = [&] {
        return static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
    };
    switch (sqlite3_column_type(statement, column)) {
        case SQLITE_INTEGER: return std::int64_t{sqlite3_column_int64(statement, column)};
        case SQLITE_FLOAT: return sqlite3_column_double(statement, column);
        case SQLITE_TEXT: {
            const auto* text =
                reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
            return std::string(text, size());
        }
        case SQLITE_BLOB: {
            const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement, column));
            return Blob{bytes ? std::string(bytes, size()) : std::string()};
        }
        default: return std::monostate{};
    }
}

/// A message is Unicode. To another client a text that is not is shown with U+FFFD; a device would
/// keep that, and send it back.
void require_exact(const Row& row) {
    for (const Value& value : row) {
        const auto* text = std::get_if<std::string>(&value);
        if (!text || is_utf8(*text)) continue;
        throw Fault("TEXT_NOT_UTF8", "A row holds text that is not UTF-8, which cannot be sent");
    }
}

Col column_of(sqlite3_stmt* statement, int column) {
    Col col;
    if (const char* name = sqlite3_column_name(statement, column)) col.name = name;
    if (const char* type = sqlite3_column_decltype(statement, column)) col.decltype_name = type;
    return col;
}

std::vector<Col> columns_of(sqlite3_stmt* statement) {
    std::vector<Col> columns;
    const int count = sqlite3_column_count(statement);
    columns.reserve(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) columns.push_back(column_of(statement, i));
    return columns;
}

}  // namespace

void Budget::take(std::size_t row_bytes) {
    if (rows == 0 || bytes < row_bytes) {
        throw Fault("RESPONSE_TOO_LARGE",
                    "Response is too large: ask for fewer rows, or use a cursor");
    }
    --rows;
    bytes -= row_bytes;
}

Execution::Execution(SqlConnection& connection, Prepared& prepared, const Stmt& stmt)
    : connection_(connection),
      prepared_(prepared),
      timed_(std::in_place, connection),
      changes_before_(sqlite3_total_changes64(connection.handle())) {
    try {
        bind(stmt);
    } catch (...) {
        sqlite3_clear_bindings(prepared_.handle.get());
        throw;
    }
}

Execution::~Execution() {
    sqlite3_reset(prepared_.handle.get());
    sqlite3_clear_bindings(prepared_.handle.get());
}

void Execution::bind(const Stmt& stmt) {
    if (!stmt.args.empty() && !stmt.named_args.empty()) {
        throw Fault("ARGS_BOTH_POSITIONAL_AND_NAMED",
                    "Specifying both positional and named arguments is not supported");
    }
    if (stmt.named_args.empty()) {
        bind_positional(prepared_.handle.get(), stmt.args);
    } else {
        bind_named(prepared_.handle.get(), stmt.named_args);
    }
}

bool Execution::next(Row* row) {
    sqlite3_stmt* statement = prepared_.handle.get();
    const int rc = sqlite3_step(statement);
    if (rc == SQLITE_DONE) return false;
    if (rc != SQLITE_ROW) {
        if ((rc & 0xff) == SQLITE_INTERRUPT && connection_.timed_out()) {
            throw Fault("SQLITE_INTERRUPT",
                        "SQLite error: the statement was interrupted after the server's limit of " +
                            std::to_string(connection_.limits().statement_ms) + " ms");
        }
        throw sql_fault(connection_.handle(), rc);
    }
    ++rows_;
    if (!row) return true;
    const int count = sqlite3_data_count(statement);
    row->clear();
    row->reserve(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) row->push_back(column_value(statement, i));
    if (connection_.role() == Role::replica) require_exact(*row);
    return true;
}

void Execution::pause() {
    paused_at_ms_ = timed_->elapsed_ms();
    timed_.reset();
}

void Execution::go_on() { timed_.emplace(connection_, paused_at_ms_); }

std::vector<Col> Execution::columns() const { return columns_of(prepared_.handle.get()); }

hrana::StmtResult Execution::counts() {
    sqlite3* db = connection_.handle();
    sqlite3_stmt* statement = prepared_.handle.get();
    hrana::StmtResult result;
    const int scanned = sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_FULLSCAN_STEP, 1);
    result.rows_read = std::max<std::uint64_t>(rows_, static_cast<std::uint64_t>(scanned));
    result.rows_written = static_cast<std::uint64_t>(sqlite3_total_changes64(db) - changes_before_);
    if (prepared_.verb == Verb::insert || prepared_.verb == Verb::change) {
        const bool inserted = prepared_.verb == Verb::insert;
        result.affected_row_count = static_cast<std::uint64_t>(sqlite3_changes64(db));
        if (inserted) result.last_insert_rowid = sqlite3_last_insert_rowid(db);
        connection_.note_write(inserted);
    }
    result.query_duration_ms = timed_->elapsed_ms();
    return result;
}

hrana::StmtResult run(SqlConnection& connection, Prepared& prepared, const Stmt& stmt,
                      Budget& budget) {
    Execution execution(connection, prepared, stmt);
    std::vector<Row> rows;
    Row row;
    while (execution.next(stmt.want_rows ? &row : nullptr)) {
        if (!stmt.want_rows) continue;
        budget.take(size_of(row));
        rows.push_back(std::move(row));
    }
    hrana::StmtResult result = execution.counts();
    result.cols = execution.columns();
    result.rows = std::move(rows);
    return result;
}

hrana::DescribeResult describe(SqlConnection& connection, std::string_view sql) {
    sqlite3_stmt* statement = connection.prepare(sql).handle.get();
    hrana::DescribeResult result;
    const int params = sqlite3_bind_parameter_count(statement);
    for (int at = 1; at <= params; ++at) {
        const char* name = sqlite3_bind_parameter_name(statement, at);
        result.params.push_back(name ? std::optional<std::string>(name) : std::nullopt);
    }
    result.cols = columns_of(statement);
    result.is_explain = sqlite3_stmt_isexplain(statement) != 0;
    result.is_readonly = sqlite3_stmt_readonly(statement) != 0;
    return result;
}

bool holds(const Cond& condition, const hrana::BatchResult& done, bool autocommit) {
    const auto inner = [&](const Cond& each) { return holds(each, done, autocommit); };
    const auto& conds = condition.conds;
    switch (condition.kind) {
        case Cond::Kind::ok: return done.step_results[condition.step].has_value();
        case Cond::Kind::error: return !done.step_results[condition.step].has_value();
        case Cond::Kind::negation: return !inner(conds.front());
        case Cond::Kind::all: return std::all_of(conds.begin(), conds.end(), inner);
        case Cond::Kind::any: return std::any_of(conds.begin(), conds.end(), inner);
        case Cond::Kind::is_autocommit: return autocommit;
    }
    return false;
}

}  // namespace tidemark::server
