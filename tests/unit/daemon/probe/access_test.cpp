#include "daemon/probe/access.hpp"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <vector>

namespace whylink::daemon {
namespace {

IpAddress at(const char* text) {
    return *IpAddress::parse(text);
}

ProbeAccess allowing(std::initializer_list<const char*> blocks) {
    std::vector<Cidr> allow;
    for (const char* block : blocks) {
        allow.push_back(*Cidr::parse(block));
    }
    return ProbeAccess(std::move(allow), {});
}

TEST(ProbeAccess, AllowsNothingByDefault) {
    EXPECT_FALSE(ProbeAccess().allows_any());
    EXPECT_FALSE(ProbeAccess().allows(at("10.0.0.4")));
}

TEST(ProbeAccess, AllowsWhatItsBlocksHave) {
    const ProbeAccess access = allowing({"10.0.0.0/8", "fd00::/8", "192.0.2.7"});
    for (const char* inside : {"10.0.0.4", "10.255.255.255", "fd12::1", "192.0.2.7"}) {
        EXPECT_TRUE(access.allows(at(inside))) << inside;
    }
    for (const char* outside : {"11.0.0.4", "192.0.2.8", "fe80::1", "127.0.0.1", "0.0.0.0", "::1",
                                "::", "169.254.169.254", "2001:db8::1"}) {
        EXPECT_FALSE(access.allows(at(outside))) << outside;
    }
}

TEST(ProbeAccess, JudgesAnIpv4AddressInsideAnIpv6OneAsTheFormer) {
    const ProbeAccess access = allowing({"10.0.0.0/8"});
    EXPECT_TRUE(access.allows(at("::ffff:10.0.0.4")));
    EXPECT_TRUE(access.allows(at("64:ff9b::10.0.0.4")));
    EXPECT_FALSE(access.allows(at("::ffff:11.0.0.4")));
    EXPECT_FALSE(access.allows(at("::ffff:127.0.0.1")));
    EXPECT_FALSE(access.allows(at("64:ff9b::169.254.169.254")));
}

TEST(ProbeAccess, AllOfIpv6IsNoWayToIpv4) {
    const ProbeAccess access = allowing({"::/0"});
    EXPECT_TRUE(access.allows(at("2001:db8::1")));
    EXPECT_FALSE(access.allows(at("::ffff:10.0.0.4")));
    EXPECT_FALSE(access.allows(at("64:ff9b::10.0.0.4")));
    EXPECT_TRUE(allowing({"::ffff:10.0.0.0/104"}).allows(at("::ffff:10.0.0.4")));
}

TEST(ProbeAccess, AWideBlockMeansNoSpecialAddress) {
    const ProbeAccess all = allowing({"0.0.0.0/0", "::/0", "0.0.0.0/1", "fd00::/8", "::ffff:0:0/96", "::/8"});
    EXPECT_TRUE(all.allows(at("198.51.100.7")));
    for (const char* special :
         {"127.0.0.1", "0.0.0.0", "169.254.169.254", "224.0.0.1", "255.255.255.255", "168.63.129.16", "::1",
          "::", "fe80::1", "fd00:ec2::254", "::ffff:127.0.0.1", "2002:7f00:1::", "ff02::1"}) {
        EXPECT_FALSE(all.allows(at(special))) << special;
    }
}

TEST(ProbeAccess, AnEntryOfSpecialAddressesMeansThem) {
    EXPECT_TRUE(allowing({"127.0.0.0/8"}).allows(at("127.0.0.1")));
    EXPECT_TRUE(allowing({"::1"}).allows(at("::1")));
    EXPECT_TRUE(allowing({"169.254.0.0/16"}).allows(at("169.254.169.254")));
    EXPECT_TRUE(allowing({"fd00:ec2::254"}).allows(at("fd00:ec2::254")));
    EXPECT_TRUE(allowing({"127.0.0.0/8"}).allows(at("::ffff:127.0.0.1")));
    EXPECT_FALSE(allowing({"127.0.0.0/8"}).allows(at("169.254.169.254")));
}

config::TargetPtr endpoint(const char* host, std::uint16_t port) {
    config::Endpoint made;
    made.name = host;
    made.host = host;
    made.address = IpAddress::parse(host);
    made.port = port;
    return config::make_target(std::move(made));
}

TEST(ProbeAccess, KnowsAConfiguredEndpointByHostAndPort) {
    const ProbeAccess access({}, {endpoint("db.corp.test", 5432), endpoint("fd00::4", 443)});
    ASSERT_NE(access.configured("DB.corp.test.", 5432), nullptr);
    EXPECT_EQ(access.configured("DB.corp.test.", 5432)->name, "db.corp.test");
    EXPECT_NE(access.configured("fd00:0::4", 443), nullptr);
    EXPECT_EQ(access.configured("db.corp.test", 22), nullptr);
    EXPECT_EQ(access.configured("other.corp.test", 5432), nullptr);
    EXPECT_EQ(access.configured("fd00::5", 443), nullptr);
}

}  // namespace
}  // namespace whylink::daemon
