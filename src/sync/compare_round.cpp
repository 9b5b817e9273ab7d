// The round that compares everything, where what has changed past the mark does not say enough.

#include <algorithm>

#include "sqlite/sql_error.hpp"
#include "sync/compare.hpp"
#include "sync/scan.hpp"
#include "sync/session.hpp"

namespace tidemark {

/// The mark means nothing here, or not yet: everything at the primary is pulled and compared.
Session::Turn Session::compare_in_full() {
    const Head head = primary_.head(caller(), tables_);
    if (head.schema_moved) return agree_on_schema();
    shift_ = ClockShift::between(local_now_ms(), head.now_ms);
    if (!settle_identity(head)) return Turn::again;
    const auto pulled = pull_in_full(head);
    if (!pulled) return agree_on_schema();
    if (!merge_pulled(*pulled)) return Turn::again;
    return direction() != Direction::pull && pending_rows() > 0 ? Turn::again : Turn::done;
}

/// Everything at the primary into the spools. Nothing where its schema changed meanwhile.
std::optional<Head> Session::pull_in_full(const Head& head) {
    if (head.foreign && !primary_.fold(caller().schema, tables_, rng_.identity()))
        return std::nullopt;
    // Deletions count only for what this replica once had in common with the primary.
    const std::int64_t from = meta_.state == state::comparing ? 0
                              : state::marked(meta_.state)    ? meta_.mark
                                                              : head.seq;
    cursors_.assign(tables_.size(), Cursor{from});
    if (!scan_everything()) return std::nullopt;
    Exchanged exchanged;
    do {
        exchanged = exchange(nullptr, nullptr);
        if (exchanged.head.schema_moved) return std::nullopt;
        spool(exchanged);
    } while (!exchanged.complete);
    return exchanged.head;
}

/// The primary's tables into the spools. Returns false where they are no longer what was read.
bool Session::scan_everything() {
    try {
        for (const auto& spool : spools_) {
            scan_whole_table(primary_.endpoint(), *spool, true, options_.on_progress);
        }
    } catch (const SqlError&) {
        if (!primary_.head(caller(), tables_).schema_moved) throw;
        return false;
    }
    return true;
}

/// What differs becomes pending, or goes, by what can be known of it.
void Session::note_differences(const Demands& demands) {
    const std::int64_t now = local_now_ms();
    const bool what_is_not_pending_yields =
        meta_.state == state::reread || meta_.state == state::returning;
    for (const auto& spool : spools_) {
        if (what_is_not_pending_yields) {
            yield_to(connection_, *spool);
        } else if (meta_.state == state::keeping_primary) {
            drop_own(connection_, *spool);
        } else if (meta_.state == state::keeping_local) {
            note_as_deleted(connection_, *spool, now);
            note_as_edits(connection_, *spool, now);
        } else if (state::marked(meta_.state)) {
            note_as_edits_since(connection_, *spool, meta_.mark, unnoted);
            if (meta_.state == state::recaptured) {
                note_as_deleted_since(connection_, *spool, meta_.mark, unnoted);
            }
        } else {
            // Of several devices that had the primary's rows, the one that saw the latest is right.
            const bool in_common = meta_.state == state::comparing;
            const std::int64_t at = shift_.to_device(std::max(meta_.clock, unnoted));
            note_as_edits(connection_, *spool, in_common ? at : nobodys);
        }
    }
    if (state::marked(meta_.state) && !what_is_not_pending_yields) {
        note_children_of_namesakes(connection_, spools_, settings_, meta_.mark, unnoted);
    }
    for (const auto& spool : spools_) {
        if (meta_.state == state::recaptured) {
            const auto overruled = demands.overruled.find(spool->table().name);
            drop_seen(
                connection_, *spool, meta_.mark,
                overruled == demands.overruled.end() ? std::vector<Row>{} : overruled->second);
        }
        if (meta_.state != state::keeping_primary) drop_same(connection_, *spool);
    }
}

}  // namespace tidemark
