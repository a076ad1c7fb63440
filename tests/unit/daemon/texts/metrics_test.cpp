#include "daemon/texts/metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>

namespace whylink::daemon {
namespace {

using testing::StartsWith;

/// The names of the labels in a sample line: `name{a="1",b="2"} 1`. No value has a comma in it.
std::set<std::string> label_names(std::string_view sample) {
    const std::size_t open = sample.find('{');
    const std::size_t close = sample.rfind('}');
    std::set<std::string> names;
    if (open == std::string_view::npos || close == std::string_view::npos) {
        return names;
    }
    std::string_view rest = sample.substr(open + 1, close - open - 1);
    while (!rest.empty()) {
        names.emplace(rest.substr(0, rest.find('=')));
        const std::size_t comma = rest.find(',');
        rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
    }
    names.erase("le");
    return names;
}

/// "kind, name, address or resolver": of alternatives a sample has one.
bool has_declared_labels(const std::set<std::string>& names, std::string_view declared) {
    std::size_t matched = 0;
    std::string_view rest = declared;
    while (!rest.empty()) {
        const std::size_t comma = rest.find(", ");
        const std::string_view label = rest.substr(0, comma);
        rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 2);
        if (label == "those of the config") {
            matched = names.size();
            continue;
        }
        const std::size_t either = label.find(" or ");
        const bool first = names.contains(std::string(label.substr(0, either)));
        const bool second =
            either != std::string_view::npos && names.contains(std::string(label.substr(either + 4)));
        if (first == second) {
            return false;
        }
        ++matched;
    }
    return matched == names.size();
}

TEST(MetricTexts, AreTheFamiliesOfThePageAndThenPlannedOnes) {
    const auto families = http::metric_families();
    ASSERT_GE(metric_texts().size(), families.size());
    for (std::size_t i = 0; i < metric_texts().size(); ++i) {
        const MetricText& text = metric_texts()[i];
        EXPECT_EQ(text.planned.empty(), i < families.size()) << text.name;
        if (i < families.size()) {
            EXPECT_EQ(text.name, families[i].name);
            EXPECT_EQ(text.help, families[i].help);
        }
    }
}

TEST(MetricTexts, SamplesHaveTheNameAndTheLabels) {
    for (const MetricText& text : metric_texts()) {
        for (const std::string& sample : text.sample) {
            const std::string end = text.type == http::MetricType::histogram ? "_" : "";
            EXPECT_THAT(sample, StartsWith(text.name + end));
            EXPECT_TRUE(has_declared_labels(label_names(sample), text.labels))
                << sample << " has not: " << text.labels;
        }
    }
}

/// Every family with all that is required, but for `of` the key `left_out`; and what else is given.
std::string metrics_without(std::string_view of, std::string_view left_out, const std::string& further = {}) {
    std::string toml;
    for (const http::MetricFamily& family : http::metric_families()) {
        const auto key = [&](std::string_view name, std::string_view value) {
            const bool out = family.name == of && name == left_out;
            toml += out ? "" : std::string(name) + " = " + std::string(value) + "\n";
        };
        toml += "[" + std::string(family.name) + "]\n";
        key("unit", "\"u\"");
        key("alert", "\"a\"");
        key("sample", "[\"s\"]");
    }
    return toml + further;
}

std::string mistake_in(const std::string& toml) {
    try {
        read_metric_texts({"metrics", toml});
    } catch (const std::logic_error& error) {
        return error.what();
    }
    return "";
}

TEST(MetricTexts, SayWhatIsWrong) {
    const std::string place = "metrics.toml, whylink_healthy: ";
    EXPECT_EQ(mistake_in(metrics_without("", "")), "");
    EXPECT_EQ(mistake_in(metrics_without("whylink_healthy", "unit")), place + "there is no unit");
    EXPECT_EQ(mistake_in(metrics_without("whylink_healthy", "alert")), place + "there is no alert");
    EXPECT_EQ(mistake_in(metrics_without("whylink_healthy", "sample")), place + "there is no sample");
    EXPECT_EQ(mistake_in(""), place + "there is no such table");
    EXPECT_EQ(mistake_in("whylink_healthy = 1\n"), place + "must be a table; found 1");
}

TEST(MetricTexts, APlannedOneSaysWhatThePageWouldSay) {
    const auto with = [](const std::string& keys) {
        return mistake_in(metrics_without("", "", "[whylink_new]\n" + keys));
    };
    const std::string common = "unit = \"u\"\nalert = \"a\"\nsample = [\"s\"]\n";
    const std::string own = "type = \"gauge\"\nhelp = \"h\"\nplanned = \"p\"\n";
    EXPECT_EQ(with(common + own), "");
    EXPECT_EQ(with(common), "metrics.toml, whylink_new: there is no type");
    EXPECT_EQ(with(common + "type = \"scale\"\n"), "metrics.toml, whylink_new: no type is scale");
}

}  // namespace
}  // namespace whylink::daemon
