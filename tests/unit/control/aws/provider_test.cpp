#include <gtest/gtest.h>

#include <chrono>

#include "control/aws/read.hpp"
#include "tests/unit/control/aws/fake_aws.hpp"

namespace whylink::control {
namespace {

using test::ec2;
using test::elb;
using test::read_named;
using test::word_of;

std::string service(const std::string& id) {
    return "<item><serviceId>" + id + "</serviceId><serviceName>com.amazonaws.vpce.eu-west-1." + id +
           "</serviceName><serviceState>Available</serviceState><acceptanceRequired>true</acceptanceRequired>"
           "<availabilityZoneSet><item>eu-west-1a</item></availabilityZoneSet><networkLoadBalancerArnSet><item>arn:nlb:" +
           id + "</item></networkLoadBalancerArnSet></item>";
}

std::string connection(const std::string& id, const std::string& of, const std::string& state) {
    return "<item><serviceId>" + of + "</serviceId><vpcEndpointId>" + id +
           "</vpcEndpointId><vpcEndpointOwner>402592597372</vpcEndpointOwner><vpcEndpointState>" + state +
           "</vpcEndpointState></item>";
}

std::string attributes(const std::string& action, const std::string& key, const std::string& value) {
    return elb(action, "<Attributes><member><Key>" + key + "</Key><Value>" + value +
                           "</Value></member></Attributes>");
}

/// Two services of ours; the watch is about the first.
struct AwsProviderRead : testing::Test {
    AwsProviderRead() {
        watch.target = "emqx";
        watch.side = Side::provider;
        watch.service = "vpce-svc-0a";
        answer_all();
    }

    void answer_all() {
        aws().answer("DescribeVpcEndpointServiceConfigurations",
                     ec2("DescribeVpcEndpointServiceConfigurations",
                         "<serviceConfigurationSet>" + service("vpce-svc-0a") + service("vpce-svc-0b") +
                             "</serviceConfigurationSet>"));
        aws().answer(
            "DescribeVpcEndpointConnections",
            ec2("DescribeVpcEndpointConnections",
                "<vpcEndpointConnectionSet>" + connection("vpce-1", "vpce-svc-0a", "available") +
                    connection("vpce-2", "vpce-svc-0a", "pendingAcceptance") +
                    connection("vpce-3", "vpce-svc-0b", "available") + "</vpcEndpointConnectionSet>"));
        aws().answer("DescribeVpcEndpointServicePermissions",
                     ec2("DescribeVpcEndpointServicePermissions",
                         "<allowedPrincipals><item><principalType>Account</principalType><principal>"
                         "arn:aws:iam::402592597372:root</principal></item></allowedPrincipals>"));
        aws().answer(
            "DescribeLoadBalancers",
            elb("DescribeLoadBalancers",
                "<LoadBalancers><member><LoadBalancerArn>arn:nlb:vpce-svc-0a</LoadBalancerArn><State><Code>active"
                "</Code></State><SecurityGroups><member>sg-nlb</member></SecurityGroups>"
                "<EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic>on"
                "</EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic></member></LoadBalancers>"));
        aws().answer(
            "DescribeListeners",
            elb("DescribeListeners",
                "<Listeners><member><ListenerArn>arn:l</ListenerArn><LoadBalancerArn>arn:nlb:vpce-svc-0a"
                "</LoadBalancerArn><Port>1883</Port><Protocol>TCP</Protocol></member></Listeners>"));
        aws().answer(
            "DescribeTargetGroups",
            elb("DescribeTargetGroups",
                "<TargetGroups><member><TargetGroupArn>arn:tg</TargetGroupArn><Protocol>TCP</Protocol>"
                "<Port>1883</Port></member></TargetGroups>"));
        aws().answer(
            "DescribeTargetHealth",
            elb("DescribeTargetHealth",
                "<TargetHealthDescriptions><member><TargetHealth><State>unhealthy</State><Reason>"
                "Target.FailedHealthChecks</Reason></TargetHealth><Target><Port>1883</Port><Id>i-1</Id></Target>"
                "</member></TargetHealthDescriptions>"));
        aws().answer(
            "DescribeLoadBalancerAttributes",
            attributes("DescribeLoadBalancerAttributes", "load_balancing.cross_zone.enabled", "false"));
        aws().answer("DescribeListenerAttributes",
                     attributes("DescribeListenerAttributes", "tcp.idle_timeout.seconds", "350"));
        aws().answer("DescribeTargetGroupAttributes",
                     attributes("DescribeTargetGroupAttributes", "proxy_protocol_v2.enabled", "true"));
        aws().answer("DescribeSecurityGroups",
                     ec2("DescribeSecurityGroups",
                         "<securityGroupInfo><item><groupId>sg-nlb</groupId><ipPermissions/>"
                         "<ipPermissionsEgress/></item></securityGroupInfo>"));
    }

    Readings read() { return read_aws_provider(account.reading(std::span(&watch, 1)), test::region); }
    test::FakeAws& aws() { return account.aws; }

    test::Account account;
    Subject watch;
};

TEST_F(AwsProviderRead, ReadsTheServiceAndWhoMayConnect) {
    const Readings readings = read();
    ASSERT_EQ(readings.facts.services.size(), 1U) << "the other is not asked for";
    const EndpointService& found = readings.facts.services.front();
    EXPECT_TRUE(found.own);
    EXPECT_EQ(found.acceptance_required, true);
    EXPECT_TRUE(found.allowed.complete);
    ASSERT_EQ(found.allowed.items.size(), 1U);
    EXPECT_EQ(found.allowed.items.front().id, "arn:aws:iam::402592597372:root");
    EXPECT_EQ(word_of(readings.reads, "endpoint_service", "allowedPrincipals"),
              "arn:aws:iam::402592597372:root");
}

TEST_F(AwsProviderRead, ReadsTheConnectionsOfTheService) {
    const Readings readings = read();
    ASSERT_EQ(readings.facts.connections.size(), 2U);
    EXPECT_EQ(readings.facts.connections[1].state, ConnectionState::waiting);
    EXPECT_EQ(word_of(readings.reads, "connection", "pendingAcceptance"), "vpce-2 of 402592597372");
    EXPECT_EQ(word_of(readings.reads, "connection", "available"), "vpce-1 of 402592597372");
    ASSERT_EQ(readings.facts.complete.size(), 2U);
    EXPECT_EQ(readings.facts.complete[0].read, "service");
    EXPECT_EQ(readings.facts.complete[1].read, "connection");
}

TEST_F(AwsProviderRead, ReadsWhatStandsBehind) {
    const Facts facts = read().facts;
    ASSERT_EQ(facts.balancers.size(), 1U);
    EXPECT_EQ(facts.balancers.front().cross_zone, false);
    ASSERT_EQ(facts.listeners.size(), 1U);
    EXPECT_EQ(facts.listeners.front().idle_timeout, 350U);
    ASSERT_EQ(facts.target_groups.size(), 1U);
    EXPECT_EQ(facts.target_groups.front().proxy_header, true);
    EXPECT_EQ(facts.target_groups.front().keeps_client_address, std::nullopt);
    EXPECT_TRUE(facts.target_groups.front().targets.complete);
    ASSERT_EQ(facts.target_groups.front().targets.items.size(), 1U);
    EXPECT_EQ(facts.target_groups.front().targets.items.front().state, TargetState::unhealthy);
    ASSERT_EQ(facts.security_groups.size(), 1U) << "the load balancer applies its groups to endpoints";
}

TEST_F(AwsProviderRead, SaysWhatTheProviderCallsIt) {
    const std::vector<Read> reads = read().reads;
    EXPECT_EQ(word_of(reads, "target_group", "targetHealth"),
              "i-1:1883 unhealthy (Target.FailedHealthChecks)");
    EXPECT_EQ(word_of(reads, "target_group", "proxy_protocol_v2.enabled"), "true");
    EXPECT_EQ(word_of(reads, "listener", "tcp.idle_timeout.seconds"), "350");
    EXPECT_EQ(word_of(reads, "load_balancer", "load_balancing.cross_zone.enabled"), "false");
}

TEST_F(AwsProviderRead, AWatchWithoutAServiceHasAll) {
    watch.service.clear();
    EXPECT_EQ(read().facts.services.size(), 2U);
}

TEST_F(AwsProviderRead, AServiceThatIsLeftOutIsNotAbsent) {
    std::string services;
    for (int i = 10; i < 31; ++i) {
        const std::string item = service("vpce-svc-" + std::to_string(i));
        services += item.substr(0, item.find("<networkLoadBalancerArnSet>")) + "</item>";
    }
    aws().answer("DescribeVpcEndpointServiceConfigurations",
                 ec2("DescribeVpcEndpointServiceConfigurations",
                     "<serviceConfigurationSet>" + services + "</serviceConfigurationSet>"));
    watch.service.clear();
    Subject named = watch;
    named.service = "vpce-svc-30";
    const std::vector<Subject> watches{watch, named};
    const Readings readings = read_aws_provider(account.reading(watches), test::region);
    ASSERT_EQ(readings.facts.services.size(), 20U);
    EXPECT_EQ(readings.facts.services.front().id, "vpce-svc-30") << "what is configured comes first";
    EXPECT_TRUE(readings.facts.complete.empty());
    EXPECT_EQ(readings.reads.front().result, Result::error);
    EXPECT_EQ(readings.reads.front().detail,
              "ec2:DescribeVpcEndpointServiceConfigurations: 20 of 21 are read");
}

TEST_F(AwsProviderRead, TargetGroupsThatAreLeftOutAreSaid) {
    std::string groups;
    for (int i = 0; i < 51; ++i) {
        groups += "<member><TargetGroupArn>arn:tg-" + std::to_string(i) + "</TargetGroupArn></member>";
    }
    aws().answer("DescribeTargetGroups",
                 elb("DescribeTargetGroups", "<TargetGroups>" + groups + "</TargetGroups>"));
    Reading reading = account.reading(std::span(&watch, 1));
    // What stands behind each is more than this test asks for.
    reading.terms.until = std::chrono::steady_clock::now() + std::chrono::seconds(2);
    const Readings readings = read_aws_provider(reading, test::region);
    EXPECT_EQ(readings.facts.target_groups.size(), 50U);
    EXPECT_EQ(read_named(readings.reads, "target_group").detail,
              "elasticloadbalancing:DescribeTargetGroups: 50 of 51 are read");
}

TEST_F(AwsProviderRead, AServiceThatDoesNotExistIsSaid) {
    watch.service = "vpce-svc-0gone";
    const Readings readings = read();
    EXPECT_EQ(read_named(readings.reads, "endpoint_service").result, Result::not_found);
    EXPECT_TRUE(readings.facts.services.empty());
}

TEST_F(AwsProviderRead, HealthThatMayNotBeReadLeavesTheRest) {
    aws().deny("DescribeTargetHealth");
    const Readings readings = read();
    ASSERT_EQ(readings.facts.target_groups.size(), 1U);
    EXPECT_FALSE(readings.facts.target_groups.front().targets.complete);
    EXPECT_EQ(readings.facts.target_groups.front().proxy_header, true);
    EXPECT_EQ(read_named(readings.reads, "target_health").detail,
              "elasticloadbalancing:DescribeTargetHealth");
}

TEST_F(AwsProviderRead, PermissionsThatMayNotBeReadAreUnknown) {
    aws().deny("DescribeVpcEndpointServicePermissions");
    const Facts facts = read().facts;
    ASSERT_EQ(facts.services.size(), 1U);
    EXPECT_FALSE(facts.services.front().allowed.complete);
}

}  // namespace
}  // namespace whylink::control
