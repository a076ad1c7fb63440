#include <gtest/gtest.h>

#include "control/aws/parse.hpp"
#include "control/aws/states.hpp"
#include "control/aws/xml.hpp"
#include "tests/unit/control/aws/fake_aws.hpp"

namespace whylink::control {
namespace {

using test::ec2;

constexpr const char* endpoint_item = R"(<item>
  <vpcEndpointId>vpce-0123456789abcdef0</vpcEndpointId><vpcEndpointType>Interface</vpcEndpointType>
  <vpcId>vpc-1</vpcId><serviceName>com.amazonaws.vpce.eu-west-1.vpce-svc-0a</serviceName>
  <state>pendingAcceptance</state><policyDocument>{"Statement": [{"Effect": "Allow"}]}</policyDocument>
  <routeTableIdSet/><subnetIdSet><item>subnet-a</item><item>subnet-b</item></subnetIdSet>
  <groupSet><item><groupId>sg-1</groupId><groupName>ep</groupName></item></groupSet>
  <ipAddressType>ipv4</ipAddressType><dnsOptions><dnsRecordIpType>ipv4</dnsRecordIpType></dnsOptions>
  <privateDnsEnabled>false</privateDnsEnabled><requesterManaged>false</requesterManaged>
  <networkInterfaceIdSet><item>eni-1</item><item>eni-2</item></networkInterfaceIdSet>
  <dnsEntrySet><item><dnsName>vpce-0123456789abcdef0-abcd.vpce-svc-0a.eu-west-1.vpce.amazonaws.com</dnsName>
  <hostedZoneId>Z38GZ743OKFT7T</hostedZoneId></item></dnsEntrySet>
  <creationTimestamp>2026-11-30T10:00:00.000Z</creationTimestamp><ownerId>111122223333</ownerId></item>)";

std::string endpoints(const std::string& items, const std::string& rest = {}) {
    return ec2("DescribeVpcEndpoints", "<vpcEndpointSet>" + items + "</vpcEndpointSet>" + rest);
}

TEST(AwsParse, Endpoint) {
    const auto page = parse_vpc_endpoints(endpoints(endpoint_item));
    ASSERT_TRUE(page);
    ASSERT_EQ(page->items.size(), 1U);
    const Endpoint& endpoint = page->items.front();
    EXPECT_EQ(endpoint.id, "vpce-0123456789abcdef0");
    EXPECT_EQ(endpoint.type, "Interface");
    EXPECT_EQ(endpoint.state, ConnectionState::waiting);
    EXPECT_EQ(endpoint.state_word, "pendingAcceptance");
    EXPECT_EQ(endpoint.service, "com.amazonaws.vpce.eu-west-1.vpce-svc-0a");
    EXPECT_EQ(endpoint.owner, "111122223333");
    EXPECT_EQ(endpoint.network, "vpc-1");
    EXPECT_EQ(endpoint.subnets, (std::vector<std::string>{"subnet-a", "subnet-b"}));
    EXPECT_EQ(endpoint.security_groups, std::vector<std::string>{"sg-1"});
    ASSERT_EQ(endpoint.interfaces.items.size(), 2U);
    EXPECT_EQ(endpoint.interfaces.items[1].id, "eni-2");
    EXPECT_FALSE(endpoint.interfaces.complete) << "their addresses are not read yet";
    EXPECT_EQ(
        endpoint.dns_names,
        std::vector<std::string>{"vpce-0123456789abcdef0-abcd.vpce-svc-0a.eu-west-1.vpce.amazonaws.com"});
    EXPECT_EQ(endpoint.private_dns, false);
    EXPECT_TRUE(endpoint.created_at);
    EXPECT_EQ(page->next, "");
}

TEST(AwsParse, EndpointThatFailedSaysWhy) {
    const auto page = parse_vpc_endpoints(
        endpoints("<item><vpcEndpointId>vpce-1</vpcEndpointId><state>failed</state><lastError><code>Internal"
                  "</code><message>no addresses left</message></lastError></item>"));
    ASSERT_TRUE(page);
    EXPECT_EQ(page->items.front().state, ConnectionState::failed);
    EXPECT_EQ(page->items.front().description, "Internal: no addresses left");
}

TEST(AwsParse, EndpointWithoutElementsIsUnknownAndNoError) {
    const auto page = parse_vpc_endpoints(endpoints("<item><state>Levitating</state></item>"));
    ASSERT_TRUE(page);
    const Endpoint& endpoint = page->items.front();
    EXPECT_EQ(endpoint.state, ConnectionState::unknown);
    EXPECT_EQ(endpoint.state_word, "Levitating");
    EXPECT_EQ(endpoint.private_dns, std::nullopt);
    EXPECT_EQ(endpoint.created_at, std::nullopt);
}

TEST(AwsParse, StatesAreComparedWithoutCase) {
    EXPECT_EQ(aws_connection_state("PendingAcceptance"), ConnectionState::waiting);
    EXPECT_EQ(aws_connection_state("Pending"), ConnectionState::setting_up);
    EXPECT_EQ(aws_connection_state("Available"), ConnectionState::available);
    EXPECT_EQ(aws_connection_state("rejected"), ConnectionState::rejected);
    EXPECT_EQ(aws_connection_state("Partial"), ConnectionState::partial);
    EXPECT_EQ(aws_connection_state(""), ConnectionState::unknown);
}

TEST(AwsParse, PageNamesTheNextOne) {
    const auto page = parse_vpc_endpoints(endpoints({}, "<nextToken>eyJ2IjoiMiJ9</nextToken>"));
    ASSERT_TRUE(page);
    EXPECT_TRUE(page->items.empty());
    EXPECT_EQ(page->next, "eyJ2IjoiMiJ9");
}

TEST(AwsParse, RefusesAnotherResponse) {
    const std::string body = endpoints(endpoint_item);
    EXPECT_FALSE(parse_vpc_endpoint_connections(body));
    EXPECT_FALSE(parse_vpc_endpoints(ec2("DescribeVpcEndpoints", {}))) << "without its list";
    EXPECT_FALSE(parse_vpc_endpoints("<Response><Errors/></Response>"));
    EXPECT_FALSE(parse_vpc_endpoints(body.substr(0, body.size() / 2)));
    EXPECT_FALSE(parse_vpc_endpoints("<html><body>Please sign in</body></html>"));
}

TEST(AwsParse, RefusesAPageOfMoreItemsThanAnyHas) {
    std::string items;
    for (std::size_t i = 0; i <= max_items; ++i) {
        items += "<item><state>available</state></item>";
    }
    EXPECT_FALSE(parse_vpc_endpoints(endpoints(items)));
}

TEST(AwsParse, Connection) {
    const auto page = parse_vpc_endpoint_connections(ec2(
        "DescribeVpcEndpointConnections",
        "<vpcEndpointConnectionSet><item><serviceId>vpce-svc-0a</serviceId><vpcEndpointId>vpce-1</vpcEndpointId>"
        "<vpcEndpointOwner>402592597372</vpcEndpointOwner><vpcEndpointState>pendingAcceptance</vpcEndpointState>"
        "<creationTimestamp>2026-11-30T10:00:00.000Z</creationTimestamp><networkLoadBalancerArnSet>"
        "<item>arn:nlb</item></networkLoadBalancerArnSet><vpcEndpointRegion>eu-west-2</vpcEndpointRegion></item>"
        "</vpcEndpointConnectionSet>"));
    ASSERT_TRUE(page);
    const Connection& connection = page->items.front();
    EXPECT_EQ(connection.service, "vpce-svc-0a");
    EXPECT_EQ(connection.endpoint, "vpce-1");
    EXPECT_EQ(connection.owner, "402592597372");
    EXPECT_EQ(connection.state, ConnectionState::waiting);
    EXPECT_EQ(connection.region, "eu-west-2");
    EXPECT_EQ(connection.balancers, std::vector<std::string>{"arn:nlb"});
}

TEST(AwsParse, ServiceConfiguration) {
    const auto page = parse_service_configurations(ec2(
        "DescribeVpcEndpointServiceConfigurations",
        "<serviceConfigurationSet><item><serviceType><item><serviceType>Interface</serviceType></item></serviceType>"
        "<serviceId>vpce-svc-0a</serviceId><serviceName>com.amazonaws.vpce.eu-west-1.vpce-svc-0a</serviceName>"
        "<serviceState>Available</serviceState><availabilityZoneSet><item>eu-west-1a</item></availabilityZoneSet>"
        "<acceptanceRequired>true</acceptanceRequired><networkLoadBalancerArnSet><item>arn:nlb</item>"
        "</networkLoadBalancerArnSet><privateDnsName>DB.example.com</privateDnsName><privateDnsNameConfiguration>"
        "<state>pendingVerification</state><type>TXT</type></privateDnsNameConfiguration></item>"
        "</serviceConfigurationSet>"));
    ASSERT_TRUE(page);
    const EndpointService& service = page->items.front();
    EXPECT_TRUE(service.own);
    EXPECT_EQ(service.id, "vpce-svc-0a");
    EXPECT_EQ(service.state, "Available");
    EXPECT_EQ(service.acceptance_required, true);
    EXPECT_EQ(service.zones.items, std::vector<std::string>{"eu-west-1a"});
    EXPECT_TRUE(service.zones.complete);
    EXPECT_FALSE(service.zone_ids.complete) << "the API did not say";
    EXPECT_EQ(service.private_dns_name, "db.example.com");
    EXPECT_EQ(service.private_dns_state, "pendingVerification");
    EXPECT_FALSE(service.allowed.complete);
}

TEST(AwsParse, PermissionsOfAService) {
    const auto page = parse_service_permissions(
        ec2("DescribeVpcEndpointServicePermissions",
            "<allowedPrincipals><item><principalType>Account</principalType>"
            "<principal>arn:aws:iam::402592597372:root</principal></item></allowedPrincipals>"));
    ASSERT_TRUE(page);
    EXPECT_EQ(page->items, (std::vector<Principal>{{"Account", "arn:aws:iam::402592597372:root"}}));
}

TEST(AwsParse, ServiceAsAConsumerSeesIt) {
    const auto page = parse_vpc_endpoint_services(ec2(
        "DescribeVpcEndpointServices",
        "<serviceNameSet><item>com.amazonaws.vpce.eu-west-1.vpce-svc-0a</item></serviceNameSet><serviceDetailSet>"
        "<item><serviceName>com.amazonaws.vpce.eu-west-1.vpce-svc-0a</serviceName><serviceId>vpce-svc-0a</serviceId>"
        "<availabilityZoneSet><item>eu-west-1a</item><item>eu-west-1b</item></availabilityZoneSet>"
        "<owner>444455556666</owner><privateDnsName>*.eu-west-1.vpce.example.com</privateDnsName>"
        "<privateDnsNameVerificationState>verified</privateDnsNameVerificationState>"
        "<acceptanceRequired>false</acceptanceRequired></item></serviceDetailSet>"));
    ASSERT_TRUE(page);
    const EndpointService& service = page->items.front();
    EXPECT_FALSE(service.own);
    EXPECT_EQ(service.owner, "444455556666");
    EXPECT_EQ(service.zones.items.size(), 2U);
    EXPECT_EQ(service.private_dns_state, "verified");
}

}  // namespace
}  // namespace whylink::control
