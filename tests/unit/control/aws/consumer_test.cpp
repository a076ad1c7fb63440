#include <gtest/gtest.h>

#include <algorithm>

#include "control/aws/read.hpp"
#include "tests/unit/control/aws/fake_aws.hpp"

namespace whylink::control {
namespace {

using test::ec2;
using test::ip;
using test::read_named;
using test::word_of;

const std::string service_name = "com.amazonaws.vpce.eu-west-1.vpce-svc-0a";

std::string endpoint(const std::string& id, const std::string& interface,
                     const std::string& network = "vpc-1") {
    return "<item><vpcEndpointId>" + id +
           "</vpcEndpointId><vpcEndpointType>Interface</vpcEndpointType><vpcId>" + network +
           "</vpcId><serviceName>" + service_name +
           "</serviceName><state>available</state><subnetIdSet><item>subnet-a</item></subnetIdSet>"
           "<groupSet><item><groupId>sg-1</groupId></item></groupSet><privateDnsEnabled>true</privateDnsEnabled>"
           "<networkInterfaceIdSet><item>" +
           interface + "</item></networkInterfaceIdSet><dnsEntrySet><item><dnsName>" + id +
           "-x.vpce-svc-0a.eu-west-1.vpce.amazonaws.com</dnsName></item></dnsEntrySet>"
           "<ownerId>111122223333</ownerId></item>";
}

std::string interface(const std::string& id, const std::string& address, const std::string& network = "vpc-1",
                      const std::string& group = "sg-1") {
    return "<item><networkInterfaceId>" + id + "</networkInterfaceId><subnetId>subnet-a</subnetId><vpcId>" +
           network + "</vpcId><availabilityZone>eu-west-1a</availabilityZone><privateIpAddress>" + address +
           "</privateIpAddress><groupSet><item><groupId>" + group + "</groupId></item></groupSet></item>";
}

std::string group(const std::string& id, const std::string& sources) {
    return "<item><groupId>" + id + "</groupId><groupName>" + id +
           "-name</groupName><vpcId>vpc-1</vpcId><ipPermissions><item><ipProtocol>tcp</ipProtocol>"
           "<fromPort>9440</fromPort><toPort>9440</toPort>" +
           sources + "</item></ipPermissions><ipPermissionsEgress/></item>";
}

/// A rule of a group: what may send or receive is a prefix list.
std::string rule(const std::string& protocol, const std::string& port, const std::string& list) {
    return "<item><ipProtocol>" + protocol + "</ipProtocol><fromPort>" + port + "</fromPort><toPort>" + port +
           "</toPort><prefixListIds><item><prefixListId>" + list +
           "</prefixListId></item></prefixListIds></item>";
}

std::string group_of_rules(const std::string& id, const std::string& inbound, const std::string& outbound) {
    return "<item><groupId>" + id + "</groupId><vpcId>vpc-1</vpcId><ipPermissions>" + inbound +
           "</ipPermissions><ipPermissionsEgress>" + outbound + "</ipPermissionsEgress></item>";
}

bool asks_for(const test::Asked& asked, const std::string& value) {
    return std::ranges::any_of(asked.parameters, [&](const auto& pair) { return pair.second == value; });
}

/// Two endpoints, one with a target, and all that stands around it.
struct AwsConsumerRead : testing::Test {
    AwsConsumerRead() {
        target.target = "db";
        target.host = "db.example.internal";
        target.port = 9440;
        target.addresses = {ip("10.0.3.7")};
        target.sources = {ip("10.0.5.10")};
        answer_all();
    }

    void answer_all() {
        aws().answer(
            "DescribeVpcEndpoints",
            ec2("DescribeVpcEndpoints", "<vpcEndpointSet>" + endpoint("vpce-1", "eni-1") +
                                            endpoint("vpce-2", "eni-2", "vpc-2") + "</vpcEndpointSet>"));
        aws().answer("DescribeNetworkInterfaces", [this](const test::Asked& asked) {
            const std::string items =
                asks_for(asked, "vpc_endpoint")
                    ? interface("eni-1", "10.0.3.7") + interface("eni-2", other_address, "vpc-2")
                    : own_interfaces;
            return ec2("DescribeNetworkInterfaces",
                       "<networkInterfaceSet>" + items + "</networkInterfaceSet>");
        });
        aws().answer("DescribeSecurityGroups", [](const test::Asked& asked) {
            const std::string groups =
                asks_for(asked, "sg-1")
                    ? group("sg-1",
                            "<prefixListIds><item><prefixListId>pl-1</prefixListId></item></prefixListIds>"
                            "<groups><item><groupId>sg-app</groupId></item></groups>")
                    : group("sg-app", {});
            return ec2("DescribeSecurityGroups", "<securityGroupInfo>" + groups + "</securityGroupInfo>");
        });
        aws().answer(
            "GetManagedPrefixListEntries",
            ec2("GetManagedPrefixListEntries", "<entrySet><item><cidr>10.9.0.0/16</cidr></item></entrySet>"));
        aws().answer("DescribeSubnets",
                     ec2("DescribeSubnets",
                         "<subnetSet><item><subnetId>subnet-a</subnetId><vpcId>vpc-1</vpcId>"
                         "<cidrBlock>10.0.3.0/24</cidrBlock><availabilityZone>eu-west-1a"
                         "</availabilityZone><availabilityZoneId>euw1-az1</availabilityZoneId>"
                         "</item></subnetSet>"));
        aws().answer("DescribeAvailabilityZones",
                     ec2("DescribeAvailabilityZones",
                         "<availabilityZoneInfo><item><zoneName>eu-west-1a</zoneName>"
                         "<zoneId>euw1-az1</zoneId></item></availabilityZoneInfo>"));
        aws().answer("DescribeNetworkAcls",
                     ec2("DescribeNetworkAcls",
                         "<networkAclSet><item><networkAclId>acl-1</networkAclId><entrySet/>"
                         "<associationSet><item><subnetId>subnet-a</subnetId></item>"
                         "</associationSet></item></networkAclSet>"));
        aws().answer("DescribeVpcAttribute", [](const test::Asked& asked) {
            const std::string& name = asked.parameters.at("Attribute");
            return ec2("DescribeVpcAttribute",
                       "<vpcId>vpc-1</vpcId><" + name + "><value>true</value></" + name + ">");
        });
        aws().answer("DescribeVpcEndpointServices",
                     ec2("DescribeVpcEndpointServices",
                         "<serviceDetailSet><item><serviceName>" + service_name +
                             "</serviceName><serviceId>vpce-svc-0a</serviceId><availabilityZoneSet>"
                             "<item>eu-west-1a</item></availabilityZoneSet><privateDnsName>*.example.internal"
                             "</privateDnsName></item></serviceDetailSet>"));
        aws().answer(
            "hostedzonesbyvpc",
            "<ListHostedZonesByVPCResponse><HostedZoneSummaries><HostedZoneSummary><HostedZoneId>Z1"
            "</HostedZoneId><Name>example.internal.</Name><Owner><OwningAccount>111122223333</OwningAccount>"
            "</Owner></HostedZoneSummary><HostedZoneSummary><HostedZoneId>Z2</HostedZoneId><Name>other.test."
            "</Name></HostedZoneSummary></HostedZoneSummaries></ListHostedZonesByVPCResponse>");
        aws().answer(
            "hostedzone/Z1/rrset",
            "<ListResourceRecordSetsResponse><ResourceRecordSets><ResourceRecordSet><Name>db.example.internal."
            "</Name><Type>A</Type><TTL>60</TTL><ResourceRecords><ResourceRecord><Value>10.0.3.9</Value>"
            "</ResourceRecord></ResourceRecords></ResourceRecordSet><ResourceRecordSet><Name>"
            "web.example.internal.</Name><Type>A</Type></ResourceRecordSet></ResourceRecordSets>"
            "<IsTruncated>false</IsTruncated></ListResourceRecordSetsResponse>");
    }

    Readings read(const Instance* instance = nullptr) {
        return read_aws_consumer(account.reading(std::span(&target, 1), instance), test::region);
    }
    test::FakeAws& aws() { return account.aws; }

    test::Account account;
    Subject target;
    std::string other_address = "10.8.0.1";
    std::string own_interfaces = interface("eni-9", "10.0.5.10");
};

TEST_F(AwsConsumerRead, FindsTheEndpointByItsAddress) {
    const Readings readings = read();
    ASSERT_EQ(readings.facts.endpoints.size(), 1U);
    const Endpoint& found = readings.facts.endpoints.front();
    EXPECT_EQ(found.id, "vpce-1");
    EXPECT_EQ(found.region, "eu-west-1");
    ASSERT_EQ(found.interfaces.items.size(), 1U);
    EXPECT_TRUE(found.interfaces.complete);
    EXPECT_EQ(found.interfaces.items.front().addresses, std::vector<IpAddress>{ip("10.0.3.7")});
    EXPECT_EQ(found.interfaces.items.front().zone_id, "euw1-az1");
    EXPECT_EQ(word_of(readings.reads, "vpc_endpoint", "state"), "available");
    EXPECT_EQ(word_of(readings.reads, "vpc_endpoint", "privateIpAddresses"), "10.0.3.7");
    EXPECT_EQ(read_named(readings.reads, "vpc_endpoint").targets, std::vector<std::string>{"db"});
    ASSERT_EQ(readings.facts.complete.size(), 1U);
    EXPECT_EQ(readings.facts.complete.front().read, "vpc_endpoint");
    EXPECT_EQ(readings.facts.complete.front().scope, "eu-west-1");
}

TEST_F(AwsConsumerRead, FindsTheEndpointByWhateverNamesIt) {
    // The endpoint that the reads are about.
    const auto found_as = [&](auto change) {
        target.addresses.clear();
        target.endpoint_id.clear();
        target.service.clear();
        target.names.clear();
        target.expect.clear();
        target.host = "elsewhere.test";
        change();
        return word_of(read().reads, "vpc_endpoint", "vpcEndpointId");
    };
    EXPECT_EQ(found_as([&] { target.endpoint_id = "vpce-2"; }), "vpce-2");
    EXPECT_EQ(found_as([&] { target.expect = {Cidr(ip("10.8.0.1"), 32)}; }), "vpce-2");
    EXPECT_EQ(found_as([&] { target.names = {"vpce-2-x.vpce-svc-0a.eu-west-1.vpce.amazonaws.com."}; }),
              "vpce-2");
    EXPECT_EQ(found_as([&] { target.service = service_name; }), "vpce-1");
    EXPECT_EQ(found_as([&] { target.service = "vpce-svc-0a"; }), "vpce-1");
    EXPECT_EQ(found_as([&] { target.host = "new.example.internal"; }), "vpce-1") << "does not resolve";
    EXPECT_EQ(found_as([] {}), "");
}

TEST_F(AwsConsumerRead, PrefersTheNetworkOfThisHost) {
    other_address = "10.0.3.7";
    EXPECT_EQ(read().facts.endpoints.size(), 2U);
    Instance instance;
    instance.interfaces.emplace_back().network = "vpc-2";
    const Readings readings = read(&instance);
    ASSERT_EQ(readings.facts.endpoints.size(), 1U);
    EXPECT_EQ(readings.facts.endpoints.front().id, "vpce-2");
}

TEST_F(AwsConsumerRead, HasTheConfiguredEndpointAndTheOneThatAnswers) {
    target.endpoint_id = "vpce-2";
    EXPECT_EQ(read().facts.endpoints.size(), 2U) << "that they differ is for the judgement";
}

TEST_F(AwsConsumerRead, AnAddressSaysMoreThanAService) {
    target.service = service_name;
    EXPECT_EQ(read().facts.endpoints.size(), 1U);
}

TEST_F(AwsConsumerRead, APrefixListThatMayNotBeReadIsNoFact) {
    aws().deny("GetManagedPrefixListEntries");
    const Readings readings = read();
    EXPECT_TRUE(readings.facts.prefix_lists.empty());
    EXPECT_EQ(read_named(readings.reads, "prefix_list").result, Result::forbidden);
}

TEST_F(AwsConsumerRead, ReadsWhatStandsAroundIt) {
    const Facts facts = read().facts;
    ASSERT_EQ(facts.security_groups.size(), 2U);
    EXPECT_EQ(facts.security_groups[0].id, "sg-1");
    EXPECT_EQ(facts.security_groups[1].id, "sg-app") << "a rule names it";
    ASSERT_EQ(facts.prefix_lists.size(), 1U);
    EXPECT_EQ(facts.prefix_lists.front().id, "pl-1");
    EXPECT_TRUE(facts.prefix_lists.front().networks.complete);
    ASSERT_EQ(facts.network_acls.size(), 1U);
    ASSERT_EQ(facts.subnets.size(), 1U);
    ASSERT_EQ(facts.networks.size(), 1U);
    EXPECT_EQ(facts.networks.front().dns_support, true);
    EXPECT_EQ(facts.networks.front().dns_hostnames, true);
    ASSERT_EQ(facts.services.size(), 1U);
    EXPECT_FALSE(facts.services.front().own);
    EXPECT_EQ(facts.services.front().zone_ids.items, std::vector<std::string>{"euw1-az1"});
    EXPECT_TRUE(facts.services.front().zone_ids.complete);
}

TEST_F(AwsConsumerRead, AZoneWithoutAnIdIsUnknown) {
    aws().deny("DescribeAvailabilityZones");
    const Facts facts = read().facts;
    ASSERT_EQ(facts.services.size(), 1U);
    EXPECT_FALSE(facts.services.front().zone_ids.complete);
    EXPECT_TRUE(facts.services.front().zones.complete);
}

TEST_F(AwsConsumerRead, HandsOnAllEndpointsWhereNoneIsTheTargets) {
    target.addresses = {ip("10.7.7.7")};
    target.host = "db.vendor.test";
    const Readings readings = read();
    EXPECT_EQ(readings.facts.endpoints.size(), 2U) << "another account may know which";
    EXPECT_EQ(read_named(readings.reads, "vpc_endpoint").result, Result::not_found);
    EXPECT_TRUE(readings.facts.security_groups.empty());
}

TEST_F(AwsConsumerRead, ReadsTheRecordsOfTheTargetsZones) {
    const Facts facts = read().facts;
    ASSERT_EQ(facts.network_zones.size(), 1U);
    EXPECT_EQ(facts.network_zones.front().network, "vpc-1");
    EXPECT_EQ(facts.network_zones.front().zones.items,
              (std::vector<std::string>{"example.internal", "other.test"}));
    EXPECT_TRUE(facts.network_zones.front().zones.complete);
    ASSERT_EQ(facts.zones.size(), 1U) << "no target's name is in the other";
    const DnsZone& zone = facts.zones.front();
    ASSERT_EQ(zone.links.items.size(), 1U);
    EXPECT_EQ(zone.links.items.front().network, "vpc-1");
    EXPECT_TRUE(zone.links.complete);
    EXPECT_EQ(zone.asked, (std::vector<std::string>{"*.example.internal", "db.example.internal"}));
    ASSERT_EQ(zone.records.items.size(), 1U);
    EXPECT_EQ(zone.records.items.front().values, std::vector<std::string>{"10.0.3.9"});
    EXPECT_TRUE(zone.records.complete);
}

TEST_F(AwsConsumerRead, DoesNotAskForRecordsOfAZoneOfAnother) {
    aws().answer(
        "hostedzonesbyvpc",
        "<ListHostedZonesByVPCResponse><HostedZoneSummaries><HostedZoneSummary><HostedZoneId>Z1</HostedZoneId>"
        "<Name>example.internal.</Name><Owner><OwningService>vpce.amazonaws.com</OwningService></Owner>"
        "</HostedZoneSummary></HostedZoneSummaries></ListHostedZonesByVPCResponse>");
    const Facts facts = read().facts;
    EXPECT_EQ(aws().times("hostedzone/Z1/rrset"), 0U);
    ASSERT_EQ(facts.zones.size(), 1U);
    EXPECT_FALSE(facts.zones.front().records.complete);
}

TEST_F(AwsConsumerRead, FindsThisHostByItsAddressWithoutMetadata) {
    const Facts facts = read().facts;
    ASSERT_EQ(facts.instances.size(), 1U);
    EXPECT_EQ(facts.instances.front().interfaces.front().id, "eni-9");
    EXPECT_EQ(aws().last("DescribeNetworkInterfaces").parameters.at("Filter.1.Name"),
              "addresses.private-ip-address");
}

TEST_F(AwsConsumerRead, ReadsTheGroupsOfTheInterfaceThatSendsWithThoseOfTheEndpoint) {
    Instance instance;
    for (const auto& [source, group] :
         {std::pair{"10.0.5.10", "sg-host"}, std::pair{"10.0.6.10", "sg-other"}}) {
        Interface& own = instance.interfaces.emplace_back();
        own.network = "vpc-1";
        own.addresses = {ip(source)};
        own.security_groups = {group};
    }
    read(&instance);
    const test::Asked* first = nullptr;
    for (const test::Asked& asked : aws().asked()) {
        first = first == nullptr && asks_for(asked, "sg-1") && asks_for(asked, "sg-host") ? &asked : first;
        EXPECT_FALSE(asks_for(asked, "sg-other")) << "no target is reached by it";
    }
    ASSERT_NE(first, nullptr) << "one call for both sides";
    EXPECT_EQ(first->parameters.at("Filter.1.Name"), "group-id");
}

TEST_F(AwsConsumerRead, ReadsThePrefixListsOfRulesThatMayDecide) {
    own_interfaces = interface("eni-9", "10.0.5.10", "vpc-1", "sg-host");
    aws().answer("DescribeSecurityGroups", [](const test::Asked&) {
        const std::string endpoints =
            group_of_rules("sg-1", rule("tcp", "9440", "pl-in"), rule("tcp", "9440", "pl-not-1"));
        const std::string own = group_of_rules(
            "sg-host", rule("tcp", "9440", "pl-not-2"),
            rule("tcp", "9440", "pl-out") + rule("tcp", "443", "pl-not-3") + rule("udp", "9440", "pl-not-4"));
        return ec2("DescribeSecurityGroups",
                   "<securityGroupInfo>" + endpoints + own + "</securityGroupInfo>");
    });
    const Readings readings = read();
    std::vector<std::string> lists;
    std::ranges::transform(readings.facts.prefix_lists, std::back_inserter(lists), &PrefixList::id);
    EXPECT_EQ(lists, (std::vector<std::string>{"pl-in", "pl-out"}));
    const auto own = std::ranges::find_if(readings.reads, [](const Read& one) {
        return one.read == "security_group" && word_of({one}, "security_group", "groupId") == "sg-host";
    });
    ASSERT_NE(own, readings.reads.end());
    EXPECT_EQ(own->targets, std::vector<std::string>{"db"});
    EXPECT_EQ(word_of({*own}, "security_group", "ipPermissionsEgress"),
              "tcp/443 to pl-not-3, tcp/9440 to pl-out, udp/9440 to pl-not-4");
}

TEST_F(AwsConsumerRead, FindsThisHostByItsIPv6Address) {
    target.sources = {ip("10.0.5.10"), ip("2001:db8::10")};
    const Facts facts = read().facts;
    ASSERT_EQ(facts.instances.size(), 1U);
    EXPECT_EQ(facts.instances.front().interfaces.size(), 1U) << "both find the same";
    EXPECT_EQ(aws().times("DescribeNetworkInterfaces"), 3U);
    EXPECT_EQ(aws().last("DescribeNetworkInterfaces").parameters.at("Filter.1.Name"),
              "ipv6-addresses.ipv6-address");
    EXPECT_TRUE(asks_for(aws().last("DescribeNetworkInterfaces"), "2001:db8::10"));
}

TEST_F(AwsConsumerRead, TakesNoInterfaceThatMayBeAnotherHosts) {
    own_interfaces = interface("eni-8", "10.0.5.10", "vpc-7");
    EXPECT_TRUE(read().facts.instances.empty()) << "of another network";
}

TEST_F(AwsConsumerRead, TakesNoInterfaceOfTwo) {
    own_interfaces = interface("eni-8", "10.0.5.10", "vpc-7") + interface("eni-9", "10.0.5.10");
    EXPECT_TRUE(read().facts.instances.empty());
}

TEST_F(AwsConsumerRead, AsksNothingAboutAHostThatMetadataNamed) {
    Instance instance;
    Interface& own = instance.interfaces.emplace_back();
    own.network = "vpc-1";
    own.subnet = "subnet-z";
    own.addresses = {ip("10.0.5.10")};
    const Facts facts = read(&instance).facts;
    EXPECT_EQ(aws().times("DescribeNetworkInterfaces"), 1U);
    EXPECT_TRUE(facts.instances.empty()) << "it is there already";
    EXPECT_TRUE(asks_for(aws().last("DescribeNetworkAcls"), "subnet-z"));
}

TEST_F(AwsConsumerRead, DoesNotAskAboutTheNetworkOfAHostInAnotherAccount) {
    Instance instance;
    instance.account = "999900001111";
    Interface& own = instance.interfaces.emplace_back();
    own.network = "vpc-foreign";
    own.addresses = {ip("10.0.5.10")};
    const Facts facts = read(&instance).facts;
    ASSERT_EQ(facts.networks.size(), 1U);
    EXPECT_EQ(facts.networks.front().id, "vpc-1");
    ASSERT_EQ(facts.zones.size(), 1U);
    EXPECT_FALSE(facts.zones.front().links.complete) << "of that network nothing is known";
}

TEST_F(AwsConsumerRead, SaysThatAnEndpointDoesNotExist) {
    target.endpoint_id = "vpce-0gone";
    target.addresses.clear();
    const Readings readings = read();
    const Read said = read_named(readings.reads, "vpc_endpoint");
    EXPECT_EQ(said.result, Result::not_found);
    EXPECT_EQ(said.detail, "vpce-0gone does not exist in eu-west-1, or belongs to another account");
    EXPECT_EQ(said.targets, std::vector<std::string>{"db"});
}

TEST_F(AwsConsumerRead, MissesNothingOfAnotherRegion) {
    target.addresses.clear();
    target.endpoint_id = "vpce-9";
    target.host = "vpce-9-abcd.vpce-svc-0b.us-east-1.vpce.amazonaws.com";
    const Read said = read_named(read().reads, "vpc_endpoint");
    EXPECT_EQ(said.result, Result::error);
    EXPECT_EQ(said.detail,
              "no endpoint of this target in eu-west-1, and its name is of us-east-1: set `region`");
}

TEST_F(AwsConsumerRead, AListOfWhichSomeAreLeftOutIsNotComplete) {
    std::string items;
    for (int i = 0; i < 201; ++i) {
        items += "<item><vpcEndpointId>vpce-a" + std::to_string(i) + "</vpcEndpointId></item>";
    }
    aws().answer("DescribeVpcEndpoints",
                 ec2("DescribeVpcEndpoints", "<vpcEndpointSet>" + items + "</vpcEndpointSet>"));
    const Readings readings = read();
    EXPECT_EQ(readings.facts.endpoints.size(), 200U);
    EXPECT_TRUE(readings.facts.complete.empty());
}

TEST_F(AwsConsumerRead, SaysNothingIsMissingWhereAServiceWasNotAsked) {
    std::string items;
    for (int i = 10; i < 21; ++i) {
        std::string item = endpoint("vpce-" + std::to_string(i), "eni-" + std::to_string(i));
        items += item.replace(item.find("vpce-svc-0a"), 11, "vpce-svc-" + std::to_string(i));
    }
    aws().answer("DescribeVpcEndpoints",
                 ec2("DescribeVpcEndpoints", "<vpcEndpointSet>" + items + "</vpcEndpointSet>"));
    target.addresses.clear();
    target.host = "db.elsewhere.test";
    EXPECT_TRUE(read().reads.empty()) << "the eleventh may have this private name";
    EXPECT_EQ(aws().times("DescribeVpcEndpointServices"), 10U);
}

TEST_F(AwsConsumerRead, SaysNothingIsMissingWhereItCouldNotLook) {
    target.endpoint_id = "vpce-0gone";
    aws().deny("DescribeVpcEndpoints");
    const Readings readings = read();
    const Read said = read_named(readings.reads, "vpc_endpoint");
    EXPECT_EQ(said.result, Result::forbidden);
    EXPECT_EQ(said.detail, "ec2:DescribeVpcEndpoints");
    EXPECT_TRUE(readings.facts.complete.empty());
}

TEST_F(AwsConsumerRead, APermissionThatIsMissingTakesAwayOneFact) {
    aws().deny("DescribeSecurityGroups");
    const Readings readings = read();
    EXPECT_TRUE(readings.facts.security_groups.empty());
    EXPECT_EQ(read_named(readings.reads, "security_group").result, Result::forbidden);
    EXPECT_EQ(readings.facts.endpoints.size(), 1U);
    EXPECT_EQ(readings.facts.network_acls.size(), 1U);
    EXPECT_EQ(readings.facts.zones.size(), 1U);
}

TEST_F(AwsConsumerRead, WithoutInterfacesTheEndpointIsFoundByIdAlone) {
    target.endpoint_id = "vpce-1";
    aws().deny("DescribeNetworkInterfaces");
    const Readings readings = read();
    ASSERT_EQ(readings.facts.endpoints.size(), 1U);
    EXPECT_FALSE(readings.facts.endpoints.front().interfaces.complete);
}

TEST_F(AwsConsumerRead, AsksAServiceOfAnotherRegionThere) {
    std::string elsewhere = endpoint("vpce-1", "eni-1");
    const std::string name = "com.amazonaws.vpce.us-east-1.vpce-svc-0a";
    elsewhere.replace(elsewhere.find(service_name), service_name.size(), name);
    aws().answer("DescribeVpcEndpoints",
                 ec2("DescribeVpcEndpoints", "<vpcEndpointSet>" + elsewhere + "</vpcEndpointSet>"));
    read();
    const auto& parameters = aws().last("DescribeVpcEndpointServices").parameters;
    EXPECT_EQ(parameters.at("ServiceName.1"), name);
    EXPECT_EQ(parameters.at("ServiceRegion.1"), "us-east-1");
}

TEST_F(AwsConsumerRead, AsksOnceForAllTargets) {
    std::vector<Subject> targets(40, target);
    for (std::size_t i = 0; i < targets.size(); ++i) {
        targets[i].target = "db-" + std::to_string(i);
    }
    const Readings readings = read_aws_consumer(account.reading(targets), test::region);
    EXPECT_EQ(aws().times("DescribeVpcEndpoints"), 1U);
    EXPECT_EQ(aws().times("DescribeSecurityGroups"), 2U);
    EXPECT_EQ(read_named(readings.reads, "vpc_endpoint").targets.size(), 40U);
}

/// A load balancer of the account itself has the target's address.
struct AwsOwnBalancer : AwsConsumerRead {
    const std::string arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/net/db/0a1b";
    std::string interfaces = balancer("eni-7", "net/db/0a1b");

    static std::string balancer(const std::string& id, const std::string& name,
                                const std::string& network = "vpc-1") {
        std::string item = interface(id, "10.0.3.20", network);
        return item.insert(
            item.rfind("</item>"),
            "<requesterManaged>true</requesterManaged><description>ELB " + name + "</description>");
    }
    static std::string balancers(const std::string& arn) {
        return test::elb("DescribeLoadBalancers",
                         "<LoadBalancers><member><LoadBalancerArn>" + arn +
                             "</LoadBalancerArn><SecurityGroups><member>sg-app</member></SecurityGroups>"
                             "</member></LoadBalancers>");
    }

    AwsOwnBalancer() {
        target.addresses = {ip("10.0.3.20")};
        target.host = "db.vendor.test";
        aws().answer("DescribeNetworkInterfaces", [this](const test::Asked& asked) {
            const std::string items = asks_for(asked, "10.0.3.20")      ? interfaces
                                      : asks_for(asked, "vpc_endpoint") ? interface("eni-1", "10.0.3.7")
                                                                        : own_interfaces;
            return ec2("DescribeNetworkInterfaces",
                       "<networkInterfaceSet>" + items + "</networkInterfaceSet>");
        });
        aws().answer("DescribeLoadBalancers", balancers(arn));
        aws().answer("DescribeListeners",
                     test::elb("DescribeListeners",
                               "<Listeners><member><ListenerArn>l</ListenerArn><LoadBalancerArn>" + arn +
                                   "</LoadBalancerArn><Port>9440</Port></member></Listeners>"));
        aws().answer(
            "DescribeTargetGroups",
            test::elb("DescribeTargetGroups",
                      "<TargetGroups><member><TargetGroupArn>tg</TargetGroupArn></member></TargetGroups>"));
        aws().answer(
            "DescribeTargetHealth",
            test::elb(
                "DescribeTargetHealth",
                "<TargetHealthDescriptions><member><TargetHealth><State>unhealthy</State></TargetHealth>"
                "<Target><Id>i-1</Id></Target></member></TargetHealthDescriptions>"));
    }
};

TEST_F(AwsOwnBalancer, IsReadWithWhatStandsBehind) {
    const Readings readings = read();
    EXPECT_EQ(aws().last("DescribeLoadBalancers").parameters.at("Names.member.1"), "db");
    ASSERT_EQ(readings.facts.balancers.size(), 1U);
    const LoadBalancer& found = readings.facts.balancers.front();
    ASSERT_EQ(found.zones.size(), 1U);
    EXPECT_EQ(found.zones.front().addresses, std::vector<IpAddress>{ip("10.0.3.20")});
    EXPECT_EQ(readings.facts.listeners.size(), 1U);
    ASSERT_EQ(readings.facts.target_groups.size(), 1U);
    EXPECT_EQ(readings.facts.target_groups.front().targets.items.front().state, TargetState::unhealthy);
    EXPECT_TRUE(std::ranges::any_of(aws().asked(), [](const test::Asked& asked) {
        return asked.action == "DescribeSecurityGroups" && asks_for(asked, "sg-app");
    })) << "its own groups";
    EXPECT_EQ(read_named(readings.reads, "target_group").targets, std::vector<std::string>{"db"});
    EXPECT_TRUE(std::ranges::none_of(readings.reads, [](const Read& read) {
        return read.read == "vpc_endpoint";
    })) << "it needs no endpoint";
}

TEST_F(AwsOwnBalancer, IsNoneWhereTheAddressMayBeAnothers) {
    for (const std::string& other :
         {balancer("eni-8", "net/other/1", "vpc-7"), interface("eni-8", "10.0.3.20", "vpc-7")}) {
        interfaces = balancer("eni-7", "net/db/0a1b") + other;
        EXPECT_TRUE(read().facts.balancers.empty());
    }
    interfaces = interface("eni-7", "10.0.3.20");
    EXPECT_TRUE(read().facts.balancers.empty()) << "of no load balancer";
    EXPECT_EQ(aws().times("DescribeLoadBalancers"), 0U);
    EXPECT_EQ(read_named(read().reads, "vpc_endpoint").result, Result::not_found);
}

TEST_F(AwsOwnBalancer, IsTheOneOfThisHostsNetworkOfTwo) {
    interfaces = balancer("eni-8", "net/other/1", "vpc-7") + balancer("eni-7", "net/db/0a1b");
    Instance instance;
    instance.interfaces.emplace_back().network = "vpc-1";
    EXPECT_EQ(read(&instance).facts.balancers.size(), 1U);
}

TEST_F(AwsOwnBalancer, IsNotAnotherOfTheSameName) {
    aws().answer("DescribeLoadBalancers",
                 balancers("arn:aws:elasticloadbalancing:x:1:loadbalancer/net/db/9999"));
    EXPECT_TRUE(read().facts.balancers.empty());
    EXPECT_EQ(aws().times("DescribeListeners"), 0U);
}

TEST_F(AwsOwnBalancer, WithoutThePermissionNothingIsKnownOfIt) {
    aws().deny("DescribeLoadBalancers");
    const Readings readings = read();
    EXPECT_TRUE(readings.facts.balancers.empty());
    EXPECT_EQ(read_named(readings.reads, "load_balancer").result, Result::forbidden);
}

TEST_F(AwsConsumerRead, IsSilentWithoutATargetOfThisSide) {
    target.side = Side::provider;
    EXPECT_TRUE(read().reads.empty());
    EXPECT_TRUE(aws().asked().empty());
}

TEST_F(AwsConsumerRead, AnApiThatDoesNotAnswerGivesNoFact) {
    aws().fail(Failure::resolve);
    const Readings readings = read();
    EXPECT_EQ(readings.facts, Facts{});
    for (const Read& read : readings.reads) {
        EXPECT_EQ(read.result, Result::unreachable) << read.read;
    }
}

}  // namespace
}  // namespace whylink::control
