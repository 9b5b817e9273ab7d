// What becomes of one row, and what is written down about it.

#include <algorithm>

#include "sync/apply.hpp"

namespace tidemark {
namespace {

using merge::Act;
using merge::never;

std::int64_t time_or_zero(std::int64_t at) { return at == never ? 0 : at; }

std::vector<std::string> names_of(const Table& table, const std::vector<std::size_t>& columns) {
    std::vector<std::string> names;
    for (const std::size_t c : columns) names.push_back(table.columns[c].name);
    return names;
}

}  // namespace

merge::Judge Applier::judge(const Table& table, const PendingRow& row, const PulledRow& pulled) {
    if (setting_.resolver) {
        return [&](const merge::Contest& contest) {
            return setting_.resolver(
                       {table.name, named_key(table, row.key), names_of(table, contest.columns),
                        named_row(table, row.mine.values), named_row(table, pulled.theirs.values),
                        time_or_zero(contest.here_at), time_or_zero(contest.there_at)}) ==
                   Winner::here;
        };
    }
    const TableSetting* setting = setting_of(setting_.tables, table);
    const std::string& name =
        setting && !setting->policy.empty() ? setting->policy : setting_.meta.policy;
    const merge::Policy policy = merge::Policy::parse(name);
    return merge::judge(policy, table.column(policy.column).value_or(table.columns.size()),
                        row.mine, pulled.theirs);
}

merge::Outcome Applier::decide(const Table& table, const PendingRow& row, const PulledRow& pulled) {
    if (Demands::contains(demands_.overruled, table, row.key)) {
        return merge::give_way(
            row.mine, pulled.theirs,
            row.mine.exists ? "it would break a constraint" : "a row elsewhere refers to it");
    }
    if (Demands::contains(demands_.kept, table, row.key) && row.mine.exists && pulled.theirs.gone) {
        merge::Outcome out;
        const std::int64_t at = std::max(pulled.theirs.at, row.mine.last_edit());
        out.born_at = at;
        out.edited_at.assign(table.columns.size(), at);
        out.losses.push_back({false, {}, "a row here refers to it", at, pulled.theirs.at});
        return out;
    }
    merge::Theirs theirs = pulled.theirs;
    theirs.born_by_us =
        row.born_here != never && setting_.meta.is_our_birth(pulled.origin, row.born_here);
    const bool automatic = hands_out_keys(table, setting_.tables) && !setting_.compared;
    merge::Outcome outcome = merge::merge(
        row.mine, theirs, {mark(), automatic, judge(table, row, pulled), setting_.unnoted_at});
    if (setting_.unseen_there && !theirs.gone) note_unseen(table, row, theirs, outcome);
    return outcome;
}

/// Whoever deletes a row, or makes it anew, takes away values that nobody noted.
void Applier::note_unseen(const Table& table, const PendingRow& row, const merge::Theirs& theirs,
                          merge::Outcome& outcome) {
    const bool stays = outcome.act == Act::keep || outcome.act == Act::write;
    if (!stays || (row.mine.gone_at == never && !row.mine.born())) return;
    const Row& values = outcome.act == Act::write ? outcome.values : row.mine.values;
    std::vector<std::size_t> columns;
    for (std::size_t c = 0; c < table.columns.size(); ++c) {
        const bool noted =
            std::any_of(outcome.losses.begin(), outcome.losses.end(), [&](const merge::Loss& loss) {
                return std::find(loss.columns.begin(), loss.columns.end(), c) != loss.columns.end();
            });
        const bool differs = values.empty() || values[c] != theirs.values[c];
        if (differs && !noted && !table.is_key(c)) columns.push_back(c);
    }
    if (columns.empty()) return;
    outcome.losses.push_back({false, std::move(columns),
                              values.empty() ? "deleted here, and perhaps edited there"
                                             : "made anew here, and perhaps edited there",
                              std::max(row.mine.gone_at, row.mine.born_at), theirs.at});
}

void Applier::record(const Table& table, const Row& key, const merge::Mine& mine,
                     const PulledRow& pulled, const merge::Loss& loss) {
    const bool nothing_lost = loss.here && loss.columns.empty() && loss.here_at == nobodys;
    if (!setting_.record_conflicts || nothing_lost) return;
    Conflict conflict;
    conflict.at_ms = setting_.now_ms;
    conflict.table = table.name;
    conflict.key = named_key(table, key);
    conflict.reason = loss.reason;
    conflict.lost_here = loss.here;
    conflict.columns = names_of(table, loss.columns);
    conflict.here = named_row(table, mine.values);
    conflict.there = named_row(table, pulled.theirs.values);
    conflict.here_at_ms = time_or_zero(loss.here_at);
    conflict.there_at_ms = time_or_zero(loss.there_at);
    conflict.here_device = setting_.meta.device;
    const auto device = setting_.devices.find(pulled.by);
    conflict.there_device = device == setting_.devices.end() ? "" : device->second;
    ConflictLog(connection_).add(conflict);
    ++conflicts_;
}

}  // namespace tidemark
