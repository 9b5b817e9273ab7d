#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sqlite/connection.hpp"

namespace tidemark::capture {

/// While it lives, rows of other devices can be written through a connection: the triggers that
/// they fire, ours and the application's, write no synced table and no tidemark_ table, which would
/// count the change twice, yet still maintain the local-only tables (full-text indexes).
///
/// SQLite cannot compile a DELETE out of a trigger as it does the other writes. Triggers with one
/// are therefore dropped for the length of the transaction, whole: suspend() and resume().
///
///     Quiet quiet(connection, synced);
///     Transaction transaction(connection, Transaction::Kind::write);
///     quiet.suspend();
///     …                       // write the rows
///     quiet.resume();
///     transaction.commit();   // a transaction that is not resumed must roll back
///
/// Same thread rule as the connection, which must outlive it; one at a time for each connection.
class Quiet {
public:
    /// `clean_at` is the schema version at which no trigger had to be dropped, for these tables;
    /// nothing where that is not known. Looking takes longer than many a merge.
    Quiet(Connection& connection, std::vector<std::string> synced,
          std::optional<std::int64_t> clean_at = {});
    ~Quiet();
    Quiet(const Quiet&) = delete;
    Quiet& operator=(const Quiet&) = delete;

    /// Drops the triggers that would delete from a synced table when a row of a synced table is
    /// written, themselves or through other triggers. Throws Error where a table cannot be written
    /// because it needs a function or a collation that only the application has.
    void suspend();

    /// Drops, with those, the triggers that can refuse a write with RAISE: what a merge came to,
    /// they may refuse, though each of its parts passed on the device where it was written. Between
    /// suspend() and resume(), once one has refused.
    void suspend_refusing();

    /// Creates them again: the same text, and in the same order, which decides who fires first.
    /// Between the two the caller changes no schema.
    void resume();

    std::optional<std::int64_t> clean_at() const { return clean_at_; }

private:
    void drop(const std::set<std::string>& triggers);

    Connection& connection_;
    std::vector<std::string> synced_;
    std::set<std::string> deleting_;        ///< triggers seen to delete from a muted table
    std::optional<std::int64_t> clean_at_;  ///< the schema version at which there were none
    /// To create again, name and text: the dropped ones and, of each table, those made after them.
    std::vector<std::pair<std::string, std::string>> suspended_;
};

/// The application's triggers that write one of these tables, themselves or through other triggers,
/// when a row of one of them is written; and of each table, those made after the first of them. In
/// the order in which they were made. For one connection that does nothing else meanwhile.
std::vector<std::string> triggers_writing(Connection& connection,
                                          const std::vector<std::string>& synced);

}  // namespace tidemark::capture
