// The link layer and IP.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "decoded.hpp"

namespace whylink::probes {
namespace {

using namespace testing;

constexpr unsigned to_us = 0, broadcast = 1, multicast = 2, to_other_host = 3, outgoing = 4;
constexpr unsigned tcp_number = 6, udp_number = 17, fragment_number = 44;

const Bytes packet_v4 = v4({}, tcp({}, text("hello")));
const Bytes packet_v6 = v6({}, tcp({}, text("hello")));

struct LinkCase {
    std::string name;
    LinkType link;
    Bytes header;
    unsigned version = 4;
    Way way = Way::unknown;
    std::uint32_t interface = 0;
    std::optional<std::uint16_t> vlan{};
};
void PrintTo(const LinkCase& link_case, std::ostream* out) {
    *out << link_case.name;
}

class LinkHeaders : public ::testing::TestWithParam<LinkCase> {};

TEST_P(LinkHeaders, AreReadAndStrippedOff) {
    const LinkCase& expected = GetParam();
    const auto seen =
        decoded(expected.link, expected.header + (expected.version == 4 ? packet_v4 : packet_v6));
    const Packet& packet = seen.packet.value();
    EXPECT_EQ(packet.ip_offset, expected.header.size());
    EXPECT_EQ(packet.way, expected.way);
    EXPECT_EQ(packet.interface, expected.interface);
    EXPECT_EQ(packet.vlan, expected.vlan);
    EXPECT_EQ(packet.time, std::chrono::seconds(7));
    EXPECT_EQ(packet.source, ip(expected.version == 4 ? "10.0.0.1" : "fd00::1"));
    EXPECT_EQ(Decoded::payload(seen.as<TcpSegment>()), "hello");
    EXPECT_EQ(seen.header_size, seen.bytes.size() - 5);
}

TEST_P(LinkHeaders, OfOneVersionRefuseAPacketOfTheOther) {
    const LinkCase& expected = GetParam();
    const auto seen =
        decoded(expected.link, expected.header + (expected.version == 4 ? packet_v6 : packet_v4));
    EXPECT_EQ(seen.packet.has_value(), expected.link == LinkType::raw_ip);
    if (expected.link != LinkType::raw_ip) {
        EXPECT_EQ(seen.header_size, expected.header.size());
    }
}

const std::vector<LinkCase> link_cases = {
    {"EthernetV4", LinkType::ethernet, ethernet(type_v4)},
    {"EthernetV6", LinkType::ethernet, ethernet(type_v6), 6},
    {.name = "Tagged8021Q",
     .link = LinkType::ethernet,
     .header = ethernet(0x8100) + tag(100, type_v4),
     .vlan = 100},
    {.name = "Tagged8021Ad",
     .link = LinkType::ethernet,
     .header = ethernet(0x88a8) + tag(4094, type_v4),
     .vlan = 4094},
    {.name = "StackedTags",
     .link = LinkType::ethernet,
     .header = ethernet(0x88a8) + tag(200, 0x8100) + tag(100, type_v6),
     .version = 6,
     .vlan = 200},
    {.name = "ThreeOldTags",
     .link = LinkType::ethernet,
     .header = ethernet(0x9100) + tag(3, 0x9200) + tag(2, 0x8100) + tag(1, type_v4),
     .vlan = 3},
    {"CookedV1ToUs", LinkType::cooked_v1, cooked_v1(to_us, type_v4), 4, Way::incoming},
    {"CookedV1Outgoing", LinkType::cooked_v1, cooked_v1(outgoing, type_v6), 6, Way::outgoing},
    {"CookedV1Tagged", LinkType::cooked_v1, cooked_v1(to_us, 0x8100) + tag(5, type_v4), 4, Way::incoming, 0,
     5},
    {"CookedV2ToUs", LinkType::cooked_v2, cooked_v2(to_us, 3, type_v4), 4, Way::incoming, 3},
    {"CookedV2Broadcast", LinkType::cooked_v2, cooked_v2(broadcast, 3, type_v4), 4, Way::incoming, 3},
    {"CookedV2Multicast", LinkType::cooked_v2, cooked_v2(multicast, 3, type_v6), 6, Way::incoming, 3},
    {"CookedV2OtherHost", LinkType::cooked_v2, cooked_v2(to_other_host, 3, type_v4), 4, Way::incoming, 3},
    {"CookedV2Outgoing", LinkType::cooked_v2, cooked_v2(outgoing, 0x01020304, type_v4), 4, Way::outgoing,
     0x01020304},
    {"CookedV2UnknownWay", LinkType::cooked_v2, cooked_v2(5, 3, type_v4), 4, Way::unknown, 3},
    {"CookedV2StackedTags", LinkType::cooked_v2,
     cooked_v2(outgoing, 3, 0x88a8) + tag(7, 0x8100) + tag(8, type_v6), 6, Way::outgoing, 3, 7},
    {"NullLittleEndian", LinkType::null, u8(2) + zeros(3)},
    {"NullBigEndian", LinkType::null, u32(2)},
    {"NullLinuxV6", LinkType::null, u8(10) + zeros(3), 6},
    {"NullOpenBsdV6", LinkType::null, u8(24) + zeros(3), 6},
    {"NullFreeBsdV6", LinkType::null, u8(28) + zeros(3), 6},
    {"NullDarwinV6", LinkType::null, u32(30), 6},
    {"LoopV4", LinkType::loop, u32(2)},
    {"LoopV6", LinkType::loop, u32(24), 6},
    {"RawV4", LinkType::raw_ip, {}},
    {"RawV6", LinkType::raw_ip, {}, 6},
};
INSTANTIATE_TEST_SUITE_P(Decode, LinkHeaders, ::testing::ValuesIn(link_cases),
                         [](const auto& param_info) { return param_info.param.name; });

TEST(Decode, KeepsOfWhatIsNoIpTheLinkHeaderAlone) {
    const Bytes arp = ethernet(0x0806) + zeros(46);
    EXPECT_FALSE(decoded(LinkType::ethernet, arp).packet);
    EXPECT_EQ(decoded(LinkType::ethernet, arp).header_size, 14U);
    EXPECT_EQ(decoded(LinkType::ethernet, ethernet(0x8100) + tag(1, 0x0806) + zeros(42)).header_size, 18U);
    EXPECT_EQ(decoded(LinkType::ethernet, ethernet(46) + zeros(46)).header_size, 14U);  // 802.3: a length
    EXPECT_EQ(decoded(LinkType::cooked_v1, cooked_v1(0, 4) + zeros(9)).header_size, 16U);
    EXPECT_EQ(decoded(LinkType::cooked_v2, cooked_v2(0, 1, 0x0806) + zeros(9)).header_size, 20U);
    EXPECT_EQ(decoded(LinkType::null, u32(7) + packet_v4).header_size, 4U);
    EXPECT_EQ(decoded(LinkType::raw_ip, u8(0x50) + zeros(50)).header_size, 0U);
}

TEST(Decode, KnowsNothingOfAnUnknownLinkType) {
    const auto seen = decoded(static_cast<LinkType>(147), ethernet(type_v4) + packet_v4);
    EXPECT_FALSE(seen.packet);
    EXPECT_EQ(seen.header_size, 0U);
}

TEST(Decode, ReadsTheIpv4Header) {
    const auto seen =
        decoded(v4({.source = "192.0.2.7", .destination = "198.51.100.9", .ttl = 57, .id = 0xabcd},
                   tcp({}, text("hello"))));
    const Packet& packet = seen.packet.value();
    EXPECT_EQ(packet.source, ip("192.0.2.7"));
    EXPECT_EQ(packet.destination, ip("198.51.100.9"));
    EXPECT_EQ(packet.hop_limit, 57);
    EXPECT_EQ(packet.identification, 0xabcd);
    EXPECT_EQ(packet.protocol, tcp_number);
    EXPECT_EQ(packet.ip_size, 45U);
    EXPECT_EQ(packet.transport_offset, 20U);
    EXPECT_FALSE(packet.is_fragment);
}

TEST(Decode, SkipsIpv4Options) {
    const auto seen = decoded(v4({.options = nop(40)}, tcp({}, text("hello"))));
    EXPECT_EQ(seen.packet.value().transport_offset, 60U);
    EXPECT_EQ(Decoded::payload(seen.as<TcpSegment>()), "hello");
    EXPECT_EQ(seen.header_size, 80U);
}

TEST(Decode, ReadsTheIpv6Header) {
    const auto seen = decoded(
        v6({.source = "2001:db8::7", .destination = "fd00::9", .hop_limit = 255}, tcp({}, text("hello"))));
    const Packet& packet = seen.packet.value();
    EXPECT_EQ(packet.source, ip("2001:db8::7"));
    EXPECT_EQ(packet.destination, ip("fd00::9"));
    EXPECT_EQ(packet.hop_limit, 255);
    EXPECT_EQ(packet.identification, 0);
    EXPECT_EQ(packet.protocol, tcp_number);
    EXPECT_EQ(packet.ip_size, 65U);
    EXPECT_EQ(packet.transport_offset, 40U);
}

TEST(Decode, FindsTheTransportBehindAnyChainOfExtensionHeaders) {
    const Bytes chain = extension(60) + extension(43) + extension(135, 2) + extension(139) + extension(140) +
                        extension(51) + authentication_extension(60) + extension(udp_number, 3);
    const auto seen = decoded(v6({.next = 0}, chain + udp(53, 5353, text("reply"))));
    const Packet& packet = seen.packet.value();
    EXPECT_EQ(packet.protocol, udp_number);
    EXPECT_FALSE(packet.is_fragment);
    EXPECT_EQ(packet.transport_offset, 40 + chain.size());
    EXPECT_EQ(seen.as<UdpDatagram>().source_port, 53);
    EXPECT_EQ(seen.header_size, 40 + chain.size() + 8);
}

TEST(Decode, GivesUpOnAChainThatNobodySends) {
    Bytes chain;
    for (int i = 0; i < 15; ++i) {
        chain += extension(60);
    }
    EXPECT_TRUE(decoded(v6({.next = 60}, chain + extension(tcp_number) + tcp({}))).packet);
    EXPECT_FALSE(decoded(v6({.next = 60}, chain + extension(60) + extension(tcp_number) + tcp({}))).packet);
}

TEST(Decode, TakesTheTransportFromTheFirstFragmentAlone) {
    constexpr unsigned more = 0x2000;
    const auto first = decoded(v4({.fragment = more}, tcp({}, text("first 24 of the payload."))));
    EXPECT_TRUE(first.packet.value().is_fragment);
    EXPECT_EQ(first.packet.value().fragment_offset, 0U);
    EXPECT_EQ(first.as<TcpSegment>().payload_size, 24U);

    for (const unsigned flags : {0U, more}) {
        const auto later = decoded(v4({.fragment = flags | 5}, tcp({}, text("no header"))));
        EXPECT_TRUE(later.packet.value().is_fragment);
        EXPECT_EQ(later.packet.value().fragment_offset, 40U);
        EXPECT_FALSE(later.has_transport());
        EXPECT_EQ(later.packet.value().protocol, tcp_number);
        EXPECT_EQ(later.header_size, 20U) << "all behind is payload";
    }
}

TEST(Decode, TakesTheTransportFromTheFirstIpv6FragmentAlone) {
    const auto fragment = [](unsigned field) {
        return decoded(
            v6({.next = fragment_number}, fragment_extension(tcp_number, field) + tcp({}, text("payload."))));
    };
    EXPECT_TRUE(fragment(1).packet.value().is_fragment);
    EXPECT_EQ(Decoded::payload(fragment(1).as<TcpSegment>()), "payload.");
    for (const unsigned last : {0U, 1U}) {
        const auto later = fragment(1232 | last);
        EXPECT_TRUE(later.packet.value().is_fragment);
        EXPECT_EQ(later.packet.value().fragment_offset, 1232U);
        EXPECT_FALSE(later.has_transport());
        EXPECT_EQ(later.header_size, 48U);
    }
    EXPECT_FALSE(fragment(0).packet.value().is_fragment) << "an atomic fragment is a whole packet";
    EXPECT_TRUE(fragment(0).has_transport());
}

TEST(Decode, LeavesTheHeaderOutThatGoesOnInTheNextFragment) {
    const auto tiny = decoded(v4({.fragment = 0x2000}, tcp({}).substr(0, 16)));
    EXPECT_TRUE(tiny.packet.value().is_fragment);
    EXPECT_FALSE(tiny.has_transport());
    EXPECT_FALSE(decoded(v4({}, tcp({}).substr(0, 16))).packet) << "without a next one it is malformed";
}

TEST(Decode, NamesAProtocolThatItDoesNotRead) {
    const auto sctp = decoded(v4({.protocol = 132}, zeros(30)));
    EXPECT_EQ(sctp.packet.value().protocol, 132);
    EXPECT_FALSE(sctp.has_transport());
    EXPECT_EQ(sctp.header_size, 20U);
    // ICMP of the other version.
    EXPECT_FALSE(decoded(v4({.protocol = 58}, icmp(1, 0, 0))).has_transport());
    EXPECT_FALSE(decoded(v6({.next = 1}, icmp(3, 0, 0))).has_transport());
    // No next header; encrypted.
    EXPECT_FALSE(decoded(v6({.next = 59}, zeros(8))).has_transport());
    EXPECT_FALSE(decoded(v6({.next = 50}, zeros(40))).has_transport());
}

TEST(Decode, DoesNotTakeThePaddingOfAShortFrameForPayload) {
    const Bytes ack_v4 = ethernet(type_v4) + v4({}, tcp({}));
    const auto padded = decoded(LinkType::ethernet, ack_v4 + text("pad..."));
    EXPECT_EQ(padded.packet.value().ip_size, 40U);
    EXPECT_EQ(padded.as<TcpSegment>().payload_size, 0U);
    EXPECT_TRUE(padded.as<TcpSegment>().payload.empty());
    EXPECT_EQ(padded.header_size, 54U);
    const auto trailer = decoded(v6({.payload_length = 25}, tcp({}, text("hello") + text("check"))));
    EXPECT_EQ(Decoded::payload(trailer.as<TcpSegment>()), "hello");
}

TEST(Decode, TakesAPacketThatNamesNoLengthToTheEndOfTheWire) {
    // As large as only offloading makes them: BIG TCP.
    constexpr std::size_t on_wire = 100000;
    const auto big_v4 = decoded(v4({.total_length = 0}, tcp({}, text("hello"))), on_wire);
    EXPECT_EQ(big_v4.packet.value().ip_size, on_wire);
    EXPECT_EQ(big_v4.as<TcpSegment>().payload_size, on_wire - 40);
    EXPECT_EQ(Decoded::payload(big_v4.as<TcpSegment>()), "hello");

    const Bytes jumbo = u8(tcp_number) + u8(0) + u8(0xc2) + u8(4) + u32(on_wire - 40);  // RFC 2675
    const auto big_v6 =
        decoded(v6({.next = 0, .payload_length = 0}, jumbo + tcp({}, text("hello"))), on_wire);
    EXPECT_EQ(big_v6.as<TcpSegment>().payload_size, on_wire - 68);
}

TEST(Decode, TellsWhatWasOnTheWireFromWhatWasCaptured) {
    const auto cut = decoded(v4({.total_length = 1500}, tcp({}, text("hello"))), 1500);
    EXPECT_EQ(cut.packet.value().ip_size, 1500U);
    EXPECT_EQ(cut.as<TcpSegment>().payload_size, 1460U);
    EXPECT_EQ(Decoded::payload(cut.as<TcpSegment>()), "hello");
    const auto lies = decoded(v4({.total_length = 1500}, tcp({}, text("hello"))));
    EXPECT_EQ(lies.packet.value().ip_size, 45U) << "never more than was on the wire";
    EXPECT_EQ(lies.as<TcpSegment>().payload_size, 5U);
    const auto behind = decoded(v4({}, tcp({}, text("hello"))), 42);
    EXPECT_EQ(Decoded::payload(behind.as<TcpSegment>()), "he") << "nor what is behind it";
}

TEST(Decode, RefusesMalformedIpHeaders) {
    const auto is_refused = [](const Bytes& packet) {
        const auto seen =
            decoded(LinkType::ethernet, ethernet(packet[0] >> 4 == 4 ? type_v4 : type_v6) + packet);
        return !seen.packet && seen.header_size == 14;
    };
    Bytes short_header = packet_v4;
    short_header[0] = 0x44;
    EXPECT_TRUE(is_refused(short_header));
    EXPECT_TRUE(is_refused(v4({.total_length = 19}, tcp({})))) << "shorter than its own header";
    EXPECT_TRUE(is_refused(v4({.options = nop(8), .total_length = 27}, tcp({}))));
    EXPECT_TRUE(is_refused(v4({.total_length = 39}, tcp({})))) << "shorter than the TCP header";
    EXPECT_TRUE(is_refused(v6({.payload_length = 19}, tcp({}))));
    EXPECT_TRUE(is_refused(v6({.next = 60, .payload_length = 7}, extension(tcp_number) + tcp({}))))
        << "an extension header beyond the length";
    EXPECT_TRUE(is_refused(v6({.next = 60}, u8(tcp_number) + u8(255) + zeros(30))))
        << "an extension header beyond the packet";
}

}  // namespace
}  // namespace whylink::probes
