#include <gtest/gtest.h>

#include <chrono>
#include <utility>
#include <vector>

#include "daemon/watch/target_status.hpp"

namespace whylink::daemon {
namespace {

using namespace std::chrono_literals;
using probes::PacketFacts;
using probes::TrafficFacts;

/// As an endpoint's round brings them: beside its probes.
checks::Verdict round_of(const std::vector<PacketFacts>& connections) {
    checks::Verdict verdict;
    for (const PacketFacts& facts : connections) {
        verdict.packets.emplace_back().facts = facts;
    }
    return verdict;
}

/// As a watch brings them: what was seen of its traffic is its probe.
checks::Verdict window_of(const TrafficFacts& facts) {
    checks::Verdict verdict;
    probes::Observation& observation = verdict.probes.emplace_back().observation;
    observation.stage = probes::Stage::packets;
    observation.facts = facts;
    return verdict;
}

PacketFacts connection() {
    PacketFacts facts;
    facts.syn = 1;
    facts.handshake_rtt = 2ms;
    facts.segments_sent = 4;
    facts.segments_received = 6;
    return facts;
}

TEST(PacketTotals, AddUpTheConnectionsOfRounds) {
    PacketFacts troubled = connection();
    troubled.syn = 4;
    troubled.handshake_rtt.reset();
    troubled.rst_received = 2;
    troubled.retransmits_sent = 3;
    troubled.retransmits_received = 2;
    PacketTotals totals;
    totals.add(round_of({connection(), troubled}));
    totals.add(round_of({connection()}));
    EXPECT_EQ(totals.connections, 3U);
    EXPECT_EQ(totals.syn_retransmits, 3U);
    EXPECT_EQ(totals.resets_received, 2U);
    EXPECT_EQ(totals.segments, 30U);
    EXPECT_EQ(totals.retransmits, 5U);
}

TEST(PacketTotals, AddUpTheWindowsOfAWatch) {
    TrafficFacts facts;
    facts.attempts = 10;
    facts.syn_retransmits = 3;
    facts.resets_received = 2;
    facts.resets_sent = 40;  // our own are no sign of the other side's
    facts.segments_sent = 60;
    facts.segments_received = 40;
    facts.retransmits_sent = 4;
    facts.retransmits_received = 1;
    facts.handshakes_measured = 4;
    facts.handshake_rtt_sum = 8ms;
    PacketTotals totals;
    totals.add(window_of(facts));
    totals.add(window_of(facts));
    EXPECT_EQ(totals.connections, 20U);
    EXPECT_EQ(totals.syn_retransmits, 6U);
    EXPECT_EQ(totals.resets_received, 4U);
    EXPECT_EQ(totals.segments, 200U);
    EXPECT_EQ(totals.retransmits, 10U);
    EXPECT_DOUBLE_EQ(totals.handshake_rtt_seconds.value(), 0.002);
    EXPECT_DOUBLE_EQ(totals.retransmit_ratio.value(), 0.05);
}

TEST(PacketTotals, GiveRttAndRatioOfTheLatestRoundAlone) {
    PacketFacts slow = connection();
    slow.handshake_rtt = 4ms;
    slow.retransmits_sent = 5;
    PacketTotals totals;
    totals.add(round_of({connection(), slow}));
    EXPECT_DOUBLE_EQ(totals.handshake_rtt_seconds.value(), 0.003);
    EXPECT_DOUBLE_EQ(totals.retransmit_ratio.value(), 0.25);
    totals.add(round_of({connection()}));
    EXPECT_DOUBLE_EQ(totals.handshake_rtt_seconds.value(), 0.002);
    EXPECT_DOUBLE_EQ(totals.retransmit_ratio.value(), 0);
    PacketFacts unanswered;
    unanswered.syn = 3;
    totals.add(round_of({unanswered}));
    EXPECT_FALSE(totals.handshake_rtt_seconds);
    EXPECT_FALSE(totals.retransmit_ratio);
    totals.add(checks::Verdict{});
    EXPECT_EQ(totals.connections, 4U);
}

TEST(PacketTotals, CountAConnectionOnlyWhenNoPacketOfItWasDropped) {
    PacketFacts cut = connection();
    cut.complete = false;
    TrafficFacts lossy;
    lossy.attempts = 5;
    lossy.complete = false;
    PacketTotals totals;
    totals.add(round_of({cut}));
    totals.add(window_of(lossy));
    EXPECT_EQ(totals.connections, 0U);
    EXPECT_EQ(totals.segments, 10U);
}

TEST(PacketTotals, LeaveOutWhatCouldNotBeLookedAt) {
    TrafficFacts traffic;
    traffic.attempts = 5;
    traffic.segments_sent = 10;
    checks::Verdict verdict = window_of(traffic);
    verdict.probes.front().observation.local = probes::LocalError{"capture", 1, "not permitted"};
    PacketTotals totals;
    totals.add(verdict);
    EXPECT_EQ(totals.connections, 0U);
    EXPECT_EQ(totals.segments, 0U);
    EXPECT_FALSE(totals.handshake_rtt_seconds);
}

TEST(PacketTotals, AreNoneWithoutASyn) {
    PacketFacts nothing_sent;  // a local rule ate it
    PacketTotals totals;
    totals.add(round_of({nothing_sent}));
    EXPECT_EQ(totals.syn_retransmits, 0U);
    EXPECT_EQ(totals.connections, 1U);
}

}  // namespace
}  // namespace whylink::daemon
