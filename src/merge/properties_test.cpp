#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "merge/rule.hpp"

namespace tidemark::merge {
namespace {

constexpr std::size_t columns = 4;
constexpr std::int64_t mark = 10;

/// Both sides of a row, as the engine could meet them: few values and times, so that they collide.
struct Case {
    Mine mine;
    Theirs theirs;
    Terms terms;
};

Row random_row() {
    Row row;
    for (std::size_t c = 0; c < columns; ++c)
        row.emplace_back(*rc::gen::inRange<std::int64_t>(0, 3));
    return row;
}

Case random_case() {
    const auto at = [] { return *rc::gen::inRange<std::int64_t>(1, 6); };
    const auto flip = [] { return *rc::gen::arbitrary<bool>(); };
    Case out;
    Mine& mine = out.mine;
    mine.exists = flip();
    mine.edited_at.assign(columns, never);
    if (mine.exists) {
        mine.values = random_row();
        if (flip()) mine.born_at = at();
        for (std::int64_t& edited : mine.edited_at) {
            if (mine.born()) edited = mine.born_at;
            if (flip()) edited = std::max(edited, at());
        }
    } else {
        mine.gone_at = at();
    }
    Theirs& theirs = out.theirs;
    theirs.gone = flip();
    theirs.at = at();
    theirs.born = mark + *rc::gen::inRange<std::int64_t>(-2, 3);
    theirs.born_by_us = mine.born() && flip();
    for (std::size_t c = 0; c < columns; ++c) {
        theirs.edited.push_back({at(), mark + *rc::gen::inRange<std::int64_t>(-2, 3)});
    }
    if (!theirs.gone) theirs.values = random_row();
    out.terms = {mark, flip(),
                 [](const Contest& contest) { return contest.here_at > contest.there_at; }};
    return out;
}

bool same(const Outcome& a, const Outcome& b) {
    const auto same_loss = [](const Loss& x, const Loss& y) {
        return x.here == y.here && x.columns == y.columns && x.here_at == y.here_at &&
               x.there_at == y.there_at;
    };
    return a.act == b.act && a.values == b.values && a.born_at == b.born_at &&
           a.gone_at == b.gone_at && a.edited_at == b.edited_at &&
           std::equal(a.losses.begin(), a.losses.end(), b.losses.begin(), b.losses.end(),
                      same_loss);
}

/// The local side as it is after the outcome was carried out.
Mine after(const Case& input, const Outcome& outcome) {
    Mine mine;
    mine.exists = outcome.act == Act::write || (outcome.act == Act::keep && input.mine.exists);
    if (mine.exists) mine.values = outcome.act == Act::write ? outcome.values : input.mine.values;
    mine.born_at = outcome.born_at;
    mine.gone_at = outcome.gone_at;
    mine.edited_at = outcome.edited_at;
    return mine;
}

bool recorded(const Outcome& outcome, bool here, std::size_t column) {
    return std::any_of(outcome.losses.begin(), outcome.losses.end(), [&](const Loss& loss) {
        return loss.here == here &&
               std::count(loss.columns.begin(), loss.columns.end(), column) > 0;
    });
}

RC_GTEST_PROP(MergeProperties, TheSameInputsGiveTheSameOutcome, ()) {
    const Case input = random_case();
    RC_ASSERT(same(merge(input.mine, input.theirs, input.terms),
                   merge(input.mine, input.theirs, input.terms)));
}

RC_GTEST_PROP(MergeProperties, MergingTwiceIsMergingOnce, ()) {
    const Case input = random_case();
    const Outcome once = merge(input.mine, input.theirs, input.terms);
    RC_PRE(once.act != Act::renumber);
    // What stayed pending meets the same row again, for example because the push was refused.
    Case again = input;
    again.mine = after(input, once);
    const Outcome twice = merge(again.mine, again.theirs, again.terms);
    RC_ASSERT(after(again, twice).values == again.mine.values);
    RC_ASSERT(after(again, twice).exists == again.mine.exists);
}

RC_GTEST_PROP(MergeProperties, NoEditVanishesWithoutARecord, ()) {
    const Case input = random_case();
    const Outcome outcome = merge(input.mine, input.theirs, input.terms);
    RC_PRE(outcome.act != Act::renumber);
    const Mine result = after(input, outcome);
    for (std::size_t c = 0; c < columns; ++c) {
        if (input.mine.edited_at[c] != never) {
            RC_ASSERT((result.exists && result.values[c] == input.mine.values[c]) ||
                      recorded(outcome, true, c));
        }
        const bool unseen = input.theirs.edited[c].seq > mark;
        if (!input.theirs.gone && unseen) {
            RC_ASSERT((result.exists && result.values[c] == input.theirs.values[c]) ||
                      recorded(outcome, false, c));
        }
    }
}

/// The primary's row after commits of its own: each gives one column a value at a time.
struct Change {
    std::size_t column;
    std::int64_t value;
    std::int64_t at;
};

/// The local side after the primary's commits arrived one by one, with what was lost on the way.
std::pair<Mine, std::size_t> after_all(Mine mine, Theirs theirs,
                                       const std::vector<Change>& commits) {
    std::size_t losses = 0;
    std::int64_t seq = mark;
    for (const Change& change : commits) {
        const Terms terms{
            seq, false, [](const Contest& contest) { return contest.here_at > contest.there_at; }};
        theirs.values[change.column] = change.value;
        theirs.edited[change.column] = {change.at, ++seq};
        const Outcome outcome = merge(mine, theirs, terms);
        losses += outcome.losses.size();
        mine = after({mine, theirs, terms}, outcome);
    }
    return {mine, losses};
}

RC_GTEST_PROP(MergeProperties, TheOrderOfUnrelatedChangesDoesNotMatter, ()) {
    const auto at = [] { return *rc::gen::inRange<std::int64_t>(1, 6); };
    const auto value = [] { return *rc::gen::inRange<std::int64_t>(3, 6); };
    Mine mine;
    Theirs theirs;
    mine.exists = true;
    mine.values = theirs.values = random_row();
    mine.edited_at.assign(columns, never);
    theirs.edited.assign(columns, {0, 0});
    for (std::size_t c = 0; c < columns; ++c) {
        if (!*rc::gen::arbitrary<bool>()) continue;
        mine.values[c] = value();  // no value of before: that would be no edit
        mine.edited_at[c] = at();
    }
    const auto first = *rc::gen::inRange<std::size_t>(0, columns);
    const auto second = (first + *rc::gen::inRange<std::size_t>(1, columns)) % columns;
    const Change one{first, value(), at()}, other{second, value(), at()};
    const auto [forth, lost_forth] = after_all(mine, theirs, {one, other});
    const auto [back, lost_back] = after_all(mine, theirs, {other, one});
    RC_ASSERT(forth.values == back.values);
    RC_ASSERT(forth.edited_at == back.edited_at);
    RC_ASSERT(lost_forth == lost_back);
}

RC_GTEST_PROP(MergeProperties, AColumnIsDecidedByItselfAlone, ()) {
    Case input = random_case();
    RC_PRE(input.mine.exists && !input.theirs.gone && !input.terms.automatic_key);
    const Outcome whole = merge(input.mine, input.theirs, input.terms);
    const auto c = *rc::gen::inRange<std::size_t>(0, columns);
    // The other columns as if nobody had touched them.
    for (std::size_t other = 0; other < columns; ++other) {
        if (other == c) continue;
        input.mine.edited_at[other] = never;
        input.theirs.edited[other] = {0, 0};
    }
    const Outcome alone = merge(input.mine, input.theirs, input.terms);
    RC_ASSERT(alone.values[c] == whole.values[c]);
    RC_ASSERT(alone.edited_at[c] == whole.edited_at[c]);
}

}  // namespace
}  // namespace tidemark::merge
