#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <tidemark/replica.hpp>

#include "base/clock.hpp"
#include "base/rng.hpp"
#include "primary/primary.hpp"
#include "sync/apply.hpp"
#include "sync/push.hpp"
#include "sync/schema_round.hpp"
#include "sync/store.hpp"

namespace tidemark {

/// What a first contact did before the sync that completes it, over the same endpoint: both are
/// told as one.
struct Begun {
    std::int64_t at_ms = 0;  ///< by the steady clock
    std::int64_t pushed = 0;
    std::int64_t pulled = 0;
};

/// The sync round: pull, merge, push, until this replica and the primary agree. Each step leaves
/// both sides in a state from which any later sync continues.
///
/// Borrows everything it is given; the caller holds the replica's sync lock.
class Session {
public:
    Session(Connection& connection, SqlEndpoint& endpoint, Clock& clock, Rng& rng,
            const SyncOptions& options);

    /// Everything pending and everything new, both ways (or as the options say). The result goes
    /// into the history, also where it fails.
    SyncReport sync(const std::optional<Begun>& begun = {});
    SyncPlan plan();
    /// Every row here against the primary's; changes no rows. Not repaired.
    VerifyReport verify();
    /// Merges everything in full, whatever the mark says, and sends the result.
    SyncReport repair();

private:
    enum class Turn { done, again };

    Turn round();
    void prune();
    void require_primary();
    void begin();
    std::int64_t read_tables();
    Error explained(const SqlError& error);
    void move_rows(std::int64_t started);
    Direction direction() const;
    void check_schema();
    Turn agree_on_schema();
    /// For what only looks: runs `look` while both sides have one schema, if only for that long,
    /// with everything undone afterwards. `look` returns Turn::again where it found the primary's
    /// schema to have changed.
    void look_at_one_schema(const std::function<Turn()>& look, std::vector<SchemaChange>& sent,
                            std::vector<SchemaChange>& received);
    Turn plan_rows(SyncPlan& plan);
    Turn plan_comparison(SyncPlan& plan);
    void count_planned(SyncPlan& plan, const Head& head);
    Turn verify_rows(std::vector<TableVerification>& found);
    bool take_snapshots();
    std::optional<Head> settled_head();
    std::optional<std::vector<Step>> single_page(PushWriter& writer);
    Exchanged exchange(const std::vector<Step>* push, const Commit* commit);
    void spool(const Exchanged& exchanged);
    bool settle_identity(const Head& head);
    std::vector<std::string> table_names() const;
    bool scan_everything();
    std::optional<Head> pull_in_full(const Head& head);
    Turn compare_in_full();
    void note_differences(const Demands& demands);
    bool merge_pulled(const Head& head);
    bool schema_is_as_read();
    std::optional<std::int64_t> fetch_overruled(const Demands& demands, const Head& head,
                                                std::int64_t ahead);
    bool push_pages();
    void forget_touched();
    void keep_clock_offset();
    void acknowledge(const Commit& commit);
    void acknowledge_arrived(const Head& head);
    void intend();
    Caller caller();
    std::int64_t pending_rows();
    std::int64_t local_now_ms();

    Connection& connection_;
    Primary primary_;
    Clock& clock_;
    Rng& rng_;
    const SyncOptions& options_;
    Store store_;

    Meta meta_;
    std::vector<Table> tables_;
    std::vector<TableSetting> settings_;
    ClockShift shift_;
    std::map<std::string, std::string> devices_;
    /// Of what stands in the lines up to spools_; nothing was read yet.
    std::optional<std::int64_t> schema_version_;
    std::vector<std::unique_ptr<Snapshot>> all_snapshots_;  ///< for each table
    std::vector<std::unique_ptr<Snapshot>> contested_;      ///< for each table
    std::vector<Snapshot*> snapshots_;                      ///< of what is being pushed
    std::vector<std::unique_ptr<Spool>> spools_;
    std::optional<std::int64_t> quiet_at_;  ///< capture::Quiet::clean_at
    std::vector<Cursor> cursors_;
    std::optional<RowsFirst> rows_first_;  ///< before the schema
    bool settled_ = false;    ///< it is known what became of the push of an earlier sync
    bool prune_due_ = false;  ///< the primary has commits past its horizon
    bool comparing_ = false;  ///< the round compares everything, not what is past the mark
    SyncReport report_;
};

}  // namespace tidemark
