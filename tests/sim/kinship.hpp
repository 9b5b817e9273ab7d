#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "sim/form.hpp"
#include "sqlite/connection.hpp"
#include "sync/store.hpp"

struct sqlite3;

namespace tidemark::sim {

/// Knows which row each new row was meant to refer to, whatever numbers the two have by now. Both
/// are known by a token (oracle.hpp) in one of their columns.
///
/// It judges only where nothing but a renumbering can have changed what a reference means: rows
/// with a number from SQLite that nobody had used before, in tables with nothing unique, while no
/// application changed anything but tokens in either row.
class Kinship {
public:
    /// Whether a new row of this table can be judged.
    static bool judges(const Table& table);

    /// A row with `child` refers, by a column of this name, to the row with `parent`.
    void note(std::int64_t child, std::int64_t parent, const std::string& column);
    /// Told of each row that an application is about to change; `operation` is SQLite's code.
    void before_change(sqlite3* db, int operation, const std::string& table, std::int64_t number);
    bool is_used(const std::string& table, std::int64_t number) const;

    /// Which row refers to another than it was meant to; empty: none.
    std::string wrong(Connection& file, const Forms& forms,
                      const std::vector<TableSetting>& settings) const;

private:
    struct Link {
        std::int64_t parent;
        std::string column;
    };
    std::map<std::int64_t, Link> links_;  ///< by the child's token
    std::set<std::int64_t> born_;
    std::set<std::pair<std::string, std::int64_t>> deleted_;  ///< table and number
    std::set<std::int64_t> changed_;  ///< their rows changed in more than tokens, or came back
};

}  // namespace tidemark::sim
