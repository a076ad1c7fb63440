// What connections of a watch carry, how they end, and how many are followed.
#include "probes/packets/traffic.hpp"

#include <gtest/gtest.h>

#include "traffic_talk.hpp"

namespace whylink::probes {
namespace {

// ---- ends and data ----

TEST(TrafficRecorder, CountsWhatTheServerEndsBeforeItsFirstByte) {
    Watched watched = outbound();
    Talk reset = from_us(watched, 50'000);
    reset.handshake();
    reset.from_client(ack, "hello");
    reset.from_server(rst);
    reset.from_server(rst);
    Talk closed = from_us(watched, 50'001);
    closed.handshake();
    closed.from_server(fin);
    closed.from_client(rst);
    Talk served = from_us(watched, 50'002);
    served.handshake();
    served.from_server(ack, "hello");
    served.from_server(rst);
    Talk farewell = from_us(watched, 50'003);
    farewell.handshake();
    farewell.from_server(fin, "bye");  // data and its end in one
    Talk probe = from_us(watched, 50'004);
    probe.handshake();
    probe.from_client(fin);  // it was us
    probe.from_server(fin);
    Talk dropped = from_us(watched, 50'005);
    dropped.handshake();
    dropped.from_client(rst);
    const TrafficFacts facts = watched.take();
    EXPECT_EQ(facts.established, 6U);
    EXPECT_EQ(facts.reset_before_data, 1U);
    EXPECT_EQ(facts.closed_before_data, 1U);
    EXPECT_EQ(facts.resets_received, 3U);
    EXPECT_EQ(facts.resets_sent, 2U);
}

TEST(TrafficRecorder, CountsWhatIsSentAgain) {
    Watched watched = outbound();
    Talk talk = from_us(watched);
    talk.handshake();
    talk.from_client(ack, "aaaa");
    talk.client.next -= 4;
    talk.from_client(ack, "aaaa");
    talk.client.next -= 2;
    talk.from_client(ack, "aabb");  // half of it new
    talk.from_server(ack, "cccccccccccccccccccc");
    talk.server.next -= 20;
    talk.from_server(ack, "cccc");
    talk.server.next += 16;
    talk.from_server(ack, "d");
    --talk.server.next;
    talk.from_server(ack, "d");  // a keep-alive
    const TrafficFacts facts = watched.take();
    EXPECT_EQ(facts.segments_sent, 3U);
    EXPECT_EQ(facts.retransmits_sent, 1U);
    EXPECT_EQ(facts.segments_received, 4U);
    EXPECT_EQ(facts.retransmits_received, 1U);
}

TEST(TrafficRecorder, TakesAFarJumpForAnotherConnection) {
    Watched watched = inbound();
    Talk before = to_us(watched);
    before.from_client(ack, "aaaa");
    before.client.next -= 0x5000'0000;
    before.from_client(ack, "bbbb");
    before.from_client(ack, "cccc");
    EXPECT_EQ(watched.take().retransmits_received, 0U);
}

// ---- PROXY headers ----

constexpr std::string_view proxy_line = "PROXY TCP4 192.0.2.7 10.1.0.4 56324 6379\r\n";

TEST(TrafficRecorder, ReadsThePeersProxyHeader) {
    Watched watched = inbound();
    Talk talk = to_us(watched);
    talk.handshake();
    talk.from_client(ack, proxy_line);
    talk.client.next -= static_cast<std::uint32_t>(proxy_line.size());
    talk.from_client(ack, proxy_line);  // sent again
    talk.from_server(ack, "+OK");
    talk.from_server(rst);
    const TrafficFacts facts = watched.take();
    EXPECT_EQ(facts.with_proxy_header, 1U);
    EXPECT_EQ(facts.without_proxy_header, 0U);
    EXPECT_EQ(facts.reset_after_proxy_header, 0U);
    ASSERT_TRUE(facts.proxy_header);
    EXPECT_EQ(facts.proxy_header->source, address("192.0.2.7"));
    EXPECT_FALSE(watched.take().proxy_header);
}

TEST(TrafficRecorder, SeesOurServiceRefuseAProxyHeader) {
    Watched watched = inbound();
    Talk reset = to_us(watched, 50'000);
    reset.handshake();
    reset.from_client(ack, proxy_line);
    reset.from_server(rst);
    Talk closed = to_us(watched, 50'001);
    closed.handshake();
    closed.from_client(ack, proxy_line);
    closed.from_server(fin);
    Talk health_check = to_us(watched, 50'002);
    health_check.handshake();
    health_check.from_client(fin, proxy_line);
    health_check.from_server(rst);
    const TrafficFacts facts = watched.take();
    EXPECT_EQ(facts.with_proxy_header, 3U);
    EXPECT_EQ(facts.reset_after_proxy_header, 2U);
    EXPECT_EQ(facts.reset_before_data, 1U);
    EXPECT_EQ(facts.closed_before_data, 1U);
}

TEST(TrafficRecorder, SaysNothingOfAPayloadThatIsTooShortOrNotTheFirst) {
    Watched watched = inbound();
    Talk cut = to_us(watched, 50'000);
    cut.handshake();
    cut.from_client(ack, "PRO");
    cut.from_client(ack, "XY UNKNOWN\r\n");
    Talk gap = to_us(watched, 50'001);
    gap.handshake();
    gap.client.next += 100;  // lost before us
    gap.from_client(ack, "later");
    Talk ours(watched, us, 50'002, them, 6379);
    ours.handshake();  // not inbound
    ours.from_client(ack, proxy_line);
    const TrafficFacts facts = watched.take();
    EXPECT_EQ(facts.with_proxy_header, 0U);
    EXPECT_EQ(facts.without_proxy_header, 0U);
}

// ---- bounds ----

IpAddress numbered(unsigned number) {
    return IpAddress::v4({10, 3, static_cast<std::uint8_t>(number >> 8U), static_cast<std::uint8_t>(number)});
}

TEST(TrafficRecorder, TellsThePeersThatFailedFirst) {
    Watched watched = outbound();
    for (unsigned peer = 0; peer < 20; ++peer) {
        for (unsigned connection = 0; connection <= peer; ++connection) {
            from_us(watched, static_cast<std::uint16_t>(50'000 + connection), numbered(peer)).handshake();
        }
    }
    Talk failed = from_us(watched, 50'000, numbered(100));
    failed.from_client(syn);
    failed.from_server(rst);
    const TrafficFacts facts = watched.take();
    ASSERT_EQ(facts.peers.size(), 16U);
    EXPECT_EQ(facts.further_peers, 5U);
    EXPECT_EQ(facts.peers[0].peer, numbered(100));
    EXPECT_EQ(facts.peers[1].peer, numbered(19));
    EXPECT_EQ(facts.peers[1].attempts, 20U);
    EXPECT_EQ(facts.peers[15].peer, numbered(5));
}

TEST(TrafficRecorder, ForgetsTheOldestConnectionsAndSaysSo) {
    constexpr unsigned beyond = 10;
    Watched watched = inbound();
    Talk kept = to_us(watched, 50'000, them);
    kept.from_client(syn);
    for (unsigned peer = 0; peer < TrafficRecorder::max_connections + beyond; ++peer) {
        to_us(watched, 50'000, numbered(peer)).from_client(syn);
        if (peer == TrafficRecorder::max_connections / 2) {
            kept.again();  // not the oldest any more
        }
    }
    kept.from_server(syn_ack);
    kept.from_client(ack);
    watched.wait(3s);
    const TrafficFacts facts = watched.take();
    EXPECT_EQ(facts.forgotten, beyond + 1);
    EXPECT_EQ(facts.established, 1U);
    EXPECT_EQ(facts.unanswered, TrafficRecorder::max_connections - 1);
    EXPECT_EQ(facts.attempts, TrafficRecorder::max_connections);
    EXPECT_EQ(facts.further_peers, facts.attempts - 16);
    EXPECT_EQ(watched.take().forgotten, 0U);
}

TEST(TrafficRecorder, ForgetsWhatHasEndedBeforeWhatGoesOn) {
    Watched watched = inbound();
    Talk idle = to_us(watched, 50'000, them);
    idle.handshake();
    for (unsigned peer = 0; peer < 2 * TrafficRecorder::max_connections; ++peer) {
        Talk talk = to_us(watched, 50'000, numbered(peer));
        talk.handshake();
        talk.from_client(fin);
        talk.from_server(fin);
    }
    idle.from_server(rst);
    const TrafficFacts facts = watched.take();
    EXPECT_EQ(facts.forgotten, 0U);
    EXPECT_EQ(facts.reset_before_data, 1U);  // it is known still
}

}  // namespace
}  // namespace whylink::probes
