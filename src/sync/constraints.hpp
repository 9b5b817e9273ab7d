#pragma once

#include <memory>
#include <vector>

#include "schema/table.hpp"
#include "sqlite/connection.hpp"
#include "sync/spool.hpp"

/// What constraints that span rows say about rows that were just applied.
namespace tidemark {

/// The child's columns in the order of the parent's key; empty where the reference is to something
/// else than the key.
std::vector<std::size_t> in_key_order(const Table& parent, const ForeignKey& reference);

/// The rows that hold the values which `row` has in the columns of `unique`.
std::vector<Row> rivals(Connection& connection, const Table& table, const Unique& unique,
                        const Row& row);

std::vector<Row> rivals(Connection& connection, const Table& table, const ExpressionUnique& unique,
                        const Row& row);

/// A reference from a row to a parent that is not there, where the merge took the parent away or
/// made up the reference.
struct Broken {
    enum class Why {
        gone_here,   ///< the parent is deleted here, and a row from the primary refers to it
        gone_there,  ///< the primary deleted the parent, and a pending row here refers to it
        combined,    ///< some columns of the reference are from here and some from there
    };
    Why why = Why::gone_here;
    const Table* table = nullptr;  ///< the parent; where it was combined, the child
    Row key;                       ///< of a row of that table
};

/// Violations that the pulled rows brought about. Those that were there before are not reported.
std::vector<Broken> broken_references(Connection& connection,
                                      const std::vector<std::unique_ptr<Spool>>& spools);

}  // namespace tidemark
