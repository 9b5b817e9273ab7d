#include <sqlite3.h>

#include <cctype>
#include <utility>

#include "base/text.hpp"
#include "server/service.hpp"

/// The whole database as SQL text, sent as it is read.
namespace tidemark::server {
namespace {

constexpr std::size_t portion_bytes = 64 * 1024;

/// One dump under way, all of it in one read transaction.
class Dump {
public:
    explicit Dump(SqlConnection& connection) : sql_(connection.connection()) {
        sql_.execute("BEGIN");
        tables_ = list(
            "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND sql IS NOT "
            "NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY rowid");
        rest_ = list(
            "SELECT name, sql FROM sqlite_schema WHERE type <> 'table' AND sql IS NOT NULL "
            "ORDER BY type = 'trigger', type = 'view', rowid");
        out_ = "PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\n";
    }
    ~Dump() {
        rows_.reset();
        sql_.execute("ROLLBACK");
    }
    Dump(const Dump&) = delete;
    Dump& operator=(const Dump&) = delete;

    /// The next portion; empty at the end.
    std::string next() {
        while (out_.size() < portion_bytes && !done_) advance();
        return std::exchange(out_, {});
    }

private:
    struct Object {
        std::string name;
        std::string sql;
    };

    std::vector<Object> list(const char* sql) {
        std::vector<Object> found;
        Statement statement(sql_, sql);
        while (statement.step()) found.push_back({statement.text(0), statement.text(1)});
        return found;
    }

    void advance() {
        if (rows_) {
            if (rows_->step()) {
                out_ += rows_->text(0) + ";\n";
            } else {
                rows_.reset();
            }
        } else if (at_ < tables_.size()) {
            begin_table(tables_[at_++]);
        } else if (!sequences_) {
            sequences_ = true;
            add_sequences();
        } else {
            for (const Object& object : rest_) out_ += object.sql + ";\n";
            out_ += "COMMIT;\n";
            done_ = true;
        }
    }

    bool is(const Object& table, const char* kind) {
        return sql_.integer(
                   "SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND name "
                   "= ?1 AND type = ?2",
                   {table.name, std::string(kind)}) != 0;
    }

    // The rows of a virtual table come again by themselves, from the tables behind it. Those cannot
    // be created: the virtual table makes them, empty, and they are filled anew.
    void begin_table(const Object& table) {
        const bool shadow = is(table, "shadow");
        if (is(table, "virtual")) {
            out_ += table.sql + ";\n";
            return;
        }
        if (shadow) {
            out_ += "DELETE FROM " + quoted(table.name) + ";\n";
        } else {
            out_ += table.sql + ";\n";
        }
        select_rows(table);
    }

    void select_rows(const Object& table) {
        std::string names;
        std::string values;
        Statement columns(sql_, "SELECT name FROM pragma_table_xinfo(?1) WHERE hidden = 0");
        columns.bind(0, std::string_view(table.name));
        for (const char* separator = ""; columns.step(); separator = ",") {
            const std::string name = quoted(columns.text(0));
            names += separator + name;
            values += (*separator ? " || ',' || quote(" : "quote(") + name + ")";
        }
        rows_ = std::make_unique<Statement>(
            sql_, "SELECT " +
                      literal("INSERT INTO " + quoted(table.name) + "(" + names + ") VALUES(") +
                      " || " + values + " || ')' FROM " + quoted(table.name));
    }

    void add_sequences() {
        if (sql_.integer("SELECT count(*) FROM sqlite_schema WHERE name = 'sqlite_sequence'") ==
            0) {
            return;
        }
        out_ += "DELETE FROM sqlite_sequence;\n";
        select_rows({"sqlite_sequence", {}});
    }

    Connection& sql_;
    std::vector<Object> tables_;
    std::vector<Object> rest_;
    std::size_t at_ = 0;
    std::unique_ptr<Statement> rows_;
    bool sequences_ = false;
    bool done_ = false;
    std::string out_;
};

}  // namespace

Task<> Service::dump(const Request& request, const Route& route, Reply& reply) {
    const Admitted admitted = admit(request, route.database);
    admitted.database->require_open(false);
    auto connection = admitted.database->lease(Role::client);
    {
        Dump dump(*connection);
        co_await reply.begin(200, "text/plain");
        for (std::string part = dump.next(); !part.empty(); part = dump.next()) {
            const bool reached = co_await reply.write(part);
            if (!reached) break;
        }
    }
    admitted.database->give_back(std::move(connection));
    co_await reply.end();
}

}  // namespace tidemark::server
