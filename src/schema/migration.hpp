#pragma once

#include <string>
#include <vector>

#include "schema/difference.hpp"

namespace tidemark {

/// The statements that bring a database from one schema to another and keep its rows. They are for
/// one transaction, with foreign keys off, and are plain enough for every engine.
struct Migration {
    /// A table that is made, rebuilt, renamed, given columns, or dropped.
    struct Touched {
        std::string from;  ///< empty: it is new
        std::string to;    ///< empty: it is dropped
        std::vector<std::pair<std::string, std::string>>
            columns;  ///< kept: their old and new names
    };

    std::vector<Touched> tables;
    std::vector<std::string> statements;

    bool empty() const { return statements.empty(); }

    /// `renaming` as in combine().
    static Migration between(const Catalog& from, const Catalog& to, const Renaming& renaming);
};

/// Whether ALTER TABLE ADD COLUMN takes this column whatever rows there are.
bool can_be_added(const TableText::Item& column);

}  // namespace tidemark
