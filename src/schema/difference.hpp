#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <tidemark/report.hpp>

#include "schema/catalog.hpp"
#include "schema/table_text.hpp"

/// What changed in a schema, and how the changes of two sides combine. Pure: text in, text out.
namespace tidemark {

/// New names by old ones.
using Renames = std::map<std::string, std::string>;

/// What is known to have been renamed; anything else that went and came is not the same thing.
struct Renaming {
    Renames tables;
    std::map<std::string, Renames> columns;  ///< by the table's new name, in small letters

    const Renames& columns_of(const std::string& table) const;
    /// The table's new name, or its name where it keeps it.
    std::string name_of(const std::string& table) const;
};

/// What one side did to a table since both agreed.
struct TableChange {
    using Item = TableText::Item;

    std::vector<Item> added;
    std::vector<std::string> dropped;
    std::vector<std::pair<std::string, Item>> renamed;  ///< the old name, the new column
    std::vector<Item> altered;                          ///< same name, another definition
    std::vector<Item> constraints_added;
    std::vector<std::string> constraints_dropped;  ///< their meaning
    std::optional<std::string> options;
    bool reordered = false;

    static TableChange between(const TableText& before, const TableText& after,
                               const Renames& columns);

    bool empty() const;
    /// The column in which the two contradict each other; nothing where they combine.
    std::optional<std::string> clash(const TableChange& other) const;
    /// The same change made to another version of the table, which it does not contradict.
    TableText applied_to(TableText table) const;
};

/// An object as it was on both sides when they last agreed. The texts may differ in form.
struct AgreedObject {
    std::string type;
    std::string name;
    std::string table;
    std::string here;
    std::string there;
};
using Agreed = std::vector<AgreedObject>;

/// The schema that both sides should have.
struct Combination {
    Catalog target;
    std::vector<std::string> clashes;  ///< sentences without a full stop; empty: they combine
};

/// `renaming` is that of both sides; `agreed`, `here` and `there` still have the old names where
/// the side has not renamed.
Combination combine(const Agreed& agreed, const Catalog& here, const Catalog& there,
                    const Renaming& renaming);

/// What turns one schema into the other, in the order of the two.
std::vector<SchemaChange> changes_between(const Catalog& from, const Catalog& to,
                                          const Renaming& renaming);

/// Whether two definitions of an object mean the same, whatever name the table has in them.
bool same_definition(const SchemaObject& a, const SchemaObject& b);

}  // namespace tidemark
