#include "database.hpp"

#include <sqlite3.h>

#include <algorithm>

#include <tidemark/error.hpp>

namespace memorygraph {
namespace {

using tidemark::Error;
using tidemark::ErrorCode;

/// How long a statement waits for a sync, or another program, to finish its transaction.
constexpr int busy_timeout_ms = 30'000;

[[noreturn]] void fail(sqlite3* db, const char* what) {
    throw Error(ErrorCode::failed, std::string(what) + ": " + sqlite3_errmsg(db));
}

struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

Statement prepare(sqlite3* db, std::string_view sql) {
    sqlite3_stmt* statement = nullptr;
    const char* rest = nullptr;
    const int size = static_cast<int>(sql.size());
    if (sqlite3_prepare_v2(db, sql.data(), size, &statement, &rest) != SQLITE_OK) {
        fail(db, "Query execution failed");
    }
    Statement prepared(statement);
    const std::string_view more = sql.substr(static_cast<std::size_t>(rest - sql.data()));
    if (!prepared || more.find_first_not_of(" \t\r\n;") != std::string_view::npos) {
        throw Error(ErrorCode::usage, "Query execution failed: there must be exactly one statement",
                    "Run several statements one by one.");
    }
    return prepared;
}

void bind(sqlite3_stmt* statement, int index, const Value& value) {
    struct Binder {
        sqlite3_stmt* statement;
        int index;
        int operator()(std::monostate) const { return sqlite3_bind_null(statement, index); }
        int operator()(std::int64_t number) const {
            return sqlite3_bind_int64(statement, index, number);
        }
        int operator()(double number) const {
            return sqlite3_bind_double(statement, index, number);
        }
        int operator()(const std::string& text) const {
            return sqlite3_bind_text64(statement, index, text.data(), text.size(), SQLITE_STATIC,
                                       SQLITE_UTF8);
        }
        int operator()(const Blob& blob) const {
            return sqlite3_bind_blob64(statement, index, blob.bytes.data(), blob.bytes.size(),
                                       SQLITE_STATIC);
        }
    };
    if (std::visit(Binder{statement, index}, value) != SQLITE_OK) {
        fail(sqlite3_db_handle(statement), "Query execution failed");
    }
}

void bind(sqlite3_stmt* statement, const Row& values) {
    if (static_cast<int>(values.size()) != sqlite3_bind_parameter_count(statement)) {
        throw Error(ErrorCode::usage, "Query execution failed: the query has " +
                                          std::to_string(sqlite3_bind_parameter_count(statement)) +
                                          " parameters, and " + std::to_string(values.size()) +
                                          " were given");
    }
    for (std::size_t i = 0; i < values.size(); ++i) {
        bind(statement, static_cast<int>(i) + 1, values[i]);
    }
}

void bind(sqlite3_stmt* statement, const NamedValues& values) {
    for (int index = 1; index <= sqlite3_bind_parameter_count(statement); ++index) {
        const char* name = sqlite3_bind_parameter_name(statement, index);
        const std::string_view sought = name ? name : "?";
        const auto found = std::find_if(values.begin(), values.end(), [&](const auto& given) {
            return given.first == sought || given.first == sought.substr(1);
        });
        if (found == values.end()) {
            throw Error(ErrorCode::usage, "Query execution failed: no value for the parameter " +
                                              std::string(sought));
        }
        bind(statement, index, found->second);
    }
}

Value value_of(sqlite3_stmt* statement, int index) {
    const auto bytes = [&](const void* data) {
        const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, index));
        return data ? std::string(static_cast<const char*>(data), size) : std::string();
    };
    switch (sqlite3_column_type(statement, index)) {
        case SQLITE_INTEGER: return std::int64_t{sqlite3_column_int64(statement, index)};
        case SQLITE_FLOAT: return sqlite3_column_double(statement, index);
        case SQLITE_TEXT: return bytes(sqlite3_column_text(statement, index));
        case SQLITE_BLOB: return Blob{bytes(sqlite3_column_blob(statement, index))};
        default: return {};
    }
}

}  // namespace

const Value& column(const Record& record, std::string_view name) {
    static const Value null;
    const auto found = std::find_if(record.begin(), record.end(),
                                    [&](const auto& field) { return field.first == name; });
    return found == record.end() ? null : found->second;
}

std::string text(const Record& record, std::string_view name) {
    const auto* found = std::get_if<std::string>(&column(record, name));
    return found ? *found : std::string();
}

std::int64_t integer(const Record& record, std::string_view name) {
    const auto* found = std::get_if<std::int64_t>(&column(record, name));
    return found ? *found : 0;
}

double real(const Record& record, std::string_view name) {
    const auto* found = std::get_if<double>(&column(record, name));
    return found ? *found : 0;
}

void Database::Close::operator()(sqlite3* db) const { sqlite3_close_v2(db); }

Database::Database(const std::string& path) {
    sqlite3* db = nullptr;
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    const int code = sqlite3_open_v2(path.c_str(), &db, flags, nullptr);
    handle_.reset(db);
    if (code != SQLITE_OK) fail(db, ("cannot open " + path).c_str());
    sqlite3_busy_timeout(db, busy_timeout_ms);
    execute("PRAGMA foreign_keys = ON");
    // A sync that applies rows does not hold up readers then.
    execute("PRAGMA journal_mode = WAL");
}

Records Database::query(std::string_view sql, const Parameters& parameters, bool write) {
    const Statement statement = prepare(handle_.get(), sql);
    if (!write && !sqlite3_stmt_readonly(statement.get())) {
        throw Error(ErrorCode::usage, "Query execution failed: the statement writes",
                    "Say so: execute_query(query, parameters, write = true).");
    }
    std::visit([&](const auto& values) { bind(statement.get(), values); }, parameters);
    Records records;
    int code = SQLITE_ROW;
    while ((code = sqlite3_step(statement.get())) == SQLITE_ROW) {
        Record record;
        for (int i = 0; i < sqlite3_column_count(statement.get()); ++i) {
            record.emplace_back(sqlite3_column_name(statement.get(), i),
                                value_of(statement.get(), i));
        }
        records.push_back(std::move(record));
    }
    if (code != SQLITE_DONE) fail(handle_.get(), "Query execution failed");
    return records;
}

void Database::execute(const std::string& sql) {
    if (sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
        fail(handle_.get(), "Query execution failed");
    }
}

std::pair<std::int64_t, std::int64_t> Database::version() {
    return {integer(query("PRAGMA data_version").at(0), "data_version"),
            sqlite3_total_changes64(handle_.get())};
}

bool Database::in_transaction() const { return sqlite3_get_autocommit(handle_.get()) == 0; }

}  // namespace memorygraph
