#include <gtest/gtest.h>

#include "control/clickhouse/read.hpp"
#include "tests/unit/control/clickhouse/bodies.hpp"

namespace whylink::control {
namespace {

using namespace clickhouse_test;

TEST(ClickHouseParse, ReadsAService) {
    const auto parsed = parse_clickhouse_services(answer(service()));
    ASSERT_TRUE(parsed && parsed->items.size() == 1);
    const VendorService& one = parsed->items.front();
    EXPECT_EQ(one.id, service_id);
    EXPECT_EQ(one.name, "prod");
    EXPECT_EQ(one.provider, "azure");
    EXPECT_EQ(one.region, "westus3");
    EXPECT_EQ(one.state, ServiceState::running);
    EXPECT_EQ(one.state_word, "running");
    ASSERT_EQ(one.addresses.size(), 2U);
    EXPECT_EQ(one.addresses[0],
              (ServiceAddress{"nativesecure", "abcd.westus3.azure.clickhouse.cloud", 9440}));
    EXPECT_TRUE(one.allow_list.complete);
    EXPECT_EQ(one.allow_list.items, std::vector<std::string>{"6f1c6a1e-0b7d-4a53-9c8e-2d4f5a6b7c8d"});
    EXPECT_EQ(one.ip_access, std::vector<std::string>{"203.0.113.0/24"});
}

TEST(ClickHouseParse, AnEmptyAllowListIsReadAndAMissingOneIsNot) {
    const auto empty = parse_clickhouse_services(answer(service(service_id, "abcd", "[]")));
    ASSERT_TRUE(empty);
    EXPECT_TRUE(empty->items[0].allow_list.complete);
    for (const char* list : {"null", "\"x\"", "[7]", "[{\"id\": \"x\"}]"}) {
        const auto parsed = parse_clickhouse_services(answer(service(service_id, "abcd", list)));
        ASSERT_TRUE(parsed) << list;
        EXPECT_FALSE(parsed->items[0].allow_list.complete) << list;
    }
    EXPECT_FALSE(parse_clickhouse_services(answer(R"({"id": "x"})"))->items[0].allow_list.complete);
}

TEST(ClickHouseParse, LeavesAStateThatIsNewUnknown) {
    const auto parsed = parse_clickhouse_services(answer(service(service_id, "abcd", "[]", "hibernating")));
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->items[0].state, ServiceState::unknown);
    EXPECT_EQ(parsed->items[0].state_word, "hibernating");
}

TEST(ClickHouseParse, ReadsAListAndItsCursor) {
    const auto parsed =
        parse_clickhouse_services(R"({"status": 200, "nextCursor": "abc", "result": [)" + service() + "]}");
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->items.size(), 1U);
    EXPECT_EQ(parsed->next, "abc");
    EXPECT_EQ(parse_clickhouse_services(answer("[]"))->next, "");
}

TEST(ClickHouseParse, RefusesWhatIsNoAnswer) {
    const std::string body = answer(service());
    for (const std::string& bad :
         {body.substr(0, body.size() - 20), std::string(), std::string("[]"), answer("null"), answer("7"),
          answer("[7]"), answer(R"([{"name": "prod"}])"), answer(R"({"id": 7})"), std::string(5000, '['),
          std::string(R"({"result": [], "nextCursor": 7})")}) {
        EXPECT_FALSE(parse_clickhouse_services(bad)) << bad.substr(0, 80);
    }
}

TEST(ClickHouseParse, ReadsAnOrganization) {
    EXPECT_EQ(parse_clickhouse_organization(organizations()), organization);
    for (const std::string& bad :
         {answer("[]"), answer("{}"), answer(R"([{"name": "x"}])"), std::string("{")}) {
        EXPECT_FALSE(parse_clickhouse_organization(bad)) << bad;
    }
}

TEST(ClickHouseParse, ReadsThePrivateEndpointConfiguration) {
    const auto parsed = parse_private_endpoint_config(config());
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->endpoint_service, "production-westus3-0-0.63c8.westus3.azure.privatelinkservice");
    EXPECT_EQ(parsed->private_host, "abcd.westus3.privatelink.azure.clickhouse.cloud");
    EXPECT_EQ(parse_private_endpoint_config(answer("{}"))->private_host, "");
    EXPECT_FALSE(parse_private_endpoint_config(answer("[]")));
}

}  // namespace
}  // namespace whylink::control
