#include "probes/capture/traffic.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string_view>
#include <vector>

namespace whylink::probes {
namespace {

using namespace std::chrono_literals;

IpAddress address(std::string_view text) {
    return IpAddress::parse(text).value();
}

const IpAddress us = address("10.1.0.4");
const IpAddress them = address("10.2.0.9");
constexpr Nanoseconds start = 1'700'000'000s;

/// What differs between the segments of the tests.
struct Flags {
    bool syn = false, ack = false, fin = false, rst = false;
};
constexpr Flags syn{.syn = true, .ack = false, .fin = false, .rst = false};
constexpr Flags syn_ack{.syn = true, .ack = true, .fin = false, .rst = false};
constexpr Flags ack{.syn = false, .ack = true, .fin = false, .rst = false};
constexpr Flags fin{.syn = false, .ack = true, .fin = true, .rst = false};
constexpr Flags rst{.syn = false, .ack = true, .fin = false, .rst = true};

/// A watch, and a clock that the test sets.
class Watched {
  public:
    Watched(config::Direction direction, std::uint16_t port, std::vector<Cidr> peers = {})
        : recorder_(watch(direction, port, std::move(peers)), {us, address("127.0.0.1")}, start) {}

    void wait(Nanoseconds time) { now_ += time; }
    bool add(Packet packet) {
        packet.time = now_;
        return recorder_.add(packet);
    }
    TrafficFacts take() { return recorder_.take(now_); }
    TrafficRecorder& recorder() { return recorder_; }

  private:
    static config::Watch watch(config::Direction direction, std::uint16_t port, std::vector<Cidr> peers) {
        config::Watch watch;
        watch.direction = direction;
        watch.port = port;
        watch.peer = std::move(peers);
        return watch;
    }
    TrafficRecorder recorder_;
    Nanoseconds now_ = start;
};

/// Both sides of a connection: it knows what comes next, and hands the packets to the watch. Sequence numbers
/// begin where they soon wrap.
class Talk {
  public:
    struct End {
        IpAddress address;
        std::uint16_t port;
        std::uint32_t next;
    };
    Talk(Watched& watched, const IpAddress& from, std::uint16_t from_port, const IpAddress& to,
         std::uint16_t to_port, std::uint32_t isn = 0xffff'fff0)
        : client{from, from_port, isn}, server{to, to_port, 0xffff'fffa}, watched_(watched) {}

    bool from_client(Flags flags, std::string_view payload = "") {
        return send(client, server, flags, payload);
    }
    bool from_server(Flags flags, std::string_view payload = "") {
        return send(server, client, flags, payload);
    }
    void handshake(Nanoseconds to_server = 0ns, Nanoseconds to_client = 0ns) {
        from_client(syn);
        watched_.wait(to_server);
        from_server(syn_ack);
        watched_.wait(to_client);
        from_client(ack);
    }
    /// The client's latest SYN once more.
    bool again() {
        --client.next;
        return from_client(syn);
    }

    End client;
    End server;

  private:
    bool send(End& from, const End& to, Flags flags, std::string_view payload) {
        TcpSegment tcp;
        tcp.source_port = from.port;
        tcp.destination_port = to.port;
        tcp.sequence = from.next;
        tcp.acknowledgment = flags.ack ? to.next : 0;
        tcp.syn = flags.syn;
        tcp.ack = flags.ack;
        tcp.fin = flags.fin;
        tcp.rst = flags.rst;
        tcp.payload_size = static_cast<std::uint32_t>(payload.size());
        tcp.payload = {reinterpret_cast<const std::uint8_t*>(payload.data()), payload.size()};
        from.next += tcp.payload_size + (flags.syn ? 1U : 0U) + (flags.fin ? 1U : 0U);
        Packet packet;
        packet.source = from.address;
        packet.destination = to.address;
        packet.protocol = 6;
        packet.transport = tcp;
        return watched_.add(packet);
    }
    Watched& watched_;
};

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

Watched inbound(std::vector<Cidr> peers = {}) {
    return {config::Direction::inbound, 6379, std::move(peers)};
}
Watched outbound(std::uint16_t port = 5432) {
    return {config::Direction::outbound, port};
}
Talk to_us(Watched& watched, std::uint16_t client_port = 50'000, const IpAddress& peer = them) {
    return {watched, peer, client_port, us, 6379};
}
Talk from_us(Watched& watched, std::uint16_t client_port = 50'000, const IpAddress& peer = them) {
    return {watched, us, client_port, peer, 5432};
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
    // A probe that resets instead of acknowledging.
    Talk scan = to_us(watched, 50'001);
    scan.from_client(syn);
    scan.from_server(syn_ack);
    scan.from_client(rst);
    EXPECT_EQ(watched.take().half_open, 1U);
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

TEST(TrafficRecorder, SaysThatThisVmAnsweredAPeerWithIcmp) {
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

// ---- which packets ----

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

TEST(TrafficRecorder, FollowsTheAddressesOfThisVm) {
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

TEST(TrafficRecorder, FollowsAConnectionOfThisVmWithItself) {
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
    for (unsigned peer = 0; peer < TrafficRecorder::most_connections + beyond; ++peer) {
        to_us(watched, 50'000, numbered(peer)).from_client(syn);
        if (peer == TrafficRecorder::most_connections / 2) {
            kept.again();  // not the oldest any more
        }
    }
    kept.from_server(syn_ack);
    kept.from_client(ack);
    watched.wait(3s);
    const TrafficFacts facts = watched.take();
    EXPECT_EQ(facts.forgotten, beyond + 1);
    EXPECT_EQ(facts.established, 1U);
    EXPECT_EQ(facts.unanswered, TrafficRecorder::most_connections - 1);
    EXPECT_EQ(facts.attempts, TrafficRecorder::most_connections);
    EXPECT_EQ(facts.further_peers, facts.attempts - 16);
    EXPECT_EQ(watched.take().forgotten, 0U);
}

TEST(TrafficRecorder, ForgetsWhatHasEndedBeforeWhatGoesOn) {
    Watched watched = inbound();
    Talk idle = to_us(watched, 50'000, them);
    idle.handshake();
    for (unsigned peer = 0; peer < 2 * TrafficRecorder::most_connections; ++peer) {
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
