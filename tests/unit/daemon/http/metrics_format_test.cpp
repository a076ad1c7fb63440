#include "daemon/http/metrics_format.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "daemon/http/accept.hpp"

namespace whylink::daemon::http {
namespace {

using enum MetricsFormat;

TEST(MetricsFormat, WhatPrometheusSends) {
    EXPECT_EQ(
        metrics_format(
            "application/openmetrics-text;version=1.0.0,"
            "application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"),
        openmetrics);
    // Version 3, told to prefer the text format.
    EXPECT_EQ(
        metrics_format("text/plain;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=0.0.4;q=0.5,"
                       "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.4,*/*;q=0.2"),
        prometheus);
}

TEST(MetricsFormat, AWildcardAsksForText) {
    for (const char* accept : {"", "*/*", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
                               "application/*", "text/*", "text/plain", "application/json"}) {
        EXPECT_EQ(metrics_format(accept), prometheus) << accept;
    }
}

TEST(MetricsFormat, TheHigherWeightWinsAndOpenMetricsWhenTheyAreEqual) {
    EXPECT_EQ(metrics_format("application/openmetrics-text, text/plain"), openmetrics);
    EXPECT_EQ(metrics_format("text/plain;q=0.4, application/openmetrics-text;q=0.5"), openmetrics);
    EXPECT_EQ(metrics_format("text/plain;q=0.5, application/openmetrics-text;q=0.4"), prometheus);
    EXPECT_EQ(metrics_format("application/openmetrics-text;q=0"), prometheus);
    EXPECT_EQ(metrics_format("application/openmetrics-text;q=0.5, */*"), prometheus);
}

TEST(MetricsFormat, TheMoreSpecificRangeDecides) {
    EXPECT_EQ(metrics_format("*/*;q=1, text/plain;q=0.1, application/openmetrics-text;q=0.2"), openmetrics);
    EXPECT_EQ(metrics_format("text/*;q=0.1, */*, application/openmetrics-text;q=0.2"), openmetrics);
}

TEST(MetricsFormat, AVersionThatWeDoNotSpeakIsNotAskedFor) {
    EXPECT_EQ(metrics_format("application/openmetrics-text;version=0.0.1"), prometheus);
    EXPECT_EQ(metrics_format("application/openmetrics-text;version=2.0.0, text/plain;q=0.1"), prometheus);
    EXPECT_EQ(metrics_format("Application/OpenMetrics-Text; VERSION=\"1.0.0\" ; charset=utf-8"), openmetrics);
}

TEST(MetricsFormat, GarbageAsksForText) {
    for (const char* accept :
         {",", ";", "application/openmetrics-text;q=much", "application/openmetrics-text;q=", "/", "\"",
          "application/openmetrics-text;version=\"1.0.0", "application/openmetrics-text;q=1e0", "\\",
          "q=1"}) {
        EXPECT_EQ(metrics_format(accept), prometheus) << accept;
    }
}

TEST(MetricsFormat, ContentTypesNameTheVersion) {
    EXPECT_EQ(content_type(prometheus), "text/plain; version=0.0.4; charset=utf-8");
    EXPECT_EQ(content_type(openmetrics), "application/openmetrics-text; version=1.0.0; charset=utf-8");
}

TEST(Preferences, QuotedStringsHoldSeparators) {
    const auto list = preferences(R"(a/b; note="x,y;z\"=" ; q=0.25 , c)");
    ASSERT_EQ(list.size(), 2U);
    EXPECT_EQ(list[0].value, "a/b");
    EXPECT_EQ(list[0].parameter("note"), "x,y;z\"=");
    EXPECT_EQ(list[0].weight, 0.25);
    EXPECT_EQ(list[1].value, "c");
    EXPECT_EQ(list[1].weight, 1);
    EXPECT_EQ(list[1].parameter("note"), "");
}

TEST(Preferences, AnyBytesAreRead) {
    std::mt19937 random(11);
    const std::string alphabet = "ab*/;,=\"\\ q01.\t\xff";
    for (int round = 0; round < 20'000; ++round) {
        std::string header(random() % 40, ' ');
        for (char& c : header) {
            c = alphabet[random() % alphabet.size()];
        }
        for (const Preference& preference : preferences(header)) {
            EXPECT_FALSE(preference.value.empty()) << header;
            EXPECT_TRUE(preference.weight >= 0 && preference.weight <= 1) << header;
        }
    }
}

}  // namespace
}  // namespace whylink::daemon::http
