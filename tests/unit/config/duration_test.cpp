#include "config/duration.hpp"

#include <gtest/gtest.h>

namespace whylink::config {
namespace {

using std::chrono::milliseconds;

TEST(Duration, ReadsANumberAndAUnit) {
    EXPECT_EQ(parse_duration("250ms"), milliseconds(250));
    EXPECT_EQ(parse_duration("5s"), milliseconds(5'000));
    EXPECT_EQ(parse_duration("1.5s"), milliseconds(1'500));
    EXPECT_EQ(parse_duration("0.001s"), milliseconds(1));
    EXPECT_EQ(parse_duration("2m"), milliseconds(120'000));
    EXPECT_EQ(parse_duration("1h"), milliseconds(3'600'000));
    EXPECT_EQ(parse_duration("0.5h"), milliseconds(1'800'000));
    EXPECT_EQ(parse_duration("14d"), milliseconds(14LL * 86'400'000));
    EXPECT_EQ(parse_duration("0s"), milliseconds(0));
    EXPECT_EQ(parse_duration("3650d"), milliseconds(3650LL * 86'400'000));
    EXPECT_EQ(parse_duration("007s"), milliseconds(7'000));
}

TEST(Duration, RefusesEverythingElse) {
    for (const char* text : {"",
                             "5",
                             "s",
                             "ms",
                             ".5s",
                             "5.s",
                             ".s",
                             "1.2.3s",
                             "-5s",
                             "+5s",
                             "5 s",
                             " 5s",
                             "5s ",
                             "5S",
                             "5sec",
                             "1h30m",
                             "1e3s",
                             "0x5s",
                             "3651d",
                             "3650.5d",
                             "1.5ms",
                             "0.0001s",
                             "0.0000001d",
                             "18446744073709551616ms",
                             "99999999999999999999s",
                             "213503982335d",
                             "5us",
                             "5w",
                             "5y"}) {
        EXPECT_FALSE(parse_duration(text)) << text;
    }
}

TEST(Duration, PrintsTheLargestUnitThatDivides) {
    EXPECT_EQ(format_duration(milliseconds(0)), "0s");
    EXPECT_EQ(format_duration(milliseconds(250)), "250ms");
    EXPECT_EQ(format_duration(milliseconds(1'500)), "1500ms");
    EXPECT_EQ(format_duration(milliseconds(30'000)), "30s");
    EXPECT_EQ(format_duration(milliseconds(60'000)), "1m");
    EXPECT_EQ(format_duration(milliseconds(90'000)), "90s");
    EXPECT_EQ(format_duration(milliseconds(48 * 3'600'000)), "2d");
}

TEST(Duration, ComesBackTheSame) {
    for (long long value = 0; value < 3650LL * 86'400'000; value = value * 3 + 7) {
        EXPECT_EQ(parse_duration(format_duration(milliseconds(value))), milliseconds(value));
    }
}

TEST(Size, ReadsBinaryAndDecimalUnits) {
    EXPECT_EQ(parse_size("512B"), 512U);
    EXPECT_EQ(parse_size("64KiB"), 65'536U);
    EXPECT_EQ(parse_size("256MiB"), 256ULL << 20);
    EXPECT_EQ(parse_size("1GiB"), 1ULL << 30);
    EXPECT_EQ(parse_size("1.5GiB"), 3ULL << 29);
    EXPECT_EQ(parse_size("2TiB"), 2ULL << 40);
    EXPECT_EQ(parse_size("100MB"), 100'000'000U);
    EXPECT_EQ(parse_size("1kB"), 1'000U);
    EXPECT_EQ(parse_size("1KB"), 1'000U);
    EXPECT_EQ(parse_size("0B"), 0U);
}

TEST(Size, RefusesEverythingElse) {
    for (const char* text : {"", "1", "MiB", "-1MiB", "1 MiB", "1mib", "1M", "0.5B", "1.0000001MiB",
                             "1048576TiB", "99999999999999999999B", "1PiB"}) {
        EXPECT_FALSE(parse_size(text)) << text;
    }
}

TEST(Size, ComesBackTheSame) {
    EXPECT_EQ(format_size(0), "0B");
    EXPECT_EQ(format_size(256ULL << 20), "256MiB");
    for (std::uint64_t value = 1; value < 1ULL << 50; value = value * 2 + value % 3) {
        EXPECT_EQ(parse_size(format_size(value)), value);
    }
}

}  // namespace
}  // namespace whylink::config
