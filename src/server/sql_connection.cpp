#include "server/sql_connection.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cctype>
#include <thread>

#include <tidemark/error.hpp>

#include "base/text.hpp"
#include "server/fault.hpp"
#include "sqlite/sql_error.hpp"

namespace tidemark::server {
namespace {

/// Instructions of SQLite's machine between two looks at the clock: about 50 µs.
constexpr int progress_instructions = 5'000;
/// A statement that runs longer than this no longer holds up its thread's other connections.
constexpr std::chrono::milliseconds long_statement{20};

std::string_view without_space(std::string_view text) {
    while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front()))) {
        text.remove_prefix(1);
    }
    return text;
}

/// Takes `word` off the front of `text`; false where something else is there.
bool take_word(std::string_view& text, std::string_view word) {
    text = without_space(text);
    if (!starts_with_name(text, word)) return false;
    const std::string_view rest = text.substr(word.size());
    if (!rest.empty() && (std::isalnum(static_cast<unsigned char>(rest[0])) || rest[0] == '_')) {
        return false;
    }
    text = rest;
    return true;
}

}  // namespace

void Prepared::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

SqlConnection::SqlConnection(const std::string& path, Role role, const Limits& limits, bool create,
                             std::int64_t most_bytes)
    : connection_(path, create ? Connection::Open::create : Connection::Open::read_write),
      role_(role),
      limits_(limits),
      most_bytes_(most_bytes) {
    configure(path);
}

SqlConnection::~SqlConnection() = default;

void SqlConnection::configure(const std::string& path) {
    sqlite3* db = handle();
    sqlite3_busy_handler(db, &SqlConnection::on_busy, this);
    Timed timed(*this);
    connection_.execute(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY");
    connection_.execute(role_ == Role::client ? "PRAGMA foreign_keys = ON"
                                              : "PRAGMA foreign_keys = OFF");
    if (connection_.scalar("PRAGMA journal_mode") != Value("wal")) {
        throw Error(ErrorCode::failed, path + " cannot be put into WAL mode",
                    "Its file system must support shared memory; network mounts do not.");
    }
    if (most_bytes_ > 0) {
        const std::int64_t pages = most_bytes_ / connection_.integer("PRAGMA page_size");
        connection_.execute("PRAGMA max_page_count = " +
                            std::to_string(std::max<std::int64_t>(pages, 1)));
    }
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 1);  // VACUUM needs one for itself
    sqlite3_limit(db, SQLITE_LIMIT_LENGTH, 1'000'000'000);
    sqlite3_limit(db, SQLITE_LIMIT_SQL_LENGTH, static_cast<int>(limits_.sql_bytes));
    sqlite3_progress_handler(db, progress_instructions, &SqlConnection::on_progress, this);
    sqlite3_create_function_v2(db, "changes", 0, SQLITE_UTF8 | SQLITE_INNOCUOUS, this,
                               &SqlConnection::changes_function, nullptr, nullptr, nullptr);
    connection_.permit([this](int action, const char* first, const char* second,
                              const char* database, const char* trigger) {
        return decide(role_, *seen_, action, first, second, database, trigger);
    });
}

// ---- Statements
// ----------------------------------------------------------------------------------

Prepared& SqlConnection::prepare(std::string_view sql) {
    const auto found = by_sql_.find(sql);
    if (found != by_sql_.end()) {
        entries_.splice(entries_.begin(), entries_, found->second);
        return entries_.front().prepared;
    }
    std::size_t consumed = 0;
    Prepared prepared = compile(sql, consumed);
    if (!prepared.handle)
        throw Fault("SQL_NO_STATEMENT", "SQL string does not contain a statement");
    require_end(sql.substr(consumed));
    entries_.push_front({std::string(sql), std::move(prepared)});
    by_sql_.emplace(entries_.front().sql, entries_.begin());
    if (entries_.size() > limits_.cached_statements) {
        by_sql_.erase(entries_.back().sql);
        entries_.pop_back();
    }
    return entries_.front().prepared;
}

std::unique_ptr<Prepared> SqlConnection::prepare_next(std::string_view& sql) {
    while (!sql.empty()) {
        std::size_t consumed = 0;
        Prepared prepared = compile(sql, consumed);
        sql.remove_prefix(consumed);
        if (prepared.handle) return std::make_unique<Prepared>(std::move(prepared));
        if (consumed == 0) break;
    }
    return nullptr;
}

Prepared SqlConnection::compile(std::string_view sql, std::size_t& consumed) {
    if (sql.size() > limits_.sql_bytes) {
        throw Fault("SQL_INPUT_ERROR", "the SQL text is longer than the server's limit of " +
                                           std::to_string(limits_.sql_bytes) + " bytes");
    }
    if (auto foreign = compile_foreign(sql, consumed)) return std::move(*foreign);
    Seen seen;
    seen_ = &seen;
    sqlite3_stmt* statement = nullptr;
    const char* tail = nullptr;
    const int rc = sqlite3_prepare_v3(handle(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, &tail);
    seen_ = &scratch_;
    altered_ = altered_ || seen.sets;
    Prepared prepared;
    prepared.handle.reset(statement);
    if (rc != SQLITE_OK) {
        if (seen.refused) {
            throw Fault("SQLITE_AUTH",
                        std::string("SQLite error: not authorized: ") + seen.refused);
        }
        throw sql_fault(handle(), rc);
    }
    consumed = static_cast<std::size_t>(tail - sql.data());
    if (!statement) return prepared;
    prepared.verb = seen.verb;
    prepared.reads_only =
        sqlite3_stmt_readonly(statement) != 0 || sqlite3_stmt_isexplain(statement) != 0;
    if (seen.alters && role_ == Role::client && lower(sql).find("tidemark_") != std::string::npos) {
        throw Fault(
            "SQLITE_AUTH",
            "SQLite error: not authorized: names that begin with tidemark_ are Tidemark's own");
    }
    if (seen.defines) prepared.verb = Verb::other;  // DROP TABLE deletes rows, too
    // VACUUM shows what it does only when it runs.
    prepared.alone = !prepared.reads_only && seen.verb == Verb::other && !seen.defines;
    return prepared;
}

// What libSQL knows and SQLite does not, or takes for a transaction's name. A concurrent
// transaction becomes one that waits its turn: it can then never fail to commit.
std::optional<Prepared> SqlConnection::compile_foreign(std::string_view sql,
                                                       std::size_t& consumed) {
    std::string_view rest = sql;
    if (!take_word(rest, "BEGIN")) return std::nullopt;
    take_word(rest, "TRANSACTION");
    const bool reading = take_word(rest, "READONLY");
    if (!reading && !take_word(rest, "CONCURRENT")) return std::nullopt;
    rest = without_space(rest);
    if (!rest.empty() && rest[0] != ';') return std::nullopt;
    if (!rest.empty()) rest.remove_prefix(1);
    std::size_t own = 0;
    Prepared prepared = compile(reading ? "BEGIN" : "BEGIN IMMEDIATE", own);
    prepared.begins_reading = reading;
    consumed = sql.size() - rest.size();
    return prepared;
}

void SqlConnection::require_end(std::string_view rest) {
    bool more = false;
    try {
        more = prepare_next(rest) != nullptr;
    } catch (const Fault&) {
        more = true;  // what cannot be prepared is still a second statement
    }
    if (more) throw Fault("SQL_MANY_STATEMENTS", "SQL string contains more than one statement");
}

void SqlConnection::run(const char* sql) {
    Prepared& prepared = prepare(sql);
    sqlite3_stmt* statement = prepared.handle.get();
    int rc = SQLITE_ROW;
    while (rc == SQLITE_ROW) rc = sqlite3_step(statement);
    if (rc != SQLITE_DONE) {
        Fault fault = sql_fault(handle(), rc);
        sqlite3_reset(statement);
        throw fault;
    }
    sqlite3_reset(statement);
}

// Programs like to switch foreign keys on each time they connect. Every other setting counts once
// it has been prepared: SQLite makes it then, whether it is run or not.
bool SqlConnection::is_altered() const {
    int foreign_keys = 0;
    sqlite3_db_config(handle(), SQLITE_DBCONFIG_ENABLE_FKEY, -1, &foreign_keys);
    return altered_ || (foreign_keys != 0) != (role_ == Role::client);
}

bool SqlConnection::holds_write_lock() const {
    return sqlite3_txn_state(handle(), "main") == SQLITE_TXN_WRITE;
}

// ---- What a stream remembers
// ---------------------------------------------------------------------

void SqlConnection::serve(Memory& memory) {
    memory_ = &memory;
    sqlite3_set_last_insert_rowid(handle(), memory.last_insert_rowid);
    changes_before_ = sqlite3_total_changes64(handle());
}

void SqlConnection::note_write(bool inserted) {
    memory_->changes = sqlite3_changes64(handle());
    if (inserted) memory_->last_insert_rowid = sqlite3_last_insert_rowid(handle());
    changes_before_ = sqlite3_total_changes64(handle());
}

// Within a statement that has changed rows already (in a trigger) SQLite's own count is the right
// one; before that it may be another stream's.
void SqlConnection::changes_function(sqlite3_context* context, int, sqlite3_value**) {
    const auto& self = *static_cast<SqlConnection*>(sqlite3_user_data(context));
    const bool changed = sqlite3_total_changes64(self.handle()) != self.changes_before_;
    sqlite3_result_int64(context,
                         changed ? sqlite3_changes64(self.handle()) : self.memory_->changes);
}

// ---- Triggers of a replica's connection
// ----------------------------------------------------------

void SqlConnection::be_quiet() {
    std::vector<std::string> tables;
    if (connection_.integer("SELECT count(*) FROM sqlite_schema WHERE name = 'tidemark_tables'") >
        0) {
        Statement names(connection_, "SELECT name FROM tidemark_tables");
        while (names.step()) tables.push_back(names.text(0));
    }
    if (tables == quiet_tables_) return;
    be_loud();
    quiet_tables_ = tables;
    if (!tables.empty()) quiet_.emplace(connection_, std::move(tables));
}

// What a statement does in triggers was decided when it was prepared.
void SqlConnection::be_loud() {
    by_sql_.clear();
    entries_.clear();
    quiet_.reset();
    quiet_tables_.clear();
}

void SqlConnection::suspend_triggers() {
    if (quiet_) quiet_->suspend();
}

void SqlConnection::suspend_refusing_triggers() {
    if (quiet_) quiet_->suspend_refusing();
}

void SqlConnection::resume_triggers() {
    if (quiet_) quiet_->resume();
}

// ---- Time
// ----------------------------------------------------------------------------------------

SqlConnection::Timed::Timed(SqlConnection& connection, double spent_ms) : connection_(connection) {
    connection_.started_ = Clock::now() - std::chrono::duration_cast<Clock::duration>(
                                              std::chrono::duration<double, std::milli>(spent_ms));
    connection_.timed_ = true;
    connection_.timed_out_ = false;
}

SqlConnection::Timed::~Timed() {
    connection_.timed_ = false;
    connection_.absence_.reset();
}

double SqlConnection::Timed::elapsed_ms() const {
    return std::chrono::duration<double, std::milli>(Clock::now() - connection_.started_).count();
}

int SqlConnection::on_progress(void* self) {
    auto& connection = *static_cast<SqlConnection*>(self);
    if (!connection.timed_) return 0;
    const auto elapsed = Clock::now() - connection.started_;
    if (elapsed < long_statement) return 0;
    if (!connection.absence_) connection.absence_.emplace();
    connection.timed_out_ = elapsed > std::chrono::milliseconds(connection.limits_.statement_ms);
    return connection.timed_out_ ? 1 : 0;
}

// Another program has the file: our own writers take turns before they come here.
int SqlConnection::on_busy(void* self, int tries) {
    auto& connection = *static_cast<SqlConnection*>(self);
    if (tries == 0 && !connection.timed_) connection.started_ = Clock::now();
    const auto waited = Clock::now() - connection.started_;
    if (waited > std::chrono::milliseconds(connection.limits_.busy_ms)) return 0;
    if (!connection.absence_) connection.absence_.emplace();
    std::this_thread::sleep_for(std::chrono::milliseconds(std::min(1 + tries, 20)));
    return 1;
}

}  // namespace tidemark::server
