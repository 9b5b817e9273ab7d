#include "sqlite/statement.hpp"

#include <sqlite3.h>

#include "sqlite/connection.hpp"
#include "sqlite/sql_error.hpp"

namespace tidemark {

void Statement::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

Statement::Statement(Connection& connection, std::string_view sql) : connection_(&connection) {
    sqlite3_stmt* handle = nullptr;
    const char* tail = nullptr;
    if (sqlite3_prepare_v3(connection.handle(), sql.data(), static_cast<int>(sql.size()),
                           SQLITE_PREPARE_PERSISTENT, &handle, &tail) != SQLITE_OK) {
        throw_sql_error(connection.handle(), connection.path(), std::string(sql));
    }
    handle_.reset(handle);
    consumed_ = static_cast<std::size_t>(tail - sql.data());
}

void Statement::bind(int parameter, const Value& value) {
    sqlite3_stmt* handle = handle_.get();
    const int at = parameter + 1;
    int rc = SQLITE_OK;
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
        rc = sqlite3_bind_int64(handle, at, *number);
    } else if (const auto* real = std::get_if<double>(&value)) {
        rc = sqlite3_bind_double(handle, at, *real);
    } else if (const auto* text = std::get_if<std::string>(&value)) {
        rc =
            sqlite3_bind_text64(handle, at, text->data(), text->size(), SQLITE_STATIC, SQLITE_UTF8);
    } else if (const auto* blob = std::get_if<Blob>(&value)) {
        // A null pointer would bind NULL instead of an empty blob.
        const char* bytes = blob->bytes.empty() ? "" : blob->bytes.data();
        rc = sqlite3_bind_blob64(handle, at, bytes, blob->bytes.size(), SQLITE_STATIC);
    } else {
        rc = sqlite3_bind_null(handle, at);
    }
    if (rc != SQLITE_OK) throw_sql_error(connection_->handle(), connection_->path());
}

void Statement::bind(int parameter, std::int64_t number) {
    if (sqlite3_bind_int64(handle_.get(), parameter + 1, number) != SQLITE_OK) {
        throw_sql_error(connection_->handle(), connection_->path());
    }
}

void Statement::bind(int parameter, std::string_view text) {
    const char* bytes = text.empty() ? "" : text.data();
    if (sqlite3_bind_text64(handle_.get(), parameter + 1, bytes, text.size(), SQLITE_STATIC,
                            SQLITE_UTF8) != SQLITE_OK) {
        throw_sql_error(connection_->handle(), connection_->path());
    }
}

void Statement::bind_all(const Row& row) {
    int parameter = 0;
    for (const Value& value : row) bind(parameter++, value);
}

bool Statement::step() {
    const int rc = sqlite3_step(handle_.get());
    if (rc == SQLITE_ROW) return true;
    if (rc == SQLITE_DONE) {
        sqlite3_reset(handle_.get());
        return false;
    }
    // Resetting first would lose the message of a failed statement.
    try {
        throw_sql_error(connection_->handle(), connection_->path(), sqlite3_sql(handle_.get()));
    } catch (...) {
        sqlite3_reset(handle_.get());
        throw;
    }
}

void Statement::run() {
    while (step()) {
    }
}

void Statement::reset() {
    sqlite3_reset(handle_.get());
    sqlite3_clear_bindings(handle_.get());
}

int Statement::column_count() const { return sqlite3_column_count(handle_.get()); }

std::string Statement::column_name(int column) const {
    const char* name = sqlite3_column_name(handle_.get(), column);
    return name != nullptr ? name : "";
}

Value Statement::value(int column) const {
    sqlite3_stmt* handle = handle_.get();
    switch (sqlite3_column_type(handle, column)) {
        case SQLITE_INTEGER: return std::int64_t{sqlite3_column_int64(handle, column)};
        case SQLITE_FLOAT: return sqlite3_column_double(handle, column);
        case SQLITE_TEXT: return text(column);
        case SQLITE_BLOB: {
            const auto* bytes = static_cast<const char*>(sqlite3_column_blob(handle, column));
            const auto size = static_cast<std::size_t>(sqlite3_column_bytes(handle, column));
            return Blob{bytes ? std::string(bytes, size) : std::string()};
        }
        default: return std::monostate{};
    }
}

std::int64_t Statement::integer(int column) const {
    return sqlite3_column_int64(handle_.get(), column);
}

bool Statement::null(int column) const {
    return sqlite3_column_type(handle_.get(), column) == SQLITE_NULL;
}

std::string Statement::text(int column) const {
    const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(handle_.get(), column));
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column));
    return bytes ? std::string(bytes, size) : std::string();
}

Row Statement::row() const {
    Row row;
    const int columns = column_count();
    row.reserve(static_cast<std::size_t>(columns));
    for (int column = 0; column < columns; ++column) row.push_back(value(column));
    return row;
}

}  // namespace tidemark
