#include "common/database.hpp"

#include <sqlite3.h>

#include <filesystem>

#include <tidemark/error.hpp>

namespace examples {
namespace {

using tidemark::Blob;
using tidemark::Error;
using tidemark::ErrorCode;

/// How long a statement waits for a sync, or another program, to finish its transaction.
constexpr int busy_timeout_ms = 30'000;

[[noreturn]] void fail(sqlite3* db, const std::string& what) {
    throw Error(ErrorCode::failed, what + ": " + sqlite3_errmsg(db));
}

struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

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

void Database::Close::operator()(sqlite3* db) const { sqlite3_close_v2(db); }

Database::Database(const std::string& path) {
    make_folder_of(path);
    sqlite3* db = nullptr;
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    const int code = sqlite3_open_v2(path.c_str(), &db, flags, nullptr);
    handle_.reset(db);
    if (code != SQLITE_OK) fail(db, "cannot open " + path);
    sqlite3_busy_timeout(db, busy_timeout_ms);
    execute("PRAGMA foreign_keys = ON");
    // A sync that applies rows does not hold up readers then.
    execute("PRAGMA journal_mode = WAL");
}

Records Database::query(std::string_view sql, const Row& parameters) {
    sqlite3_stmt* prepared = nullptr;
    const int size = static_cast<int>(sql.size());
    if (sqlite3_prepare_v2(handle_.get(), sql.data(), size, &prepared, nullptr) != SQLITE_OK) {
        fail(handle_.get(), "the database cannot do this");
    }
    const Statement statement(prepared);
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        const Binder bind{statement.get(), static_cast<int>(i) + 1};
        if (std::visit(bind, parameters[i]) != SQLITE_OK) fail(handle_.get(), "a wrong parameter");
    }
    Records records;
    int code = SQLITE_ROW;
    while ((code = sqlite3_step(statement.get())) == SQLITE_ROW) {
        Record record;
        for (int i = 0; i < sqlite3_column_count(statement.get()); ++i) {
            record.values.emplace_back(sqlite3_column_name(statement.get(), i),
                                       value_of(statement.get(), i));
        }
        records.push_back(std::move(record));
    }
    if (code != SQLITE_DONE) fail(handle_.get(), "the database refused this");
    return records;
}

void Database::execute(const std::string& sql) {
    if (sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
        fail(handle_.get(), "the database refused this");
    }
}

std::int64_t Database::changes() const { return sqlite3_changes64(handle_.get()); }

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
