#include "control/aws/record_search.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace whylink::control {
namespace {

using Names = std::vector<std::string>;

DnsRecord record(const std::string& name, const std::string& type = "A") {
    DnsRecord made;
    made.name = name;
    made.type = type;
    made.values = {"10.0.3.9"};
    return made;
}

struct AwsRecordSearch : testing::Test {
    AwsRecordSearch() { zone.name = "example.internal"; }

    std::optional<std::string> take(std::vector<DnsRecord> records, std::string next = {}) {
        return search->take({std::move(records), std::move(next)});
    }
    void ask(const Names& names) { search.emplace(zone, names); }
    std::size_t found(const std::string& name) const {
        return static_cast<std::size_t>(std::ranges::count(zone.records.items, name, &DnsRecord::name));
    }

    DnsZone zone;
    std::optional<RecordSearch> search;
};

TEST_F(AwsRecordSearch, OfASmallZoneIsOnePage) {
    ask({"db.example.internal"});
    EXPECT_EQ(take({record("db.example.internal"), record("web.example.internal")}), "");
    EXPECT_EQ(zone.asked, (Names{"*.example.internal", "db.example.internal"}));
    EXPECT_EQ(zone.records.items.size(), 1U);
    EXPECT_TRUE(zone.records.complete);
}

TEST_F(AwsRecordSearch, OfALargeZoneAsksForEachName) {
    ask({"db.example.internal"});
    EXPECT_EQ(take({record("a.example.internal")}, "b.example.internal. A"), "db.example.internal");
    EXPECT_TRUE(zone.asked.empty()) << "nothing is known yet";
    EXPECT_EQ(take({record("db.example.internal"), record("e.example.internal")}, "f.example.internal. A"),
              "");
    EXPECT_EQ(zone.asked, (Names{"db.example.internal"})) << "no wildcard answers for a name that is there";
    EXPECT_EQ(found("db.example.internal"), 1U);
}

TEST_F(AwsRecordSearch, AsksForTheWildcardsOfANameThatIsNotThere) {
    ask({"x.apps.example.internal"});
    take({record("a.example.internal")}, "b.example.internal. A");
    EXPECT_EQ(take({record("y.apps.example.internal")}, "z.example.internal. A"), "*.apps.example.internal");
    EXPECT_TRUE(zone.asked.empty());
    EXPECT_EQ(take({record("b.apps.example.internal")}, "z.example.internal. A"), "*.example.internal");
    EXPECT_EQ(take({}), "");
    EXPECT_EQ(zone.asked,
              (Names{"*.apps.example.internal", "*.example.internal", "x.apps.example.internal"}));
    EXPECT_TRUE(zone.records.items.empty());
}

TEST_F(AwsRecordSearch, GoesOnWithANameOfMoreRecordsThanAPage) {
    ask({"many.example.internal"});
    take({record("a.example.internal")}, "b.example.internal. A");
    EXPECT_EQ(take({record("many.example.internal")}, "many.example.internal. A set-2"),
              "many.example.internal. A set-2");
    EXPECT_TRUE(zone.asked.empty());
    EXPECT_EQ(take({record("many.example.internal"), record("n.example.internal")}, "o.example.internal. A"),
              "");
    EXPECT_EQ(found("many.example.internal"), 2U);
}

TEST_F(AwsRecordSearch, TakesWhatAPageHasOfOtherNames) {
    ask({"c.example.internal", "b.example.internal", "a.example.internal"});
    EXPECT_EQ(take({record("a.example.internal"), record("b.example.internal")}, "b.example.internal. AAAA"),
              "c.example.internal");
    EXPECT_EQ(zone.asked, (Names{"a.example.internal"}));
    EXPECT_EQ(found("b.example.internal"), 0U) << "it may have more of them";
    EXPECT_EQ(take({record("c.example.internal")}, "d.example.internal. A"), "b.example.internal");
    EXPECT_EQ(take({record("b.example.internal"), record("c.example.internal")}, "d.example.internal. A"),
              "");
    EXPECT_EQ(zone.records.items.size(), 3U);
}

TEST_F(AwsRecordSearch, ATextIsNoAddress) {
    ask({"db.example.internal"});
    take({record("a.example.internal")}, "b.example.internal. A");
    EXPECT_EQ(
        take({record("db.example.internal", "TXT"), record("e.example.internal")}, "f.example.internal. A"),
        "*.example.internal");
}

TEST_F(AwsRecordSearch, APageWithoutRecordsThatGoesOnIsNone) {
    ask({"db.example.internal"});
    EXPECT_EQ(take({}, "b.example.internal. A"), std::nullopt);
    EXPECT_FALSE(zone.records.complete);
}

}  // namespace
}  // namespace whylink::control
