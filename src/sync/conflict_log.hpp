#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <tidemark/conflict.hpp>

#include "schema/table.hpp"
#include "sqlite/connection.hpp"

namespace tidemark {

/// tidemark_conflicts: what lost a merge, whole, until a person settles it.
class ConflictLog {
public:
    explicit ConflictLog(Connection& connection) : connection_(connection) {}

    void create();
    void add(const Conflict& conflict);
    /// Whether the same values of the primary's were written down for the same reason already.
    bool has(const Conflict& conflict);
    std::vector<Conflict> list(bool with_closed);
    /// Throws Error{usage} where there is no such conflict.
    Conflict get(std::int64_t id);
    std::int64_t open_count();
    void set_state(std::int64_t id, ConflictState state);

    /// Writes the losing side of an open conflict back into its table as an ordinary edit.
    void restore(const Conflict& conflict);

private:
    void restore_values(const Table& table, const Conflict& conflict);
    void restore_row(const Table& table, const NamedValues& row);

    Connection& connection_;
};

NamedValues named_row(const Table& table, const Row& row);
NamedValues named_key(const Table& table, const Row& key);

/// Values as JSON that keeps the storage class and every byte; and back.
std::string to_json(const NamedValues& values);
NamedValues values_from_json(const std::string& json);

}  // namespace tidemark
