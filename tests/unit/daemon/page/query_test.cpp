// Which targets an address asks for.
#include "daemon/page/query.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/daemon/fabricated_snapshot.hpp"

namespace whylink::daemon::page {
namespace {

using testing::HasSubstr;
using Pairs = std::vector<std::pair<std::string, std::string>>;

Query query_of(const Pairs& pairs) {
    const auto parsed = parse_query(pairs);
    EXPECT_TRUE(std::holds_alternative<Query>(parsed)) << std::get<std::string>(parsed);
    return std::get<Query>(parsed);
}

TEST(PageQuery, HasWhatTheAddressSays) {
    const Query query = query_of({{"q", "click"},
                                  {"state", "failing"},
                                  {"cause", "not_on_allowlist"},
                                  {"kind", "endpoint"},
                                  {"label", "team=data"},
                                  {"page", "3"}});
    EXPECT_TRUE(query.filters());
    EXPECT_EQ(query.search, "click");
    EXPECT_EQ(query.state, State::failing);
    EXPECT_EQ(query.cause, Cause::not_on_allowlist);
    EXPECT_EQ(query.kind, config::TargetKind::endpoint);
    EXPECT_EQ(query.label, "team=data");
    EXPECT_EQ(query.page, 3U);
    EXPECT_EQ(link_to(query, 2).text(),
              "/?q=click&state=failing&cause=not_on_allowlist&kind=endpoint&label=team%3Ddata&page=2");
}

TEST(PageQuery, WhatFailedIsNoStateOfNow) {
    const Query query = query_of({{"state", "unstable"}});
    EXPECT_TRUE(query.filters());
    EXPECT_TRUE(query.unstable);
    EXPECT_EQ(query.state, std::nullopt);
    EXPECT_EQ(link_to(query, 2).text(), "/?state=unstable&page=2");
}

TEST(PageQuery, AnEmptyValueIsNone) {
    const Query query = query_of({{"q", ""}, {"state", ""}, {"cause", ""}, {"kind", ""}, {"label", ""}});
    EXPECT_FALSE(query.filters());
    EXPECT_EQ(link_to(query).text(), "/");
}

TEST(PageQuery, OtherKeysAreOfNoInterest) {
    EXPECT_EQ(link_to(query_of({{"q", "a"}, {"theme", "dark"}})).text(), "/?q=a");
}

TEST(PageQuery, SaysWhatIsAllowed) {
    for (const auto& [key, value] : Pairs{{"state", "ill"},
                                          {"cause", "<b>"},
                                          {"kind", "host"},
                                          {"page", "0"},
                                          {"page", "-1"},
                                          {"page", "99999999999999999999999"}}) {
        const auto parsed = parse_query({{key, value}});
        ASSERT_TRUE(std::holds_alternative<std::string>(parsed)) << key << '=' << value;
        EXPECT_THAT(std::get<std::string>(parsed), HasSubstr(key));
    }
}

TargetStatus sample() {
    fabricated::EndpointEntry made = fabricated::failing_endpoint("ClickHouse-prod");
    made.endpoint.labels = {{"team", "data"}, {"env", "a=b"}};
    return fabricated::watched(std::move(made));
}

TEST(PageQuery, SearchesNameAddressLabelsAndCause) {
    const TargetStatus status = sample();
    for (const char* found :
         {"clickhouse", "PROD", "abcd.example:9440", "team=data", "DATA", "not_on_allow", "allow-list"}) {
        EXPECT_TRUE(matches(status, query_of({{"q", found}}))) << found;
    }
    EXPECT_FALSE(matches(status, query_of({{"q", "redis"}})));
}

TEST(PageQuery, EveryFilterMustHold) {
    const TargetStatus status = sample();
    for (const auto& [key, value] : Pairs{{"state", "failing"},
                                          {"cause", "not_on_allowlist"},
                                          {"kind", "endpoint"},
                                          {"label", "team=data"},
                                          {"label", "env=a=b"},
                                          {"name", "ClickHouse-prod"}}) {
        EXPECT_TRUE(matches(status, query_of({{key, value}}))) << key << '=' << value;
    }
    for (const auto& [key, value] : Pairs{{"state", "healthy"},
                                          {"cause", "no_route"},
                                          {"kind", "zone"},
                                          {"label", "team=dat"},
                                          {"label", "tea=mdata"},
                                          {"label", "team"},
                                          {"name", "clickhouse-prod"}}) {
        EXPECT_FALSE(matches(status, query_of({{key, value}}))) << key << '=' << value;
    }
}

TEST(PageQuery, ATargetWithoutARoundWaits) {
    const TargetStatus status = fabricated::unwatched("new");
    EXPECT_TRUE(matches(status, query_of({{"state", "waiting"}})));
    EXPECT_FALSE(matches(status, query_of({{"cause", "healthy"}})));
}

}  // namespace
}  // namespace whylink::daemon::page
