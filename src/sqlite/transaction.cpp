#include "sqlite/transaction.hpp"

namespace tidemark {
namespace {

// Undoing must not throw: it runs in destructors, where the first error is the one that counts.
void quietly(Connection& connection, std::string_view sql) noexcept {
    try {
        connection.execute(sql);
    } catch (const std::exception&) {  // SQLite has rolled back already
    }
}

}  // namespace

Transaction::Transaction(Connection& connection, Kind kind, Inside inside)
    : connection_(connection), open_(inside == Inside::refuse || !connection.in_transaction()) {
    if (open_) connection_.execute(kind == Kind::write ? "BEGIN IMMEDIATE" : "BEGIN");
}

Transaction::~Transaction() { rollback(); }

void Transaction::commit() {
    if (open_) connection_.execute("COMMIT");
    open_ = false;
}

void Transaction::rollback() {
    if (open_ && connection_.in_transaction()) quietly(connection_, "ROLLBACK");
    open_ = false;
}

UncheckedWrites::UncheckedWrites(Connection& connection) : connection_(connection) {
    connection_.execute("PRAGMA ignore_check_constraints = ON");
}

UncheckedWrites::~UncheckedWrites() {
    quietly(connection_, "PRAGMA ignore_check_constraints = OFF");
}

Savepoint::Savepoint(Connection& connection) : connection_(connection) {
    connection_.execute("SAVEPOINT tidemark");
}

Savepoint::~Savepoint() {
    if (open_ && connection_.in_transaction()) {
        quietly(connection_, "ROLLBACK TO tidemark; RELEASE tidemark");
    }
}

void Savepoint::release() {
    connection_.execute("RELEASE tidemark");
    open_ = false;
}

}  // namespace tidemark
