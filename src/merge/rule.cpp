#include "merge/rule.hpp"

#include <algorithm>
#include <cassert>

namespace tidemark::merge {
namespace {

using Columns = std::vector<std::size_t>;

Columns edited_columns(const Mine& mine) {
    Columns columns;
    for (std::size_t c = 0; c < mine.edited_at.size(); ++c) {
        if (mine.edited_at[c] != never) columns.push_back(c);
    }
    return columns;
}

Columns unseen_columns(const Theirs& theirs, std::int64_t mark) {
    Columns columns;
    for (std::size_t c = 0; c < theirs.edited.size(); ++c) {
        if (theirs.edited[c].seq > mark) columns.push_back(c);
    }
    return columns;
}

std::int64_t latest(const Theirs& theirs, const Columns& columns) {
    std::int64_t at = never;
    for (const std::size_t c : columns) at = std::max(at, theirs.edited[c].at);
    return at;
}

Outcome take_theirs(const Theirs& theirs) {
    Outcome out;
    out.act = theirs.gone ? Act::remove : Act::write;
    out.values = theirs.values;
    out.edited_at.assign(theirs.edited.size(), never);
    return out;
}

Outcome keep_mine(const Mine& mine) {
    return {Act::keep, {}, mine.born_at, mine.gone_at, mine.edited_at, {}};
}

/// Edited here, edited there: each column by itself.
Outcome merge_columns(const Mine& mine, const Theirs& theirs, const Terms& terms) {
    Outcome out = take_theirs(theirs);
    for (const std::size_t c : edited_columns(mine)) {
        const std::int64_t here_at = mine.edited_at[c];
        const Stamp there = theirs.edited[c];
        if (identical(mine.values[c], theirs.values[c])) continue;
        const bool contested = there.seq > terms.mark;
        if (!contested || terms.here_wins({{c}, here_at, there.at})) {
            out.values[c] = mine.values[c];
            out.edited_at[c] = here_at;
            const char* const reason =
                contested ? "edited later here" : "edited here without being noted";
            if (contested || here_at == terms.unnoted_at) {
                out.losses.push_back({false, {c}, reason, here_at, there.at});
            }
        } else {
            out.losses.push_back({true, {c}, "edited later there", here_at, there.at});
        }
    }
    return out;
}

/// Edited here, deleted there: the later wins, and a winning edit brings the whole row back.
Outcome merge_with_deletion_there(const Mine& mine, const Theirs& theirs, const Terms& terms) {
    const Columns edited = edited_columns(mine);
    if (edited.empty()) return take_theirs(theirs);
    const std::int64_t last = mine.last_edit();
    if (!terms.here_wins({{}, last, theirs.at})) {
        Outcome out = take_theirs(theirs);
        out.losses.push_back({true, edited, "deleted later there", last, theirs.at});
        return out;
    }
    Outcome out = keep_mine(mine);
    out.born_at = last;
    for (std::int64_t& at : out.edited_at) {
        if (at == never) at = last;
    }
    out.losses.push_back({false, {}, "edited later here", last, theirs.at});
    return out;
}

/// Deleted here, edited there: the later wins.
Outcome merge_with_deletion_here(const Mine& mine, const Theirs& theirs, const Terms& terms) {
    const Columns unseen = unseen_columns(theirs, terms.mark);
    if (unseen.empty()) return keep_mine(mine);
    const std::int64_t last = latest(theirs, unseen);
    if (terms.here_wins({{}, mine.gone_at, last})) {
        Outcome out = keep_mine(mine);
        out.losses.push_back({false, unseen, "deleted later here", mine.gone_at, last});
        return out;
    }
    Outcome out = take_theirs(theirs);
    out.losses.push_back({true, {}, "edited later there", mine.gone_at, last});
    return out;
}

/// The primary's row is not the one that our changes were about: the number was given out again.
Outcome merge_with_namesake(const Mine& mine, const Theirs& theirs) {
    if (mine.exists && mine.born()) {
        if (theirs.gone) return keep_mine(mine);
        Outcome out = keep_mine(mine);
        out.act = Act::renumber;
        return out;
    }
    Outcome out = take_theirs(theirs);
    const Columns edited = edited_columns(mine);
    if (mine.exists && !edited.empty()) {
        out.losses.push_back({true, edited, "deleted there", mine.last_edit(), theirs.at});
    }
    return out;
}

}  // namespace

std::int64_t Mine::last_edit() const {
    return edited_at.empty() ? never : *std::max_element(edited_at.begin(), edited_at.end());
}

//  edited here  | edited there  | each column by itself
//  edited here  | deleted there | the later; a winning edit restores the whole row
//  deleted here | edited there  | the later
//  deleted here | deleted there | gone
//  born here    | born there    | one row, or two where SQLite gave out the same number twice
Outcome merge(const Mine& mine, const Theirs& theirs, const Terms& terms) {
    assert(mine.edited_at.size() == theirs.edited.size());
    const bool born_unseen = theirs.born > terms.mark && !theirs.born_by_us;
    const bool other_row_gone = mine.exists && mine.born() && theirs.gone && !theirs.born_by_us;
    if (terms.automatic_key && (born_unseen || other_row_gone)) {
        return merge_with_namesake(mine, theirs);
    }
    if (mine.exists) {
        return theirs.gone ? merge_with_deletion_there(mine, theirs, terms)
                           : merge_columns(mine, theirs, terms);
    }
    return theirs.gone ? take_theirs(theirs) : merge_with_deletion_here(mine, theirs, terms);
}

Outcome give_way(const Mine& mine, const Theirs& theirs, const char* reason) {
    Outcome out = take_theirs(theirs);
    if (!mine.exists) {
        out.losses.push_back({true, {}, reason, mine.gone_at, theirs.at});
        return out;
    }
    Columns lost = edited_columns(mine);
    std::erase_if(lost, [&](std::size_t c) {
        return !theirs.gone && identical(mine.values[c], theirs.values[c]);
    });
    if (!lost.empty()) out.losses.push_back({true, lost, reason, mine.last_edit(), theirs.at});
    return out;
}

}  // namespace tidemark::merge
