#pragma once

#include <string>

#include "sqlite/connection.hpp"

namespace tidemark {

/// A transaction that rolls back unless it is committed.
class Transaction {
public:
    /// `write` takes the write lock at once, so that nothing read inside can be out of date.
    enum class Kind { read, write };
    /// Inside another transaction, `join` is a part of it, and its owner ends it.
    enum class Inside { refuse, join };

    Transaction(Connection& connection, Kind kind, Inside inside = Inside::refuse);
    ~Transaction();
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;

    void commit();
    void rollback();

private:
    Connection& connection_;
    bool open_;
};

/// While it lives, CHECK constraints are not looked at.
class UncheckedWrites {
public:
    explicit UncheckedWrites(Connection& connection);
    ~UncheckedWrites();
    UncheckedWrites(const UncheckedWrites&) = delete;
    UncheckedWrites& operator=(const UncheckedWrites&) = delete;

private:
    Connection& connection_;
};

/// A part of a transaction that is undone unless it is released.
class Savepoint {
public:
    explicit Savepoint(Connection& connection);
    ~Savepoint();
    Savepoint(const Savepoint&) = delete;
    Savepoint& operator=(const Savepoint&) = delete;

    void release();

private:
    Connection& connection_;
    bool open_ = true;
};

}  // namespace tidemark
