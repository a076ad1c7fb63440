#include "daemon/report/human/packets.hpp"

#include <gtest/gtest.h>

#include "tests/unit/daemon/fabricated.hpp"

namespace whylink::daemon {
namespace {

using namespace std::chrono_literals;

TEST(PacketsText, OfAConnectionThatWasReset) {
    EXPECT_EQ(packets_text(fabricated::reset_packets()),
              "1 SYN, SYN-ACK in 0.4 ms TTL 63, 335 B sent, 0 B received, RST TTL 64");
}

TEST(PacketsText, NothingCameBackIsNotNothingWasSent) {
    probes::PacketFacts facts;
    EXPECT_EQ(packets_text(facts), "no SYN");
    facts.syn = 4;
    EXPECT_EQ(packets_text(facts), "4 SYNs, no SYN-ACK");
    facts.next_hop = probes::NextHop::unresolved;
    EXPECT_EQ(packets_text(facts), "4 SYNs, no SYN-ACK, next hop does not answer");
    facts.complete = false;
    EXPECT_EQ(packets_text(facts), "4 SYNs, no SYN-ACK, next hop does not answer, some packets were missed");
}

TEST(PacketsText, ARefusalHasNoStreams) {
    probes::PacketFacts facts;
    facts.syn = facts.rst_received = 1;
    facts.resets.emplace_back().hop_limit = 64;
    EXPECT_EQ(packets_text(facts), "1 SYN, no SYN-ACK, RST TTL 64");
}

TEST(PacketsText, LargeSegmentsThatDie) {
    probes::PacketFacts facts = fabricated::reset_packets();
    facts.rst_received = 0;
    facts.resets.clear();
    facts.retransmits_sent = 4;
    facts.lost = probes::LostSegment{1448, 5, 335};
    facts.icmp.emplace_back().error = {false, 3, 4, fabricated::address("10.0.0.1"), false};
    facts.icmp.front().mtu = 1400;
    EXPECT_EQ(
        packets_text(facts),
        "1 SYN, SYN-ACK in 0.4 ms TTL 63, 335 B sent, 0 B received, 4 retransmitted, a segment of 1448 B "
        "sent 5 times and never acknowledged, ICMP 3/4 (fragmentation needed) from 10.0.0.1 MTU 1400");
}

TEST(PacketsText, OfListeners) {
    probes::ListenerFacts facts;
    EXPECT_EQ(listener_text(facts), "");
    facts.sockets = {{fabricated::address("127.0.0.1"), 6379, false, 0, 128},
                     {fabricated::address("::1"), 6379, true, 129, 128}};
    EXPECT_EQ(listener_text(facts), "127.0.0.1:6379 (0 of 128 waiting), [::1]:6379 (129 of 128 waiting)");
    facts.sockets.resize(5, facts.sockets.front());
    EXPECT_TRUE(listener_text(facts).ends_with("(0 of 128 waiting) and 2 more")) << listener_text(facts);
}

TEST(PacketsText, OfTraffic) {
    auto facts = get<probes::TrafficFacts>(fabricated::traffic().observation.facts);
    EXPECT_EQ(
        traffic_text(facts),
        "rtt 0.4 ms; 3 of 1200 segments retransmitted; from 10.1.0.5 (4, 1 failed), 10.1.0.4 (8); PROXY "
        "header in 10 of 11, the last of vpce-0a1b from 10.9.0.1:51000");
    facts.inbound = false;
    facts.peers = {{fabricated::address("10.0.0.4"), 443, 1, 1, 0}};
    facts.further_peers = 2;
    facts.with_proxy_header = 0;
    facts.complete = false;
    EXPECT_TRUE(traffic_text(facts).ends_with("; to 10.0.0.4:443 (1) and 2 more; some packets were missed"))
        << traffic_text(facts);
}

TEST(PacketsText, OfSilence) {
    EXPECT_EQ(traffic_text({}), "");
}

}  // namespace
}  // namespace whylink::daemon
