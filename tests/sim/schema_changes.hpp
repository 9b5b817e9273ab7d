#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/form.hpp"
#include "sim/seeded_rng.hpp"
#include "sqlite/connection.hpp"

namespace tidemark::sim {

/// What a new version of an application does to its database.
struct SchemaChange {
    std::vector<std::string> statements;
    std::string given_up;      ///< a query for the values that it drops; empty: none
    bool foreign_keys = true;  ///< whether they are enforced meanwhile
};

/// Draws changes of schema: ALTER TABLE in all its forms, new and dropped tables, indexes, views
/// and triggers, and tables rebuilt as migration tools do. New names are never used twice.
class SchemaChanges {
public:
    explicit SchemaChanges(SeededRng& rng) : rng_(rng) {}

    std::optional<SchemaChange> draw(Connection& file, const Forms& forms);

    /// Two files with the same signature have the same objects with the same columns.
    static std::string signature(Connection& file);

private:
    SchemaChange rebuild(Connection& file, const Table& table);
    std::optional<SchemaChange> drop_object(Connection& file);
    std::string fresh(const std::string& prefix);

    SeededRng& rng_;
    std::int64_t names_ = 0;
};

}  // namespace tidemark::sim
