// Which packets a watch is about.
#include "probes/packets/traffic.hpp"

#include <gtest/gtest.h>

#include "traffic_talk.hpp"

namespace whylink::probes {
namespace {

TEST(TrafficRecorder, IgnoresWhatTheWatchIsNotAbout) {
    Watched watched = inbound({*Cidr::parse("10.2.0.0/16")});
    EXPECT_TRUE(to_us(watched).from_client(syn));
    EXPECT_FALSE(to_us(watched, 50'000, address("10.3.0.1")).from_client(syn));  // another peer
    EXPECT_FALSE(Talk(watched, them, 50'000, us, 22).from_client(syn));          // another port
    EXPECT_FALSE(Talk(watched, us, 50'000, them, 6379).from_client(syn));        // the other way
    EXPECT_FALSE(Talk(watched, us, 6379, them, 443).from_client(syn));           // ours, from the port
    EXPECT_FALSE(Talk(watched, them, 50'000, address("10.1.0.5"), 6379).from_client(syn));  // not to us
    Packet datagram;
    datagram.source = them;
    datagram.destination = us;
    datagram.transport = UdpDatagram{50'000, 6379, 0, {}};
    EXPECT_FALSE(watched.add(datagram));
    EXPECT_FALSE(watched.add(Packet()));
    EXPECT_EQ(watched.take().packets, 1U);
}

TEST(TrafficRecorder, FollowsTheAddressesOfThisHost) {
    Watched watched = inbound();
    Talk talk(watched, them, 50'000, address("10.1.0.5"), 6379);
    EXPECT_FALSE(talk.from_client(syn));
    watched.recorder().set_local({us, address("10.1.0.5")});
    EXPECT_TRUE(talk.again());
}

TEST(TrafficRecorder, WatchesAllPortsThatWeConnectTo) {
    Watched watched = outbound(0);
    from_us(watched).handshake();
    Talk(watched, us, 40'000, them, 60'000).handshake();  // a high port
    Talk served(watched, them, 50'000, us, 22);           // a server of ours
    EXPECT_FALSE(served.from_client(syn));
    EXPECT_FALSE(served.from_server(syn_ack));
    EXPECT_FALSE(served.from_client(ack, "SSH-2.0"));
    Talk before(watched, us, 50'001, them, 443);  // began before the watch
    EXPECT_TRUE(before.from_client(ack, "GET"));
    EXPECT_TRUE(before.from_server(ack, "200"));
    const TrafficFacts facts = watched.take();
    EXPECT_EQ(facts.established, 2U);
    EXPECT_EQ(facts.attempts, 2U);
    EXPECT_EQ(facts.packets, 8U);
    EXPECT_EQ(facts.peers.size(), 2U);
}

TEST(TrafficRecorder, FollowsAConnectionOfThisHostWithItself) {
    for (const std::uint16_t port : {std::uint16_t{0}, std::uint16_t{5432}}) {
        Watched watched = outbound(port);
        Talk talk(watched, us, 40'000, us, 5432);
        talk.handshake(10ms, 1ms);
        talk.from_client(ack, "?");
        talk.from_server(ack, "!");
        const TrafficFacts facts = watched.take();
        EXPECT_EQ(facts.packets, 5U);
        EXPECT_EQ(facts.attempts, 1U);
        EXPECT_EQ(facts.established, 1U);
        EXPECT_EQ(facts.handshake_rtt_sum, 10ms);
        EXPECT_EQ(facts.segments_sent, 1U);
        EXPECT_EQ(facts.segments_received, 1U);
    }
}

TEST(TrafficRecorder, TakesNoAttemptFromAConnectionThatBeganBefore) {
    Watched watched = inbound();
    Talk talk = to_us(watched);
    talk.from_client(ack, "PROXY UNKNOWN\r\n");
    talk.from_server(ack, "b");
    talk.from_server(fin);
    talk.from_client(rst);
    watched.wait(10s);
    const TrafficFacts facts = watched.take();
    EXPECT_EQ(facts.packets, 4U);
    EXPECT_EQ(facts.attempts, 0U);
    EXPECT_EQ(facts.segments_received, 1U);
    EXPECT_EQ(facts.resets_received, 1U);
    EXPECT_EQ(facts.closed_before_data, 0U);
    EXPECT_EQ(facts.with_proxy_header, 0U);  // it may be anything
    EXPECT_TRUE(facts.peers.empty());
}

TEST(TrafficRecorder, SaysForHowLongItWasSilent) {
    Watched watched = inbound();
    watched.wait(5s);
    TrafficFacts facts = watched.take();
    EXPECT_FALSE(facts.ever);
    EXPECT_EQ(facts.silent_for, 5s);
    to_us(watched).handshake();
    watched.wait(10s);
    watched.take();
    watched.wait(10s);
    facts = watched.take();
    EXPECT_TRUE(facts.ever);
    EXPECT_EQ(facts.packets, 0U);
    EXPECT_EQ(facts.silent_for, 20s);
    EXPECT_EQ(facts.window, 10s);
}

}  // namespace
}  // namespace whylink::probes
