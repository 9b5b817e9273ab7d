#include "common/database.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <filesystem>

#include <tidemark/error.hpp>

namespace examples {
namespace {

using tidemark::Blob;
using tidemark::Error;
using tidemark::ErrorCode;

/// How long a statement waits for a sync, or another program, to finish its transaction.
constexpr int busy_timeout_ms = 30'000;

[[noreturn]] void fail(sqlite3* db) { throw Error(ErrorCode::failed, sqlite3_errmsg(db)); }

struct Binder {
    sqlite3_stmt* statement;
    int index;

    int operator()(std::monostate) const { return sqlite3_bind_null(statement, index); }
    int operator()(std::int64_t number) const {
        return sqlite3_bind_int64(statement, index, number);
    }
    int operator()(double number) const { return sqlite3_bind_double(statement, index, number); }
    int operator()(const std::string& text) const {
        return sqlite3_bind_text64(statement, index, text.data(), text.size(), SQLITE_STATIC,
                                   SQLITE_UTF8);
    }
    int operator()(const Blob& blob) const {
        return sqlite3_bind_blob64(statement, index, blob.bytes.data(), blob.bytes.size(),
                                   SQLITE_STATIC);
    }
};

void bind(sqlite3_stmt* statement, int index, const Value& value) {
    if (std::visit(Binder{statement, index}, value) != SQLITE_OK) {
        fail(sqlite3_db_handle(statement));
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

void make_folder_of(const std::string& path) {
    const auto folder = std::filesystem::path(path).parent_path();
    if (folder.empty()) return;
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) {
        throw Error(ErrorCode::failed,
                    "cannot make the folder " + folder.string() + ": " + error.message());
    }
}

}  // namespace

const Value& Record::operator[](std::string_view column) const {
    static const Value null;
    for (const auto& [name, value] : values) {
        if (name == column) return value;
    }
    return null;
}

std::string Record::text(std::string_view column) const {
    const auto* found = std::get_if<std::string>(&(*this)[column]);
    return found ? *found : std::string();
}

std::int64_t Record::integer(std::string_view column) const {
    const auto* found = std::get_if<std::int64_t>(&(*this)[column]);
    return found ? *found : 0;
}

double Record::real(std::string_view column) const {
    const auto* found = std::get_if<double>(&(*this)[column]);
    return found ? *found : 0;
}

void Database::Close::operator()(sqlite3* db) const { sqlite3_close_v2(db); }

Database::Database(const std::string& path) {
    make_folder_of(path);
    sqlite3* db = nullptr;
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    const int code = sqlite3_open_v2(path.c_str(), &db, flags, nullptr);
    handle_.reset(db);
    if (code != SQLITE_OK) {
        throw Error(ErrorCode::failed, "cannot open " + path + ": " + sqlite3_errmsg(db));
    }
    sqlite3_busy_timeout(db, busy_timeout_ms);
    execute("PRAGMA foreign_keys = ON");
    // A sync that applies rows does not hold up readers then.
    execute("PRAGMA journal_mode = WAL");
}

void Database::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

Database::Statement Database::prepare(std::string_view sql) {
    sqlite3_stmt* prepared = nullptr;
    const char* rest = nullptr;
    const int size = static_cast<int>(sql.size());
    if (sqlite3_prepare_v2(handle_.get(), sql.data(), size, &prepared, &rest) != SQLITE_OK) {
        fail(handle_.get());
    }
    Statement statement(prepared);
    const std::string_view more = sql.substr(static_cast<std::size_t>(rest - sql.data()));
    if (!statement || more.find_first_not_of(" \t\r\n;") != std::string_view::npos) {
        throw Error(ErrorCode::usage, "there must be exactly one statement",
                    "Run several statements one by one.");
    }
    return statement;
}

Records Database::query(std::string_view sql, const Row& parameters) {
    const Statement statement = prepare(sql);
    const int wanted = sqlite3_bind_parameter_count(statement.get());
    if (static_cast<int>(parameters.size()) != wanted) {
        throw Error(ErrorCode::usage, "the query has " + std::to_string(wanted) +
                                          " parameters, and " + std::to_string(parameters.size()) +
                                          " were given");
    }
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        bind(statement.get(), static_cast<int>(i) + 1, parameters[i]);
    }
    return run(statement.get());
}

Records Database::query_named(std::string_view sql, const tidemark::NamedValues& parameters) {
    const Statement statement = prepare(sql);
    for (int index = 1; index <= sqlite3_bind_parameter_count(statement.get()); ++index) {
        const char* name = sqlite3_bind_parameter_name(statement.get(), index);
        const std::string_view sought = name ? name : "?";
        const auto given = std::find_if(parameters.begin(), parameters.end(), [&](const auto& one) {
            return one.first == sought || one.first == sought.substr(1);
        });
        if (given == parameters.end()) {
            throw Error(ErrorCode::usage, "no value for the parameter " + std::string(sought));
        }
        bind(statement.get(), index, given->second);
    }
    return run(statement.get());
}

Records Database::run(sqlite3_stmt* statement) {
    Records records;
    int code = SQLITE_ROW;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        Record record;
        const int columns = sqlite3_column_count(statement);
        record.values.reserve(static_cast<std::size_t>(columns));
        for (int i = 0; i < columns; ++i) {
            record.values.emplace_back(sqlite3_column_name(statement, i), value_of(statement, i));
        }
        records.push_back(std::move(record));
    }
    if (code != SQLITE_DONE) fail(handle_.get());
    return records;
}

bool Database::only_reads(std::string_view sql) {
    return sqlite3_stmt_readonly(prepare(sql).get()) != 0;
}

void Database::execute(const std::string& sql) {
    if (sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
        fail(handle_.get());
    }
}

std::int64_t Database::changes() const { return sqlite3_changes64(handle_.get()); }

std::pair<std::int64_t, std::int64_t> Database::version() {
    return {query("PRAGMA data_version").at(0).integer("data_version"),
            sqlite3_total_changes64(handle_.get())};
}

bool Database::in_transaction() const { return sqlite3_get_autocommit(handle_.get()) == 0; }

Transaction::Transaction(Database& database) : database_(database) {
    database_.execute("BEGIN IMMEDIATE");
}

Transaction::~Transaction() {
    if (!open_) return;
    try {
        database_.execute("ROLLBACK");
    } catch (const Error&) {  // SQLite has rolled back by itself
    }
}

void Transaction::commit() {
    database_.execute("COMMIT");
    open_ = false;
}

}  // namespace examples
