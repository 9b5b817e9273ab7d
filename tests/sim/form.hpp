#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "schema/table.hpp"
#include "sqlite/connection.hpp"

namespace tidemark::sim {

/// What a column is for, told by its name (random_schema.hpp) and by the schema.
enum class Role { key, reference, data, small, name, numbering, kept_by_trigger };

/// A table as an application sees it that fills it in.
struct Form {
    Table table;
    bool strict = false;
    std::vector<Role> roles;  ///< by column

    /// The columns with a role.
    std::vector<std::size_t> with(Role role) const;
    bool refers_to_itself() const;
    /// Whether an application may use OR REPLACE. No trigger sees the row that it removes through
    /// an index on expressions. And where a STRICT table refuses a value, SQLite 3.40 has taken the
    /// row that was to be replaced from its indexes already: the file is damaged.
    bool may_replace() const { return table.expression_uniques.empty() && !strict; }
};

/// All synced tables of one schema.
using Forms = std::vector<Form>;

/// Reads each schema once, whichever file has it.
class FormReader {
public:
    std::shared_ptr<const Forms> read(Connection& file);

private:
    std::map<std::string, std::shared_ptr<const Forms>> by_schema_;
};

}  // namespace tidemark::sim
