#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <tidemark/conflict.hpp>

#include "base/rng.hpp"
#include "primary/primary.hpp"
#include "schema/difference.hpp"
#include "schema/migration.hpp"
#include "sqlite/connection.hpp"
#include "sync/store.hpp"

namespace tidemark {

/// What one side's rows do not allow yet, though those of the other side do: its schema can change
/// when the edits of the other one have arrived.
struct RowsFirst {
    enum class Of { primary, device };

    Of of;                ///< whose edits have to move
    Error reason;         ///< in case they do not make it possible
    std::int64_t schema;  ///< the primary's version until then
};

/// Brings a replica and its primary to one schema: what changed on either side since they last
/// agreed is made on the other one too, and rows stay.
///
/// The primary is read, and then changed in one request that happens only if it still is what was
/// read; else everything starts over. Each side changes in one transaction, and the primary's
/// commits first. Cut off in between, the next round finds the change made on both sides already.
class SchemaRound {
public:
    SchemaRound(Connection& connection, Primary& primary, Rng& rng);

    /// Whether nothing has changed here, and all is captured. Does not touch the primary.
    bool is_as_agreed();

    /// Throws Error where both sides' changes contradict each other, or where one side's rows do
    /// not fit; then nothing has changed on either. What a primary lacks that was restored
    /// from an older backup is made there again.
    void run();
    /// The same, then `look` while both are as they would be, and then all of it undone. `look` may
    /// write both sides through the same connection and endpoint.
    void try_out(const std::function<void()>& look);

    /// What was made at the primary, and what was made here.
    const std::vector<SchemaChange>& sent() const { return sent_; }
    const std::vector<SchemaChange>& received() const { return received_; }
    /// Whether rows have to move before the two can agree. Nothing was made then on either side.
    const std::optional<RowsFirst>& rows_first() const { return rows_first_; }

private:
    /// False where the primary has changed meanwhile; then nothing has happened.
    bool agree();
    void fold();
    bool is_outdated();
    void read_primary();
    void read_marks(const std::vector<Row>& marks);
    void find_renames();
    std::string agreed_name(const std::string& table) const;
    bool was_agreed(const std::string& table) const;
    Catalog with_new_names(const Catalog& catalog) const;
    Agreed with_new_names(const Agreed& agreed) const;
    Combination combined();
    void say_what_is_lost();
    bool try_here(Catalog& target);
    bool rows_can_move_first(const SqlError& error);
    void wait_for(RowsFirst rows);
    void change_here(const Migration& migration, const Catalog& target);
    void note_all_as_born(const Table& table);
    bool change_primary(const Migration& migration);
    Step guard_step(const std::vector<const Table*>& retracked,
                    const std::vector<bool>& with_pending) const;
    void copy_pending(const Migration::Touched& change, const Catalog& target);
    void carry_pending(const std::string& from, const Table& table);
    void keep_pending(const Migration::Touched& change);
    std::vector<Conflict> unseen_in(const Migration& migration);
    std::vector<Conflict> unseen_in(const Migration::Touched& change);
    Renames renamed_columns(const std::string& table, const std::string& base,
                            const Catalog& triggers, const Catalog& now) const;
    void set_state();

    std::vector<Table> tracked_tables();
    std::string tracked_name(const Table& table) const;
    /// What the table's key columns were called in `before`; empty where one of them was not there.
    std::vector<std::string> key_before(const Table& table, const std::string& before) const;
    bool has_key_of(const Table& table, const std::string& before) const;
    static std::string carry_sql(const SchemaObject& table, const std::string& name,
                                 const std::vector<std::string>& new_key);
    static std::vector<std::string> enter_carried_sql(const Table& table,
                                                      const std::string& old_name);
    bool altered(const Table& table, const std::string& old_name) const;
    bool has_column_there(const std::string& table, const std::string& column) const;

    Connection& connection_;
    Primary& primary_;
    Rng& rng_;
    Store store_;

    Meta meta_;
    Agreed agreed_;
    Catalog here_;
    bool went_back_ = false;       ///< the primary never had the schema that the two agreed on
    std::int64_t seen_up_to_ = 0;  ///< commits there that this replica knows
    bool trying_out_ = false;      ///< all of it is going to be undone
    bool first_ = false;           ///< the two have never agreed
    bool uncaptured_ = false;      ///< rows here may have changed unnoticed
    bool reread_ = false;          ///< rows there may have changed unnoticed

    Catalog there_;
    Row seen_;  ///< what must still hold there when it is changed
    std::int64_t version_there_ = 0;
    std::vector<std::string> folded_;   ///< tables there whose noted writes have their number
    std::vector<std::string> tracked_;  ///< tables there that have a ledger
    Catalog ours_there_;                ///< Tidemark's own tables and triggers there
    Catalog listed_there_;              ///< the tables there before other programs changed them
    std::vector<std::string> altered_;  ///< objects that another program changed there
    Renaming listed_;                   ///< what the primary's list says was renamed
    Renaming renamed_there_;            ///< that, and what other programs renamed there since
    Renaming renaming_;                 ///< on either side

    std::vector<SchemaChange> sent_, received_;
    std::optional<RowsFirst> rows_first_;
};

}  // namespace tidemark
