#include "config/address.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace whylink {
namespace {

IpAddress ip(std::string_view text) {
    const auto address = IpAddress::parse(text);
    EXPECT_TRUE(address) << text;
    return address.value_or(IpAddress{});
}

Cidr block(std::string_view text) {
    const auto parsed = Cidr::parse(text);
    EXPECT_TRUE(parsed) << text;
    return parsed.value_or(Cidr{});
}

TEST(IpAddress, ParsesAndPrintsBothFamilies) {
    for (const char* text : {"0.0.0.0", "10.0.0.4", "255.255.255.255", "::", "::1", "fd00::4",
                             "2001:db8::8:800:200c:417a", "2001:db8:0:1:1:1:1:1", "::ffff:10.0.0.4"}) {
        EXPECT_EQ(ip(text).to_string(), text);
    }
    EXPECT_EQ(ip("FD00:0:0:0:0:0:0:4").to_string(), "fd00::4");
    EXPECT_TRUE(ip("10.0.0.4").is_v4());
    EXPECT_TRUE(ip("::ffff:10.0.0.4").is_v6());
}

TEST(IpAddress, RefusesWhatIsNoAddress) {
    for (const std::string_view text :
         {std::string_view{}, std::string_view("10.0.0"), std::string_view("10.0.0.256"),
          std::string_view("010.0.0.4"), std::string_view(" 10.0.0.4"), std::string_view("10.0.0.4 "),
          std::string_view("10.0.0.4:80"), std::string_view("[::1]"), std::string_view("fe80::1%eth0"),
          std::string_view("::1::"), std::string_view("10.0.0.4\0", 9), std::string_view("0x0a.0.0.4"),
          std::string_view("1:2:3:4:5:6:7:8:9"),
          std::string_view("0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000")}) {
        EXPECT_FALSE(IpAddress::parse(text)) << text;
    }
}

TEST(IpAddress, BytesAreInNetworkOrder) {
    const auto v4 = ip("10.1.2.3");
    EXPECT_TRUE(std::ranges::equal(v4.bytes(), std::array<std::uint8_t, 4>{10, 1, 2, 3}));
    EXPECT_EQ(IpAddress::v4({10, 1, 2, 3}), v4);
    const auto v6 = ip("fd00::4");
    ASSERT_EQ(v6.bytes().size(), 16U);
    EXPECT_EQ(v6.bytes().front(), 0xFD);
    EXPECT_EQ(v6.bytes().back(), 4);
}

TEST(IpAddress, FindsTheIpv4Inside) {
    EXPECT_EQ(ip("::ffff:10.0.0.4").embedded_v4(), ip("10.0.0.4"));
    EXPECT_EQ(ip("64:ff9b::10.0.0.4").embedded_v4(), ip("10.0.0.4"));
    EXPECT_FALSE(ip("64:ff9b:1::10.0.0.4").embedded_v4());
    EXPECT_FALSE(ip("::10.0.0.4").embedded_v4());
    EXPECT_FALSE(ip("10.0.0.4").embedded_v4());
}

TEST(IpAddress, SortsIpv4FirstAndThenByBytes) {
    EXPECT_LT(ip("255.255.255.255"), ip("::"));
    EXPECT_LT(ip("10.0.0.4"), ip("10.0.0.10"));
    EXPECT_GT(ip("fd00::2"), ip("fd00::1"));
    EXPECT_NE(ip("0.0.0.0"), ip("::"));
}

struct SpaceCase {
    const char* text;
    AddressSpace space;
};

TEST(AddressSpace, KnowsTheEdgesOfEveryBlock) {
    using enum AddressSpace;
    for (const auto& [text, space] : std::initializer_list<SpaceCase>{
             {"9.255.255.255", public_space},
             {"10.0.0.0", private_space},
             {"10.255.255.255", private_space},
             {"11.0.0.0", public_space},
             {"172.15.255.255", public_space},
             {"172.16.0.0", private_space},
             {"172.31.255.255", private_space},
             {"172.32.0.0", public_space},
             {"192.167.255.255", public_space},
             {"192.168.0.0", private_space},
             {"192.168.255.255", private_space},
             {"192.169.0.0", public_space},
             {"100.63.255.255", public_space},
             {"100.64.0.0", private_space},
             {"100.127.255.255", private_space},
             {"100.128.0.0", public_space},
             {"0.0.0.0", special},
             {"0.0.0.1", special},
             {"0.255.255.255", special},
             {"1.0.0.0", public_space},
             {"127.0.0.1", special},
             {"127.255.255.255", special},
             {"169.254.169.254", special},
             {"169.253.255.255", public_space},
             {"223.255.255.255", public_space},
             {"224.0.0.1", special},
             {"239.255.255.255", special},
             {"240.0.0.0", public_space},
             {"255.255.255.254", public_space},
             {"255.255.255.255", special},
             {"::", special},
             {"::1", special},
             {"::2", public_space},
             {"fbff::1", public_space},
             {"fc00::", private_space},
             {"fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", private_space},
             {"fe00::1", public_space},
             {"fe80::1", special},
             {"febf::1", special},
             {"fec0::1", public_space},
             {"ff02::1", special},
             {"2001:db8::1", public_space},
             {"::ffff:10.0.0.4", private_space},
             {"::ffff:8.8.8.8", public_space},
             {"::ffff:127.0.0.1", special},
             {"64:ff9b::a00:4", private_space},
             {"64:ff9b::808:808", public_space},
             {"64:ff9b::a9fe:a9fe", special},
             {"64:ff9b::ffff:ffff", special},
             {"::ffff:0.0.0.0", special},
         }) {
        EXPECT_EQ(address_space(ip(text)), space) << text;
    }
}

TEST(AddressSpace, ATunnelDoesNotHideASpecialAddress) {
    using enum AddressSpace;
    for (const auto& [text, space] : std::initializer_list<SpaceCase>{
             {"2002:7f00:1::1", special},        // 6to4 of 127.0.0.1
             {"2002:a9fe:a9fe::", special},      // 6to4 of 169.254.169.254
             {"2002:808:808::1", public_space},  // 6to4 of 8.8.8.8
             {"2002:a00:4::1", public_space},    // a private address is not reached by 6to4
             {"64:ff9b:1::7f00:1", special},     // RFC 8215
             {"64:ff9b:1::808:808", public_space},
             {"::7f00:1", special},  // IPv4-compatible
             {"::808:808", public_space},
         }) {
        EXPECT_EQ(address_space(ip(text)), space) << text;
    }
}

TEST(AddressSpace, TheMetadataServiceOfACloudIsSpecialWhereverItIs) {
    for (const char* text : {"169.254.169.254", "168.63.129.16", "fd00:ec2::254", "fd20:ce::254",
                             "::ffff:168.63.129.16", "64:ff9b::a83f:8110"}) {
        EXPECT_EQ(address_space(ip(text)), AddressSpace::special) << text;
    }
    for (const char* text : {"168.63.129.17", "fd00:ec2::255"}) {
        EXPECT_FALSE(is_metadata_service(ip(text))) << text;
    }
    EXPECT_FALSE(is_metadata_service(ip("169.254.169.254"))) << "link-local, and called so";
}

TEST(EndpointText, BracketsIpv6) {
    EXPECT_EQ(endpoint_text(ip("10.0.0.4"), 9440), "10.0.0.4:9440");
    EXPECT_EQ(endpoint_text(ip("fd00::4"), 9440), "[fd00::4]:9440");
}

TEST(Cidr, ParsesAndPrints) {
    for (const char* text : {"10.0.0.4", "10.0.0.0/24", "0.0.0.0/0", "10.128.0.0/9", "fd00::/8", "::/0",
                             "fd00::4", "fe80::/10"}) {
        EXPECT_EQ(block(text).to_string(), text);
    }
    EXPECT_EQ(block("10.0.0.4/32"), block("10.0.0.4"));
    EXPECT_EQ(block("fd00::4/128").to_string(), "fd00::4");
}

TEST(Cidr, RefusesHostBitsAndBadLengths) {
    for (const char* text : {"", "/", "10.0.0.0/", "/8", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/ 8",
                             "10.0.0.0/08", "10.0.0.0/8/8", "10.0.0.0/+8", "fd00::/129", "10.0.0.4/24",
                             "10.64.0.0/9", "fd00::1/64", "fe81::/10", "::1/0", "10.0.0.0/4294967304"}) {
        EXPECT_FALSE(Cidr::parse(text)) << text;
    }
}

TEST(Cidr, ContainsByPrefix) {
    EXPECT_TRUE(block("10.0.0.0/24").contains(ip("10.0.0.255")));
    EXPECT_FALSE(block("10.0.0.0/24").contains(ip("10.0.1.0")));
    EXPECT_TRUE(block("10.0.0.0/9").contains(ip("10.127.0.1")));
    EXPECT_FALSE(block("10.0.0.0/9").contains(ip("10.128.0.1")));
    EXPECT_TRUE(block("10.0.0.4").contains(ip("10.0.0.4")));
    EXPECT_FALSE(block("10.0.0.4").contains(ip("10.0.0.5")));
    EXPECT_TRUE(block("0.0.0.0/0").contains(ip("203.0.113.1")));
    EXPECT_TRUE(block("fd00::/63").contains(ip("fd00:0:0:1::1")));
    EXPECT_FALSE(block("fd00::/63").contains(ip("fd00:0:0:2::1")));
}

TEST(Cidr, FamiliesMatchOnlyThroughTheIpv4Inside) {
    EXPECT_FALSE(block("0.0.0.0/0").contains(ip("fd00::1")));
    EXPECT_FALSE(block("::/0").contains(ip("10.0.0.4")));
    EXPECT_TRUE(block("10.0.0.0/8").contains(ip("::ffff:10.0.0.4")));
    EXPECT_TRUE(block("10.0.0.0/8").contains(ip("64:ff9b::a00:4")));
    EXPECT_FALSE(block("10.0.0.0/8").contains(ip("64:ff9b::b00:4")));
    EXPECT_TRUE(block("64:ff9b::/96").contains(ip("64:ff9b::b00:4")));
}

TEST(Cidr, AnyOfSeveral) {
    const std::vector<Cidr> blocks{block("10.0.0.0/24"), block("fd00::/8")};
    EXPECT_TRUE(contains(blocks, ip("fd00::9")));
    EXPECT_FALSE(contains(blocks, ip("10.0.1.1")));
    EXPECT_FALSE(contains({}, ip("10.0.0.1")));
}

std::optional<Cidr> subnet(const std::vector<const char*>& texts) {
    std::vector<IpAddress> addresses;
    for (const char* text : texts) {
        addresses.push_back(ip(text));
    }
    return common_subnet(addresses);
}

TEST(CommonSubnet, IsTheSmallestThatANetworkMayHave) {
    EXPECT_EQ(subnet({"10.0.3.4", "10.0.3.200"}), block("10.0.3.0/24"));
    EXPECT_EQ(subnet({"10.0.3.4"}), block("10.0.3.0/24"));
    EXPECT_EQ(subnet({"10.0.3.4", "10.0.2.4"}), block("10.0.2.0/23"));
    EXPECT_EQ(subnet({"10.0.1.4", "10.0.128.4"}), block("10.0.0.0/16"));
    EXPECT_EQ(subnet({"fd00:0:0:1::4", "fd00:0:0:1:8000::5"}), block("fd00:0:0:1::/64"));
}

TEST(CommonSubnet, OfAddressesThatLieApartIsNone) {
    EXPECT_FALSE(subnet({}));
    EXPECT_FALSE(subnet({"10.0.3.4", "10.1.3.4"}));
    EXPECT_FALSE(subnet({"fd00:0:0:1::4", "fd00:0:0:2::4"}));
    EXPECT_FALSE(subnet({"10.0.3.4", "fd00::4"}));
}

}  // namespace
}  // namespace whylink
