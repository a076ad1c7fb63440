#include "probes/packets/traffic.hpp"

#include <gtest/gtest.h>

#include "traffic_talk.hpp"

namespace whylink::probes {
namespace {

Packet icmp_about(const Talk& talk, std::uint8_t type, std::uint8_t code, const IpAddress& sender) {
    IcmpMessage icmp;
    icmp.type = type;
    icmp.code = code;
    icmp.quoted = QuotedPacket{talk.client.address, talk.server.address, 6,
                               talk.client.port,    talk.server.port,    talk.client.next - 1};
    Packet packet;
    packet.source = sender;
    packet.destination = talk.client.address;
    packet.protocol = 1;
    packet.transport = icmp;
    return packet;
}

// ---- attempts ----

TEST(TrafficRecorder, CountsAConnectionToUs) {
    Watched watched = inbound();
    Talk talk = to_us(watched);
    talk.handshake(1ms, 20ms);
    talk.from_client(ack, "PING\r\n");
    talk.from_server(ack, "+PONG\r\n");
    watched.wait(7s);
    const TrafficFacts facts = watched.take();
    EXPECT_TRUE(facts.inbound);
    EXPECT_EQ(facts.port, 6379);
    EXPECT_EQ(facts.packets, 5U);
    EXPECT_EQ(facts.attempts, 1U);
    EXPECT_EQ(facts.established, 1U);
    EXPECT_EQ(facts.segments_sent, 1U);
    EXPECT_EQ(facts.segments_received, 1U);
    EXPECT_EQ(facts.retransmits_sent + facts.retransmits_received, 0U);
    EXPECT_EQ(facts.handshakes_measured, 1U);
    EXPECT_EQ(facts.handshake_rtt_sum, 20ms);  // from our SYN-ACK to the ACK
    EXPECT_EQ(facts.without_proxy_header, 1U);
    ASSERT_EQ(facts.peers.size(), 1U);
    EXPECT_EQ(facts.peers[0].peer, them);
    EXPECT_EQ(facts.peers[0].port, 0);
    EXPECT_EQ(facts.peers[0].established, 1U);
    EXPECT_TRUE(facts.ever);
    EXPECT_EQ(facts.silent_for, 7s);
    EXPECT_EQ(facts.window, 7s + 21ms);
}

TEST(TrafficRecorder, CountsAConnectionOfOurs) {
    Watched watched = outbound();
    from_us(watched, 50'000).handshake(30ms, 1ms);
    from_us(watched, 50'001).handshake(10ms, 1ms);
    const TrafficFacts facts = watched.take();
    EXPECT_FALSE(facts.inbound);
    EXPECT_EQ(facts.attempts, 2U);
    EXPECT_EQ(facts.established, 2U);
    EXPECT_EQ(facts.handshakes_measured, 2U);
    EXPECT_EQ(facts.handshake_rtt_sum, 40ms);  // from our SYN to the SYN-ACK
    EXPECT_EQ(facts.handshake_rtt_max, 30ms);
    ASSERT_EQ(facts.peers.size(), 1U);
    EXPECT_EQ(facts.peers[0].port, 5432);
    EXPECT_EQ(facts.peers[0].attempts, 2U);
    // It is not counted again.
    EXPECT_EQ(watched.take().attempts, 0U);
}

TEST(TrafficRecorder, CountsASynThatIsRefused) {
    Watched watched = outbound();
    Talk talk = from_us(watched);
    talk.from_client(syn);
    talk.from_server(rst);
    Talk served = to_us(watched);  // not of the watch
    served.from_client(syn);
    const TrafficFacts facts = watched.take();
    EXPECT_EQ(facts.attempts, 1U);
    EXPECT_EQ(facts.refused, 1U);
    EXPECT_EQ(facts.resets_received, 1U);
    EXPECT_EQ(facts.resets_sent, 0U);
    EXPECT_EQ(facts.peers.at(0).failed, 1U);

    Watched ours = inbound();
    Talk refused = to_us(ours);
    refused.from_client(syn);
    refused.from_server(rst);
    const TrafficFacts by_us = ours.take();
    EXPECT_EQ(by_us.refused, 1U);
    EXPECT_EQ(by_us.resets_sent, 1U);
}

TEST(TrafficRecorder, LetsARstToAnotherConnectionRefuseNothing) {
    Watched watched = outbound();
    Talk talk = from_us(watched);
    talk.from_client(syn);
    talk.client.next -= 1000;  // what the RST acknowledges
    talk.from_server(rst);
    talk.client.next += 999;
    talk.from_server(syn_ack);  // acknowledges too little by one
    talk.client.next += 1;
    EXPECT_EQ(watched.take().attempts, 0U);
    talk.from_server(syn_ack);
    talk.from_client(ack);
    EXPECT_EQ(watched.take().established, 1U);
}

TEST(TrafficRecorder, CountsASynThatNobodyAnswersOnceItHasWaited) {
    Watched watched = outbound();
    Talk talk = from_us(watched);
    talk.from_client(syn);
    watched.wait(1s);
    EXPECT_TRUE(talk.again());
    watched.wait(1999ms);
    TrafficFacts facts = watched.take();
    EXPECT_EQ(facts.attempts, 0U);  // under way
    EXPECT_EQ(facts.syn_retransmits, 1U);
    EXPECT_TRUE(facts.peers.empty());
    watched.wait(1ms);
    facts = watched.take();
    EXPECT_EQ(facts.attempts, 1U);
    EXPECT_EQ(facts.unanswered, 1U);
    EXPECT_EQ(facts.syn_retransmits, 0U);
    EXPECT_EQ(facts.peers.at(0).failed, 1U);
    watched.wait(1s);
    talk.again();
    facts = watched.take();
    EXPECT_EQ(facts.attempts, 0U);  // the same attempt still
    EXPECT_EQ(facts.syn_retransmits, 1U);
}

TEST(TrafficRecorder, TakesWhatNoTcpTakesForNoAttemptAndNoAnswer) {
    Watched arriving = inbound();
    Talk damaged = to_us(arriving);
    damaged.from_client({.syn = true, .damaged = true});
    arriving.wait(4s);
    TrafficFacts facts = arriving.take();
    EXPECT_EQ(facts.packets, 1U);
    EXPECT_EQ(facts.attempts, 0U);

    Watched leaving = outbound();
    Talk talk = from_us(leaving);
    talk.from_client(syn);
    talk.from_server({.syn = true, .ack = true, .damaged = true});
    leaving.wait(4s);
    facts = leaving.take();
    EXPECT_EQ(facts.unanswered, 1U);
    EXPECT_EQ(facts.half_open, 0U);
}

TEST(TrafficRecorder, WaitsForASecondInItsLastWindow) {
    Watched watched = outbound();
    Talk talk = from_us(watched);
    talk.from_client(syn);
    watched.wait(999ms);
    EXPECT_EQ(watched.take(true).unanswered, 0U);
    watched.wait(1ms);
    EXPECT_EQ(watched.take(true).unanswered, 1U);
}

TEST(TrafficRecorder, CountsAnAnswerThatComesTooLateAsNone) {
    Watched watched = outbound();
    Talk talk = from_us(watched);
    talk.from_client(syn);
    watched.wait(4s);
    talk.from_server(syn_ack);
    talk.from_client(ack);
    const TrafficFacts facts = watched.take();
    EXPECT_EQ(facts.attempts, 1U);
    EXPECT_EQ(facts.unanswered, 1U);
}

TEST(TrafficRecorder, CountsAnAnswerThatIsNeverAcknowledged) {
    Watched watched = inbound();
    Talk talk = to_us(watched);
    talk.from_client(syn);
    watched.wait(1s);
    talk.from_server(syn_ack);
    watched.wait(2500ms);
    EXPECT_EQ(watched.take().attempts, 0U);
    watched.wait(500ms);
    const TrafficFacts facts = watched.take();
    EXPECT_EQ(facts.attempts, 1U);
    EXPECT_EQ(facts.half_open, 1U);
    EXPECT_EQ(facts.peers.at(0).attempts, 1U);
    EXPECT_EQ(facts.peers.at(0).failed, 0U);
}

TEST(TrafficRecorder, TakesAProbeThatResetsInsteadOfAcknowledgingForUp) {
    for (const bool here : {true, false}) {
        Watched watched = here ? inbound() : outbound();
        Talk probe = here ? to_us(watched) : from_us(watched);
        probe.from_client(syn);
        probe.from_server(syn_ack);
        probe.from_client(rst);  // as HAProxy's checks do
        watched.wait(4s);
        const TrafficFacts facts = watched.take();
        EXPECT_EQ(facts.attempts, 1U);
        EXPECT_EQ(facts.established, 1U);
        EXPECT_EQ(facts.half_open, 0U);
    }
}

TEST(TrafficRecorder, TakesAnAnswerThatNobodyWaitsForForNoFaultOfTheWay) {
    constexpr Flags of_no_connection{.syn = false, .ack = false, .fin = false, .rst = true};
    Watched scanned = inbound();
    Talk scan = to_us(scanned);
    scan.from_client(syn);
    scan.from_server(syn_ack);
    scan.from_client(of_no_connection);
    scanned.wait(4s);
    EXPECT_EQ(scanned.take().attempts, 0U);
    // Ours had given up.
    Watched watched = outbound();
    Talk late = from_us(watched);
    late.from_client(syn);
    watched.wait(1s);
    late.from_server(syn_ack);
    late.from_client(of_no_connection);
    watched.wait(4s);
    const TrafficFacts facts = watched.take();
    EXPECT_EQ(facts.attempts, 1U);
    EXPECT_EQ(facts.unanswered, 1U);
    EXPECT_EQ(facts.half_open, 0U);
}

TEST(TrafficRecorder, MeasuresNoHandshakeThatWasRepeated) {
    Watched watched = outbound();
    Talk talk = from_us(watched);
    talk.from_client(syn);
    watched.wait(1s);
    talk.again();
    talk.from_server(syn_ack);
    talk.from_client(ack);
    const TrafficFacts facts = watched.take();
    EXPECT_EQ(facts.attempts, 1U);
    EXPECT_EQ(facts.established, 1U);
    EXPECT_EQ(facts.syn_retransmits, 1U);
    EXPECT_EQ(facts.handshakes_measured, 0U);
    EXPECT_EQ(facts.handshake_rtt_sum, 0ns);
}

TEST(TrafficRecorder, TakesAPairOfPortsThatIsUsedAgainForAnotherAttempt) {
    Watched watched = inbound();
    to_us(watched).handshake();
    Talk second(watched, them, 50'000, us, 6379, 77'000);
    second.from_client(syn);
    Talk third(watched, them, 50'000, us, 6379, 99'000);  // the second had no answer
    third.handshake();
    const TrafficFacts facts = watched.take();
    EXPECT_EQ(facts.attempts, 3U);
    EXPECT_EQ(facts.established, 2U);
    EXPECT_EQ(facts.unanswered, 1U);
    EXPECT_EQ(facts.syn_retransmits, 0U);
}

TEST(TrafficRecorder, TakesAConnectionForUpWhenItsSynAckWasMissed) {
    Watched watched = inbound();
    Talk talk = to_us(watched);
    talk.from_client(syn);
    talk.from_client(ack);
    const TrafficFacts facts = watched.take();
    EXPECT_EQ(facts.established, 1U);
    EXPECT_EQ(facts.handshakes_measured, 0U);
}

// ---- ICMP ----

TEST(TrafficRecorder, CountsASynThatIcmpAnswers) {
    Watched watched = outbound();
    Talk talk = from_us(watched);
    talk.from_client(syn);
    EXPECT_TRUE(watched.add(icmp_about(talk, 3, 4, address("10.9.9.9"))));  // too big: no end
    EXPECT_EQ(watched.take().attempts, 0U);
    EXPECT_TRUE(watched.add(icmp_about(talk, 3, 13, address("10.9.9.9"))));
    const TrafficFacts facts = watched.take();
    EXPECT_EQ(facts.attempts, 1U);
    EXPECT_EQ(facts.icmp_failed, 1U);
    ASSERT_TRUE(facts.icmp);
    EXPECT_EQ(facts.icmp->sender, address("10.9.9.9"));
    EXPECT_EQ(facts.icmp->code, 13);
    EXPECT_FALSE(facts.icmp->local);
    EXPECT_EQ(facts.peers.at(0).failed, 1U);
}

TEST(TrafficRecorder, SaysThatThisHostAnsweredAPeerWithIcmp) {
    Watched watched = inbound();
    Talk talk = to_us(watched);
    talk.from_client(syn);
    watched.add(icmp_about(talk, 3, 3, us));
    const TrafficFacts facts = watched.take();
    EXPECT_EQ(facts.icmp_failed, 1U);
    EXPECT_TRUE(facts.icmp && facts.icmp->local);
}

TEST(TrafficRecorder, CountsASynThatNeverLeftForItsNeighbourIsSilent) {
    Watched watched = outbound();
    Talk talk = from_us(watched);
    for (int i = 0; i < 3; ++i) {  // one for each SYN that waited
        EXPECT_TRUE(watched.add(icmp_about(talk, 3, 1, us)));
    }
    // What somebody else says about a connection that nobody knows is no attempt.
    Talk other = from_us(watched, 50'001);
    EXPECT_TRUE(watched.add(icmp_about(other, 3, 1, address("10.9.9.9"))));
    const TrafficFacts facts = watched.take();
    EXPECT_EQ(facts.attempts, 1U);
    EXPECT_EQ(facts.icmp_failed, 1U);
    EXPECT_TRUE(facts.icmp && facts.icmp->local);
}

TEST(TrafficRecorder, LetsIcmpEndNothingThatIsUpOrAnotherConnection) {
    Watched watched = outbound();
    Talk talk = from_us(watched);
    talk.from_client(syn);
    Packet other = icmp_about(talk, 3, 1, address("10.9.9.9"));
    std::get<IcmpMessage>(other.transport).quoted->sequence = 5;
    watched.add(other);
    EXPECT_EQ(watched.take().icmp_failed, 0U);
    talk.from_server(syn_ack);
    talk.from_client(ack);
    watched.add(icmp_about(talk, 3, 1, address("10.9.9.9")));
    const TrafficFacts facts = watched.take();
    EXPECT_EQ(facts.established, 1U);
    EXPECT_EQ(facts.icmp_failed, 0U);
    EXPECT_FALSE(facts.icmp);
}

}  // namespace
}  // namespace whylink::probes
