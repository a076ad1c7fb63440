#include <gtest/gtest.h>

#include "control/aws/parse.hpp"
#include "tests/unit/control/aws/fake_aws.hpp"

namespace whylink::control {
namespace {

using test::elb;
using test::ip;

TEST(AwsParse, LoadBalancer) {
    const auto page = parse_load_balancers(elb(
        "DescribeLoadBalancers",
        "<LoadBalancers><member><LoadBalancerArn>arn:nlb</LoadBalancerArn><LoadBalancerName>db</LoadBalancerName>"
        "<Scheme>internal</Scheme><Type>network</Type><State><Code>active</Code></State><AvailabilityZones><member>"
        "<ZoneName>eu-west-1a</ZoneName><SubnetId>subnet-a</SubnetId><LoadBalancerAddresses><member>"
        "<PrivateIPv4Address>10.1.0.9</PrivateIPv4Address></member></LoadBalancerAddresses></member>"
        "</AvailabilityZones><SecurityGroups><member>sg-nlb</member></SecurityGroups>"
        "<EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic>off"
        "</EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic></member></LoadBalancers>"
        "<NextMarker>page2</NextMarker>"));
    ASSERT_TRUE(page);
    EXPECT_EQ(page->next, "page2");
    const LoadBalancer& balancer = page->items.front();
    EXPECT_EQ(balancer.id, "arn:nlb");
    EXPECT_EQ(balancer.state, "active");
    ASSERT_EQ(balancer.zones.size(), 1U);
    EXPECT_EQ(balancer.zones.front().name, "eu-west-1a");
    EXPECT_EQ(balancer.zones.front().addresses, std::vector<IpAddress>{ip("10.1.0.9")});
    EXPECT_EQ(balancer.groups_apply_to_endpoints, false);
    EXPECT_EQ(balancer.cross_zone, std::nullopt);
}

TEST(AwsParse, ListenerNamesEachTargetGroupOnce) {
    const auto page = parse_listeners(
        elb("DescribeListeners",
            "<Listeners><member><ListenerArn>arn:l</ListenerArn><LoadBalancerArn>arn:nlb</LoadBalancerArn>"
            "<Port>9440</Port><Protocol>TCP</Protocol><DefaultActions><member><Type>forward</Type>"
            "<TargetGroupArn>arn:tg</TargetGroupArn><ForwardConfig><TargetGroups><member>"
            "<TargetGroupArn>arn:tg</TargetGroupArn></member></TargetGroups></ForwardConfig></member>"
            "</DefaultActions></member></Listeners>"));
    ASSERT_TRUE(page);
    EXPECT_EQ(page->items.front().port, 9440);
    EXPECT_EQ(page->items.front().target_groups, std::vector<std::string>{"arn:tg"});
}

TEST(AwsParse, TargetGroup) {
    const auto page = parse_target_groups(elb(
        "DescribeTargetGroups",
        "<TargetGroups><member><TargetGroupArn>arn:tg</TargetGroupArn><TargetGroupName>db</TargetGroupName>"
        "<Protocol>TCP</Protocol><Port>8443</Port></member></TargetGroups>"));
    ASSERT_TRUE(page);
    EXPECT_EQ(page->items.front().id, "arn:tg");
    EXPECT_EQ(page->items.front().port, 8443);
    EXPECT_FALSE(page->items.front().targets.complete);
}

TEST(AwsParse, TargetHealth) {
    const auto page = parse_target_health(elb(
        "DescribeTargetHealth",
        "<TargetHealthDescriptions><member><HealthCheckPort>8443</HealthCheckPort><TargetHealth>"
        "<State>unhealthy</State><Reason>Target.FailedHealthChecks</Reason><Description>Health checks failed"
        "</Description></TargetHealth><Target><Port>8443</Port><Id>i-1</Id><AvailabilityZone>eu-west-1a"
        "</AvailabilityZone></Target></member></TargetHealthDescriptions>"));
    ASSERT_TRUE(page);
    const Target& target = page->items.front();
    EXPECT_EQ(target.id, "i-1");
    EXPECT_EQ(target.port, 8443);
    EXPECT_EQ(target.state, TargetState::unhealthy);
    EXPECT_EQ(target.reason, "Target.FailedHealthChecks");
    EXPECT_EQ(target.zone, "eu-west-1a");
    EXPECT_FALSE(parse_target_health(elb("DescribeTargetGroups", "<TargetGroups/>")));
}

TEST(AwsParse, AttributesOfEachKind) {
    for (const char* action :
         {"DescribeLoadBalancerAttributes", "DescribeListenerAttributes", "DescribeTargetGroupAttributes"}) {
        const auto page = parse_elb_attributes(
            elb(action,
                "<Attributes><member><Key>proxy_protocol_v2.enabled</Key><Value>true</Value></member>"
                "</Attributes>"));
        ASSERT_TRUE(page) << action;
        EXPECT_EQ(page->items, (std::vector<Word>{{"proxy_protocol_v2.enabled", "true"}})) << action;
    }
    EXPECT_FALSE(parse_elb_attributes(elb("DescribeTags", "<Attributes/>")));
}

}  // namespace
}  // namespace whylink::control
