#include "capture/quiet.hpp"

#include <algorithm>

#include <sqlite3.h>

#include "base/text.hpp"
#include "schema/table_text.hpp"
#include "sqlite/sql_error.hpp"
#include "sqlite/statement.hpp"

namespace tidemark::capture {
namespace {

/// What SQLite says about a function or collation that this connection lacks, and where the name
/// ends.
struct Lack {
    std::string_view message;
    std::string_view what;
    std::string_view end;
};
constexpr Lack lacks[] = {
    {"no such function: ", "function", ""},
    {"unknown function: ", "function", "()"},
    {"no such collation sequence: ", "collation", ""},
};

/// Throws the Error that names what is lacking; returns where the message says something else.
void throw_if_lacking(const std::string& table, std::string_view message) {
    for (const Lack& lack : lacks) {
        if (!message.starts_with(lack.message)) continue;
        std::string name(message.substr(lack.message.size()));
        if (name.ends_with(lack.end)) name.resize(name.size() - lack.end.size());
        throw Error(ErrorCode::failed,
                    "table " + table + " cannot be written here: a trigger, index or check of it " +
                        "needs the " + std::string(lack.what) + " " + name +
                        ", which only the application has",
                    "Synchronize from inside the application, with the Tidemark extension, or "
                    "exclude the table.");
    }
}

/// Every stored column set to itself, so that the triggers on UPDATE OF any of them take part.
std::string update_all(Connection& connection, const std::string& table) {
    std::string sql = "UPDATE " + quoted(table) + " SET ";
    Statement& columns =
        connection.cached("SELECT name FROM pragma_table_xinfo(?1) WHERE hidden = 0");
    const Reset reset(columns);
    columns.bind(0, std::string_view(table));
    for (std::string separator; columns.step(); separator = ", ") {
        sql += separator + quoted(columns.text(0)) + " = " + quoted(columns.text(0));
    }
    return sql;
}

bool is_muted(const std::vector<std::string>& synced, std::string_view table) {
    return starts_with_name(table, "tidemark_") || contains_name(synced, table);
}

/// Compiles the three kinds of write to a table, so that SQLite reports what its triggers do.
void compile_writes(Connection& connection, const std::string& table) {
    if (connection.integer("SELECT count(*) FROM sqlite_schema WHERE name = ?1 COLLATE NOCASE",
                           {table}) == 0) {
        return;  // dropped by somebody meanwhile: whoever writes it will be told
    }
    for (const std::string& sql : {"INSERT INTO " + quoted(table) + " DEFAULT VALUES",
                                   update_all(connection, table), "DELETE FROM " + quoted(table)}) {
        try {
            const Statement statement(connection, sql);
        } catch (const SqlError&) {
            throw_if_lacking(table, sqlite3_errmsg(connection.handle()));
            throw;
        }
    }
}

/// The triggers of each table from the first that is among `chosen` on, in the order in which they
/// were made: name and text.
std::vector<std::pair<std::string, std::string>> from_first_of(
    Connection& connection, const std::set<std::string>& chosen) {
    std::vector<std::pair<std::string, std::string>> found;
    std::set<std::string> reached;
    Statement& triggers = connection.cached(R"(
        SELECT name, tbl_name, sql FROM sqlite_schema WHERE type = 'trigger' ORDER BY rowid)");
    const Reset reset(triggers);
    while (triggers.step()) {
        const std::string table = lower(triggers.text(1));
        if (chosen.contains(triggers.text(0))) reached.insert(table);
        if (reached.contains(table)) found.emplace_back(triggers.text(0), triggers.text(2));
    }
    return found;
}

}  // namespace

Quiet::Quiet(Connection& connection, std::vector<std::string> synced,
             std::optional<std::int64_t> clean_at)
    : connection_(connection), synced_(std::move(synced)), clean_at_(clean_at) {
    const auto mute = [this](const Connection::TriggerWrite& write) {
        if (!is_muted(synced_, write.table)) return false;
        if (write.kind != Connection::TriggerWrite::Kind::remove) return true;
        deleting_.emplace(write.trigger);
        return false;
    };
    connection_.mute_in_triggers(mute, join(synced_, "\n"));
}

Quiet::~Quiet() { connection_.unmute(); }

void Quiet::suspend() {
    suspended_.clear();  // those of a transaction that was rolled back are there by themselves
    const std::int64_t version = connection_.integer("PRAGMA schema_version");
    if (clean_at_ == version) return;
    deleting_.clear();
    for (const std::string& table : synced_) compile_writes(connection_, table);
    if (deleting_.empty()) {
        clean_at_ = version;
        return;
    }
    drop(deleting_);
}

void Quiet::suspend_refusing() {
    resume();  // the order of all of them is known only while they are there
    std::set<std::string> chosen = deleting_;
    {
        Statement& triggers =
            connection_.cached("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'");
        const Reset reset(triggers);
        while (triggers.step()) {
            const bool refuses = meaning_of(triggers.text(1)).find(" raise (") != std::string::npos;
            if (refuses) chosen.insert(triggers.text(0));
        }
    }
    drop(chosen);
}

void Quiet::drop(const std::set<std::string>& triggers) {
    suspended_ = from_first_of(connection_, triggers);
    for (const std::string& name : triggers) connection_.execute("DROP TRIGGER " + quoted(name));
}

void Quiet::resume() {
    for (const auto& [name, sql] : suspended_) {
        connection_.execute("DROP TRIGGER IF EXISTS " + quoted(name));
        connection_.execute(sql);
    }
    suspended_.clear();
}

std::vector<std::string> triggers_writing(Connection& connection,
                                          const std::vector<std::string>& synced) {
    std::set<std::string> writing;
    const auto note = [&](const Connection::TriggerWrite& write) {
        const bool ours = starts_with_name(write.trigger, "tidemark_");
        if (!ours && is_muted(synced, write.table)) writing.emplace(write.trigger);
        return false;
    };
    connection.mute_in_triggers(note, "triggers_writing");
    for (const std::string& table : synced) compile_writes(connection, table);
    connection.unmute();
    std::vector<std::string> names;
    for (auto& [name, sql] : from_first_of(connection, writing)) {
        if (!starts_with_name(name, "tidemark_")) names.push_back(std::move(name));
    }
    return names;
}

}  // namespace tidemark::capture
