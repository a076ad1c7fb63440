// The drawings, and what they say in words.
#include "daemon/page/charts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "tests/unit/daemon/page/pages.hpp"

namespace whylink::daemon::page {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr float gap = std::numeric_limits<float>::quiet_NaN();

std::string spark(const std::vector<float>& seconds) {
    Html html;
    write_sparkline(html, seconds, "RTT");
    return html.take();
}

std::string strip(const std::vector<Day::Count>& parts) {
    Html html;
    write_strip(html, parts, "Last 24 hours");
    return html.take();
}

TEST(Sparkline, SaysItsRange) {
    const std::string drawn = spark({0.0004F, 0.0012F, 0.0008F});
    EXPECT_THAT(drawn, HasSubstr("aria-label=\"RTT, last 3 checks: 0.4 ms to 1.2 ms\""));
    EXPECT_EQ(count_of_text(drawn, "L"), 2U);
    EXPECT_THAT(drawn, HasSubstr("L94.0 "));  // the latest is at the right
}

TEST(Sparkline, AGapEndsTheLine) {
    const std::string drawn = spark({0.001F, gap, 0.001F, 0.002F});
    EXPECT_EQ(count_of_text(drawn, "M"), 2U);
    EXPECT_THAT(drawn, Not(HasSubstr("nan")));
}

TEST(Sparkline, OneValueIsNoLine) {
    EXPECT_EQ(spark({}), "");
    EXPECT_EQ(spark({0.001F}), "");
    EXPECT_EQ(spark({gap, 0.001F, gap}), "");
}

TEST(Sparkline, NothingButZerosIsDrawn) {
    EXPECT_THAT(spark({0, 0}), Not(HasSubstr("inf")));
}

TEST(Strip, EqualPartsAreOneRectangle) {
    const std::string drawn = strip(std::vector<Day::Count>(48, {10, 10}));
    EXPECT_EQ(count_of_text(drawn, "<path"), 1U);
    EXPECT_THAT(drawn, HasSubstr("d=\"M0 16h144v4h-144z\""));
    EXPECT_THAT(drawn, HasSubstr("Last 24 hours: all checks passed"));
}

TEST(Strip, TheMoreFailedTheHigherItIs) {
    const std::string drawn = strip({{10, 10}, {1000, 999}, {10, 5}, {10, 0}, {0, 0}});
    EXPECT_THAT(drawn, HasSubstr("class=\"warning\" d=\"M3 12h3v8"));
    EXPECT_THAT(drawn, HasSubstr("class=\"warning\" d=\"M6 8h3v12"));
    EXPECT_THAT(drawn, HasSubstr("class=\"failing\" d=\"M9 0h3v20"));
    EXPECT_THAT(drawn, HasSubstr("class=\"none\""));
    EXPECT_THAT(drawn, HasSubstr("checks failed in 3 of 4 parts"));
}

TEST(Strip, WithoutChecksItSaysSo) {
    EXPECT_THAT(strip(std::vector<Day::Count>(48)), HasSubstr("Last 24 hours: no checks"));
}

}  // namespace
}  // namespace whylink::daemon::page
