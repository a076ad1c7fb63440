#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "decoded.hpp"

namespace whylink::probes {
namespace {

using namespace testing;

constexpr unsigned tcp_number = 6, udp_number = 17, icmp_number = 1, icmp_v6_number = 58;

Decoded decoded_tcp(const Tcp& header, const Bytes& payload = {}) {
    return decoded(v4({}, tcp(header, payload)));
}

TEST(DecodeTcp, ReadsTheFixedHeader) {
    const auto seen = decoded_tcp({.source_port = 50000,
                                   .destination_port = 9440,
                                   .sequence = 0xfedcba98,
                                   .acknowledgment = 0x89abcdef,
                                   .flags = flag_psh | flag_ack,
                                   .window = 0xfaf0},
                                  text("SELECT 1"));
    const auto& segment = seen.as<TcpSegment>();
    EXPECT_EQ(segment.source_port, 50000);
    EXPECT_EQ(segment.destination_port, 9440);
    EXPECT_EQ(segment.sequence, 0xfedcba98);
    EXPECT_EQ(segment.acknowledgment, 0x89abcdef);
    EXPECT_EQ(segment.window, 0xfaf0);
    EXPECT_EQ(segment.payload_size, 8U);
    EXPECT_EQ(Decoded::payload(segment), "SELECT 1");
    EXPECT_EQ(seen.header_size, 40U);
}

TEST(DecodeTcp, TakesOfAllChecksumsOfASynTheRightOneAndThatForTheNetworkCard) {
    unsigned taken = 0;
    for (unsigned checksum = 0; checksum <= 0xffff; ++checksum) {
        const auto seen = decoded_tcp({.flags = flag_syn | flag_ack, .checksum = checksum});
        taken += seen.as<TcpSegment>().damaged ? 0U : 1U;
    }
    EXPECT_EQ(taken, 2U);
    EXPECT_FALSE(decoded_tcp({.flags = flag_ack, .checksum = 1}).as<TcpSegment>().damaged);
}

TEST(DecodeTcp, ReadsEachFlag) {
    for (const unsigned flag : {flag_fin, flag_syn, flag_rst, flag_psh, flag_ack}) {
        const auto seen = decoded_tcp({.flags = flag | 0xe0});  // ECE, CWR and URG do not matter
        const auto& segment = seen.as<TcpSegment>();
        EXPECT_EQ(segment.fin, flag == flag_fin);
        EXPECT_EQ(segment.syn, flag == flag_syn);
        EXPECT_EQ(segment.rst, flag == flag_rst);
        EXPECT_EQ(segment.psh, flag == flag_psh);
        EXPECT_EQ(segment.ack, flag == flag_ack);
    }
}

TEST(DecodeTcp, ReadsTheOptionsOfASyn) {
    const auto seen = decoded_tcp({.flags = flag_syn, .options = syn_options()});
    const auto& segment = seen.as<TcpSegment>();
    EXPECT_EQ(segment.mss, 1460);
    EXPECT_EQ(segment.window_scale, 7);
    EXPECT_TRUE(segment.sack_permitted);
    EXPECT_TRUE(segment.has_timestamp);
    EXPECT_FALSE(segment.sack);
    EXPECT_EQ(segment.payload_size, 0U);
    EXPECT_EQ(seen.header_size, 60U);
}

TEST(DecodeTcp, SeesThatThereAreNoOptions) {
    const auto seen = decoded_tcp({.flags = flag_syn});
    const auto& segment = seen.as<TcpSegment>();
    EXPECT_EQ(segment.mss, 0);
    EXPECT_FALSE(segment.window_scale);
    EXPECT_FALSE(segment.sack_permitted);
    EXPECT_FALSE(segment.has_timestamp);
    EXPECT_FALSE(segment.sack);
}

TEST(DecodeTcp, ReadsTheFirstSackBlock) {
    const Bytes two_blocks = nop(2) + u8(5) + u8(18) + u32(1000) + u32(2000) + u32(3000) + u32(4000);
    const auto seen = decoded_tcp({.options = two_blocks});
    EXPECT_EQ(seen.as<TcpSegment>().sack, std::pair(1000U, 2000U));
    EXPECT_EQ(decoded_tcp({.options = nop(2) + sack(1, 2)}).as<TcpSegment>().sack, std::pair(1U, 2U));
}

TEST(DecodeTcp, StopsReadingOptionsWhereTheyAreMalformed) {
    const Bytes scale = window_scale(7) + nop();
    const std::vector<Bytes> lists = {
        mss(1400) + u8(0) + zeros(3) + scale,           // the list has ended
        mss(1400) + u8(99) + u8(0) + zeros(2) + scale,  // length 0 would never end
        mss(1400) + u8(99) + u8(1) + zeros(2) + scale,  // shorter than itself
        mss(1400) + nop(3) + u8(3),                     // no length
        mss(1400) + nop(2) + u8(3) + u8(3),             // beyond the header
    };
    for (const Bytes& list : lists) {
        const auto seen = decoded_tcp({.flags = flag_syn, .options = list}, text("\x07"));
        EXPECT_EQ(seen.as<TcpSegment>().mss, 1400);
        EXPECT_FALSE(seen.as<TcpSegment>().window_scale);
    }
}

TEST(DecodeTcp, SkipsOptionsOfAnOddLengthAndUnknownOnes) {
    const Bytes odd = u8(2) + u8(3) + u8(9) + nop() + u8(3) + u8(4) + u16(9) + u8(4) + u8(3) + u8(0) + nop() +
                      u8(5) + u8(8) + zeros(6) + u8(8) + u8(4) + zeros(2) + u8(254) + u8(4) + u16(0xf989);
    const auto seen = decoded_tcp({.options = odd + mss(1200)});
    const auto& segment = seen.as<TcpSegment>();
    EXPECT_EQ(segment.mss, 1200);
    EXPECT_FALSE(segment.window_scale);
    EXPECT_FALSE(segment.sack_permitted);
    EXPECT_FALSE(segment.has_timestamp);
    EXPECT_FALSE(segment.sack);
}

TEST(DecodeTcp, ReadsOptionsAsFarAsTheyWereCaptured) {
    const Bytes whole = v4({}, tcp({.flags = flag_syn, .options = syn_options()}, text("early data")));
    const auto seen = decoded(whole.substr(0, 46), whole.size());
    const auto& segment = seen.as<TcpSegment>();
    EXPECT_EQ(segment.mss, 1460);
    EXPECT_TRUE(segment.sack_permitted);
    EXPECT_FALSE(segment.has_timestamp);
    EXPECT_EQ(segment.payload_size, 10U);
    EXPECT_TRUE(segment.payload.empty());
    EXPECT_EQ(seen.header_size, 46U);
}

TEST(DecodeTcp, RefusesAHeaderThatIsNone) {
    EXPECT_FALSE(decoded_tcp({.data_offset = 4}).packet);
    EXPECT_FALSE(decoded_tcp({.data_offset = 6}).packet) << "beyond the packet";
    EXPECT_EQ(decoded_tcp({.data_offset = 4}).header_size, 0U);
}

TEST(DecodeUdp, ReadsPortsAndPayload) {
    const auto seen = decoded(v4({.protocol = udp_number}, udp(53, 33000, text("reply"))));
    const auto& datagram = seen.as<UdpDatagram>();
    EXPECT_EQ(datagram.source_port, 53);
    EXPECT_EQ(datagram.destination_port, 33000);
    EXPECT_EQ(datagram.payload_size, 5U);
    EXPECT_EQ(Decoded::payload(datagram), "reply");
    EXPECT_EQ(seen.header_size, 28U);
}

TEST(DecodeUdp, TakesTheShorterOfItsOwnLengthAndThatOfIp) {
    const auto size = [](unsigned length) {
        return decoded(v4({.protocol = udp_number}, udp(53, 33000, text("reply"), length)))
            .as<UdpDatagram>()
            .payload_size;
    };
    EXPECT_EQ(size(8), 0U);
    EXPECT_EQ(size(10), 2U);
    EXPECT_EQ(size(1400), 5U) << "the rest is in later fragments";
    EXPECT_EQ(size(0), 5U) << "a jumbogram";
    EXPECT_FALSE(decoded(v4({.protocol = udp_number}, udp(53, 33000, text("reply"), 7))).packet);
    EXPECT_FALSE(decoded(v4({.protocol = udp_number}, zeros(7))).packet);
}

IcmpMessage error(bool of_v6, const Bytes& message) {
    const auto seen = decoded(of_v6 ? v6({.source = "fd00::fe", .next = icmp_v6_number}, message)
                                    : v4({.source = "10.0.0.254", .protocol = icmp_number}, message));
    return seen.as<IcmpMessage>();
}

const Tcp ours{.source_port = 40001, .destination_port = 3306, .sequence = 77};

TEST(DecodeIcmp, ReadsWhatAnErrorQuotes) {
    const Bytes quoted = v4({.total_length = 1500}, tcp(ours).substr(0, 8));
    const IcmpMessage message = error(false, icmp(3, 4, 1400, quoted));
    EXPECT_FALSE(message.v6);
    EXPECT_EQ(message.type, 3);
    EXPECT_EQ(message.code, 4);
    EXPECT_EQ(message.mtu, 1400U);
    const QuotedPacket& packet = message.quoted.value();
    EXPECT_EQ(packet.source, ip("10.0.0.1"));
    EXPECT_EQ(packet.destination, ip("10.0.0.2"));
    EXPECT_EQ(packet.protocol, tcp_number);
    EXPECT_EQ(packet.source_port, 40001);
    EXPECT_EQ(packet.destination_port, 3306);
    EXPECT_EQ(packet.sequence, 77U);
}

TEST(DecodeIcmp, ReadsWhatAnIpv6ErrorQuotesBehindExtensionHeaders) {
    const Bytes quoted = v6({.next = 0, .payload_length = 1452},
                            extension(44) + fragment_extension(tcp_number, 1) + tcp(ours).substr(0, 8));
    const IcmpMessage message = error(true, icmp(2, 0, 131072, quoted));
    EXPECT_TRUE(message.v6);
    EXPECT_EQ(message.mtu, 131072U);
    const QuotedPacket& packet = message.quoted.value();
    EXPECT_EQ(packet.destination, ip("fd00::2"));
    EXPECT_EQ(packet.protocol, tcp_number);
    EXPECT_EQ(packet.destination_port, 3306);
    EXPECT_EQ(packet.sequence, 77U);
}

TEST(DecodeIcmp, ReadsAQuotationAsFarAsItGoes) {
    const auto quoted = [](std::size_t size) {
        const Bytes packet = v4({.options = nop(4)}, tcp(ours));
        return error(false, icmp(11, 0, 0, packet.substr(0, size))).quoted;
    };
    EXPECT_EQ(quoted(32).value().sequence, 77U);
    EXPECT_EQ(quoted(31).value().sequence, std::nullopt);
    EXPECT_EQ(quoted(31).value().destination_port, 3306);
    EXPECT_EQ(quoted(28).value().source_port, 40001);
    EXPECT_EQ(quoted(27).value().source_port, 0);
    EXPECT_EQ(quoted(24).value().protocol, tcp_number);
    EXPECT_EQ(quoted(20).value().destination, ip("10.0.0.2")) << "the options are cut off";
    EXPECT_FALSE(quoted(19));
    EXPECT_FALSE(quoted(0));
    // Cut off within the extension headers: what they were to lead to is not known.
    const Bytes in_extension = v6({.next = 60}, extension(tcp_number)).substr(0, 44);
    EXPECT_EQ(error(true, icmp(3, 0, 0, in_extension)).quoted.value().protocol, 60);
}

TEST(DecodeIcmp, QuotesPortsOfDatagramsAndOfNothingElse) {
    const IcmpMessage refused =
        error(false, icmp(3, 3, 0, v4({.protocol = udp_number}, udp(33000, 53, text("query")))));
    EXPECT_EQ(refused.quoted.value().destination_port, 53);
    EXPECT_FALSE(refused.quoted.value().sequence);
    EXPECT_EQ(refused.mtu, 0U);
    EXPECT_EQ(error(false, icmp(3, 1, 0, v4({.protocol = 132}, zeros(8)))).quoted.value().source_port, 0);
    const Bytes later_fragment = v4({.fragment = 100}, tcp(ours));
    EXPECT_EQ(error(false, icmp(3, 1, 0, later_fragment)).quoted.value().source_port, 0);
}

TEST(DecodeIcmp, QuotesNothingOfTheOtherVersionAndNothingMalformed) {
    EXPECT_FALSE(error(false, icmp(3, 1, 0, v6({}, tcp(ours)))).quoted);
    EXPECT_FALSE(error(true, icmp(1, 0, 0, v4({}, tcp(ours)))).quoted);
    EXPECT_FALSE(error(false, icmp(3, 1, 0, u8(0x41) + zeros(60))).quoted);
}

TEST(DecodeIcmp, KnowsWhichMessagesAreErrors) {
    const Bytes quoted_v4 = v4({}, tcp(ours));
    const Bytes quoted_v6 = v6({}, tcp(ours));
    for (const unsigned type : {3U, 4U, 5U, 11U, 12U}) {
        EXPECT_TRUE(error(false, icmp(type, 0, 0, quoted_v4)).quoted) << type;
    }
    for (const unsigned type : {0U, 8U, 9U, 13U}) {
        EXPECT_FALSE(error(false, icmp(type, 0, 0, quoted_v4)).quoted) << type;
    }
    for (const unsigned type : {1U, 2U, 3U, 4U, 127U}) {
        EXPECT_TRUE(error(true, icmp(type, 0, 0, quoted_v6)).quoted) << type;
    }
    for (const unsigned type : {128U, 129U, 135U, 255U}) {
        EXPECT_FALSE(error(true, icmp(type, 0, 0, quoted_v6)).quoted) << type;
    }
}

TEST(DecodeIcmp, TakesTheMtuFromNoOtherMessage) {
    EXPECT_EQ(error(false, icmp(3, 3, 1400)).mtu, 0U);
    EXPECT_EQ(error(false, icmp(2, 4, 1400)).mtu, 0U);
    EXPECT_EQ(error(false, icmp(3, 4, 0xabcd0578)).mtu, 1400U) << "the upper half is unused";
    EXPECT_EQ(error(true, icmp(1, 4, 1400)).mtu, 0U);
}

TEST(DecodeIcmp, CountsTheQuotedHeadersToTheHeaderAndNoQuotedPayload) {
    const auto kept = [](const Bytes& quoted) {
        return decoded(v4({.protocol = icmp_number}, icmp(3, 1, 0, quoted))).header_size - 28;
    };
    EXPECT_EQ(kept(v4({}, tcp(ours, text("secret")))), 40U);
    EXPECT_EQ(kept(v4({}, tcp({.options = syn_options()}, text("secret")))), 60U);
    EXPECT_EQ(kept(v4({}, tcp({.options = syn_options()})).substr(0, 50)), 50U);
    EXPECT_EQ(kept(v4({}, tcp(ours).substr(0, 8))), 28U);
    EXPECT_EQ(kept(v4({}, tcp({.data_offset = 0}, text("secret")))), 40U) << "malformed";
    EXPECT_EQ(kept(v4({.protocol = udp_number}, udp(33000, 53, text("secret")))), 28U);
    EXPECT_EQ(kept(v4({.protocol = 132}, text("secret"))), 20U);
    EXPECT_EQ(kept(v4({.fragment = 100}, text("secret"))), 20U);
    EXPECT_EQ(kept(text("secret")), 0U);
    EXPECT_EQ(decoded(v4({.protocol = icmp_number}, icmp(8, 0, 0, text("secret")))).header_size, 28U);
}

TEST(DecodeIcmp, RefusesWhatIsShorterThanItsHeader) {
    EXPECT_FALSE(decoded(v4({.protocol = icmp_number}, zeros(7))).packet);
    EXPECT_FALSE(decoded(v6({.next = icmp_v6_number}, zeros(7))).packet);
}

}  // namespace
}  // namespace whylink::probes
