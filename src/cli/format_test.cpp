#include "cli/format.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>
#include <limits>

namespace tidemark::cli {
namespace {

TEST(Format, EveryStorageClassLooksDifferent) {
    EXPECT_EQ(show(Value()), "NULL");
    EXPECT_EQ(show(std::int64_t{1}), "1");
    EXPECT_EQ(show(1.0), "1.0");
    EXPECT_EQ(show(std::string("1")), "'1'");
    EXPECT_EQ(show(Blob{"1"}), "x'31'");
    EXPECT_EQ(show(0.1), "0.1");
    EXPECT_EQ(show(1e300), "1e+300");
    EXPECT_EQ(show(-std::numeric_limits<double>::infinity()), "-Inf");
    EXPECT_EQ(show(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
}

TEST(Format, LongValuesFitTheirColumn) {
    EXPECT_EQ(show(std::string(100, 'a'), 8), "'aaaaa…'");
    EXPECT_EQ(show(std::string("a\nb")), "'a\\nb'");
    const Value blob = Blob{std::string(2500, '\xab')};
    EXPECT_EQ(show(blob, 30), "x'abababababababab…' (2.5 kB)");
    EXPECT_LE(columns_of(show(blob, 30)), 30U);
    EXPECT_EQ(show(Blob{"ab"}, 7), "x'6162'");
}

TEST(Format, KeysAreShownWithoutQuotes) {
    EXPECT_EQ(show_key({{"id", std::int64_t{17}}}), "17");
    EXPECT_EQ(show_key({{"a", std::string("x\x1b")}, {"b", Blob{"\x01"}}}), "x\\x1b, x'01'");
    EXPECT_EQ(show_key({{"id", std::string(50, 'k')}}, 5), "kkkk…");
}

TEST(Format, NumbersAreReadable) {
    EXPECT_EQ(grouped(0), "0");
    EXPECT_EQ(grouped(1'234'567), "1,234,567");
    EXPECT_EQ(bytes(1), "1 byte");
    EXPECT_EQ(bytes(999), "999 bytes");
    EXPECT_EQ(bytes(1'234), "1.2 kB");
    EXPECT_EQ(bytes(999'960), "1.0 MB");
    EXPECT_EQ(bytes(34'500'000), "34.5 MB");
}

TEST(Format, DurationsHaveTheUnitThatSuitsThem) {
    EXPECT_EQ(duration(45), "45 ms");
    EXPECT_EQ(duration(1'240), "1.2 s");
    EXPECT_EQ(duration(9'990), "10 s");
    EXPECT_EQ(duration(59'600), "1 min 0 s");
    EXPECT_EQ(duration(185'000), "3 min 5 s");
    EXPECT_EQ(duration(7'800'000), "2 h 10 min");
    EXPECT_EQ(duration(3 * 86'400'000LL), "3 days");
}

TEST(Format, TimesAreLocal) {
    setenv("TZ", "XXX-02:00", 1);  // two hours east of Greenwich
    tzset();
    EXPECT_EQ(local_time(1'773'064'800'999), "2026-03-09 16:00:00");
    EXPECT_EQ(local_minute(1'773'064'800'999), "2026-03-09 16:00");
    EXPECT_EQ(local_time(-1), "1970-01-01 01:59:59");
    unsetenv("TZ");
    tzset();
}

TEST(Format, AgesAreRough) {
    EXPECT_EQ(ago(1'000, 5'000), "just now");
    EXPECT_EQ(ago(0, 59'000), "59 s ago");
    EXPECT_EQ(ago(0, 300'000), "5 min ago");
    EXPECT_EQ(ago(0, 7'200'000), "2 h ago");
    EXPECT_EQ(ago(0, 3 * 86'400'000LL), "3 days ago");
    EXPECT_EQ(ago(7'200'000, 0), "in 2 h");
}

TEST(Format, AdviceCanBePasted) {
    EXPECT_EQ(command_line("sync", "notes.db"), "tidemark sync notes.db");
    EXPECT_EQ(command_line("sync", "my notes.db"), "tidemark sync \"my notes.db\"");
    EXPECT_EQ(command_line("sync", "-x.db"), "tidemark sync ./-x.db");
    EXPECT_EQ(command_line("conflicts", "a.db", "show 3"), "tidemark conflicts a.db show 3");
}

}  // namespace
}  // namespace tidemark::cli
