#include "cli/printable.hpp"

#include <gtest/gtest.h>

namespace tidemark::cli {
namespace {

TEST(Printable, NothingThatATerminalWouldObeyGetsThrough) {
    EXPECT_EQ(printable("\x1b]0;title\x07"), "\\x1b]0;title\\x07");
    EXPECT_EQ(printable("a\tb\r\nc"), "a\\tb\\r\\nc");
    EXPECT_EQ(printable("\xc2\x9b"
                        "31m"),
              "\\u{9b}31m");  // the one-character form of ESC [
    EXPECT_EQ(printable("\xe2\x80\xae"
                        "fdp.exe"),
              "\\u{202e}fdp.exe");
    EXPECT_EQ(printable(std::string_view("a\0b", 3)), "a\\x00b");
}

TEST(Printable, BytesThatAreNotUtf8AreShownAsBytes) {
    EXPECT_EQ(printable("caf\xe9"), "caf\\xe9");
    EXPECT_EQ(printable("\xe2\x82"), "\\xe2\\x82");
    EXPECT_EQ(printable("na\xc3\xafve"), "na\xc3\xafve");
}

TEST(Printable, LongTextIsCutToTheColumnsThereAre) {
    EXPECT_EQ(printable("abcdef", 6), "abcdef");
    EXPECT_EQ(printable("abcdefg", 6), "abcde…");
    EXPECT_EQ(printable("abc\ndef", 5), "abc…");  // an escape is cut whole
    EXPECT_EQ(printable("日本語", 6), "日本語");
    EXPECT_EQ(printable("日本語", 5), "日本…");
    EXPECT_EQ(printable("日本語", 4), "日…");
}

TEST(Printable, WideAndCombiningCharactersAreCountedAsTheyAreDrawn) {
    EXPECT_EQ(columns_of("日本語"), 6U);
    EXPECT_EQ(columns_of("e\xcc\x81"), 1U);
    EXPECT_EQ(padded("日本", 6), "日本  ");
    EXPECT_EQ(padded_left("7", 3), "  7");
    EXPECT_EQ(padded("longer", 3), "longer");
}

TEST(Printable, TextIsWrappedAtSpaces) {
    using Lines = std::vector<std::string>;
    EXPECT_EQ(wrapped("one two three", 7), (Lines{"one two", "three"}));
    EXPECT_EQ(wrapped("one two three", 0), (Lines{"one two three"}));
    EXPECT_EQ(wrapped("unbreakable word", 4), (Lines{"unbreakable", "word"}));
    EXPECT_EQ(wrapped("one\n\ntwo", 20), (Lines{"one", "", "two"}));
    EXPECT_EQ(wrapped("", 20), (Lines{""}));
}

}  // namespace
}  // namespace tidemark::cli
