#include "merge/rule.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace tidemark::merge {
namespace {

constexpr std::int64_t mark = 10;

Judge newest() {
    return [](const Contest& contest) { return contest.here_at > contest.there_at; };
}

Terms terms(bool automatic_key = false) { return {mark, automatic_key, newest(), never}; }

/// A row (key, a, b) that exists here, with the times of edits of a and b.
Mine mine(const char* a, std::int64_t a_at, const char* b, std::int64_t b_at) {
    Mine row;
    row.exists = true;
    row.edited_at = {never, a_at, b_at};
    row.values = {Value{std::int64_t{1}}, Value{std::string(a)}, Value{std::string(b)}};
    return row;
}

Mine born(const char* a, const char* b, std::int64_t at) {
    Mine row = mine(a, at, b, at);
    row.born_at = at;
    row.edited_at[0] = at;
    return row;
}

Mine deleted(std::int64_t at) {
    Mine row;
    row.gone_at = at;
    row.edited_at = {never, never, never};
    return row;
}

/// The primary's row, whole since long ago, with stamps of a and b.
Theirs theirs(const char* a, Stamp a_stamp, const char* b, Stamp b_stamp) {
    Theirs row;
    row.at = 1;
    row.born = 1;
    row.edited = {{1, 1}, a_stamp, b_stamp};
    row.values = {Value{std::int64_t{1}}, Value{std::string(a)}, Value{std::string(b)}};
    return row;
}

Theirs deleted_there(std::int64_t at) {
    Theirs row;
    row.gone = true;
    row.at = at;
    row.born = 1;
    row.edited = {{at, mark + 1}, {at, mark + 1}, {at, mark + 1}};
    return row;
}

Theirs born_there(const char* a, const char* b, std::int64_t at) {
    Theirs row = theirs(a, {at, mark + 1}, b, {at, mark + 1});
    row.at = at;
    row.born = mark + 1;
    row.edited[0] = {at, mark + 1};
    return row;
}

constexpr Stamp seen{1, 1};
Stamp unseen(std::int64_t at) { return {at, mark + 1}; }

std::string text(const Outcome& outcome, std::size_t column) {
    return std::get<std::string>(outcome.values[column]);
}

bool nothing_pending(const Outcome& outcome) {
    return outcome.born_at == never && outcome.gone_at == never &&
           std::all_of(outcome.edited_at.begin(), outcome.edited_at.end(),
                       [](std::int64_t at) { return at == never; });
}

TEST(MergeRule, EditsOfDifferentColumnsBothStay) {
    const Outcome out =
        merge(mine("ours", 50, "old", never), theirs("old", seen, "new", unseen(60)), terms());
    EXPECT_EQ(out.act, Act::write);
    EXPECT_EQ(text(out, 1), "ours");
    EXPECT_EQ(text(out, 2), "new");
    EXPECT_EQ(out.edited_at[1], 50);
    EXPECT_EQ(out.edited_at[2], never);
    EXPECT_TRUE(out.losses.empty());
}

TEST(MergeRule, TheLaterEditOfOneColumnWinsAndTheOtherIsRecorded) {
    const Outcome ours =
        merge(mine("ours", 60, "b", never), theirs("new", unseen(50), "b", seen), terms());
    EXPECT_EQ(text(ours, 1), "ours");
    ASSERT_EQ(ours.losses.size(), 1u);
    EXPECT_FALSE(ours.losses[0].here);

    const Outcome lost =
        merge(mine("ours", 50, "b", never), theirs("new", unseen(60), "b", seen), terms());
    EXPECT_EQ(text(lost, 1), "new");
    EXPECT_TRUE(nothing_pending(lost));
    ASSERT_EQ(lost.losses.size(), 1u);
    EXPECT_TRUE(lost.losses[0].here);
    EXPECT_EQ(lost.losses[0].columns, std::vector<std::size_t>{1});
}

TEST(MergeRule, ATieStaysWithThePrimary) {
    EXPECT_EQ(
        text(merge(mine("ours", 50, "b", never), theirs("new", unseen(50), "b", seen), terms()), 1),
        "new");
}

TEST(MergeRule, AnEditThatSawThePrimarysValueBeatsItWhateverTheClocksSay) {
    const Outcome out =
        merge(mine("ours", 50, "b", never), theirs("old", {90, mark}, "new", unseen(95)), terms());
    EXPECT_EQ(text(out, 1), "ours");
    EXPECT_TRUE(out.losses.empty());
}

TEST(MergeRule, TheSameEditOnBothSidesIsNoConflict) {
    const Outcome out =
        merge(mine("same", 50, "b", never), theirs("same", unseen(60), "b", seen), terms());
    EXPECT_TRUE(nothing_pending(out));
    EXPECT_TRUE(out.losses.empty());
}

TEST(MergeRule, OneAndOnePointZeroAreDifferentValues) {
    Mine row = mine("x", 60, "b", never);
    row.values[1] = Value{1.0};
    Theirs other = theirs("x", unseen(50), "b", seen);
    other.values[1] = Value{std::int64_t{1}};
    EXPECT_EQ(merge(row, other, terms()).losses.size(), 1u);
}

TEST(MergeRule, AnEditMadeAfterADeletionElsewhereBringsTheWholeRowBack) {
    const Outcome out = merge(mine("ours", 60, "b", never), deleted_there(50), terms());
    EXPECT_EQ(out.act, Act::keep);
    EXPECT_EQ(out.born_at, 60);
    EXPECT_EQ(out.edited_at, (std::vector<std::int64_t>{60, 60, 60}));
    ASSERT_EQ(out.losses.size(), 1u);
    EXPECT_FALSE(out.losses[0].here);
    EXPECT_TRUE(out.losses[0].columns.empty()) << "a deletion lost";
}

TEST(MergeRule, ADeletionMadeAfterAnEditElsewhereTakesTheRowAndRecordsTheEdit) {
    const Outcome out = merge(mine("ours", 50, "b", never), deleted_there(60), terms());
    EXPECT_EQ(out.act, Act::remove);
    EXPECT_TRUE(nothing_pending(out));
    ASSERT_EQ(out.losses.size(), 1u);
    EXPECT_EQ(out.losses[0].columns, std::vector<std::size_t>{1});
}

TEST(MergeRule, ARowThatWasOnlyTouchedGoesWithADeletionElsewhere) {
    const Outcome out = merge(mine("a", never, "b", never), deleted_there(60), terms());
    EXPECT_EQ(out.act, Act::remove);
    EXPECT_TRUE(out.losses.empty());
}

TEST(MergeRule, ALaterDeletionHereStaysPendingAndRecordsWhatItTakes) {
    const Outcome out = merge(deleted(60), theirs("new", unseen(50), "b", seen), terms());
    EXPECT_EQ(out.act, Act::keep);
    EXPECT_EQ(out.gone_at, 60);
    ASSERT_EQ(out.losses.size(), 1u);
    EXPECT_EQ(out.losses[0].columns, std::vector<std::size_t>{1});
}

TEST(MergeRule, ALaterEditElsewhereBringsBackWhatWasDeletedHere) {
    const Outcome out = merge(deleted(50), theirs("new", unseen(60), "b", seen), terms());
    EXPECT_EQ(out.act, Act::write);
    EXPECT_EQ(text(out, 1), "new");
    EXPECT_TRUE(nothing_pending(out));
}

TEST(MergeRule, ADeletionThatSawEverythingIsNotInContest) {
    const Outcome out = merge(deleted(50), theirs("old", {90, mark}, "b", seen), terms());
    EXPECT_EQ(out.gone_at, 50);
    EXPECT_TRUE(out.losses.empty());
}

TEST(MergeRule, DeletedOnBothSidesIsGone) {
    const Outcome out = merge(deleted(50), deleted_there(60), terms());
    EXPECT_EQ(out.act, Act::remove);
    EXPECT_TRUE(nothing_pending(out));
    EXPECT_TRUE(out.losses.empty());
}

TEST(MergeRule, ANaturalKeyMadeTwiceIsOneRow) {
    const Outcome out = merge(born("ours", "same", 60), born_there("new", "same", 50), terms());
    EXPECT_EQ(out.act, Act::write);
    EXPECT_EQ(text(out, 1), "ours");
    EXPECT_EQ(out.born_at, never) << "it is an edit of the primary's row now";
    EXPECT_EQ(out.losses.size(), 1u);
}

TEST(MergeRule, ANumberHandedOutTwiceMeansTwoRows) {
    const Outcome out = merge(born("ours", "b", 60), born_there("new", "b", 50), terms(true));
    EXPECT_EQ(out.act, Act::renumber);
    EXPECT_TRUE(out.losses.empty());
}

TEST(MergeRule, OurOwnRowWhoseAcknowledgementWasLostIsNotRenumbered) {
    Theirs own = born_there("ours", "b", 60);
    own.born_by_us = true;
    const Outcome out = merge(born("ours", "b", 60), own, terms(true));
    EXPECT_EQ(out.act, Act::write);
    EXPECT_TRUE(nothing_pending(out));
}

TEST(MergeRule, ADeletionOfAnotherRowWithTheSameNumberDoesNotTakeOurs) {
    const Outcome out = merge(born("ours", "b", 50), deleted_there(60), terms(true));
    EXPECT_EQ(out.act, Act::keep);
    EXPECT_EQ(out.born_at, 50);
    EXPECT_TRUE(out.losses.empty());
}

TEST(MergeRule, OurDeletionDoesNotTakeAnotherRowThatGotTheSameNumber) {
    const Outcome out = merge(deleted(99), born_there("new", "b", 50), terms(true));
    EXPECT_EQ(out.act, Act::write);
    EXPECT_TRUE(out.losses.empty());
}

TEST(MergeRule, OurEditOfARowWhoseNumberMeansAnotherRowNowIsRecorded) {
    const Outcome out =
        merge(mine("ours", 99, "b", never), born_there("new", "b", 50), terms(true));
    EXPECT_EQ(text(out, 1), "new");
    ASSERT_EQ(out.losses.size(), 1u);
    EXPECT_TRUE(out.losses[0].here);
    const Outcome touched =
        merge(mine("a", never, "b", never), born_there("new", "b", 50), terms(true));
    EXPECT_TRUE(touched.losses.empty());
}

TEST(MergeRule, ARowThatGivesWayRecordsWhatItDoesNotShareWithTheOther) {
    const Outcome out =
        give_way(mine("ours", 60, "same", 60), theirs("new", seen, "same", seen), "why");
    EXPECT_EQ(text(out, 1), "new");
    EXPECT_TRUE(nothing_pending(out));
    ASSERT_EQ(out.losses.size(), 1u);
    EXPECT_EQ(out.losses[0].columns, std::vector<std::size_t>{1});
    EXPECT_TRUE(give_way(mine("new", 60, "same", 60), theirs("new", seen, "same", seen), "why")
                    .losses.empty());
}

TEST(MergeRule, ARowThatGivesWayToADeletionIsRecordedAndADeletionThatDoesToo) {
    const Outcome gone = give_way(mine("ours", 60, "b", never), deleted_there(50), "why");
    EXPECT_EQ(gone.act, Act::remove);
    EXPECT_EQ(gone.losses.size(), 1u);
    const Outcome back = give_way(deleted(60), theirs("old", seen, "b", seen), "why");
    EXPECT_EQ(back.act, Act::write);
    ASSERT_EQ(back.losses.size(), 1u);
    EXPECT_TRUE(back.losses[0].columns.empty());
}

TEST(MergeRule, ARowWithoutColumnsToEditHasNoLastEdit) { EXPECT_EQ(Mine{}.last_edit(), never); }

TEST(MergeRule, AnEditThatWasNotNotedWinsAsEverButWhatItReplacesIsKept) {
    Terms found = terms();
    found.unnoted_at = 50;
    const Outcome out = merge(mine("x", 50, "y", 60), theirs("a", seen, "b", seen), found);
    EXPECT_EQ(text(out, 1), "x");
    ASSERT_EQ(out.losses.size(), 1U);
    EXPECT_FALSE(out.losses[0].here);
    EXPECT_EQ(out.losses[0].columns, std::vector<std::size_t>{1});
}

}  // namespace
}  // namespace tidemark::merge
