#include "probes/packets/tunnel.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "packet_bytes.hpp"

namespace whylink::probes {
namespace {

using namespace testing;

constexpr unsigned gre = 47, ip_in_ip = 4, ip6_in_ip = 41, udp_protocol = 17;

Bytes vxlan(const Bytes& carried) {
    return u32(0x08000000) + u32(42U << 8) + ethernet(type_v4) + carried;
}
Bytes geneve(const Bytes& carried, unsigned option_words = 0) {
    return u8(option_words) + u8(0) + u16(0x6558) + u32(0) + zeros(std::size_t{4} * option_words) +
           ethernet(type_v4) + carried;
}

/// The carried packet that an ICMP error quotes of this outer one.
std::optional<QuotedPacket> quoted_of(const Bytes& outer) {
    const Bytes bytes =
        v4({.source = "192.0.2.1", .destination = "10.0.0.1", .protocol = 1}, icmp(3, 3, 0, outer));
    const Frame frame{Nanoseconds(0), static_cast<std::uint32_t>(bytes.size()), {bytes.data(), bytes.size()}};
    const auto packet = decode(LinkType::raw_ip, frame);
    return packet ? std::get<IcmpMessage>(packet->transport).quoted : std::nullopt;
}

Bytes outer(unsigned protocol, const Bytes& payload) {
    return v4({.source = "10.0.0.1", .destination = "192.0.2.9", .protocol = protocol}, payload);
}

const Bytes inner =
    v4({.source = "10.0.0.1", .destination = "10.9.9.9"},
       tcp({.source_port = 40000, .destination_port = 9440, .sequence = 7, .flags = flag_syn}));

TEST(Tunnel, CarriesThePacketThatAnErrorIsAbout) {
    const std::vector<std::pair<Bytes, std::uint32_t>> tunnels{
        {outer(ip_in_ip, inner), 20U},
        {outer(gre, u16(0) + u16(type_v4) + inner), 24U},
        {outer(gre, u16(0xb000) + u16(type_v4) + zeros(12) + inner), 36U},
        {outer(gre, u16(0) + u16(0x6558) + ethernet(type_v4) + inner), 38U},
        {outer(udp_protocol, udp(5555, 4789, vxlan(inner))), 50U},
        {outer(udp_protocol, udp(5555, 8472, vxlan(inner))), 50U},
        {outer(udp_protocol, udp(5555, 6081, geneve(inner))), 50U},
        {outer(udp_protocol, udp(5555, 6081, geneve(inner, 2))), 58U},
        {outer(ip_in_ip, outer(udp_protocol, udp(5555, 4789, vxlan(inner)))), 70U},
    };
    for (std::size_t i = 0; i < tunnels.size(); ++i) {
        const auto quoted = quoted_of(tunnels[i].first);
        ASSERT_TRUE(quoted) << i;
        EXPECT_EQ(quoted->destination, ip("10.9.9.9")) << i;
        EXPECT_EQ(quoted->source_port, 40000) << i;
        EXPECT_EQ(quoted->sequence, 7U) << i;
        EXPECT_EQ(quoted->tunnel_size, tunnels[i].second) << i;
    }
}

TEST(Tunnel, OfIpv6CarriesItToo) {
    const Bytes inside = v6({.source = "fd00::1", .destination = "fd00::9"},
                            tcp({.source_port = 40000, .destination_port = 9440}));
    const auto quoted = quoted_of(outer(ip6_in_ip, inside));
    ASSERT_TRUE(quoted);
    EXPECT_EQ(quoted->destination, ip("fd00::9"));
}

TEST(Tunnel, ThatIsCutOffIsTheOuterPacketAlone) {
    const Bytes whole = outer(udp_protocol, udp(5555, 4789, vxlan(inner)));
    for (std::size_t size = 0; size <= whole.size(); ++size) {
        const auto quoted = quoted_of(whole.substr(0, size));
        const bool has_inner = quoted && quoted->destination == ip("10.9.9.9");
        EXPECT_EQ(has_inner, size >= 20 + 8 + 8 + 14 + 20) << size;
    }
}

TEST(Tunnel, IsNotWhatOnlyLooksLikeOne) {
    EXPECT_EQ(quoted_of(outer(udp_protocol, udp(5555, 53, vxlan(inner))))->tunnel_size, 0U) << "another port";
    EXPECT_EQ(quoted_of(outer(gre, u16(0x4000) + u16(type_v4) + zeros(4) + inner))->tunnel_size, 0U)
        << "routed";
    EXPECT_EQ(quoted_of(outer(gre, u16(0) + u16(0x0806) + inner))->tunnel_size, 0U) << "ARP";
    EXPECT_FALSE(carried_packet(6, {}));
}

TEST(Tunnel, EndsSomewhere) {
    Bytes deep = inner;
    for (int i = 0; i < 8; ++i) {
        deep = outer(ip_in_ip, deep);
    }
    EXPECT_LE(quoted_of(deep)->tunnel_size, 60U);
}

}  // namespace
}  // namespace whylink::probes
