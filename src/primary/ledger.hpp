#pragma once

#include <string>
#include <vector>

#include "primary/endpoint.hpp"
#include "schema/table.hpp"

/// The primary's SQL: its tables, and the statements for the rows of one synced table. Plain enough
/// for SQLite, libSQL and Turso's engine alike.
namespace tidemark::ledger {

inline constexpr int format = 1;

/// Creates Tidemark's tables in a database that becomes a primary.
std::vector<std::string> create_sql();

/// The table that says when and by whom the rows of `table` were changed.
std::string rows_table(std::string_view table);
std::vector<std::string> create_rows_sql(const Table& table);

/// The positions of an entry's fields in the rows of pull_sql; the key follows, then the columns.
/// `by` is the replica that pushed the entry last.
enum PullField { rowid, seq, at, since, born, origin, edited, by, gone, pull_fields };

/// The entries of the commits after ?1 in order, at most ?2, each with its row.
std::string pull_sql(const Table& table);
/// The rest of the commit ?1, past the row ?2 of the ledger, at most ?3.
std::string pull_rest_sql(const Table& table);
/// As pull_sql, but nothing where that rest alone makes more than ?4 rows. Arguments: commit,
/// limit, row, that number less one.
std::string pull_after_rest_sql(const Table& table);
/// All rows in key order with their entries, at most ?1; past the key ?2… where `after` is set. At
/// a database that is no primary yet (`tracked` false) there are no entries.
std::string scan_sql(const Table& table, bool after, bool tracked);
/// The row with the key ?1…, as in pull_sql, whether or not it has an entry.
std::string fetch_sql(const Table& table);

/// A statement for one row, and for many as in Step.
struct RowStatement {
    std::string one;
    std::string many = {};
};

/// Arguments: key…, seq, at.
RowStatement note_deletion_sql(const Table& table);
/// Arguments: key….
std::string delete_sql(const Table& table);
/// The same for many rows, as in Step. Empty where the table has no row numbers to be named.
std::string delete_many_sql(const Table& table);
/// Arguments: key…, seq, at, origin, edited.
std::string note_put_sql(const Table& table);
/// Arguments: all columns.
std::string put_sql(const Table& table);
/// For a bulk load of rows in key order. A row in the way of another's unique value is replaced: it
/// has changed since, and comes again.
std::string upload_sql(const Table& table);
/// Arguments: key…, seq, edited. Fails on NOT NULL where the row is not there.
std::string note_edit_sql(const Table& table);
/// Arguments: the edited columns in order, key….
RowStatement edit_sql(const Table& table, const std::vector<std::size_t>& columns);

/// Enters every row as born in the commit after the newest: for a table whose rows were there
/// before anybody kept track of them.
std::vector<std::string> enter_all_sql(const Table& table);
/// Gives the entries' edits of a column its new name.
std::string rename_column_sql(const Table& table, const std::string& from, const std::string& to);

/// Over tidemark_meta: whether there are commits more than a day past the horizon.
std::string prune_due_sql(const std::string& now_ms);
/// Forgets the commits past the horizon. A replica whose mark is below `pruned` has missed some.
std::vector<std::string> prune_commits_sql(const std::string& now_ms);
/// Forgets the deletions that were committed up to `pruned`.
std::string prune_rows_sql(const Table& table);

/// The statements above for one table, made once.
struct RowSql {
    explicit RowSql(const Table& table)
        : note_deletion(note_deletion_sql(table)),
          erase{delete_sql(table), delete_many_sql(table)},
          note_put{note_put_sql(table)},
          put{put_sql(table)},
          note_edit{note_edit_sql(table)} {}
    RowStatement note_deletion, erase, note_put, put, note_edit;
};

/// True where another program has written synced rows since the last fold.
std::string foreign_sql(const std::vector<Table>& tables);
/// Enters what other programs wrote to the rows of `table` as part of the newest commit. `called`
/// is what the table is called meanwhile, where it was renamed since it was tracked; empty: the
/// same.
std::vector<std::string> fold_sql(const Table& table, const std::string& called = {});
/// Takes out the deletions of rows that came back while nothing noted what was written.
std::string forget_returned_sql(const Table& table);

}  // namespace tidemark::ledger
