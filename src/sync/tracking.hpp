#pragma once

#include <string>
#include <vector>

#include "primary/primary.hpp"
#include "schema/catalog.hpp"
#include "schema/table.hpp"

/// Turns a database into a primary, and tables of it into tracked ones.
namespace tidemark {

/// The steps that make an untouched database a primary.
std::vector<Step> initialise_steps(const std::string& lineage, const std::string& nonce,
                                   const std::string& uploader);

/// The steps after which changes to `table` get seqs, also those that other programs make.
std::vector<Step> track_steps(const Table& table);

/// What a database that is about to be a primary, or already is one, looks like.
struct PrimaryView {
    bool tracked = false;  ///< it has Tidemark's tables
    Catalog catalog;
    std::vector<std::string> tables;  ///< the tracked ones

    /// Throws Error{usage} where it is a replica of another primary, Error{failed} where its format
    /// is newer than this program.
    static PrimaryView read(SqlEndpoint& endpoint);
};

/// Throws Error{failed} where a table has other columns here than at the primary.
void check_alike(SqlEndpoint& endpoint, const Table& table);

}  // namespace tidemark
