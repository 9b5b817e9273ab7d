#include "sqlite/connection.hpp"

#include <sqlite3.h>

#include <utility>

#include "base/tuning.hpp"
#include "sqlite/sql_error.hpp"

namespace tidemark {
namespace {

std::string with_doubled(std::string_view text, char quote) {
    std::string out(1, quote);
    for (const char c : text) {
        out += c;
        if (c == quote) out += c;
    }
    out += quote;
    return out;
}

int open_flags(Connection::Open open) {
    switch (open) {
        case Connection::Open::read_write: return SQLITE_OPEN_READWRITE;
        case Connection::Open::create: return SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
        case Connection::Open::read_only: return SQLITE_OPEN_READONLY;
    }
    return SQLITE_OPEN_READWRITE;
}

}  // namespace

std::string quoted(std::string_view name) { return with_doubled(name, '"'); }
std::string literal(std::string_view text) { return with_doubled(text, '\''); }

void Connection::Close::operator()(sqlite3* db) const { sqlite3_close_v2(db); }

Connection::Connection(const std::string& path, Open open, const std::string& vfs) : path_(path) {
    sqlite3* handle = nullptr;
    const int rc = sqlite3_open_v2(path.c_str(), &handle, open_flags(open) | SQLITE_OPEN_NOMUTEX,
                                   vfs.empty() ? nullptr : vfs.c_str());
    handle_.reset(handle);
    if (rc != SQLITE_OK) throw_sql_error(handle, path);
    sqlite3_extended_result_codes(handle, 1);
    sqlite3_busy_timeout(handle, static_cast<int>(tuning::busy_timeout_ms));
    // Opening reads nothing yet: this is where a file that is no database shows itself.
    scalar("SELECT count(*) FROM sqlite_schema");
}

bool Connection::exists(const std::string& path, const std::string& vfs) {
    sqlite3_vfs* files = sqlite3_vfs_find(vfs.empty() ? nullptr : vfs.c_str());
    // SQLite takes an empty file for none where it only asks for existence.
    for (const int question : {SQLITE_ACCESS_EXISTS, SQLITE_ACCESS_READWRITE}) {
        int found = 0;
        if (files->xAccess(files, path.c_str(), question, &found) == SQLITE_OK && found) {
            return true;
        }
    }
    return false;
}

Connection::~Connection() { forget_statements(); }

void Connection::execute(std::string_view sql) {
    while (!sql.empty()) {
        Statement statement(*this, sql);
        sql.remove_prefix(statement.consumed());
        if (!statement.empty()) statement.run();
    }
}

void Connection::execute(std::string_view sql, const Row& arguments) {
    Statement& statement = cached(sql);
    const Reset reset(statement);
    statement.bind_all(arguments);
    statement.run();
}

Value Connection::scalar(std::string_view sql, const Row& arguments) {
    Statement& statement = cached(sql);
    const Reset reset(statement);
    statement.bind_all(arguments);
    return statement.step() ? statement.value(0) : Value{};
}

std::int64_t Connection::integer(std::string_view sql, const Row& arguments) {
    Statement& statement = cached(sql);
    const Reset reset(statement);
    statement.bind_all(arguments);
    return statement.step() ? statement.integer(0) : 0;
}

Statement& Connection::cached(std::string_view sql) {
    auto found = statements_.find(sql);
    if (found == statements_.end()) {
        found =
            statements_.emplace(std::string(sql), std::make_unique<Statement>(*this, sql)).first;
    }
    return *found->second;
}

void Connection::forget_statements() {
    statements_.clear();
    set_aside_.clear();
}

bool Connection::in_transaction() const { return sqlite3_get_autocommit(handle()) == 0; }

std::int64_t Connection::changes() const { return sqlite3_changes64(handle()); }

int Connection::authorize(void* self, int action, const char* first, const char* second,
                          const char* database, const char* trigger) {
    const auto& connection = *static_cast<Connection*>(self);
    if (connection.permit_) {
        const int answer = connection.permit_(action, first, second, database, trigger);
        if (answer != SQLITE_OK) return answer;
    }
    if (!connection.mute_ || !trigger || !first) return SQLITE_OK;
    TriggerWrite write{TriggerWrite::Kind::insert, first, trigger};
    switch (action) {
        case SQLITE_INSERT: break;
        case SQLITE_UPDATE: write.kind = TriggerWrite::Kind::update; break;
        case SQLITE_DELETE: write.kind = TriggerWrite::Kind::remove; break;
        default: return SQLITE_OK;
    }
    return connection.mute_(write) ? SQLITE_IGNORE : SQLITE_OK;
}

void Connection::mute_in_triggers(Mute mute, const std::string& purpose) {
    if (!mute_) std::swap(statements_, set_aside_);
    if (purpose != purpose_) statements_.clear();
    purpose_ = purpose;
    mute_ = std::move(mute);
    set_authorizer();
}

void Connection::unmute() {
    if (mute_) std::swap(statements_, set_aside_);
    mute_ = nullptr;
}

void Connection::permit(Permit permit) {
    permit_ = std::move(permit);
    set_authorizer();
}

// Setting it expires every statement, so it stays.
void Connection::set_authorizer() {
    if (std::exchange(authorizing_, true)) return;
    sqlite3_set_authorizer(handle(), &Connection::authorize, this);
}

}  // namespace tidemark
