#include "probes/packets/duplicates.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "packet_bytes.hpp"

namespace whylink::probes {
namespace {

using namespace testing;
using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr unsigned to_us = 0, to_other_host = 3, outgoing = 4;
constexpr std::uint32_t eth0 = 2, bond0 = 5, veth = 9;

const Bytes data = v4({}, tcp({.flags = flag_psh | flag_ack}, text("hello")));

class DuplicatesTest : public ::testing::Test {
  protected:
    /// `packet` from the IP header on, captured by "any" at `time`.
    bool seen_before(const Bytes& packet, std::uint32_t interface, Nanoseconds time = {},
                     unsigned packet_type = outgoing, std::size_t snapshot = 2048) {
        const unsigned type = packet[0] >> 4 == 4 ? type_v4 : type_v6;
        return frame_seen_before(LinkType::cooked_v2, cooked_v2(packet_type, interface, type) + packet, time,
                                 snapshot);
    }
    bool frame_seen_before(LinkType link, const Bytes& frame, Nanoseconds time = {},
                           std::size_t snapshot = 2048) {
        const Frame captured{.time = std::chrono::hours(500'000) + time,
                             .wire_length = static_cast<std::uint32_t>(frame.size()),
                             .bytes = std::span(frame).first(std::min(snapshot, frame.size()))};
        return duplicates_.seen_before(decode(link, captured).value(), captured);
    }

  private:
    Duplicates duplicates_;
};

TEST_F(DuplicatesTest, AreTheSamePacketOnAnotherInterface) {
    EXPECT_FALSE(seen_before(data, bond0));
    EXPECT_TRUE(seen_before(data, eth0, microseconds(3)));
    EXPECT_TRUE(seen_before(data, veth, microseconds(9)));
}

TEST_F(DuplicatesTest, AreTheSamePacketThatLeavesAsItCame) {
    EXPECT_FALSE(seen_before(data, eth0, {}, to_other_host));
    EXPECT_TRUE(seen_before(data, eth0, microseconds(3), outgoing));
}

TEST_F(DuplicatesTest, AreNotWhatComesBackWhereItWentOut) {
    EXPECT_FALSE(seen_before(data, eth0, {}, outgoing));
    EXPECT_FALSE(seen_before(data, eth0, microseconds(300), to_us));
    EXPECT_TRUE(seen_before(data, bond0, microseconds(301), outgoing)) << "and its copies";
}

TEST_F(DuplicatesTest, AreNotRetransmissions) {
    EXPECT_FALSE(seen_before(data, eth0));
    EXPECT_FALSE(seen_before(data, eth0, milliseconds(1))) << "fast, in a short network";
    EXPECT_FALSE(seen_before(data, eth0, milliseconds(200)));
}

TEST_F(DuplicatesTest, OfRetransmissionsAreLeftOutToo) {
    for (const auto sent : {milliseconds(0), milliseconds(1), milliseconds(4), milliseconds(210)}) {
        EXPECT_FALSE(seen_before(data, bond0, sent));
        EXPECT_TRUE(seen_before(data, eth0, sent + microseconds(2)));
    }
}

TEST_F(DuplicatesTest, MayComeBehindTheNextOfTheirKind) {
    EXPECT_FALSE(seen_before(data, bond0));
    EXPECT_FALSE(seen_before(data, bond0, microseconds(10)));
    EXPECT_TRUE(seen_before(data, eth0, microseconds(20)));
    EXPECT_TRUE(seen_before(data, eth0, microseconds(30)));
    EXPECT_FALSE(seen_before(data, eth0, microseconds(40))) << "a third, that bond0 has not shown yet";
    EXPECT_TRUE(seen_before(data, bond0, microseconds(50)));
}

TEST_F(DuplicatesTest, ComeSoon) {
    EXPECT_FALSE(seen_before(data, bond0));
    EXPECT_TRUE(seen_before(data, eth0, Duplicates::span));
    EXPECT_FALSE(seen_before(data, bond0, milliseconds(100)));
    EXPECT_FALSE(seen_before(data, eth0, milliseconds(100) + Duplicates::span + Nanoseconds(1)));
}

TEST_F(DuplicatesTest, MayBearAnEarlierTimeThanTheFirst) {
    EXPECT_FALSE(seen_before(data, bond0, microseconds(10)));
    EXPECT_TRUE(seen_before(data, eth0, microseconds(4)));
}

TEST_F(DuplicatesTest, AreKnownBehindWhatARouterAndOffloadingChange) {
    const auto packet = [](unsigned ttl, unsigned checksum, unsigned service) {
        return v4({.ttl = ttl, .service = service}, tcp({.checksum = checksum}, text("hello")));
    };
    Bytes routed = packet(63, 0x1111, 3);
    routed[10] ^= 0x55;  // the header's checksum follows the TTL
    EXPECT_FALSE(seen_before(packet(64, 0xc5c5, 0), veth, {}, to_us));
    EXPECT_TRUE(seen_before(routed, eth0));

    const auto packet_v6 = [](unsigned hop_limit, unsigned checksum, unsigned traffic_class) {
        return v6({.next = 60, .hop_limit = hop_limit, .traffic_class = traffic_class},
                  extension(6) + tcp({.checksum = checksum}, text("hello")));
    };
    EXPECT_FALSE(seen_before(packet_v6(64, 0xc5c5, 0), veth, {}, to_us));
    EXPECT_TRUE(seen_before(packet_v6(63, 0x1111, 3), eth0));

    Bytes datagram = v4({.protocol = 17}, udp(33000, 53, text("query")));
    EXPECT_FALSE(seen_before(datagram, veth, {}, to_us));
    datagram[26] ^= 0x55;
    EXPECT_TRUE(seen_before(datagram, eth0));
}

TEST_F(DuplicatesTest, AreNotOtherPackets) {
    EXPECT_FALSE(seen_before(data, bond0));
    const std::vector<Bytes> others = {
        v4({.source = "10.0.0.3"}, tcp({.flags = flag_psh | flag_ack}, text("hello"))),
        v4({.id = 0x1235}, tcp({.flags = flag_psh | flag_ack}, text("hello"))),
        v4({}, tcp({.source_port = 40001, .flags = flag_psh | flag_ack}, text("hello"))),
        v4({}, tcp({.sequence = 5, .flags = flag_psh | flag_ack}, text("hello"))),
        v4({}, tcp({.flags = flag_ack}, text("hello"))),
        v4({}, tcp({.flags = flag_psh | flag_ack, .window = 1}, text("hello"))),
        v4({}, tcp({.flags = flag_psh | flag_ack}, text("jello"))),
        v4({}, tcp({.flags = flag_psh | flag_ack}, text("hello!"))),
    };
    for (std::size_t i = 0; i < others.size(); ++i) {
        EXPECT_FALSE(seen_before(others[i], eth0)) << i;
    }
    const auto queries = [](std::string_view id) {
        return v6({.next = 17}, udp(33000, 53, text(id) + text(" db.example")));
    };
    EXPECT_FALSE(seen_before(queries("12"), bond0));
    EXPECT_FALSE(seen_before(queries("13"), eth0));
}

TEST_F(DuplicatesTest, AreToldByTheirLengthWhereTheBytesComparedAreTheSame) {
    EXPECT_FALSE(seen_before(v6({.payload_length = 0}, tcp({}, zeros(200))), bond0));
    EXPECT_FALSE(seen_before(v6({.payload_length = 0}, tcp({}, zeros(201))), eth0));
}

TEST_F(DuplicatesTest, DifferInTagsPaddingAndWhatTheSnapshotLeft) {
    EXPECT_FALSE(seen_before(data, eth0));
    const Bytes tagged = cooked_v2(outgoing, bond0, 0x8100) + tag(100, type_v4) + data;
    EXPECT_TRUE(frame_seen_before(LinkType::cooked_v2, tagged));
    EXPECT_TRUE(seen_before(data + zeros(1), veth));

    const Bytes large = v4({}, tcp({}, text(std::string(1000, 'x'))));
    EXPECT_FALSE(seen_before(large, eth0, {}, outgoing, 128));
    EXPECT_TRUE(frame_seen_before(LinkType::cooked_v2,
                                  cooked_v2(outgoing, bond0, 0x8100) + tag(100, type_v4) + large, {}, 128));
}

TEST_F(DuplicatesTest, AreNeverToldWithoutTheInterface) {
    for (int i = 0; i < 3; ++i) {
        EXPECT_FALSE(frame_seen_before(LinkType::ethernet, ethernet(type_v4) + data));
        EXPECT_FALSE(frame_seen_before(LinkType::cooked_v1, cooked_v1(to_us, type_v4) + data));
        EXPECT_FALSE(frame_seen_before(LinkType::cooked_v1, cooked_v1(outgoing, type_v4) + data));
    }
}

TEST_F(DuplicatesTest, AreKnownOnMoreLayersThanAreCounted) {
    EXPECT_FALSE(seen_before(data, 1));
    for (std::uint32_t interface = 2; interface < 20; ++interface) {
        EXPECT_TRUE(seen_before(data, interface));
    }
    EXPECT_FALSE(seen_before(data, 1)) << "a retransmission";
    EXPECT_TRUE(seen_before(data, 19));
}

TEST_F(DuplicatesTest, AreKnownBehindABurst) {
    constexpr std::uint32_t burst = 64;
    const auto segment = [](std::uint32_t number) { return v4({}, tcp({.sequence = number}, zeros(100))); };
    for (std::uint32_t i = 0; i < burst; ++i) {
        EXPECT_FALSE(seen_before(segment(i), bond0, microseconds(i)));
    }
    for (std::uint32_t i = 0; i < burst; ++i) {
        EXPECT_TRUE(seen_before(segment(i), eth0, microseconds(burst + i))) << i;
    }
}

TEST_F(DuplicatesTest, AreForgottenRatherThanTakenForOthersInAFlood) {
    // Several times what is remembered.
    for (std::uint32_t i = 0; i < 3000; ++i) {
        ASSERT_FALSE(seen_before(v4({}, tcp({.sequence = i})), bond0)) << i;
    }
    EXPECT_FALSE(seen_before(v4({}, tcp({.sequence = 0})), eth0));
}

}  // namespace
}  // namespace whylink::probes
