#pragma once

#include <string>
#include <vector>

#include "base/rng.hpp"
#include "primary/endpoint.hpp"

/// tidemark_schema at the primary: the numbered list of everything that its schema went through.
/// The newest entry of each object is its text; an empty one says that it was dropped. The highest
/// number is the version of the schema, also kept in tidemark_meta. Numbers leave random gaps: a
/// primary that was restored from a backup never gives one again that it gave before.
namespace tidemark::schema_log {

/// Entries that are no object.
inline constexpr const char* renamed = "renamed";  ///< the table `name` is called `sql` now
inline constexpr const char* column = "column";  ///< a column of `name`: `sql` is old and new name
inline constexpr const char* reread = "reread";  ///< rows of `name` were written uncaptured

/// True where the primary's schema is not what the list says: another program has changed it. Our
/// own triggers count too, or a table that was rebuilt word for word would look as before.
/// `writing`: inside a transaction that writes, where triggers of the application may stand aside.
std::string altered_sql(bool writing);

/// The names of the objects in which it is not.
std::string altered_names_sql();

/// The tables as the list has them: name, sql.
std::string tables_sql();

/// Brings the list and the version up to what the schema is now.
std::vector<Step> note_steps(Rng& rng);
/// Adds an entry of one of the kinds above.
Step mark_step(const std::string& kind, const std::string& name, const std::string& sql = {});

/// Whether the schema was ever that of the version ?1.
std::string had_sql();

/// What happened after ?1, or ever, where the schema never was that: kind, name, sql of the entries
/// of the kinds above, in order.
std::string marks_after_sql();

/// Whether a table was changed more than once after ?1. What became of its values on the way cannot
/// be told from how it looks now: a column may have gone and come back.
std::string changed_often_sql();

}  // namespace tidemark::schema_log
