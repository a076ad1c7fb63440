// What docs/ says of the metrics and what there is.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "config/cause.hpp"
#include "parsed_page.hpp"
#include "tests/unit/daemon/fabricated_snapshot.hpp"

namespace whylink::daemon {
namespace {

using http::MetricFamily;

std::vector<std::string> lines_of(const std::string& name) {
    std::ifstream file(std::string(WHYLINK_SOURCE_DIR) + "/docs/" + name);
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) {
        lines.push_back(line);
    }
    EXPECT_FALSE(lines.empty()) << name;
    return lines;
}

std::string without_backticks(std::string text) {
    std::erase(text, '`');
    return text;
}

struct Explained {
    std::string type;
    std::string labels;
};

/// The rows of the page's tables: `| `name` | type | labels | meaning |`.
std::map<std::string, Explained> explained_metrics() {
    static const std::regex row(R"(\| `([a-z_]+)` \| (\w+) \|(?: (.+))? \| (.+) \|)");
    std::map<std::string, Explained> result;
    for (const std::string& line : lines_of("reference/metrics.md")) {
        std::smatch cells;
        if (std::regex_match(line, cells, row)) {
            const bool is_new =
                result.emplace(cells[1].str(), Explained{cells[2].str(), without_backticks(cells[3].str())})
                    .second;
            EXPECT_TRUE(is_new) << line;
        }
    }
    return result;
}

TEST(MetricsDocs, ThePageExplainsEveryFamilyAndNoOther) {
    const auto explained = explained_metrics();
    EXPECT_EQ(explained.size(), http::metric_families().size());
    for (const MetricFamily& family : http::metric_families()) {
        const auto row = explained.find(std::string(family.name));
        ASSERT_NE(row, explained.end()) << family.name;
        EXPECT_EQ(row->second.type, slug(family.type)) << family.name;
        EXPECT_EQ(row->second.labels, family.labels) << family.name;
    }
}

TEST(MetricsDocs, EachHelpTextIsOneShortSentence) {
    constexpr auto max_words = 25;
    for (const MetricFamily& family : http::metric_families()) {
        EXPECT_LT(std::ranges::count(family.help, ' '), max_words) << family.name;
        EXPECT_TRUE(family.help.ends_with('.')) << family.name;
        EXPECT_EQ(family.help.find(". "), std::string_view::npos) << family.name;
    }
}

TEST(MetricsDocs, AFullPageHasEveryFamilyInTheTablesOrder) {
    const auto families = parsed::families(parsed::page(fabricated::full_snapshot()));
    ASSERT_EQ(families.size(), http::metric_families().size());
    for (std::size_t i = 0; i < families.size(); ++i) {
        const MetricFamily& family = http::metric_families()[i];
        EXPECT_EQ(families[i].name, family.name);
        EXPECT_EQ(families[i].type, slug(family.type)) << family.name;
        EXPECT_EQ(families[i].help, family.help) << family.name;
    }
}

std::set<std::string> label_names(const parsed::Family& family) {
    std::set<std::string> names;
    for (const parsed::Sample& sample : family.samples) {
        for (const auto& [name, value] : sample.labels) {
            names.insert(name);
        }
    }
    names.erase("le");
    return names;
}

std::set<std::string> declared_labels(std::string_view text) {
    static const std::regex separator(", | or ");
    const std::string labels(text);
    std::set<std::string> names{std::sregex_token_iterator(labels.begin(), labels.end(), separator, -1), {}};
    names.erase("");
    if (names.erase("those of the config") > 0) {
        names.insert({"environment", "note", "team"});
    }
    return names;
}

TEST(MetricsDocs, TheLabelsAreTheOnesThatAreNamed) {
    for (const parsed::Family& family : parsed::families(parsed::page(fabricated::full_snapshot()))) {
        const auto row = std::ranges::find(http::metric_families(), family.name, &MetricFamily::name);
        ASSERT_NE(row, http::metric_families().end()) << family.name;
        EXPECT_EQ(label_names(family), declared_labels(row->labels)) << family.name;
    }
}

TEST(MetricsDocs, EachAlertSaysWhatIsWrongWhoMustActAndWhereToLook) {
    std::map<std::string, int> lines;
    for (const std::string& line : lines_of("alerts.yml")) {
        for (const char* begin :
             {"      - alert: ", "          summary: ", "          fix: ", "          link: "}) {
            lines[begin] += line.starts_with(begin) ? 1 : 0;
        }
    }
    for (const auto& [begin, count] : lines) {
        EXPECT_EQ(count, lines["      - alert: "]) << begin;
        EXPECT_GT(count, 0) << begin;
    }
}

TEST(MetricsDocs, EachCauseHasOneAlert) {
    std::map<std::string, int> alerts;
    static const std::regex selector(R"re(cause=~?"([^"]*)")re");
    static const std::regex slug("[a-z_]+");
    for (const std::string& line : lines_of("alerts.yml")) {
        std::smatch causes;
        if (line.find("max_over_time") == std::string::npos || !std::regex_search(line, causes, selector)) {
            continue;
        }
        const std::string list = causes[1].str();
        for (std::sregex_iterator word(list.begin(), list.end(), slug), end; word != end; ++word) {
            ++alerts[word->str()];
        }
    }
    for (const std::string_view cause : slugs_of<Cause>) {
        EXPECT_EQ(alerts[std::string(cause)], cause == "healthy" ? 0 : 1) << cause;
    }
    EXPECT_EQ(alerts.size(), count_of<Cause>);
}

}  // namespace
}  // namespace whylink::daemon
