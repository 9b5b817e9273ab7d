#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tidemark {

/// SQL text reduced to what SQLite reads: no comments, no layout, no quotes around plain names, and
/// all but string literals in small letters. Equal texts mean the same.
std::string meaning_of(std::string_view sql);

/// The text of a CREATE TABLE, taken apart so far that two versions of it can be compared column by
/// column. Nothing in here is checked: the text comes from sqlite_schema, so SQLite has accepted
/// it.
struct TableText {
    struct Item {
        std::string name;     ///< the column, as it is written without quotes; empty: a constraint
        std::string written;  ///< all of it, as it is written
        std::string meaning;  ///< what follows the name
        bool generated = false;
    };

    std::vector<Item> columns;
    std::vector<Item> constraints;
    std::string options;  ///< what follows the list: WITHOUT ROWID, STRICT

    /// Nothing for a virtual table.
    static std::optional<TableText> parse(std::string_view sql);

    /// CREATE TABLE with this name.
    std::string sql(std::string_view name) const;

    const Item* column(std::string_view name) const;
    /// The columns that hold values, in their order: those that a pending entry's bits stand for.
    std::vector<std::string> stored() const;
    /// The columns of the primary key, in its order.
    std::vector<std::string> key() const;
    bool same_as(const TableText& other) const;
};

}  // namespace tidemark
