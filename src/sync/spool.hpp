#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "merge/rule.hpp"
#include "primary/primary.hpp"
#include "schema/table.hpp"
#include "sqlite/connection.hpp"

namespace tidemark {

/// One row that changed at the primary.
struct PulledRow {
    Row key;
    merge::Theirs theirs;
    std::string origin;
    std::string by;  ///< the replica that pushed it last
};

/// What was pulled of one table, in a temporary table (SQLite puts it on disk where it is large).
/// The table has the columns k1…, at, since, born, origin, edited, by_replica, gone, c1….
class Spool {
public:
    /// `purpose` names the temporary table: two spools of one table may exist at once.
    Spool(Connection& connection, const Table& table, const std::string& purpose = "pull");

    void clear();
    /// Adds rows as ledger::pull_sql returns them; a row that is there already is replaced.
    void add(const std::vector<Row>& rows);
    std::int64_t rows();
    /// Counts anew, after somebody else has written the temporary table.
    void recount() { counted_ = false; }

    std::optional<PulledRow> find(const Row& key);
    /// The highest time of an edit in it; 0 where it is empty.
    std::int64_t clock();

    const Table& table() const { return table_; }
    const std::string& name() const { return name_; }
    /// "c1, c2, …" with a prefix.
    std::string columns(std::string_view prefix) const;

    static PulledRow read(const Table& table, const Row& pulled);

private:
    Connection& connection_;
    const Table& table_;
    std::string name_;
    std::int64_t rows_ = 0;
    bool counted_ = true;
};

/// The JSON of ledger entries: {"column": [at, seq]}.
std::string edited_json(const Table& table, const std::vector<std::size_t>& columns,
                        const std::vector<std::int64_t>& at, std::int64_t seq);

}  // namespace tidemark
