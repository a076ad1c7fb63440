#include <gtest/gtest.h>

#include "control/aws/parse.hpp"
#include "tests/unit/control/aws/fake_aws.hpp"

namespace whylink::control {
namespace {

using test::ec2;
using test::ip;

TEST(AwsParse, Interface) {
    const auto page = parse_network_interfaces(ec2(
        "DescribeNetworkInterfaces",
        "<networkInterfaceSet><item><networkInterfaceId>eni-1</networkInterfaceId><subnetId>subnet-a</subnetId>"
        "<vpcId>vpc-1</vpcId><availabilityZone>eu-west-1a</availabilityZone>"
        "<interfaceType>vpc_endpoint</interfaceType><status>in-use</status>"
        "<privateIpAddress>10.0.3.7</privateIpAddress>"
        "<groupSet><item><groupId>sg-1</groupId><groupName>ep</groupName></item></groupSet>"
        "<privateIpAddressesSet><item><privateIpAddress>10.0.3.7</privateIpAddress><primary>true</primary></item>"
        "<item><privateIpAddress>10.0.3.8</privateIpAddress></item></privateIpAddressesSet>"
        "<ipv6AddressesSet><item><ipv6Address>2001:db8::7</ipv6Address></item></ipv6AddressesSet></item>"
        "</networkInterfaceSet>"));
    ASSERT_TRUE(page);
    const Interface& interface = page->items.front();
    EXPECT_EQ(interface.id, "eni-1");
    EXPECT_EQ(interface.subnet, "subnet-a");
    EXPECT_EQ(interface.network, "vpc-1");
    EXPECT_EQ(interface.zone, "eu-west-1a");
    EXPECT_EQ(interface.addresses,
              (std::vector<IpAddress>{ip("10.0.3.7"), ip("10.0.3.8"), ip("2001:db8::7")}));
    EXPECT_EQ(interface.security_groups, std::vector<std::string>{"sg-1"});
}

std::string group(const std::string& permissions, const std::string& egress = "<ipPermissionsEgress/>") {
    return ec2("DescribeSecurityGroups",
               "<securityGroupInfo><item><ownerId>111122223333</ownerId><groupId>sg-1</groupId><groupName>ep"
               "</groupName><groupDescription>x</groupDescription><vpcId>vpc-1</vpcId><ipPermissions>" +
                   permissions + "</ipPermissions>" + egress + "</item></securityGroupInfo>");
}

TEST(AwsParse, InterfaceOfALoadBalancer) {
    const auto parsed = [](const std::string& content) {
        return parse_balancer_interfaces(
                   ec2("DescribeNetworkInterfaces",
                       "<networkInterfaceSet><item>" + content + "</item></networkInterfaceSet>"))
            .value()
            .items.front()
            .balancer;
    };
    const std::string managed = "<requesterManaged>true</requesterManaged>";
    EXPECT_EQ(parsed(managed + "<description>ELB net/db/0a1b</description>"), "net/db/0a1b");
    EXPECT_EQ(parsed(managed + "<description>ELB app/web/0a1b</description>"), "")
        << "no Network Load Balancer";
    EXPECT_EQ(parsed("<description>ELB net/db/0a1b</description>"), "") << "anybody may write so";
}

TEST(AwsParse, SecurityGroup) {
    const auto page = parse_security_groups(group(
        "<item><ipProtocol>tcp</ipProtocol><fromPort>9440</fromPort><toPort>9440</toPort>"
        "<groups><item><userId>111122223333</userId><groupId>sg-app</groupId></item></groups>"
        "<ipRanges><item><cidrIp>10.0.3.0/24</cidrIp><description>app</description></item></ipRanges>"
        "<ipv6Ranges><item><cidrIpv6>2001:db8::/64</cidrIpv6></item></ipv6Ranges>"
        "<prefixListIds><item><prefixListId>pl-1</prefixListId></item></prefixListIds></item>"
        "<item><ipProtocol>icmp</ipProtocol><fromPort>-1</fromPort><toPort>-1</toPort><groups/>"
        "<ipRanges><item><cidrIp>0.0.0.0/0</cidrIp></item></ipRanges><ipv6Ranges/><prefixListIds/></item>",
        "<ipPermissionsEgress><item><ipProtocol>-1</ipProtocol><groups/><ipRanges><item>"
        "<cidrIp>0.0.0.0/0</cidrIp></item></ipRanges><ipv6Ranges/><prefixListIds/></item>"
        "</ipPermissionsEgress>"));
    ASSERT_TRUE(page);
    const SecurityGroup& made = page->items.front();
    EXPECT_EQ(made.id, "sg-1");
    EXPECT_EQ(made.network, "vpc-1");
    EXPECT_TRUE(made.rules.complete);
    ASSERT_EQ(made.rules.items.size(), 3U);
    const SecurityGroupRule& rule = made.rules.items.front();
    EXPECT_EQ(rule.toward, Toward::inbound);
    EXPECT_EQ(rule.protocol, "tcp");
    EXPECT_EQ(rule.ports, (PortRange{9440, 9440}));
    EXPECT_EQ(rule.networks.size(), 2U);
    EXPECT_EQ(rule.prefix_lists, std::vector<std::string>{"pl-1"});
    EXPECT_EQ(rule.groups, std::vector<std::string>{"sg-app"});
    EXPECT_EQ(made.rules.items[1].ports, std::nullopt) << "ICMP has none";
    EXPECT_EQ(made.rules.items[2].toward, Toward::outbound);
    EXPECT_EQ(made.rules.items[2].protocol, "-1");
    EXPECT_EQ(made.rules.items[2].ports, std::nullopt);
}

TEST(AwsParse, SecurityGroupWithARuleThatIsNoneIsIncomplete) {
    const std::string wrong_network =
        "<item><ipProtocol>tcp</ipProtocol><fromPort>1</fromPort><toPort>2</toPort><ipRanges><item>"
        "<cidrIp>everybody</cidrIp></item></ipRanges></item>";
    const std::string wrong_port =
        "<item><ipProtocol>tcp</ipProtocol><fromPort>1</fromPort><toPort>70000</toPort></item>";
    for (const std::string& permissions : {wrong_network, wrong_port}) {
        const auto page = parse_security_groups(group(permissions));
        ASSERT_TRUE(page);
        EXPECT_FALSE(page->items.front().rules.complete) << permissions;
        EXPECT_TRUE(page->items.front().rules.items.empty()) << permissions;
    }
    const auto cut = parse_security_groups(group({}, {}));
    ASSERT_TRUE(cut);
    EXPECT_FALSE(cut->items.front().rules.complete) << "no egress element";
}

TEST(AwsParse, PrefixListEntries) {
    const auto page = parse_prefix_list_entries(
        ec2("GetManagedPrefixListEntries",
            "<entrySet><item><cidr>10.0.0.0/16</cidr><description>a</description></item></entrySet>"
            "<nextToken>more</nextToken>"));
    ASSERT_TRUE(page);
    ASSERT_EQ(page->items.size(), 1U);
    EXPECT_EQ(page->items.front().to_string(), "10.0.0.0/16");
    EXPECT_EQ(page->next, "more");
    EXPECT_FALSE(parse_prefix_list_entries(
        ec2("GetManagedPrefixListEntries", "<entrySet><item><cidr>10.0.0.0/99</cidr></item></entrySet>")));
}

TEST(AwsParse, NetworkAcl) {
    const std::string entry =
        "<item><ruleNumber>100</ruleNumber><protocol>6</protocol><ruleAction>allow</ruleAction><egress>false</egress>"
        "<cidrBlock>10.0.0.0/8</cidrBlock><portRange><from>1024</from><to>65535</to></portRange></item>"
        "<item><ruleNumber>32767</ruleNumber><protocol>-1</protocol><ruleAction>deny</ruleAction><egress>true</egress>"
        "<cidrBlock>0.0.0.0/0</cidrBlock></item>";
    const auto acls = [&](const std::string& entries) {
        return ec2(
            "DescribeNetworkAcls",
            "<networkAclSet><item><networkAclId>acl-1</networkAclId><vpcId>vpc-1</vpcId><default>true</default>"
            "<entrySet>" +
                entries +
                "</entrySet><associationSet><item><networkAclAssociationId>aclassoc-1"
                "</networkAclAssociationId><networkAclId>acl-1</networkAclId><subnetId>subnet-a</subnetId>"
                "</item></associationSet></item></networkAclSet>");
    };
    const auto page = parse_network_acls(acls(entry));
    ASSERT_TRUE(page);
    const NetworkAcl& acl = page->items.front();
    EXPECT_EQ(acl.id, "acl-1");
    EXPECT_EQ(acl.subnets, std::vector<std::string>{"subnet-a"});
    ASSERT_TRUE(acl.entries.complete);
    ASSERT_EQ(acl.entries.items.size(), 2U);
    EXPECT_EQ(acl.entries.items[0].number, 100U);
    EXPECT_TRUE(acl.entries.items[0].allow);
    EXPECT_EQ(acl.entries.items[0].toward, Toward::inbound);
    EXPECT_EQ(acl.entries.items[0].ports, (PortRange{1024, 65535}));
    EXPECT_EQ(acl.entries.items[1].toward, Toward::outbound);
    EXPECT_EQ(acl.entries.items[1].ports, std::nullopt);

    const auto cut = parse_network_acls(acls("<item><ruleNumber>100</ruleNumber></item>" + entry));
    ASSERT_TRUE(cut);
    EXPECT_FALSE(cut->items.front().entries.complete);
}

TEST(AwsParse, Subnet) {
    const auto page = parse_subnets(ec2(
        "DescribeSubnets",
        "<subnetSet><item><subnetId>subnet-a</subnetId><vpcId>vpc-1</vpcId><cidrBlock>10.0.3.0/24</cidrBlock>"
        "<availabilityZone>eu-west-1a</availabilityZone><availabilityZoneId>euw1-az1</availabilityZoneId>"
        "<ipv6CidrBlockAssociationSet><item><ipv6CidrBlock>2001:db8::/64</ipv6CidrBlock></item>"
        "</ipv6CidrBlockAssociationSet></item></subnetSet>"));
    ASSERT_TRUE(page);
    const Subnet& subnet = page->items.front();
    EXPECT_EQ(subnet.id, "subnet-a");
    EXPECT_EQ(subnet.zone, "eu-west-1a");
    EXPECT_EQ(subnet.zone_id, "euw1-az1");
    EXPECT_EQ(subnet.networks.size(), 2U);
}

TEST(AwsParse, AvailabilityZones) {
    const auto page = parse_availability_zones(
        ec2("DescribeAvailabilityZones",
            "<availabilityZoneInfo><item><zoneName>eu-west-1a</zoneName><zoneState>available</zoneState>"
            "<zoneId>euw1-az3</zoneId></item></availabilityZoneInfo>"));
    ASSERT_TRUE(page);
    EXPECT_EQ(page->items, (std::vector<Word>{{"eu-west-1a", "euw1-az3"}}));
}

TEST(AwsParse, AttributeOfAVpc) {
    const std::string body =
        ec2("DescribeVpcAttribute",
            "<vpcId>vpc-1</vpcId><enableDnsSupport><value>false</value></enableDnsSupport>");
    EXPECT_EQ(parse_vpc_attribute(body, "enableDnsSupport"), false);
    EXPECT_EQ(parse_vpc_attribute(body, "enableDnsHostnames"), std::nullopt);
    EXPECT_EQ(parse_vpc_attribute("<Response/>", "enableDnsSupport"), std::nullopt);
}

}  // namespace
}  // namespace whylink::control
