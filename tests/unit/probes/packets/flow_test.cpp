#include "probes/packets/flow.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "conversation.hpp"

namespace whylink::probes {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const IpAddress router = *IpAddress::parse("10.0.0.1");

// ---- which flow ----

TEST(FlowOf, KnowsBothWaysOfASegmentAndOfWhatAnErrorQuotes) {
    Conversation talk;
    const auto sent = flow_of(talk.packet({.sequence = -1, .syn = true}, true));
    ASSERT_TRUE(sent);
    EXPECT_EQ(sent->if_sent, talk.key);
    const auto received = flow_of(talk.packet({.sequence = -1, .acknowledges = 0, .syn = true}, false));
    ASSERT_TRUE(received);
    EXPECT_EQ(received->if_received, talk.key);
    EXPECT_NE(received->if_sent, talk.key);

    IcmpMessage message;
    message.quoted = QuotedPacket{talk.key.local, talk.key.remote, 6, 40000, 9440, {}};
    Packet error;
    error.transport = message;
    EXPECT_EQ(flow_of(error)->if_sent, talk.key);
}

TEST(FlowOf, IsNothingWithoutPorts) {
    Packet packet;
    EXPECT_FALSE(flow_of(packet));
    packet.transport = IcmpMessage{};
    EXPECT_FALSE(flow_of(packet));
    IcmpMessage short_quote;
    short_quote.quoted = QuotedPacket{router, router, 6, 0, 0, {}};
    packet.transport = short_quote;
    EXPECT_FALSE(flow_of(packet));
}

TEST(FlowKeyHash, TellsEachMemberApart) {
    const FlowKey key = Conversation().key;
    FlowKey other = key;
    std::swap(other.local_port, other.remote_port);
    EXPECT_NE(FlowKeyHash()(key), FlowKeyHash()(other));
    other = key;
    other.protocol = 17;
    EXPECT_NE(FlowKeyHash()(key), FlowKeyHash()(other));
    EXPECT_EQ(FlowKeyHash()(key), FlowKeyHash()(FlowKey(key)));
}

// ---- the handshake ----

TEST(FlowHandshake, IsMeasured) {
    const PacketFacts facts = Conversation().handshake().facts();
    EXPECT_EQ(facts.local, *IpAddress::parse("10.0.0.7"));
    EXPECT_EQ(facts.local_port, 40000);
    EXPECT_EQ(facts.syn, 1U);
    EXPECT_EQ(facts.syn_ack, 1U);
    EXPECT_EQ(facts.handshake_ack, 1U);
    EXPECT_EQ(facts.syn_ack_after, milliseconds(20));
    EXPECT_EQ(facts.handshake_rtt, milliseconds(20));
    EXPECT_EQ(facts.syn_ack_hop_limit, 61);
    EXPECT_EQ(facts.mss_sent, 1460);
    EXPECT_EQ(facts.mss_received, 1400);
    EXPECT_EQ(facts.window_scale, 7);
    EXPECT_TRUE(facts.sack_permitted);
    EXPECT_FALSE(facts.has_timestamp);
    EXPECT_EQ(facts.packets_sent, 2U);
    EXPECT_EQ(facts.packets_received, 1U);
    EXPECT_THAT(facts.hop_limits, ElementsAre(61));
    EXPECT_EQ(facts.missing_received, 0U);
}

TEST(FlowHandshake, HasNoRoundTripWhenTheSynWasSentAgain) {
    const PacketFacts facts = Conversation().syn().wait(1000).syn().wait(20).syn_ack().facts();
    EXPECT_EQ(facts.syn, 2U);
    EXPECT_EQ(facts.syn_ack_after, milliseconds(1020));
    EXPECT_FALSE(facts.handshake_rtt);
    EXPECT_EQ(facts.handshake_ack, 0U);
}

TEST(FlowHandshake, KeepsTheRoundTripOfASynAckThatTheKernelDidNotTake) {
    const PacketFacts facts =
        Conversation().syn().wait(20).syn_ack().wait(1000).syn().wait(20).syn_ack().facts();
    EXPECT_EQ(facts.syn_ack, 2U);
    EXPECT_EQ(facts.handshake_rtt, milliseconds(20));
    EXPECT_EQ(facts.handshake_ack, 0U);
}

TEST(FlowHandshake, IsDoneByDataThatAcknowledgesTheSynAck) {
    EXPECT_EQ(Conversation().syn().syn_ack().send(0, 517).facts().handshake_ack, 1U);
    // Data after the ACK is no further one; the answer to a SYN-ACK that came again is.
    EXPECT_EQ(Conversation().handshake().send(0, 517).facts().handshake_ack, 1U);
    EXPECT_EQ(Conversation().handshake().syn_ack().ours({.acknowledges = 0}).facts().handshake_ack, 2U);
}

TEST(FlowHandshake, TellsASynAckToSomethingElse) {
    Conversation talk;
    talk.syn().peers({.sequence = 5000, .acknowledges = -300, .syn = true});
    talk.ours({.sequence = -300, .rst = true});
    EXPECT_EQ(talk.facts().syn_ack_foreign, 1U);
    EXPECT_EQ(talk.facts().syn_ack, 0U);
    EXPECT_FALSE(talk.facts().handshake_rtt);
    talk.wait(1000).syn().syn_ack().ours({.acknowledges = 0}).receive(0, 10);
    EXPECT_EQ(talk.facts().syn_ack, 1U);
    EXPECT_EQ(talk.facts().rst_sent, 1U);
    EXPECT_EQ(talk.facts().bytes_received, 10U);
}

TEST(FlowHandshake, FollowsTheSynAckThatTheKernelTook) {
    // A server that has forgotten the first answers with another number; no ACK of ours went to that one.
    Conversation talk;
    talk.syn().peers({.sequence = 123456, .acknowledges = 0, .syn = true}).wait(1000).syn().syn_ack();
    talk.ours({.acknowledges = 0}).receive(0, 100);
    EXPECT_EQ(talk.facts().handshake_ack, 1U);
    EXPECT_EQ(talk.facts().bytes_received, 100U);
    EXPECT_EQ(talk.facts().missing_received, 0U);
}

TEST(FlowHandshake, IsNotBegunByAnAckOfAnotherConnection) {
    // RFC 9293 section 3.5.1: a half-open peer answers the SYN with an ACK of its own old numbers.
    Conversation talk;
    talk.syn().peers({.sequence = 900000, .acknowledges = -5000}).ours({.sequence = -5000, .rst = true});
    talk.wait(1000).syn().syn_ack().ours({.acknowledges = 0}).receive(0, 8);
    EXPECT_EQ(talk.facts().bytes_received, 8U);
    EXPECT_EQ(talk.facts().missing_received, 0U);
    EXPECT_EQ(talk.facts().out_of_order, 0U);
}

TEST(FlowHandshake, MayBeSimultaneous) {
    Conversation talk;
    talk.syn().peers({.sequence = -1, .syn = true}).ours({.sequence = -1, .acknowledges = 0, .syn = true});
    talk.wait(3).syn_ack().receive(0, 20).send(0, 30, 20).acknowledged(30, 20);
    const PacketFacts facts = talk.facts();
    EXPECT_EQ(facts.syn, 1U);
    EXPECT_EQ(facts.syn_ack, 1U);
    EXPECT_EQ(facts.bytes_received, 20U);
    EXPECT_EQ(facts.bytes_acknowledged, 30U);
    EXPECT_EQ(facts.missing_received, 0U);
}

TEST(FlowHandshake, MayBeWithItself) {
    Conversation talk;
    talk.key.remote = talk.key.local;
    talk.key.remote_port = talk.key.local_port;
    talk.peer_isn = talk.our_isn;
    talk.recorder = FlowRecorder(talk.key);
    talk.syn().syn_ack().send(0, 40).ours({.sequence = 40, .acknowledges = 40});
    const PacketFacts facts = talk.facts();
    EXPECT_EQ(facts.syn, 1U);
    EXPECT_EQ(facts.syn_ack, 1U);
    EXPECT_EQ(facts.bytes_sent, 40U);
    EXPECT_EQ(facts.bytes_received, 40U);
    EXPECT_EQ(facts.bytes_acknowledged, 40U);
}

// ---- streams ----

TEST(FlowStreams, AreCountedEachByteOnce) {
    Conversation talk;
    talk.handshake().send(0, 500).wait(30).receive(0, 1200, 500).receive(1200, 300, 500);
    talk.send(500, 64, 1500).acknowledged(564, 1500);
    const PacketFacts facts = talk.facts();
    EXPECT_EQ(facts.bytes_sent, 564U);
    EXPECT_EQ(facts.bytes_received, 1500U);
    EXPECT_EQ(facts.bytes_acknowledged, 564U);
    EXPECT_EQ(facts.segments_sent, 2U);
    EXPECT_EQ(facts.segments_received, 2U);
    EXPECT_EQ(facts.retransmits_sent, 0U);
    EXPECT_EQ(facts.retransmits_received, 0U);
    EXPECT_EQ(facts.largest_acknowledged, 500U);
    EXPECT_EQ(facts.largest_received, 1200U);
    EXPECT_EQ(facts.first_byte_after, milliseconds(30));
    EXPECT_FALSE(facts.lost);
}

TEST(FlowStreams, GoOnWhereTheNumbersWrap) {
    Conversation talk(0xffffff00U, 0xfffffff0U);
    talk.handshake().send(0, 1000).send(0, 1000).receive(0, 1400, 1000).receive(1400, 10, 1000);
    talk.peers({.sequence = 1410, .acknowledges = 1000, .rst = true});
    const PacketFacts facts = talk.facts();
    EXPECT_EQ(facts.bytes_sent, 1000U);
    EXPECT_EQ(facts.bytes_acknowledged, 1000U);
    EXPECT_EQ(facts.retransmits_sent, 1U);
    EXPECT_EQ(facts.bytes_received, 1410U);
    EXPECT_EQ(facts.out_of_order, 0U);
    EXPECT_EQ(facts.resets.at(0).position, 1410);
    EXPECT_TRUE(facts.resets.at(0).in_sequence);
}

TEST(FlowStreams, AreLongerThanTheNumbers) {
    Conversation talk;
    talk.handshake();
    const std::int64_t step = 60000;
    const std::int64_t enough = (std::int64_t{1} << 32) / step + 100;
    for (std::int64_t i = 0; i < enough; ++i) {
        talk.receive(i * step, static_cast<std::uint32_t>(step));
        talk.ours({.acknowledges = (i + 1) * step});
    }
    EXPECT_EQ(talk.facts().bytes_received, static_cast<std::uint64_t>(enough * step));
    EXPECT_EQ(talk.facts().retransmits_received, 0U);
}

TEST(FlowStreams, TellRepeatedFromNewAndFromAhead) {
    Conversation talk;
    talk.handshake().receive(0, 100).receive(0, 100).receive(200, 100).receive(50, 100);
    PacketFacts facts = talk.facts();
    EXPECT_EQ(facts.retransmits_received, 1U);
    EXPECT_EQ(facts.out_of_order, 1U);
    EXPECT_EQ(facts.bytes_received, 150U);
    EXPECT_EQ(facts.missing_received, 50U);
    EXPECT_EQ(facts.largest_after_missing, 100U);
    facts = talk.receive(150, 50).facts();
    EXPECT_EQ(facts.bytes_received, 300U);
    EXPECT_EQ(facts.missing_received, 0U);
    EXPECT_EQ(facts.largest_after_missing, 0U);
}

TEST(FlowStreams, MissWhatTheFinOrAnAckOfThePeerLiesBehind) {
    Conversation talk;
    talk.handshake().send(0, 517).acknowledged(517, 2800);
    EXPECT_EQ(talk.facts().missing_received, 2800U);
    EXPECT_EQ(talk.facts().largest_after_missing, 0U);
    talk.peers({.sequence = 2800, .acknowledges = 517, .size = 90, .fin = true}).acknowledged(517, 2891);
    EXPECT_EQ(talk.facts().missing_received, 2800U);
    EXPECT_EQ(talk.facts().largest_after_missing, 90U);
    EXPECT_EQ(talk.facts().bytes_received, 0U);
}

TEST(FlowStreams, TakeNothingFromBeyondOurWindow) {
    Conversation talk;
    talk.handshake()
        .receive(std::int64_t{60000} * 128 + 1, 100)
        .acknowledged(0, 1 << 30)
        .receive(std::int64_t{60000} * 128, 10);
    EXPECT_EQ(talk.facts().missing_received, std::uint64_t{60000} * 128);
    EXPECT_EQ(talk.facts().segments_received, 1U);
}

TEST(FlowStreams, BeginInTheMiddle) {
    Conversation talk;
    talk.receive(70000, 100, 900).send(900, 50, 70100).receive(70100, 10, 950).send(950, 5, 70110);
    const PacketFacts facts = talk.facts();
    EXPECT_EQ(facts.syn, 0U);
    EXPECT_EQ(facts.handshake_ack, 0U);
    EXPECT_EQ(facts.bytes_received, 110U);
    EXPECT_EQ(facts.bytes_sent, 55U);
    EXPECT_EQ(facts.bytes_acknowledged, 50U);
    EXPECT_EQ(facts.missing_received, 0U);
    EXPECT_FALSE(facts.first_byte_after);
    EXPECT_FALSE(facts.lost);
}

TEST(FlowStreams, BeginAnewWithOurSyn) {
    // Late packets of the connection that had these ports before.
    Conversation talk;
    talk.receive(5000000, 100, 3000000).peers({.sequence = 5000100, .rst = true});
    talk.wait(5).handshake().receive(0, 10);
    const PacketFacts facts = talk.facts();
    EXPECT_EQ(facts.packets_received, 2U);
    EXPECT_EQ(facts.rst_received, 0U);
    EXPECT_EQ(facts.bytes_received, 10U);
}

TEST(FlowStreams, EndWhenThePortsAreUsedAgain) {
    Conversation talk;
    talk.handshake().receive(0, 10);
    const PacketFacts before = talk.facts();
    talk.our_isn += 500000;
    talk.handshake().send(0, 100).receive(0, 700, 100);
    EXPECT_EQ(talk.facts().syn, before.syn);
    EXPECT_EQ(talk.facts().packets_sent, before.packets_sent);
    EXPECT_EQ(talk.facts().bytes_received, 10U);
}

// ---- loss ----

TEST(FlowLoss, IsTheEarliestOfOursThatWasSentAgainAndNeverAcknowledged) {
    Conversation talk;
    talk.handshake().send(0, 300).acknowledged(300).send(300, 1400).send(1700, 1400).send(3100, 200);
    EXPECT_FALSE(talk.facts().lost);
    talk.peers({.acknowledges = 300, .sack = {{3100, 3300}}}).send(300, 1400).send(300, 1400);
    PacketFacts facts = talk.facts();
    ASSERT_TRUE(facts.lost);
    EXPECT_EQ(facts.lost->size, 1400U);
    EXPECT_EQ(facts.lost->times_sent, 3U);
    EXPECT_EQ(facts.lost->position, 300U);
    EXPECT_EQ(facts.largest_acknowledged, 300U);
    EXPECT_EQ(facts.retransmits_sent, 2U);
    EXPECT_EQ(facts.bytes_sent, 3300U);
    facts = talk.acknowledged(1700).facts();
    EXPECT_FALSE(facts.lost);
    EXPECT_EQ(facts.largest_acknowledged, 1400U);
}

TEST(FlowLoss, IsNoneOfWhatASackSaysHasArrived) {
    // The probe at the end of a flight (RFC 8985 section 7) repeats a segment that had come after all.
    Conversation talk;
    talk.handshake().send(0, 1400).send(1400, 100).send(1400, 100);
    EXPECT_EQ(talk.facts().lost->position, 1400U);
    talk.peers({.acknowledges = 0, .sack = {{1400, 1500}}});
    EXPECT_FALSE(talk.facts().lost);
    EXPECT_EQ(talk.facts().largest_acknowledged, 100U);
    talk.send(1400, 100).send(1400, 100);
    EXPECT_FALSE(talk.facts().lost);
}

TEST(FlowLoss, OfASuperSegmentIsThatOfWhatTheNetworkCardMakesOfIt) {
    Conversation talk;
    talk.handshake().send(0, 1400 * 2 + 60).peers({.acknowledges = 0, .sack = {{2800, 2860}}});
    talk.send(0, 1400).wait(400).send(0, 1400);
    const PacketFacts facts = talk.facts();
    EXPECT_EQ(facts.largest_acknowledged, 60U);
    EXPECT_EQ(facts.lost->size, 1400U);
    EXPECT_EQ(facts.lost->times_sent, 3U);
    EXPECT_EQ(facts.segments_sent, 3U);
}

TEST(FlowLoss, OfWhatWasTriedSmallerToo) {
    Conversation talk;
    talk.handshake().send(0, 1400).send(0, 1400).send(0, 512);
    EXPECT_EQ(talk.facts().lost->size, 512U);
    talk.acknowledged(512);
    EXPECT_EQ(talk.facts().largest_acknowledged, 512U);
    EXPECT_EQ(talk.facts().lost->position, 512U);
    EXPECT_EQ(talk.facts().lost->size, 1400U);
}

TEST(FlowLoss, KnowsTheSmallerPathThatIcmpTold) {
    Conversation talk;
    talk.handshake().send(0, 2800).icmp(router, 4, 1240, 0).send(0, 2400).acknowledged(2400);
    EXPECT_EQ(talk.facts().largest_acknowledged, 1200U);
}

TEST(FlowLoss, IsNoKeepAlive) {
    for (const std::uint32_t size : {0U, 1U}) {
        Conversation talk;
        talk.handshake().send(0, 10).acknowledged(10);
        talk.send(9, size).send(9, size).send(9, size);
        EXPECT_FALSE(talk.facts().lost);
        EXPECT_EQ(talk.facts().retransmits_sent, 0U);
        EXPECT_EQ(talk.facts().bytes_sent, 10U);
        talk.receive(0, 10, 10).receive(9, size, 10);
        EXPECT_EQ(talk.facts().retransmits_received, 0U);
        EXPECT_EQ(talk.facts().bytes_received, 10U);
    }
}

TEST(FlowLoss, IsNotWhatAPeerWithoutRoomDoesNotTake) {
    Conversation talk;
    talk.handshake().send(0, 10).peers({.acknowledges = 10, .window = 0});
    talk.send(10, 1).send(10, 1).send(10, 1);
    EXPECT_FALSE(talk.facts().lost);
    EXPECT_EQ(talk.facts().retransmits_sent, 0U);
    talk.acknowledged(10).send(10, 500).send(10, 500);
    EXPECT_TRUE(talk.facts().lost);
}

TEST(FlowLoss, BelievesNoAcknowledgementOfWhatWasNotSent) {
    Conversation talk;
    talk.handshake().send(0, 100).acknowledged(101).acknowledged(-5);
    talk.peers({.acknowledges = 0, .sack = {{50, 200}}});
    EXPECT_EQ(talk.facts().bytes_acknowledged, 0U);
    EXPECT_EQ(talk.facts().largest_acknowledged, 0U);
}

// ---- ends ----

TEST(FlowEnds, CountFinsAndKnowThatTheyAreNoBytes) {
    Conversation talk;
    talk.handshake().send(0, 10).wait(5).peers({.sequence = 0, .acknowledges = 10, .size = 7, .fin = true});
    talk.ours({.sequence = 10, .acknowledges = 8, .fin = true}).acknowledged(11, 8);
    const PacketFacts facts = talk.facts();
    EXPECT_EQ(facts.fin_sent, 1U);
    EXPECT_EQ(facts.fin_received, 1U);
    EXPECT_EQ(facts.fin_received_after, milliseconds(25));
    EXPECT_EQ(facts.bytes_received, 7U);
    EXPECT_EQ(facts.bytes_acknowledged, 10U);
    EXPECT_EQ(facts.missing_received, 0U);
}

TEST(FlowEnds, KnowAResetThatRefusesTheSyn) {
    Conversation talk;
    talk.hop_limit = 59;
    talk.syn().wait(12);
    Packet refusal = talk.packet({.acknowledges = 0, .rst = true}, false);
    std::get<TcpSegment>(refusal.transport).sequence = 0;
    talk.recorder.add(refusal);
    const PacketFacts facts = talk.facts();
    ASSERT_THAT(facts.resets, SizeIs(1));
    EXPECT_EQ(facts.rst_received, 1U);
    EXPECT_EQ(facts.resets[0].hop_limit, 59);
    EXPECT_EQ(facts.resets[0].position, 0);
    EXPECT_TRUE(facts.resets[0].in_sequence);
    EXPECT_EQ(facts.resets[0].acknowledged, 0);
    EXPECT_EQ(facts.resets[0].after, milliseconds(12));
    EXPECT_FALSE(facts.resets[0].after_acknowledged);
    EXPECT_THAT(facts.hop_limits, IsEmpty());
}

TEST(FlowEnds, PlaceAResetInBothStreams) {
    Conversation talk;
    talk.handshake().send(0, 200).wait(5).send(200, 317).wait(1).receive(0, 50, 200);
    talk.hop_limit = 64;
    talk.wait(20).peers({.sequence = 50, .acknowledges = 517, .rst = true});
    const ResetSeen reset = talk.facts().resets.at(0);
    EXPECT_EQ(reset.position, 50);
    EXPECT_TRUE(reset.in_sequence);
    EXPECT_EQ(reset.acknowledged, 517);
    EXPECT_EQ(reset.after_acknowledged, milliseconds(21));
    EXPECT_EQ(reset.after, milliseconds(46));
    EXPECT_THAT(talk.facts().hop_limits, ElementsAre(61));
}

TEST(FlowEnds, MeasureAResetFromWhenItsCauseWasFirstSent) {
    // The first copy may have caused it, however little after the second it came.
    Conversation talk;
    talk.handshake().send(0, 200).wait(220).send(0, 200).wait(1);
    talk.peers({.acknowledges = 200, .rst = true});
    EXPECT_EQ(talk.facts().resets.at(0).after_acknowledged, milliseconds(221));
}

TEST(FlowEnds, TellAResetThatIsNotInSequence) {
    Conversation talk;
    talk.handshake()
        .send(0, 100)
        .receive(0, 50, 100)
        .peers({.sequence = 900, .acknowledges = 100, .rst = true});
    EXPECT_FALSE(talk.facts().resets.at(0).in_sequence);
    EXPECT_EQ(talk.facts().resets.at(0).position, 900);
}

TEST(FlowEnds, TakeForInSequenceWhatACloserCopiesFromOurPacket) {
    // RFC 9293 section 3.5.2: FIN, then the RST of a socket that is gone takes the number that ours
    // acknowledged before the FIN had come.
    Conversation talk;
    talk.handshake().peers({.sequence = 0, .acknowledges = 0, .fin = true}).send(0, 517);
    talk.peers({.sequence = 0, .rst = true});
    const PacketFacts facts = talk.facts();
    EXPECT_TRUE(facts.resets.at(0).in_sequence);
    EXPECT_FALSE(facts.resets.at(0).acknowledged);
    EXPECT_EQ(facts.received_after_reset, 0U);
}

TEST(FlowEnds, KeepFourResetsAndCountAll) {
    Conversation talk;
    talk.handshake();
    for (int i = 0; i < 9; ++i) {
        talk.peers({.sequence = 0, .rst = true});
    }
    EXPECT_EQ(talk.facts().rst_received, 9U);
    EXPECT_THAT(talk.facts().resets, SizeIs(4));
    EXPECT_EQ(talk.facts().received_after_reset, 0U);
}

// ---- after a reset ----

TEST(FlowAfterReset, CountsWhatThePeerCanOnlyHaveSentLater) {
    Conversation talk;
    talk.handshake().send(0, 517).peers({.sequence = 0, .rst = true}).receive(0, 1400, 517);
    EXPECT_EQ(talk.facts().received_after_reset, 1U);
    talk.receive(1400, 200, 517);
    EXPECT_EQ(talk.facts().received_after_reset, 2U);
}

TEST(FlowAfterReset, CountsNothingThatMayHaveBeenUnderWay) {
    Conversation talk;
    // A late packet, another copy, and an ACK of what the RST acknowledged too.
    talk.handshake().send(0, 517).peers({.sequence = 100, .acknowledges = 517, .rst = true});
    talk.receive(0, 100, 517).receive(0, 100, 517).acknowledged(517).syn_ack();
    EXPECT_EQ(talk.facts().received_after_reset, 0U);
}

TEST(FlowAfterReset, CountsNoDataThatACloserHadSentBefore) {
    // The RST of a socket that is gone lies before its last data when our packet crossed them.
    Conversation talk;
    talk.handshake().send(0, 100).send(100, 100).peers({.sequence = 0, .rst = true}).receive(0, 60, 100);
    EXPECT_EQ(talk.facts().received_after_reset, 0U);
}

TEST(FlowAfterReset, CountsAnAcknowledgementOfWhatWeSentLater) {
    Conversation talk;
    talk.handshake().send(0, 100).peers({.sequence = 0, .rst = true}).send(100, 50).acknowledged(150);
    EXPECT_EQ(talk.facts().received_after_reset, 1U);
}

TEST(FlowAfterReset, CountsAnAcceptanceOfTheOneSynThatWasRefused) {
    const auto refused = [](Conversation& talk) {
        Packet refusal = talk.packet({.acknowledges = 0, .rst = true}, false);
        std::get<TcpSegment>(refusal.transport).sequence = 0;
        talk.recorder.add(refusal);
    };
    Conversation one;
    one.syn();
    refused(one);
    EXPECT_EQ(one.syn_ack().facts().received_after_reset, 1U);
    Conversation two;
    two.syn().syn();
    refused(two);
    EXPECT_EQ(two.syn_ack().facts().received_after_reset, 0U);
}

TEST(FlowAfterReset, IsNotAfterOneThatNoTcpTakes) {
    Conversation talk;
    talk.handshake()
        .peers({.sequence = -2000, .rst = true})
        .receive(0, 100)
        .send(0, 5, 100)
        .acknowledged(5, 100);
    EXPECT_EQ(talk.facts().rst_received, 1U);
    EXPECT_EQ(talk.facts().received_after_reset, 0U);
}

// ---- ICMP ----

TEST(FlowIcmp, IsKeptWithItsSender) {
    Conversation talk;
    talk.syn().wait(3).icmp(router, 13, 0, -1);
    talk.wait(3).syn_ack().icmp(router, 4, 1240, 0).icmp(talk.key.local, 1, 0, -1);
    const PacketFacts facts = talk.facts();
    ASSERT_THAT(facts.icmp, SizeIs(3));
    EXPECT_EQ(facts.icmp[0].error.type, 3);
    EXPECT_EQ(facts.icmp[0].error.code, 13);
    EXPECT_EQ(facts.icmp[0].error.sender, router);
    EXPECT_FALSE(facts.icmp[0].error.local);
    EXPECT_FALSE(facts.icmp[0].established);
    EXPECT_EQ(facts.icmp[0].after, milliseconds(3));
    EXPECT_TRUE(facts.icmp[1].established);
    EXPECT_EQ(facts.icmp[1].mtu, 1240U);
    EXPECT_TRUE(facts.icmp[2].error.local);
    EXPECT_EQ(facts.packets_received, 1U);
}

TEST(FlowIcmp, MayBeOurRefusalOfThePeersPacket) {
    Conversation talk;
    talk.syn().syn_ack().icmp(talk.key.local, 3, 0, -1, false);
    ASSERT_THAT(talk.facts().icmp, SizeIs(1));
    EXPECT_TRUE(talk.facts().icmp[0].error.local);
}

TEST(FlowIcmp, IsIgnoredWhenItQuotesWhatWasNotSent) {
    Conversation talk;
    talk.handshake().send(0, 10).icmp(router, 4, 600, 5000).icmp(router, 13, 0, -9);
    EXPECT_THAT(talk.facts().icmp, IsEmpty());
    for (int i = 0; i < 9; ++i) {
        talk.icmp(router, 13, 0, 3);
    }
    EXPECT_THAT(talk.facts().icmp, SizeIs(4));
}

// ---- whatever arrives ----

TEST(FlowRecorder, IgnoresWhatIsNotItsConnection) {
    Conversation talk;
    Conversation other;
    other.key.local_port = 40001;
    talk.recorder.add(other.packet({.sequence = -1, .syn = true}, true));
    talk.recorder.add(Packet{});
    EXPECT_EQ(talk.facts().packets_sent, 0U);
    EXPECT_EQ(FlowRecorder(talk.key).facts().local_port, 40000);
}

TEST(FlowRecorder, KeepsEightHopLimitsEachOnce) {
    Conversation talk;
    talk.handshake();
    for (int i = 0; i < 40; ++i) {
        talk.hop_limit = static_cast<std::uint8_t>(30 + i / 2);
        talk.acknowledged(0);
    }
    EXPECT_THAT(talk.facts().hop_limits, ElementsAre(61, 30, 31, 32, 33, 34, 35, 36));
}

TEST(FlowRecorder, IsBoundedByGapsThatNeverClose) {
    Conversation talk;
    talk.handshake();
    for (std::int64_t i = 0; i < 20000; ++i) {
        talk.receive(i * 20 + 10, 5).send(i * 20 + 10, 5);
    }
    const PacketFacts facts = talk.facts();
    EXPECT_EQ(facts.bytes_received, 0U);
    EXPECT_EQ(facts.segments_received, 20000U);
    EXPECT_LE(facts.bytes_sent, 100000U);
    EXPECT_GE(facts.missing_received, 300000U);
}

TEST(FlowRecorder, HasNoNegativeTimesWhenTheClockIsSetBack) {
    Conversation talk;
    talk.syn().wait(-5000).syn_ack().receive(0, 5).peers({.sequence = 5, .acknowledges = 0, .rst = true});
    EXPECT_EQ(talk.facts().syn_ack_after, Nanoseconds{});
    EXPECT_EQ(talk.facts().resets.at(0).after, Nanoseconds{});
}

}  // namespace
}  // namespace whylink::probes
