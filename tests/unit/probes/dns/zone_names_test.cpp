#include "probes/dns/zone_names.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <set>
#include <string>
#include <vector>

namespace whylink::probes {
namespace {

using ::testing::MatchesRegex;

std::size_t count(const std::vector<ZoneName>& names, NameRole role) {
    return static_cast<std::size_t>(
        std::ranges::count_if(names, [role](const ZoneName& name) { return name.role == role; }));
}

const std::string label = "whylink-[a-z][a-z0-9]{11}";

TEST(ZoneNames, ARandomLabelIsAHostNameAndFresh) {
    std::set<std::string> seen;
    for (int i = 0; i < 1000; ++i) {
        const auto random = random_label();
        EXPECT_THAT(random, MatchesRegex(label));
        EXPECT_TRUE(seen.insert(random).second) << random << " came twice";
    }
}

TEST(ZoneNames, AsksForEachKindOfName) {
    const auto names = zone_names("zone.example", {"abcd", "efgh"}, 3);
    EXPECT_EQ(names.size(), 2U + 3U + 1U + 1U);
    EXPECT_EQ(names.at(0).name, "abcd.zone.example");
    EXPECT_EQ(names.at(1).name, "efgh.zone.example");
    EXPECT_EQ(count(names, NameRole::known_label), 2U);
    EXPECT_EQ(count(names, NameRole::random_label), 3U);
    EXPECT_EQ(count(names, NameRole::random_two_labels), 1U);
    EXPECT_EQ(count(names, NameRole::control), 1U);
    for (const auto& [name, role] : names) {
        const std::string pattern = role == NameRole::known_label    ? "(abcd|efgh)\\.zone\\.example"
                                    : role == NameRole::random_label ? label + "\\.zone\\.example"
                                    : role == NameRole::random_two_labels
                                        ? label + "\\." + label + "\\.zone\\.example"
                                        : label + "\\.invalid\\.";
        EXPECT_THAT(name, MatchesRegex(pattern));
    }
}

TEST(ZoneNames, ARoundRepeatsNoRandomName) {
    std::set<std::string> seen;
    for (int round = 0; round < 2; ++round) {
        for (const auto& [name, role] : zone_names("zone.example", {}, 5)) {
            EXPECT_TRUE(seen.insert(name).second) << name;
        }
    }
}

TEST(ZoneNames, WithoutRandomLabelsOnlyTheControlIsRandom) {
    const auto names = zone_names("zone.example", {"abcd"}, 0);
    EXPECT_EQ(names.size(), 2U);
    EXPECT_EQ(count(names, NameRole::known_label), 1U);
    EXPECT_EQ(count(names, NameRole::control), 1U);
}

}  // namespace
}  // namespace whylink::probes
