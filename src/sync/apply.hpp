#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <tidemark/conflict.hpp>

#include "merge/policy.hpp"
#include "sync/conflict_log.hpp"
#include "sync/rekey.hpp"
#include "sync/snapshot.hpp"
#include "sync/spool.hpp"
#include "sync/store.hpp"

namespace tidemark {

/// Everything that a merge of pulled rows depends on besides the rows.
struct MergeSetting {
    const Meta& meta;
    const std::vector<TableSetting>& tables;
    ClockShift shift;
    std::map<std::string, std::string> devices;
    Resolver resolver;
    std::int64_t now_ms = 0;
    bool record_conflicts = true;
    /// Everything was compared, not only what changed past the mark: the same key is the same row.
    bool compared = false;
    /// Edits of this time were found by comparing: nobody can say which side is right, so both are
    /// kept.
    std::int64_t unnoted_at = merge::never;
    /// Rows there may have been edited without a note of it.
    bool unseen_there = false;
    /// A constraint here is new, and rows of the primary may break it: this says so. Null: none is.
    const Error* unfit = nullptr;
};

/// What a constraint that spans rows asks for: with it, applying the same rows succeeds.
struct Demands {
    using Rows = std::map<std::string, std::vector<Row>>;  ///< table → keys
    /// The primary's version has to stand, whatever is pending here.
    Rows overruled;
    /// The row has to stay, though the primary deleted it.
    Rows kept;

    static bool contains(const Rows& rows, const Table& table, const Row& key);
    /// False where it was there already.
    static bool add(Rows& rows, const Table& table, const Row& key);
};

/// Writes pulled rows into the replica's tables and merges them with what is pending. Belongs to
/// one write transaction of the caller, under Quiet and with foreign keys off.
class Applier {
public:
    /// `contested` has a snapshot for each spool, to take what is pending of its rows.
    Applier(Connection& connection, const MergeSetting& setting,
            const std::vector<std::unique_ptr<Spool>>& spools,
            const std::vector<std::unique_ptr<Snapshot>>& contested, Demands& demands);

    /// Returns false where the demands grew: the caller rolls back, fetches the rows that are
    /// overruled into the spools, and applies again.
    bool apply();

    std::int64_t conflicts() const { return conflicts_; }

private:
    void prepare_kept(const Table& table);
    void renumber_namesakes(Spool& spool, Snapshot& contested);
    void renumber_twins(Spool& spool);
    void apply_table(Spool& spool, Snapshot& contested);
    void write_uncontested(Spool& spool, Snapshot& contested);
    void park(const Table& table, const std::string& keys);
    void write_one_by_one(Spool& spool, const std::string& uncontested);
    void write_contested(Spool& spool, PendingRow& row);

    merge::Outcome decide(const Table& table, const PendingRow& row, const PulledRow& pulled);
    merge::Judge judge(const Table& table, const PendingRow& row, const PulledRow& pulled);
    void execute(const Table& table, const PulledRow& pulled, const PendingRow* row,
                 merge::Outcome& outcome);
    /// Writes a row; where a constraint forbids it, makes room or raises a demand.
    bool write_row(const Table& table, const PulledRow& pulled, const PendingRow* row,
                   merge::Outcome& outcome);
    void write_unchecked(const Table& table, const Row& values);
    bool make_room(const Table& table, const PulledRow& pulled, merge::Outcome& outcome);
    /// `rival` holds values that the incoming row has to have. `unique` is null where the
    /// constraint is on expressions.
    void displace(const Table& table, const Unique* unique, const Row& rival,
                  const PulledRow& pulled, merge::Outcome& outcome);
    /// Overrules a row, the row here that has taken what the primary has in that one, and so on, as
    /// far as it is known what the primary has: so a long row of them takes few attempts.
    void overrule_chain(const Table& table, const Row& first);
    bool is_same_thing(const Table& table, const Row& ours, const PulledRow& pulled);
    /// The row made here keeps everything but its number. Returns false where it has none.
    bool renumber(const Table& table, const Unique& unique, const PendingRow& twin,
                  const PulledRow& pulled);
    /// The next value of `column` for which `is_free` holds.
    Value free_number(const Table& table, std::size_t column, const Value& taken,
                      const std::function<bool(const Value&)>& is_free);
    Value fresh_key_for(const Table& table, const Row& key, const Spool& spool);
    Spool& spool_of(const Table& table) const;
    /// Of the file, also those that stay on this device.
    const std::vector<Table>& all_tables();
    /// References to a row that gives way to a rival with the same unique values follow the rival.
    void refer_to_rival(const Table& table, const PendingRow& row);
    void follow_moved(PendingRow& row, const Table& table);
    void follow(const Table& table, const Row& from, const Row& to, std::int64_t at);
    void record_displaced(const std::vector<Displaced>& displaced, std::int64_t at);
    void unify(const Table& table, PendingRow& twin, const PulledRow& pulled,
               merge::Outcome& outcome);
    void check_references();

    void note_unseen(const Table& table, const PendingRow& row, const merge::Theirs& theirs,
                     merge::Outcome& outcome);
    void record(const Table& table, const Row& key, const merge::Mine& mine,
                const PulledRow& pulled, const merge::Loss& loss);
    /// False where that was demanded before.
    bool overrule(const Table& table, const Row& key);
    /// What this replica had seen of the primary: nothing that counts, where all was compared.
    std::int64_t mark() const { return setting_.compared ? -1 : setting_.meta.mark; }

    Connection& connection_;
    const MergeSetting& setting_;
    const std::vector<std::unique_ptr<Spool>>& spools_;
    const std::vector<std::unique_ptr<Snapshot>>& contested_;
    Demands& demands_;
    bool satisfied_ = true;
    bool parked_ = false;  ///< the pulled rows of the table under way stand aside
    struct Moved {
        Row from, to;
        std::int64_t at;
    };
    std::vector<Moved> moved_;  ///< what references to rows of the table under way follow
    /// By table and column: the numbers from the first to the second have been found taken.
    std::map<std::pair<std::string, std::size_t>, std::pair<Value, Value>> numbers_;
    std::optional<std::vector<Table>> all_tables_;
    std::int64_t conflicts_ = 0;
};

}  // namespace tidemark
