// Packets of a connection that have another far end than it has.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "conversation.hpp"

namespace whylink::probes {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const IpAddress other_host = *IpAddress::parse("10.9.9.10");
const IpAddress localhost = *IpAddress::parse("127.0.0.1");
const IpAddress router = *IpAddress::parse("10.0.0.1");

class Strays : public ::testing::Test {
  protected:
    Packet our_syn(Way way = Way::outgoing) {
        Packet packet = talk.packet({.sequence = -1, .syn = true}, true);
        packet.way = way;
        return packet;
    }
    Packet our_syn_to(const IpAddress& address, std::uint16_t port, Way way) {
        Packet packet = our_syn(way);
        packet.destination = address;
        std::get<TcpSegment>(packet.transport).destination_port = port;
        return packet;
    }
    Packet syn_ack_from(const IpAddress& address, std::uint16_t port) {
        Packet packet = talk.packet({.sequence = -1, .acknowledges = 0, .syn = true}, false);
        packet.way = Way::incoming;
        packet.source = address;
        std::get<TcpSegment>(packet.transport).source_port = port;
        return packet;
    }
    bool stray(const Packet& packet, bool just_followed = false) {
        return talk.recorder.add_stray(packet, just_followed);
    }

    Conversation talk;
};

// ---- what comes back ----

TEST_F(Strays, AreTheOwnSynThatComesBackToThisHost) {
    talk.recorder.add(our_syn());
    EXPECT_TRUE(stray(our_syn_to(talk.key.local, 8443, Way::incoming)));
    EXPECT_TRUE(stray(our_syn_to(talk.key.local, 8443, Way::incoming)));
    const PacketFacts facts = talk.facts();
    EXPECT_EQ(facts.syn, 1U);
    EXPECT_EQ(facts.own_syn_returned, 2U);
    EXPECT_EQ(facts.returned_to, talk.key.local);
    EXPECT_EQ(facts.returned_to_port, 8443);
    EXPECT_FALSE(facts.sent_to);
}

TEST_F(Strays, AreTheOwnSynThatARouterSendsBack) {
    talk.recorder.add(our_syn());
    Packet back = our_syn(Way::incoming);
    back.hop_limit = 63;
    talk.recorder.add(back);
    EXPECT_EQ(talk.facts().syn, 1U);
    EXPECT_EQ(talk.facts().own_syn_returned, 1U);
    EXPECT_EQ(talk.facts().returned_to, talk.key.remote);
}

TEST_F(Strays, AreKnownByTheirSequenceNumber) {
    talk.recorder.add(our_syn());
    Packet of_another = our_syn_to(talk.key.local, 8443, Way::incoming);
    std::get<TcpSegment>(of_another.transport).sequence += 1;
    EXPECT_FALSE(stray(of_another));
    EXPECT_EQ(talk.facts().own_syn_returned, 0U);
}

TEST_F(Strays, AreNotWhatIsSentOverLoopback) {
    Packet over_loopback = our_syn(Way::incoming);
    over_loopback.on_loopback = true;
    talk.recorder.add(over_loopback);
    EXPECT_EQ(talk.facts().syn, 1U);
    EXPECT_EQ(talk.facts().own_syn_returned, 0U);
    EXPECT_TRUE(talk.facts().only_on_loopback);
}

TEST_F(Strays, ComeBackWhereNothingSaysWhichWayAPacketWent) {
    talk.recorder.add(our_syn(Way::unknown));
    EXPECT_TRUE(stray(our_syn_to(talk.key.local, 9440, Way::unknown)));
    EXPECT_EQ(talk.facts().own_syn_returned, 1U);
}

// ---- an answer from elsewhere ----

TEST_F(Strays, AreAnAnswerFromAnotherAddressOrPort) {
    talk.recorder.add(our_syn());
    EXPECT_TRUE(stray(syn_ack_from(other_host, 9440)));
    EXPECT_EQ(talk.facts().answered_by, other_host);
    EXPECT_EQ(talk.facts().answered_by_port, 9440);
    EXPECT_EQ(talk.facts().syn_ack, 0U);

    Conversation ported;
    ported.syn();
    Packet answer = ported.packet({.sequence = -1, .acknowledges = 0, .syn = true}, false);
    std::get<TcpSegment>(answer.transport).source_port = 8443;
    EXPECT_TRUE(ported.recorder.add_stray(answer, false));
    EXPECT_EQ(ported.facts().answered_by_port, 8443);
}

TEST_F(Strays, AreNoAnswerToAnotherSyn) {
    talk.recorder.add(our_syn());
    Packet answer = syn_ack_from(other_host, 9440);
    std::get<TcpSegment>(answer.transport).acknowledgment += 7;
    EXPECT_FALSE(stray(answer));
    EXPECT_FALSE(talk.facts().answered_by);
}

// ---- a SYN to elsewhere ----

TEST_F(Strays, AreTheSynThatThisHostSendsElsewhere) {
    Packet redirected = our_syn_to(localhost, 15001, Way::incoming);
    redirected.on_loopback = true;
    EXPECT_TRUE(stray(redirected, true));
    Packet answer = talk.packet({.sequence = -1, .acknowledges = 0, .syn = true}, false);
    answer.way = Way::incoming;
    answer.on_loopback = true;
    talk.recorder.add(answer);
    const PacketFacts facts = talk.facts();
    EXPECT_EQ(facts.sent_to, localhost);
    EXPECT_EQ(facts.sent_to_port, 15001);
    EXPECT_EQ(facts.syn_ack, 1U);
    EXPECT_TRUE(facts.only_on_loopback);
    EXPECT_FALSE(facts.answered_by);
}

TEST_F(Strays, AreNotTheSynOfAnotherProgramOnTheSamePort) {
    EXPECT_FALSE(stray(our_syn_to(other_host, 443, Way::outgoing), false)) << "long after connect()";
    talk.recorder.add(our_syn());
    Packet of_another = our_syn_to(other_host, 443, Way::outgoing);
    std::get<TcpSegment>(of_another.transport).sequence += 99;
    EXPECT_FALSE(stray(of_another, true)) << "ours was seen";
    EXPECT_FALSE(talk.facts().sent_to);
}

TEST_F(Strays, AreUnsureWhereTwoOfThemMayBeOurs) {
    EXPECT_TRUE(stray(our_syn_to(other_host, 443, Way::outgoing), true));
    Packet of_another = our_syn_to(router, 443, Way::outgoing);
    std::get<TcpSegment>(of_another.transport).sequence += 99;
    EXPECT_FALSE(stray(of_another, true));
    EXPECT_FALSE(talk.facts().sent_to);
}

TEST_F(Strays, AreContradictedByAnAnswerToAnotherSyn) {
    Packet of_another = our_syn_to(other_host, 443, Way::outgoing);
    std::get<TcpSegment>(of_another.transport).sequence += 99;
    EXPECT_TRUE(stray(of_another, true));
    talk.syn_ack();
    EXPECT_FALSE(talk.facts().sent_to);
}

TEST_F(Strays, AreAnsweredByTheAddressThatTheSynWentTo) {
    EXPECT_TRUE(stray(our_syn_to(other_host, 8443, Way::outgoing), true));
    EXPECT_TRUE(stray(syn_ack_from(other_host, 8443)));
    EXPECT_EQ(talk.facts().sent_to, other_host);
    EXPECT_FALSE(talk.facts().answered_by);
}

// ---- ICMP ----

Packet about(const Conversation& talk, const QuotedPacket& quoted) {
    IcmpMessage message{.type = 3, .code = 13, .quoted = quoted};
    Packet packet;
    packet.time = talk.now;
    packet.source = router;
    packet.destination = talk.key.local;
    packet.protocol = 1;
    packet.transport = message;
    return packet;
}

TEST_F(Strays, AreErrorsThatQuoteWhatANatHasMadeOfTheSyn) {
    talk.syn();
    QuotedPacket quoted{talk.key.local, other_host, 6, talk.key.local_port, 8443, talk.our_isn};
    EXPECT_TRUE(stray(about(talk, quoted)));
    quoted = {router, talk.key.remote, 6, 55555, talk.key.remote_port, talk.our_isn};
    EXPECT_TRUE(stray(about(talk, quoted)));
    ASSERT_THAT(talk.facts().icmp, SizeIs(2));
    EXPECT_TRUE(talk.facts().icmp[0].translated);
    quoted.sequence = talk.our_isn + 5000;
    EXPECT_FALSE(stray(about(talk, quoted)));
    quoted.sequence.reset();
    EXPECT_FALSE(stray(about(talk, quoted)));
}

TEST_F(Strays, AreNothingOfAFlowWhoseSynWasNotSeen) {
    const QuotedPacket quoted{talk.key.local, other_host, 6, talk.key.local_port, 8443, 0};
    EXPECT_FALSE(stray(about(talk, quoted)));
    EXPECT_THAT(talk.facts().icmp, IsEmpty());
}

TEST(FlowIcmp, OfATunnelLeavesRoomForWhatItPutsInFront) {
    Conversation talk;
    talk.handshake().send(0, 1300);
    QuotedPacket quoted{talk.key.local,      talk.key.remote,      6,
                        talk.key.local_port, talk.key.remote_port, talk.our_isn + 1};
    quoted.tunnel_size = 50;
    Packet packet = about(talk, quoted);
    std::get<IcmpMessage>(packet.transport) = {.type = 3, .code = 4, .mtu = 1300, .quoted = quoted};
    talk.recorder.add(packet);
    ASSERT_THAT(talk.facts().icmp, SizeIs(1));
    EXPECT_TRUE(talk.facts().icmp[0].in_tunnel);
    EXPECT_FALSE(talk.facts().icmp[0].translated);
    EXPECT_EQ(talk.facts().icmp[0].mtu, 1250U);
}

// ---- the link ----

TEST(FlowLink, KeepsWhoSentThePeersPackets) {
    Conversation talk;
    talk.syn();
    for (const std::uint8_t last : std::initializer_list<std::uint8_t>{4, 4, 5}) {
        Packet packet = talk.packet({.sequence = -1, .acknowledges = 0, .syn = true}, false);
        packet.way = Way::incoming;
        packet.link_source = LinkAddress{0x02, 0x42, 0x0a, 0, 0, last};
        talk.recorder.add(packet);
    }
    EXPECT_THAT(talk.facts().peer_macs, ElementsAre("02:42:0a:00:00:04", "02:42:0a:00:00:05"));
}

TEST(FlowHandshake, CountsTheSynsThatAskForEcn) {
    Conversation talk;
    Packet asking = talk.packet({.sequence = -1, .syn = true}, true);
    std::get<TcpSegment>(asking.transport).ece = true;
    std::get<TcpSegment>(asking.transport).cwr = true;
    talk.recorder.add(asking);
    talk.wait(1000).syn();
    EXPECT_EQ(talk.facts().syn, 2U);
    EXPECT_EQ(talk.facts().syn_ecn, 1U);
}

}  // namespace
}  // namespace whylink::probes
