#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <tidemark/replica.hpp>

#include "merge/policy.hpp"
#include "primary/primary.hpp"
#include "schema/difference.hpp"
#include "schema/table.hpp"
#include "sqlite/connection.hpp"

namespace tidemark {

/// What a replica file says of itself, in tidemark_meta.
struct Meta {
    std::string replica;
    std::string device;
    std::vector<std::string> former;  ///< ids that this file had before it was copied or restored
    std::string primary;
    std::string lineage;
    std::int64_t mark = 0;
    std::string nonce;
    std::int64_t clock = 0;
    std::int64_t pushes = 0;
    std::string intent;             ///< the nonce of a push that may have arrived; empty: none
    std::int64_t intent_at = 0;     ///< no edit up to then was made after the push was read
    std::int64_t intent_clock = 0;  ///< the clock without the push
    std::int64_t schema = 0;
    std::int64_t schema_cookie = -1;  ///< SQLite's schema version that was last found to be right
    std::string state;  ///< ready, uploading, downloading, or how a full compare is due
    std::string policy;
    std::int64_t clock_offset_ms = 0;

    Caller caller() const;
    /// The push is known to have arrived, or not to.
    void forget_intent();
    /// Whether `origin`, the mark of an insertion, is that of the row born here at `born_at`.
    bool is_our_birth(const std::string& origin, std::int64_t born_at) const;
};

/// The mark of an insertion by `replica` at its local time `born_at`.
std::string origin_of(const std::string& replica, std::int64_t born_at);

namespace state {
inline constexpr const char* ready = "ready";
inline constexpr const char* uploading = "uploading";      ///< the primary was empty
inline constexpr const char* downloading = "downloading";  ///< a clone
inline constexpr const char* recaptured = "recaptured";    ///< what changed here is not known
inline constexpr const char* repairing = "repairing";      ///< the same, found by verify
inline constexpr const char* reread = "rereading";         ///< what changed there is not known
inline constexpr const char* returning = "returning";      ///< away past the primary's horizon
inline constexpr const char* comparing = "comparing";      ///< neither of the two is known
inline constexpr const char* merging = "merging";          ///< both had data: --merge
inline constexpr const char* keeping_local = "keeping local";
inline constexpr const char* keeping_primary = "keeping primary";
/// Whether the mark holds: what the primary changed since then is known.
inline bool marked(const std::string& state) {
    return state == ready || state == recaptured || state == repairing || state == reread ||
           state == returning;
}
}  // namespace state

struct TableSetting {
    std::string name;
    bool excluded = false;
    std::string policy;  ///< empty: the database's
    bool natural_key = false;
};

/// What the application's schema does not say of its columns.
struct ColumnSettings {
    std::vector<Reference> references;
    std::vector<ColumnName> renumbered;

    /// Throws Error{usage} where something is named that is not in `tables`, or that cannot be.
    void check(const std::vector<Table>& tables) const;
};

/// The settings of one table; nothing where it has none.
const TableSetting* setting_of(const std::vector<TableSetting>& settings, const Table& table);
/// Whether two rows of the table with the same key may be two different things.
bool hands_out_keys(const Table& table, const std::vector<TableSetting>& settings);

/// The tables that Tidemark keeps in a replica file, apart from capture's. No transactions of its
/// own: the caller decides what belongs together.
class Store {
public:
    explicit Store(Connection& connection) : connection_(connection) {}

    enum class Role { none, replica, primary };
    /// What the file is. Throws Error{failed} where its format is newer than this program.
    Role role();

    void create(const Meta& meta, const std::vector<TableSetting>& settings,
                const ColumnSettings& columns = {});
    Meta meta();
    void save(const Meta& meta);
    /// Drops everything that create() made.
    void drop();

    std::vector<TableSetting> settings();
    std::vector<std::string> excluded();
    /// The tables that take part in syncs: the primary has them too, they can, and are not
    /// excluded.
    std::vector<Table> tables();
    /// All of the application's ordinary tables, also those that stay on this device.
    std::vector<Table> all_tables();

    /// Takes in a table that was made after the file was attached; forgets one; renames one.
    void add_table(const std::string& name);
    void remove_table(const std::string& name);
    void rename_table(const std::string& from, const std::string& to);
    void rename_column(const std::string& table, const std::string& from, const std::string& to);
    /// What tables and columns were called before, with what they are called now.
    Renaming former_names();

    /// The schema as it was on both sides when they last agreed; empty before they first did.
    Agreed agreed();
    void save_agreed(const Catalog& here, const Catalog& there);

    void remember(const SyncRecord& record);
    std::vector<SyncRecord> history(std::int64_t at_most);

private:
    void add_column_settings(std::vector<Table>& tables);

    Connection& connection_;
};

}  // namespace tidemark
